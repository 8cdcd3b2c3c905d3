#include "store/access_keys.hpp"

#include "store/tables.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace provenbl::access_keys {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr auto version_counter = "access_keys_version";
constexpr auto id_counter = "access_keys_id";

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

} // namespace

std::string make_label(Entropy& entropy) {
    // A byte for each character: simple, and without a bias, since 256 is a multiple of 32.
    std::array<std::uint8_t, label_size> random{};
    entropy.fill(random);
    std::string label;
    for (const auto octet : random) label += letters[octet % letters.size()];
    return label;
}

bool is_label(std::span<const std::uint8_t> label) {
    return label.size() == label_size && std::all_of(label.begin(), label.end(), [](auto c) {
               return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
           });
}

LabelHash hash_label(std::span<const std::uint8_t> label) {
    // Kept for the thread: a query with a key computes one hash, and allocates nothing for it.
    static thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::array<std::uint8_t, 32> whole{};
    if (context == nullptr || EVP_DigestInit_ex(context.get(), sha256, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), label.data(), label.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), whole.data(), nullptr) != 1)
        throw std::runtime_error("OpenSSL can't compute SHA-256");
    LabelHash hash{};
    std::copy_n(whole.begin(), hash.size(), hash.begin());
    return hash;
}

Result<AccessKey> add(WriteTxn& txn, AccessKey key) {
    std::size_t in_force = 0;
    bool taken = false;
    walk(txn, [&](const AccessKey& other) {
        if (other.in_force()) {
            ++in_force;
            taken = taken || other.name == key.name || other.hash == key.hash;
        }
        return !taken;
    });
    if (taken)
        return Error{Errc::conflict, "a key in force has the name '" + key.name +
                                         "'; choose another, or revoke that one first (`provenbl key revoke`)"};
    if (in_force >= most_in_force)
        return Error{Errc::limit, "there are " + std::to_string(in_force) + " keys in force; revoke some first"};
    key.id = next_number(txn, id_counter);
    key.created = txn.now;
    key.revoked = Time{};
    put_record(txn, txn.tables.access_keys, keys::number(key.id), key);
    static_cast<void>(next_number(txn, version_counter));
    return key;
}

Result<AccessKey> revoke(WriteTxn& txn, std::string_view name) {
    std::optional<AccessKey> found;
    walk(txn, [&](const AccessKey& key) {
        if (key.in_force() && key.name == name) found = key;
        return !found;
    });
    if (!found)
        return Error{Errc::not_found,
                     "no key in force has the name '" + std::string(name) + "'; `provenbl key list` shows which have"};
    found->revoked = txn.now;
    put_record(txn, txn.tables.access_keys, keys::number(found->id), *found);
    static_cast<void>(next_number(txn, version_counter));
    return *found;
}

void walk(const ReadTxn& txn, const std::function<bool(const AccessKey&)>& visit) {
    txn.txn.walk(txn.tables.access_keys, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<AccessKey>(value)); });
}

std::uint64_t version(const ReadTxn& txn) {
    const auto stored = txn.txn.get(txn.tables.meta, version_counter);
    return stored ? keys::to_number(*stored) : 0;
}

} // namespace provenbl::access_keys
