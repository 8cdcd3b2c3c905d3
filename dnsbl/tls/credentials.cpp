#include "dnsbl/tls/credentials.hpp"

#include "dnsbl/tls/ciphers.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string_view>

namespace provenbl::dnsbl::tls {
namespace {

constexpr std::string_view alpn_dot{"\3dot", 4};

// OpenSSL's words for what went wrong last, and nothing left over for the next to find.
std::string openssl_words() {
    const auto code = ERR_peek_last_error();
    std::array<char, 256> text{};
    if (code != 0) ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    const std::string_view words(text.data());
    return code == 0 ? "no reason was given" : std::string(words.substr(words.rfind(':') + 1));
}

// OpenSSL says "no such file" in words that name no file.
Result<> readable(std::string_view what, const char* setting, const std::filesystem::path& file) {
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown))
        return Error{Errc::invalid, fmt::format("{} {} is a directory; name the PEM file in it (dns.tls.{})", what,
                                                file.string(), setting)};
    std::ifstream stream(file);
    if (stream) return {};
    const int why = errno;
    return Error{why == ENOENT ? Errc::not_found : Errc::io,
                 fmt::format("can't read {} {}: {}; put a PEM file there that the user provenbl runs as may read, or "
                             "correct dns.tls.{}",
                             what, file.string(), std::strerror(why), setting)};
}

int select_protocol(SSL* /*session*/, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void* /*ours*/) {
    const auto* dot = reinterpret_cast<const unsigned char*>(alpn_dot.data());
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, dot, alpn_dot.size(), offered, offered_size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL; // who wants another protocol is wrong here
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

// A key with a passphrase would make OpenSSL ask the terminal.
int no_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* /*ours*/) {
    return -1;
}

Time end_of(const X509* certificate) {
    std::tm when{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) != 1) return Time{};
    return Time{std::chrono::seconds{::timegm(&when)}};
}

} // namespace

FileStamps stamps_of(const TlsSettings& settings) {
    return {stamp_of(settings.certificate), stamp_of(settings.key), stamp_of(settings.client_ca)};
}

void Credentials::Free::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

Result<std::shared_ptr<const Credentials>> Credentials::load(const TlsSettings& settings) {
    const auto files = stamps_of(settings);
    if (auto good = readable("the certificate", "certificate", settings.certificate); !good) return good.error();
    if (auto good = readable("the key", "key", settings.key); !good) return good.error();
    ERR_clear_error();
    auto made = std::make_shared<Credentials>();
    made->files_ = files;
    made->context_.reset(SSL_CTX_new(TLS_server_method()));
    auto* context = made->context_.get();
    if (context == nullptr) return Error{Errc::io, "OpenSSL makes no TLS context: " + openssl_words()};
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    if (SSL_CTX_set_cipher_list(context, tls12_ciphers) != 1)
        return Error{Errc::io, "OpenSSL knows none of the ciphers that provenbl offers: " + openssl_words()};
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // idle connections hold little
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1)
        return Error{Errc::invalid,
                     fmt::format("{} holds no certificate that OpenSSL takes ({}): dns.tls.certificate wants PEM, the "
                                 "server's own certificate first, then those of the CAs above it",
                                 settings.certificate.string(), openssl_words())};
    if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        const auto reason = ERR_GET_REASON(ERR_peek_last_error());
        const bool other = reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH;
        const auto words = openssl_words();
        return Error{Errc::invalid,
                     other
                         ? fmt::format("the key {} does not belong to the certificate {}; take the pair that was made "
                                       "together",
                                       settings.key.string(), settings.certificate.string())
                         : fmt::format("{} holds no key that OpenSSL takes ({}): dns.tls.key wants PEM without a "
                                       "passphrase (`openssl pkey -in FILE -out NEW` takes one off)",
                                       settings.key.string(), words)};
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        static_cast<void>(openssl_words());
        return Error{Errc::invalid, fmt::format("the key {} does not belong to the certificate {}; take the pair that "
                                                "was made together",
                                                settings.key.string(), settings.certificate.string())};
    }
    if (!settings.client_ca.empty()) {
        if (auto good = readable("the CA of clients", "client_ca", settings.client_ca); !good) return good.error();
        auto* names = SSL_load_client_CA_file(settings.client_ca.c_str());
        if (names == nullptr || SSL_CTX_load_verify_file(context, settings.client_ca.c_str()) != 1) {
            const auto words = openssl_words();
            sk_X509_NAME_pop_free(names, X509_NAME_free);
            return Error{Errc::invalid, fmt::format("{} holds no certificate of a CA ({}): dns.tls.client_ca wants PEM",
                                                    settings.client_ca.string(), words)};
        }
        made->wants_certificate_ = true;
        SSL_CTX_set_client_CA_list(context, names); // takes it
        // Who shows one shows a good one; who shows none may ask questions.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        // Each connection proves itself anew: a session that is taken up again would outlive the certificate.
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(context, 0);
    }
    made->expires_ = end_of(SSL_CTX_get0_certificate(context));
    ERR_clear_error();
    return std::shared_ptr<const Credentials>(std::move(made));
}

SSL* Credentials::new_session() const {
    return SSL_new(context_.get());
}

bool Credentials::is_for(const std::string& name) const {
    auto* certificate = SSL_CTX_get0_certificate(context_.get());
    return X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
}

Channel Credentials::channel_of(SSL* session) const {
    if (SSL_version(session) < TLS1_3_VERSION) return Channel::old_tls;
    if (!wants_certificate_) return Channel::tls;
    if (SSL_get_SSL_CTX(session) != context_.get()) return trusts(session) ? Channel::tls : Channel::uncertified;
    const bool shown = SSL_get0_peer_certificate(session) != nullptr && SSL_get_verify_result(session) == X509_V_OK;
    return shown ? Channel::tls : Channel::uncertified;
}

// The certificate that was shown under other credentials is checked against our CA.
bool Credentials::trusts(SSL* session) const {
    auto* shown = SSL_get0_peer_certificate(session);
    if (shown == nullptr) return false;
    const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> check(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    const bool good = check != nullptr &&
                      X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context_.get()), shown,
                                          SSL_get_peer_cert_chain(session)) == 1 &&
                      X509_STORE_CTX_set_default(check.get(), "ssl_client") == 1 && X509_verify_cert(check.get()) == 1;
    ERR_clear_error();
    return good;
}

} // namespace provenbl::dnsbl::tls
