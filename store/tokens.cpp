#include "store/tokens.hpp"

#include "store/derived_keys.hpp"
#include "store/listing_unit.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <vector>

namespace provenbl {

struct EvidenceMaker {
    static Evidence make(PendingProbe probe) { return Evidence(std::move(probe)); }
};

namespace tokens {
namespace {

lmdb::Bytes view(const TokenId& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
}

void put(WriteTxn& txn, const PendingProbe& probe) {
    put_record(txn, txn.tables.tokens, view(probe.id), probe);
}

// Completes the evidence that a token has become: the entry's, and the exit's where there is one.
void complete_evidence(WriteTxn& txn, const PendingProbe& probe) {
    for (const auto& host : {probe.target.address, probe.exit}) {
        std::vector<std::pair<std::string, CaseEvidence>> found;
        const auto start = keys::address(listing_unit::of(txn, host));
        // The token's own case for the entry; the exit's case has another number, so look through its evidence.
        const auto from = host == probe.target.address ? start + keys::number(probe.case_id) : start;
        txn.txn.walk(txn.tables.evidence, from, [&](lmdb::Bytes key, lmdb::Bytes value) {
            if (!key.starts_with(start)) return false;
            auto evidence = codec::decode<CaseEvidence>(value);
            if (evidence.token == probe.id) found.emplace_back(key, std::move(evidence));
            return true;
        });
        for (auto& [key, evidence] : found) {
            evidence.transcript = probe.transcript;
            evidence.software = probe.software;
            put_record(txn, txn.tables.evidence, key, evidence);
        }
        if (probe.exit == probe.target.address) break;
    }
}

} // namespace

Result<std::array<std::uint8_t, 32>> key(WriteTxn& txn, const std::array<std::uint8_t, 32>& fresh) {
    std::array<std::uint8_t, 32> key = fresh;
    if (const auto stored = txn.txn.get(txn.tables.meta, "token_key")) {
        if (stored->size() != key.size())
            return Error{Errc::corrupt, "the stored token key has a wrong length; restore a backup"};
        std::copy(stored->begin(), stored->end(), key.begin());
    } else {
        txn.txn.put(txn.tables.meta, "token_key", {reinterpret_cast<const char*>(key.data()), key.size()});
    }
    return key;
}

Result<> issue(WriteTxn& txn, const PendingProbe& probe) {
    if (find(txn, probe.id)) return Error{Errc::conflict, "this token was issued before"};
    put(txn, probe);
    txn.txn.put(txn.tables.token_expiry, expiry_key(probe), {});
    return {};
}

std::optional<PendingProbe> find(const ReadTxn& txn, const TokenId& id) {
    return get_record<PendingProbe>(txn, txn.tables.tokens, view(id));
}

Result<std::optional<Evidence>> arrive(WriteTxn& txn, const TokenId& id, const Arrival& arrival) {
    auto probe = find(txn, id);
    if (!probe) return Error{Errc::not_found, "this token was never issued, or has been forgotten since"};
    if (probe->redeemed || (probe->arrived && probe->sink == SinkKind::mail))
        return Error{Errc::conflict, "this token has been used"};
    if (txn.now >= probe->expires) return Error{Errc::expired, "this token has expired"};
    // The answer goes where the token came from. Said from two places, one of them may be forged, and whoever heard the
    // answer could have named somebody else as the exit.
    if (probe->sink == SinkKind::datagram && probe->arrived && probe->exit != arrival.exit)
        return Error{Errc::conflict, "this token has arrived from " + probe->exit.to_string() + " before"};
    // A tunnel may say its token twice; the first counts.
    if (!probe->arrived) {
        probe->arrived = true;
        probe->arrived_at = arrival.at;
        probe->exit = arrival.exit;
        probe->sink_port = arrival.sink_port;
        probe->message = arrival.message;
        put(txn, *probe);
    }
    if (probe->sink != SinkKind::mail) return std::optional<Evidence>{};
    return std::optional<Evidence>{EvidenceMaker::make(std::move(*probe))};
}

Result<Evidence> confirm(WriteTxn& txn, const TokenId& id) {
    auto probe = find(txn, id);
    if (!probe) return Error{Errc::not_found, "this token was never issued, or has been forgotten since"};
    if (probe->redeemed) return Error{Errc::conflict, "this token has been used"};
    if (txn.now >= probe->expires) return Error{Errc::expired, "this token has expired"};
    if (probe->sink == SinkKind::mail) return Error{Errc::not_allowed, "a mail token is proven by its arrival alone"};
    if (!probe->arrived) return Error{Errc::not_allowed, "the token has not arrived at a sink"};
    return EvidenceMaker::make(std::move(*probe));
}

void attach_conversation(WriteTxn& txn, const TokenId& id, std::string_view transcript, std::string_view software) {
    auto probe = find(txn, id);
    if (!probe) return;
    probe->transcript = transcript;
    if (!software.empty()) probe->software = software;
    put(txn, *probe);
    if (probe->redeemed) complete_evidence(txn, *probe);
}

std::size_t sweep(WriteTxn& txn, Time now, std::size_t limit) {
    std::vector<std::string> expired;
    const auto end = keys::number(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    txn.txn.walk(txn.tables.token_expiry, {}, [&](lmdb::Bytes key, lmdb::Bytes) {
        if (key >= end || expired.size() == limit) return false;
        expired.emplace_back(key);
        return true;
    });
    for (const auto& key : expired) {
        txn.txn.erase(txn.tables.token_expiry, key);
        txn.txn.erase(txn.tables.tokens, lmdb::Bytes(key).substr(8));
    }
    return expired.size();
}

} // namespace tokens
} // namespace provenbl
