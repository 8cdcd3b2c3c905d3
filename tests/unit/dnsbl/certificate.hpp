// Certificates for tests, made as they are needed: a CA, and what it signs, as PEM files.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace provenbl::dnsbl::testing {

class Authority {
public:
    // The CA's own certificate goes into `file`.
    Authority(const std::string& name, const std::filesystem::path& file) : key_(EVP_EC_gen("P-256")) {
        certificate_ = make(name, key_.get(), 3650, true);
        sign();
        write(file, [&](std::FILE* out) { return PEM_write_X509(out, certificate_.get()); });
    }

    // A certificate for a name, good for so many days from yesterday on, and its key.
    void issue(const std::string& name, const std::filesystem::path& certificate, const std::filesystem::path& key,
               int days = 365, const char* passphrase = nullptr) const {
        const Key own(EVP_EC_gen("P-256"));
        const auto made = make(name, own.get(), days, false);
        if (X509_sign(made.get(), key_.get(), EVP_sha256()) == 0) throw std::runtime_error("signing");
        write(certificate, [&](std::FILE* out) { return PEM_write_X509(out, made.get()); });
        write(key, [&](std::FILE* out) {
            return PEM_write_PrivateKey(out, own.get(), passphrase == nullptr ? nullptr : EVP_aes_128_cbc(), nullptr, 0,
                                        nullptr, const_cast<char*>(passphrase));
        });
    }

private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    };
    using Key = std::unique_ptr<EVP_PKEY, Free>;
    using Certificate = std::unique_ptr<X509, Free>;

    template <class Write> static void write(const std::filesystem::path& file, Write write) {
        std::FILE* out = std::fopen(file.c_str(), "w");
        const bool good = out != nullptr && write(out) == 1;
        if (out != nullptr) std::fclose(out);
        if (!good) throw std::runtime_error("writing " + file.string());
    }
    void sign() {
        if (X509_sign(certificate_.get(), key_.get(), EVP_sha256()) == 0) throw std::runtime_error("signing");
    }
    Certificate make(const std::string& name, EVP_PKEY* key, int days, bool authority) const {
        constexpr long day = 24L * 3600;
        Certificate made(X509_new());
        X509_set_version(made.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -day);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), days * day - day);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(made.get(), X509_get_subject_name(authority ? made.get() : certificate_.get()));
        X509_set_pubkey(made.get(), key);
        add(made.get(), NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (!authority) add(made.get(), NID_subject_alt_name, "DNS:" + name);
        return made;
    }
    static void add(X509* to, int kind, const std::string& value) {
        const std::unique_ptr<X509_EXTENSION, Free> extension(
            X509V3_EXT_conf_nid(nullptr, nullptr, kind, const_cast<char*>(value.c_str())));
        if (!extension || X509_add_ext(to, extension.get(), -1) != 1) throw std::runtime_error("extension " + value);
    }

    Key key_;
    Certificate certificate_;
    mutable long serial_ = 0;
};

} // namespace provenbl::dnsbl::testing
