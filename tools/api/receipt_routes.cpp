// Signed statements of how an address stood at a time.
#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/rfc3339.hpp"
#include "tools/api/router.hpp"
#include "tools/receipts/receipt.hpp"

namespace provenbl::tools::api::routes {
namespace {

Response no_key() {
    return problem(503, "no-key", "this server has no signing key: the process that writes the store makes one");
}

} // namespace

Response receipt(const Context& context, const Address& address, const RequestTarget& target) {
    if (context.signer == nullptr) return no_key();
    receipts::Statement statement;
    const auto now = context.clock.now();
    statement.at = now;
    if (const auto at = target.query.find("at"); at != target.query.end()) {
        const auto time = parse_time(at->second);
        if (!time) return problem(time.error());
        statement.at = *time;
    }
    const auto& zones = context.configuration.zones.zones;
    statement.issuer = zones.empty() ? context.configuration.verifier.identity.helo : zones.front().apex;
    statement.address = address;
    statement.issued = now;
    const auto standing = context.store.read([&](const ReadTxn& txn) -> Result<receipts::Standing> {
        statement.serial = journal::last(txn);
        statement.covers = listing_unit::covered(txn, address);
        return receipts::standing_at(txn, address, statement.at, now);
    });
    if (!standing) return problem(standing.error());
    statement.standing = *standing;
    return json_response(receipts::make_receipt(statement, *context.signer));
}

Response receipt_key(const Context& context) {
    if (context.signer == nullptr) return no_key();
    return json_response({{"algorithm", "ed25519"}, {"key", context.signer->public_key().base64()}});
}

} // namespace provenbl::tools::api::routes
