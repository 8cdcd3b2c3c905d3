#include "tools/workers/envelope.hpp"

#include <algorithm>

namespace provenbl::tools::workers {
namespace {

constexpr std::string_view magic = "PBLW1";
constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;

std::string head_of(Purpose purpose) {
    std::string head(magic);
    head += static_cast<char>(purpose);
    return head;
}

std::string signed_octets(Purpose purpose, std::string_view body) {
    auto octets = head_of(purpose);
    octets += body;
    return octets;
}

} // namespace

std::string seal(const signing::SigningKey& key, Purpose purpose, std::string_view body) {
    const auto signature = key.sign(signing::bytes_of(signed_octets(purpose, body)));
    auto message = head_of(purpose);
    message += signing::from_base64(key.public_key().base64()).value();
    message.append(reinterpret_cast<const char*>(signature.data()), signature.size());
    message += body;
    return message;
}

Result<Opened> open(Purpose purpose, std::string_view message) {
    if (message.size() > largest_message) return Error{Errc::limit, "the message is too long"};
    const auto head = head_of(purpose);
    if (message.size() < envelope_size || !message.starts_with(head))
        return Error{Errc::invalid, "this is no message of a worker's, or one for something else"};
    const auto key = signing::PublicKey::from_raw(signing::bytes_of(message.substr(head.size(), key_size)));
    if (!key) return key.error();
    signing::Signature signature{};
    const auto octets = message.substr(head.size() + key_size, signature_size);
    std::transform(octets.begin(), octets.end(), signature.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    const auto body = message.substr(envelope_size);
    if (!key->verify(signing::bytes_of(signed_octets(purpose, body)), signature))
        return Error{Errc::invalid, "the signature is wrong"};
    return Opened{*key, body};
}

} // namespace provenbl::tools::workers
