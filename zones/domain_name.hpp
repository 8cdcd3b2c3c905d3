// A domain name of the configuration, in wire form: RFC 1035 section 3.1, lower-case, with the root label.
//
// Only for names that an operator writes or that follow from them; a name that comes in a packet is a span of
// bytes that the wire parser has checked.
#pragma once

#include "store/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones {

class DomainName {
public:
    DomainName() : wire_{0} {} // the root

    // "bl.example", a trailing dot allowed; letters, digits, '-' and '_'. The root is refused.
    static Result<DomainName> parse(std::string_view text);
    // A mail address as RNAME: "host.master@bl.example" keeps its first dot inside the first label. Without an
    // '@' the text is a name already.
    static Result<DomainName> parse_mailbox(std::string_view text);

    // "*.", the wildcard below the root: what a policy's CNAME names for "no data". Nothing else is called so.
    static DomainName root_wildcard();

    [[nodiscard]] std::span<const std::uint8_t> wire() const { return wire_; }
    [[nodiscard]] std::string to_string() const; // no trailing dot, dots inside a label escaped

    // Equal to the apex or below it.
    [[nodiscard]] bool is_within(const DomainName& apex) const;
    // The labels above the apex, without a root label; only for a name within it.
    [[nodiscard]] std::span<const std::uint8_t> relative_to(const DomainName& apex) const {
        return wire().first(wire_.size() - apex.wire_.size());
    }

    auto operator<=>(const DomainName&) const = default;

private:
    std::vector<std::uint8_t> wire_;
};

// The rest of a relative or whole wire name after its first label.
[[nodiscard]] inline std::span<const std::uint8_t> after_first_label(std::span<const std::uint8_t> name) {
    return name.subspan(std::size_t{1} + name[0]);
}

} // namespace provenbl::zones
