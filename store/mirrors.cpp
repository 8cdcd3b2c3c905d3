#include "store/mirrors.hpp"

#include "store/tables.hpp"

#include <algorithm>

namespace provenbl {
namespace {

constexpr std::array<std::string_view, all_mirror_kinds.size()> kind_names{"bind", "nsd", "knot", "pdns", "rbldnsd"};

} // namespace

std::string_view to_string(MirrorKind kind) {
    const auto at = static_cast<std::size_t>(kind);
    return at < kind_names.size() ? kind_names[at] : "unknown"; // of a newer version's record
}

std::optional<MirrorKind> parse_mirror_kind(std::string_view name) {
    const auto found = std::find(kind_names.begin(), kind_names.end(), name);
    if (found == kind_names.end()) return std::nullopt;
    return static_cast<MirrorKind>(found - kind_names.begin());
}

namespace mirrors {
namespace {

constexpr auto version_counter = "mirrors_version";
constexpr auto id_counter = "mirrors_id";
constexpr std::size_t longest_name = 63;
constexpr std::size_t shortest_secret = 16;

Result<> check(const Mirror& mirror) {
    if (!is_name(mirror.name) || mirror.key_name.empty())
        return Error{Errc::invalid, "'" + mirror.name.substr(0, 80) +
                                        "' is no name for a mirror; expected a to z, 0 to 9 and '-' inside, at most "
                                        "63 characters"};
    if (mirror.in_force() && mirror.secret.size() < shortest_secret)
        return Error{Errc::invalid, "a secret of " + std::to_string(mirror.secret.size()) +
                                        " octets is no secret; expected 16 at least"};
    if (mirror.addresses.size() > most_addresses || mirror.from.size() > most_addresses ||
        mirror.zones.size() > most_zones)
        return Error{Errc::limit, "a mirror has at most 16 addresses, 16 networks and 256 zones"};
    return {};
}

} // namespace

std::string make_secret(Entropy& entropy) {
    std::array<std::uint8_t, secret_size> octets{};
    entropy.fill(octets);
    return {octets.begin(), octets.end()};
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && name.front() != '-' && name.back() != '-' &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<Mirror> add(WriteTxn& txn, Mirror mirror) {
    mirror.removed = Time{};
    if (auto good = check(mirror); !good) return good.error();
    std::size_t in_force = 0;
    bool taken = false;
    walk(txn, [&](const Mirror& other) {
        if (other.in_force()) {
            ++in_force;
            taken = taken || other.name == mirror.name || other.key_name == mirror.key_name;
        }
        return !taken;
    });
    if (taken)
        return Error{Errc::conflict, "a mirror or its key has the name '" + mirror.name +
                                         "' already; choose another, or remove that one first (`provenbl mirror "
                                         "remove`)"};
    if (in_force >= most_in_force)
        return Error{Errc::limit, "there are " + std::to_string(in_force) + " mirrors; remove some first"};
    mirror.id = next_number(txn, id_counter);
    mirror.added = txn.now;
    put_record(txn, txn.tables.mirrors, keys::number(mirror.id), mirror);
    static_cast<void>(next_number(txn, version_counter));
    return mirror;
}

Result<Mirror> remove(WriteTxn& txn, std::string_view name) {
    auto found = find(txn, name);
    if (!found)
        return Error{Errc::not_found, "no mirror has the name '" + std::string(name) +
                                          "'; `provenbl mirror list` shows which there are"};
    found->removed = txn.now;
    found->secret.clear();
    put_record(txn, txn.tables.mirrors, keys::number(found->id), *found);
    static_cast<void>(next_number(txn, version_counter));
    return *found;
}

std::optional<Mirror> find(const ReadTxn& txn, std::string_view name) {
    std::optional<Mirror> found;
    walk(txn, [&](const Mirror& mirror) {
        if (mirror.in_force() && mirror.name == name) found = mirror;
        return !found;
    });
    return found;
}

void walk(const ReadTxn& txn, const std::function<bool(const Mirror&)>& visit) {
    txn.txn.walk(txn.tables.mirrors, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<Mirror>(value)); });
}

Result<> take(WriteTxn& txn, const Mirror& mirror) {
    if (auto good = check(mirror); !good) return good;
    if (mirror.id == 0) return Error{Errc::invalid, "the mirror '" + mirror.name + "' has no number"};
    put_record(txn, txn.tables.mirrors, keys::number(mirror.id), mirror);
    const auto stored = txn.txn.get(txn.tables.meta, id_counter);
    if (!stored || keys::to_number(*stored) < mirror.id)
        txn.txn.put(txn.tables.meta, id_counter, keys::number(mirror.id));
    static_cast<void>(next_number(txn, version_counter));
    return {};
}

std::uint64_t version(const ReadTxn& txn) {
    const auto stored = txn.txn.get(txn.tables.meta, version_counter);
    return stored ? keys::to_number(*stored) : 0;
}

} // namespace mirrors
} // namespace provenbl
