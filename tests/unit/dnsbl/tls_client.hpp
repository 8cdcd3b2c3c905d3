// A client of DNS over TLS over a real socket, strict about the server's name and CA.
#pragma once

#include "client.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace provenbl::dnsbl::testing {

struct TlsWish {
    std::filesystem::path ca;
    std::string name = "ns1.bl.example";
    std::string_view alpn{"\3dot", 4}; // empty: not said
    int newest = TLS1_3_VERSION;
    std::filesystem::path certificate; // of the client; empty: none
    std::filesystem::path key;
};

class TlsClient {
public:
    // Throws with OpenSSL's words when there is no handshake.
    TlsClient(const Endpoint& to, const TlsWish& wish) : socket_(SOCK_STREAM, to) {
        std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to sockets that may be closed
        ERR_clear_error();
        context_.reset(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_max_proto_version(context_.get(), wish.newest);
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_load_verify_file(context_.get(), wish.ca.c_str());
        if (!wish.certificate.empty()) {
            SSL_CTX_use_certificate_chain_file(context_.get(), wish.certificate.c_str());
            SSL_CTX_use_PrivateKey_file(context_.get(), wish.key.c_str(), SSL_FILETYPE_PEM);
        }
        session_.reset(SSL_new(context_.get()));
        SSL_set1_host(session_.get(), wish.name.c_str());
        if (!wish.alpn.empty())
            SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(wish.alpn.data()),
                                static_cast<unsigned>(wish.alpn.size()));
        SSL_set_fd(session_.get(), socket_.fd());
        if (SSL_connect(session_.get()) != 1) throw std::runtime_error("no handshake: " + words());
    }
    [[nodiscard]] std::string alpn() const {
        const unsigned char* chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(session_.get(), &chosen, &size);
        return {reinterpret_cast<const char*>(chosen), size};
    }
    void send(const Bytes& bytes) const {
        if (SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0)
            throw std::runtime_error("send: " + words());
    }
    // Nothing when the server closed the connection.
    [[nodiscard]] std::optional<Bytes> answer() const {
        const auto length = receive(2);
        if (length.size() < 2) return std::nullopt;
        const auto size = static_cast<std::size_t>(length[0] << 8U | length[1]);
        auto message = receive(size);
        if (message.size() < size) return std::nullopt;
        return message;
    }
    [[nodiscard]] std::optional<Bytes> ask(const Bytes& message) const {
        send(framed(message));
        return answer();
    }

private:
    [[nodiscard]] Bytes receive(std::size_t size) const {
        Bytes bytes(size);
        std::size_t have = 0;
        while (have < size) {
            const int count = SSL_read(session_.get(), bytes.data() + have, static_cast<int>(size - have));
            if (count <= 0) break;
            have += static_cast<std::size_t>(count);
        }
        bytes.resize(have);
        return bytes;
    }
    static std::string words() {
        std::array<char, 256> text{};
        ERR_error_string_n(ERR_get_error(), text.data(), text.size());
        return text.data();
    }
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
        void operator()(SSL* session) const { SSL_free(session); }
    };
    Socket socket_;
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> session_;
};

} // namespace provenbl::dnsbl::testing
