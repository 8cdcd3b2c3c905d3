#include "store/check_findings.hpp"

#include <fmt/format.h>

namespace provenbl::check {
namespace {

constexpr std::uint64_t progress_every = 100'000;

} // namespace

void Findings::add(std::string_view table, std::string key, std::string what) {
    ++summary_.findings;
    if (options_.finding) options_.finding({std::string(table), std::move(key), std::move(what), false});
}

void Findings::add(std::string_view table, std::string key, std::string what, Repair repair) {
    ++summary_.findings;
    ++summary_.repairable;
    if (options_.finding) options_.finding({std::string(table), std::move(key), std::move(what), true});
    if (!options_.repair) return;
    if (repairs_.size() < most_repairs)
        repairs_.push_back(std::move(repair));
    else
        summary_.unfinished = true;
}

void Findings::seen(std::string_view table, std::uint64_t done, std::uint64_t of) {
    ++summary_.records;
    if (options_.progress && (done % progress_every == 0 || done == of)) options_.progress(table, done, of);
}

void walk_table(const ReadTxn& txn, std::string_view name, MDB_dbi table, Findings& findings,
                const std::function<void(lmdb::Bytes, lmdb::Bytes)>& visit,
                const std::function<std::string(lmdb::Bytes)>& name_key) {
    std::string last;
    std::uint64_t done = 0;
    try {
        const auto of = txn.txn.entries(table);
        txn.txn.walk(table, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
            last = key;
            try {
                visit(key, value);
            } catch (const lmdb::LmdbError&) {
                throw;
            } catch (const std::exception& fault) {
                findings.add(name, name_key(key), fault.what());
            }
            findings.seen(name, ++done, of);
            return true;
        });
        if (done != of)
            findings.add(name, {},
                         fmt::format("has {} records, but says that it has {}: the file is damaged, restore a backup",
                                     done, of));
    } catch (const lmdb::LmdbError& fault) {
        findings.add(
            name, done == 0 ? std::string() : name_key(last),
            fmt::format("can't be read on from here: {}: the file is damaged, restore a backup", fault.what()));
    }
}

std::string name_hex(lmdb::Bytes key) {
    std::string text;
    for (const auto byte : key) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

std::string name_bare(lmdb::Bytes key) {
    if (key.size() != 4 && key.size() != 16) return name_hex(key);
    return keys::to_bare(key).to_string();
}

std::string name_number(lmdb::Bytes key) {
    return key.size() == 8 ? std::to_string(keys::to_number(key)) : name_hex(key);
}

std::string name_address(lmdb::Bytes key) {
    const auto size = key.empty() ? 0U : key.front() == '\4' ? 5U : key.front() == '\6' ? 17U : 0U;
    if (size == 0 || key.size() < size) return name_hex(key);
    auto text = name_bare(key.substr(1, size - 1));
    for (key.remove_prefix(size); !key.empty(); key.remove_prefix(std::min<std::size_t>(8, key.size())))
        text += " " + name_number(key.substr(0, 8));
    return text;
}

} // namespace provenbl::check
