#include "tools/signing/signing_key.hpp"

#include "store/durable_file.hpp"
#include "store/sha256.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cerrno>
#include <fcntl.h>
#include <mutex>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::tools::signing {
namespace {

constexpr std::size_t largest_file = 4096;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

void must(bool done) {
    if (!done) throw std::runtime_error("Ed25519 is not available from OpenSSL");
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Bio reading(std::string_view text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

bool is_ed25519(const EVP_PKEY* key) {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

// A file that should hold a key: what is larger is none.
Result<std::string> read_secret(const std::filesystem::path& file) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) return file_error(errno, file, "reading");
    struct stat about {};
    if (::fstat(descriptor.get(), &about) != 0) return file_error(errno, file, "reading");
    if ((about.st_mode & 077U) != 0)
        return Error{Errc::not_allowed,
                     fmt::format("{} can be read by others: chmod 600 it, and if anybody else was on "
                                 "this machine, make a new key",
                                 file.string())};
    std::string text(largest_file, '\0');
    const auto size = ::read(descriptor.get(), text.data(), text.size());
    if (size < 0) return file_error(errno, file, "reading");
    text.resize(static_cast<std::size_t>(size));
    return text;
}

} // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    constexpr std::size_t longest = 1U << 20U;
    const Error wrong{Errc::invalid, "this is no base64"};
    if (text.size() % 4 != 0 || text.size() > longest || text.find_first_of(" \t\r\n") != std::string_view::npos)
        return wrong;
    std::string bytes(text.size() / 4 * 3 + 1, '\0');
    const auto size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return wrong;
    std::size_t padding = 0; // which OpenSSL counts as zeros
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    // One spelling of each: no bits may be set where there is padding.
    if (to_base64(bytes_of(bytes)) != text) return wrong;
    return bytes;
}

Result<PublicKey> PublicKey::from_raw(std::span<const std::uint8_t> raw) {
    std::array<std::uint8_t, 32> octets{};
    if (raw.size() != octets.size()) return Error{Errc::invalid, "an Ed25519 public key has 32 octets"};
    std::copy(raw.begin(), raw.end(), octets.begin());
    return PublicKey(octets);
}

Result<PublicKey> PublicKey::parse(std::string_view text) {
    const Error wrong{Errc::invalid,
                      "this is no Ed25519 public key: expected what `provenbl signing-key show` prints, as "
                      "PEM or as base64"};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    if (text.find("-----BEGIN") == std::string_view::npos) {
        const auto raw = from_base64(text);
        if (!raw || raw->size() != 32) return wrong;
        return from_raw(bytes_of(*raw));
    }
    if (text.size() > largest_file) return wrong;
    const auto bio = reading(text);
    const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    std::array<std::uint8_t, 32> raw{};
    std::size_t size = raw.size();
    if (!key || !is_ed25519(key.get()) || EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size) != 1) return wrong;
    return PublicKey(raw);
}

bool PublicKey::verify(std::span<const std::uint8_t> message, const Signature& signature) const {
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw_.data(), raw_.size()), &EVP_PKEY_free);
    if (!key) return false;
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    must(context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

std::string PublicKey::pem() const {
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw_.data(), raw_.size()), &EVP_PKEY_free);
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    must(key && bio && PEM_write_bio_PUBKEY(bio.get(), key.get()) == 1);
    return text_of(bio.get());
}

std::string PublicKey::base64() const {
    return to_base64(raw_);
}

std::string PublicKey::id() const {
    Sha256 digest;
    digest.update({reinterpret_cast<const char*>(raw_.data()), raw_.size()});
    return digest.hex().substr(0, 16);
}

void SigningKey::Free::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

Result<SigningKey> SigningKey::take(Handle key) {
    std::array<std::uint8_t, 32> raw{};
    std::size_t size = raw.size();
    if (!key || !is_ed25519(key.get()) || EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size) != 1)
        return Error{Errc::corrupt, "is no Ed25519 private key"};
    const auto of = PublicKey::from_raw(raw);
    if (!of) return of.error();
    return SigningKey(std::move(key), *of);
}

SigningKey SigningKey::generate() {
    auto key = take(Handle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
    must(key.has_value());
    return std::move(*key);
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& file) {
    const auto text = read_secret(file);
    if (!text) return text.error();
    const auto bio = reading(*text);
    // Never asks anybody for a password.
    const auto none = [](char*, int, int, void*) { return -1; };
    auto key = take(Handle(PEM_read_bio_PrivateKey(bio.get(), nullptr, +none, nullptr)));
    if (!key)
        return Error{key.error().code,
                     fmt::format("{} {}; put the right one there, or move it away and a new one is made", file.string(),
                                 key.error().message)};
    return std::move(*key);
}

Result<> SigningKey::save(const std::filesystem::path& file) const {
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    must(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    auto made = DurableFile::create(file);
    if (!made) return made.error();
    if (auto written = made->write(text_of(bio.get())); !written) return written;
    give_to_owner_of(file.parent_path(), made->descriptor());
    return made->publish(file, false);
}

Result<SigningKey> SigningKey::of(const std::filesystem::path& data_directory) {
    // Several parts of a process may ask at once for the key that is not there yet.
    static std::mutex one_at_a_time;
    const std::scoped_lock lock(one_at_a_time);
    const auto file = data_directory / file_name;
    auto key = load(file);
    if (key || key.error().code != Errc::not_found) return key;
    if (std::error_code unknown; !std::filesystem::is_directory(data_directory, unknown))
        return Error{Errc::not_found,
                     fmt::format("there is no data directory {}: start the server once, or name the right "
                                 "one",
                                 data_directory.string())};
    auto made = generate();
    if (const auto saved = made.save(file); !saved) {
        // Somebody else was first.
        if (saved.error().code == Errc::conflict) return load(file);
        return saved.error();
    }
    return made;
}

Signature SigningKey::sign(std::span<const std::uint8_t> message) const {
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    Signature signature{};
    std::size_t size = signature.size();
    must(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1 &&
         size == signature.size());
    return signature;
}

} // namespace provenbl::tools::signing
