#include "tools/api/certificate.hpp"

#include "dnsbl/tls/ciphers.hpp"

#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace provenbl::tools::api {
namespace ssl = boost::asio::ssl;
namespace {

// RFC 7301 3.2: who offers protocols, and not ours, is told so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    static constexpr unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, ours, sizeof ours, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

Result<> readable(const std::filesystem::path& file, std::string_view setting) {
    std::ifstream stream{file, std::ios::binary};
    if (stream.peek() != std::ifstream::traits_type::eof()) return {};
    const auto why = !stream.is_open() ? std::strerror(errno) : "it is empty";
    return Error{Errc::io, fmt::format("{}: can't read {}: {}; give a PEM file that the user of provenbl may read",
                                       setting, file.string(), why)};
}

Result<std::shared_ptr<ssl::context>> make_context(const ApiTls& settings) {
    if (auto good = readable(settings.certificate, "api.tls.certificate"); !good) return good.error();
    if (auto good = readable(settings.key, "api.tls.key"); !good) return good.error();
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                         ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression);
    auto* const native = context->native_handle();
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    if (SSL_CTX_set_cipher_list(native, dnsbl::tls::tls12_ciphers) != 1)
        return Error{Errc::io, "OpenSSL knows none of the ciphers that provenbl offers"};
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    // A key with a passphrase would have OpenSSL ask at the terminal.
    context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string{}; });

    boost::system::error_code code;
    context->use_certificate_chain_file(settings.certificate.string(), code);
    if (code)
        return Error{Errc::invalid, fmt::format("api.tls.certificate: {} is no certificate in PEM: {}",
                                                settings.certificate.string(), code.message())};
    context->use_private_key_file(settings.key.string(), ssl::context::pem, code);
    if (code || SSL_CTX_check_private_key(native) != 1)
        return Error{Errc::invalid, fmt::format("api.tls.key: {} is not the private key of {} (in PEM, without a "
                                                "passphrase): {}",
                                                settings.key.string(), settings.certificate.string(), code.message())};
    return context;
}

} // namespace

Certificate::Stamps Certificate::stamps() const {
    return {stamp_of(settings_.certificate), stamp_of(settings_.key)};
}

Result<> Certificate::load() {
    const auto now = stamps(); // before the files are read: a change in between is seen the next time
    auto made = make_context(settings_);
    if (!made) return made.error();
    context_ = std::move(*made);
    read_ = now;
    return {};
}

std::shared_ptr<ssl::context> Certificate::current() {
    const auto now = stamps();
    if (now == read_ || now == refused_) return context_;
    if (const auto loaded = load(); loaded) {
        spdlog::info("api: the certificate was read again");
    } else {
        refused_ = now;
        spdlog::error("api: {}; the certificate that was read before goes on", loaded.error().message);
    }
    return context_;
}

} // namespace provenbl::tools::api
