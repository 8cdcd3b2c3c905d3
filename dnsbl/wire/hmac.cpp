#include "dnsbl/wire/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace provenbl::dnsbl::wire {
namespace {

// Fetched once: a look-up by name takes longer than the code of a query.
EVP_MAC* hmac() {
    static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    return fetched;
}

const char* digest_name(TsigAlgorithm algorithm) {
    constexpr std::array names{"SHA256", "SHA384", "SHA512"};
    return names[static_cast<std::size_t>(algorithm)];
}

void expect(bool done) {
    if (!done) throw std::runtime_error("OpenSSL can't compute an HMAC");
}

} // namespace

struct Hmac::Context {
    Context(TsigAlgorithm algorithm, std::span<const std::uint8_t> with)
        : digest(digest_name(algorithm)), secret(with.begin(), with.end()), mac(EVP_MAC_CTX_new(hmac())) {}
    ~Context() {
        EVP_MAC_CTX_free(mac);
        OPENSSL_cleanse(secret.data(), secret.size());
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const char* digest;
    std::vector<std::uint8_t> secret;
    EVP_MAC_CTX* mac;
};

Hmac::Hmac(TsigAlgorithm algorithm, std::span<const std::uint8_t> secret) {
    if (secret.empty()) throw std::logic_error("an HMAC needs a secret");
    context_ = std::make_unique<Context>(algorithm, secret);
    expect(context_->mac != nullptr);
    begin();
}

Hmac::~Hmac() = default;
Hmac::Hmac(Hmac&&) noexcept = default;
Hmac& Hmac::operator=(Hmac&&) noexcept = default;

void Hmac::begin() {
    // OpenSSL takes the name as char*, and leaves it as it is.
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(context_->digest), 0),
        OSSL_PARAM_construct_end()};
    expect(EVP_MAC_init(context_->mac, context_->secret.data(), context_->secret.size(), parameters.data()) == 1);
}

void Hmac::add(std::span<const std::uint8_t> octets) {
    expect(EVP_MAC_update(context_->mac, octets.data(), octets.size()) == 1);
}

Mac Hmac::finish() {
    Mac mac;
    std::size_t size = 0;
    expect(EVP_MAC_final(context_->mac, mac.octets.data(), &size, mac.octets.size()) == 1);
    mac.size = static_cast<std::uint8_t>(size);
    begin();
    return mac;
}

bool same_octets(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace provenbl::dnsbl::wire
