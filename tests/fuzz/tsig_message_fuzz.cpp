// Any octets as a message with a TSIG, as a request and as an answer to one of ours, and as an answer to NOTIFY:
// nothing that the key's owner has not signed is believed, and what is said of it has the size that was promised.
#include "dnsbl/transfer/notify_message.hpp"
#include "dnsbl/wire/tsig.hpp"

#include <cstdlib>

namespace {

using namespace provenbl;
using namespace provenbl::dnsbl;

constexpr Time noon{Duration{1'800'014'400'000}};

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<wire::TsigKey> keys_of(std::uint8_t first_octet) {
    std::vector<wire::TsigKey> keys;
    for (const auto algorithm :
         {wire::TsigAlgorithm::hmac_sha256, wire::TsigAlgorithm::hmac_sha384, wire::TsigAlgorithm::hmac_sha512}) {
        wire::TsigKey key;
        key.name = zones::DomainName::parse("ns2.mirror.bl.example").value();
        key.algorithm = algorithm;
        for (std::uint8_t i = 0; i < 32; ++i) key.secret.push_back(static_cast<std::uint8_t>(i + first_octet));
        keys.push_back(std::move(key));
    }
    return keys;
}

void check_request(std::span<const std::uint8_t> message, const wire::TsigKeys& keys, bool may_be_valid) {
    const auto check = wire::check_tsig(message, keys, noon);
    require(may_be_valid || !check.valid());
    require(!check.valid() || check.key != nullptr);
    wire::TsigSigner signer(check);
    // Twice: as the first message of a stream, and as a later one.
    for (int i = 0; i < 2; ++i) {
        std::vector<std::uint8_t> answer(12);
        signer.sign(answer, noon);
        require(answer.size() <= 12 + signer.room());
        require(answer[11] == (signer.room() == 0 ? 0 : 1));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> message(data, size);
    // The corpus is signed with the first, nobody knows the second.
    static const wire::TsigKeys known(keys_of(0));
    static const wire::TsigKeys others(keys_of(100));
    check_request(message, known, true);
    check_request(message, others, false);
    wire::Mac request;
    request.size = 32;
    require(wire::check_tsig_answer(message, others.all()[0], request, noon) != wire::TsigState::valid);
    if (const auto answer = transfer::read_notify_answer(message)) require(answer->zone.size() <= 255);
    return 0;
}
