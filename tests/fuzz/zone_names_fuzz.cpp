// What an operator writes: domain names, mailboxes, addresses, reversed names and TXT templates. What is read can be
// written and read again, and nothing grows beyond its bound.
#include "store/reversed_name.hpp"
#include "zones/domain_name.hpp"
#include "zones/text_template.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

namespace {

using namespace provenbl;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_name(std::string_view text) {
    for (const auto& name : {zones::DomainName::parse(text), zones::DomainName::parse_mailbox(text)}) {
        if (!name) {
            require(!name.error().message.empty());
            continue;
        }
        const auto wire = name->wire();
        require(wire.size() >= 3 && wire.size() <= 255 && wire.back() == 0);
        std::size_t at = 0;
        while (wire[at] != 0) {
            require(wire[at] <= 63);
            at += std::size_t{1} + wire[at];
        }
        require(at + 1 == wire.size());
        require(name->is_within(*name) && name->relative_to(*name).empty());
    }
    if (const auto name = zones::DomainName::parse(text)) {
        const auto again = zones::DomainName::parse(name->to_string());
        require(again && *again == *name);
    }
}

void check_address(std::string_view text) {
    if (const auto address = Address::parse(text)) {
        const auto again = Address::parse(address->to_string());
        require(again && *again == *address);
        const auto back = parse_reversed_name(reversed_name(*address));
        require(back && *back == *address);
    }
    if (const auto prefix = Prefix::parse(text)) require(Prefix::parse(prefix->to_string()).value() == *prefix);
    if (const auto endpoint = Endpoint::parse(text))
        require(Endpoint::parse(endpoint->to_string()).value() == *endpoint);
    if (const auto address = parse_reversed_name(text)) {
        const auto back = parse_reversed_name(reversed_name(*address));
        require(back && *back == *address);
    }
}

void check_template(std::string_view text) {
    const auto made = zones::TextTemplate::parse(text, "https://bl.example/{address}");
    if (!made) return;
    const auto classes = ClassSet::from_bits(0x7f);
    std::array<std::uint8_t, zones::TextTemplate::longest_text> out{};
    const auto size = made->render("2001:db8:1111:2222:3333:4444:5555:6666", classes, out);
    require(size <= out.size() && size <= made->longest(classes));
    if (made->longest(classes) <= out.size()) require(size > 0 || text.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_name(text);
    check_address(text);
    check_template(text);
    return 0;
}
