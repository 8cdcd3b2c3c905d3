#include "store/listing_unit.hpp"

#include "store/journal_append.hpp"
#include "store/tables.hpp"

#include <string>

namespace provenbl::listing_unit {
namespace {

constexpr std::string_view name = "ipv6_bits"; // in meta
constexpr unsigned by_default = 128;

} // namespace

unsigned ipv6_bits(const ReadTxn& txn) {
    const auto stored = txn.txn.get(txn.tables.meta, name);
    return stored ? static_cast<unsigned>(keys::to_number(*stored)) : by_default;
}

Address base_of(const Address& address, unsigned ipv6_bits) {
    return address.is_v4() || ipv6_bits >= address.bits() ? address : Prefix::of(address, ipv6_bits).base();
}

Address of(const ReadTxn& txn, const Address& address) {
    return address.is_v4() ? address : base_of(address, ipv6_bits(txn));
}

Prefix covered(const ReadTxn& txn, const Address& address) {
    return Prefix::of(address, address.is_v4() ? 32 : ipv6_bits(txn));
}

Result<> set(WriteTxn& txn, unsigned bits) {
    if (bits != 64 && bits != 128)
        return Error{Errc::invalid, "IPv6 is listed by /128 or /64, not /" + std::to_string(bits)};
    const auto before = ipv6_bits(txn);
    if (before == bits) return {};
    std::size_t queued = 0;
    txn.txn.walk(txn.tables.hosts, std::string(1, '\6'), [&](lmdb::Bytes, lmdb::Bytes value) {
        const auto host = codec::decode<Host>(value);
        queued += host.queued_scan != 0 || host.running_scan != 0 ? 1U : 0U;
        return queued == 0;
    });
    if (txn.txn.entries(txn.tables.listed6) != 0 || queued != 0)
        return Error{
            Errc::conflict,
            "the store lists IPv6 by /" + std::to_string(before) +
                " and has IPv6 hosts that are listed or wait "
                "for a visit, so policy.ipv6_granularity can't become " +
                std::to_string(bits) +
                "; set it back, take them off (`provenbl purge --prefix ::/0 --note ...`, or let them run out), "
                "then change it"};
    txn.txn.put(txn.tables.meta, name, keys::number(bits));
    Change change;
    change.reason = ChangeReason::configuration;
    change.actor = "operator";
    change.note = "IPv6 is listed by /" + std::to_string(bits);
    journal::append(txn, change);
    return {};
}

} // namespace provenbl::listing_unit
