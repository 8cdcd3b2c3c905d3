#include "store/exclusion_requests.hpp"

#include "store/derived_keys.hpp"
#include "store/exclusions.hpp"
#include "store/ledger.hpp"
#include "store/tables.hpp"

#include <array>
#include <vector>

namespace provenbl {

std::string_view state_of(const ExclusionRequest& request, Time now) {
    switch (request.state) {
    case ExclusionRequestState::accepted:
        return "accepted";
    case ExclusionRequestState::refused:
        return "refused";
    case ExclusionRequestState::waiting:
        break;
    }
    return request.waits(now) ? "waiting" : "expired";
}

namespace exclusion_requests {
namespace {

constexpr auto id_counter = "exclusion_requests";
constexpr unsigned one_host_v6 = 64;
constexpr unsigned network_v4 = 24;
constexpr unsigned network_v6 = 48;

Prefix unit_of(const Address& requester) {
    return Prefix::of(requester, requester.is_v4() ? 32 : one_host_v6);
}

Prefix network_of(const Address& requester) {
    return Prefix::of(requester, requester.is_v4() ? network_v4 : network_v6);
}

// What he may ask for without saying who he is.
bool is_own(const Prefix& prefix, const Address& requester) {
    return unit_of(requester).contains(prefix.base()) && prefix.length() >= unit_of(requester).length();
}

Result<> check(const ExclusionRequest& request) {
    const auto widest = request.prefix.base().is_v4() ? widest_v4 : widest_v6;
    if (request.prefix.length() < widest)
        return Error{Errc::invalid, request.prefix.to_string() + " is too wide to be asked for here; at most a /" +
                                        std::to_string(widest_v4) + " (IPv4) or a /" + std::to_string(widest_v6) +
                                        " (IPv6)"};
    if (request.text.size() > longest_text || request.contact.size() > longest_contact)
        return Error{Errc::invalid, "the text has at most " + std::to_string(longest_text) + " bytes, the contact " +
                                        std::to_string(longest_contact)};
    if (request.text.empty()) return Error{Errc::invalid, "say in a few words why it should be left alone"};
    if (request.contact.empty() && !is_own(request.prefix, request.requester))
        return Error{Errc::invalid, request.prefix.to_string() +
                                        " is not the address that you ask from: leave a mail address, so that we can "
                                        "ask back"};
    return {};
}

Time over_at(const ExclusionRequest& request) {
    return (request.state == ExclusionRequestState::waiting ? request.expires : request.decided) + kept_for;
}

void put(WriteTxn& txn, const ExclusionRequest& request) {
    put_record(txn, txn.tables.exclusion_requests, keys::number(request.id), request);
}

Result<ExclusionRequest> waiting(const WriteTxn& txn, std::uint64_t id) {
    auto request = find(txn, id);
    if (!request)
        return Error{Errc::not_found, "there is no request " + std::to_string(id) +
                                          "; `provenbl exclusion requests` shows which there are"};
    if (!request->waits(txn.now))
        return Error{Errc::conflict, "request " + std::to_string(id) + " does not wait any more: it is " +
                                         std::string{state_of(*request, txn.now)}};
    return std::move(*request);
}

// Room for one more: of those that don't wait, the oldest goes.
bool make_room(WriteTxn& txn) {
    if (txn.txn.entries(txn.tables.exclusion_requests) < most_kept) return true;
    std::optional<std::uint64_t> oldest;
    txn.txn.walk(txn.tables.exclusion_requests, {}, [&](lmdb::Bytes, lmdb::Bytes value) {
        const auto request = codec::decode<ExclusionRequest>(value);
        if (!request.waits(txn.now)) oldest = request.id;
        return !oldest;
    });
    return oldest && txn.txn.erase(txn.tables.exclusion_requests, keys::number(*oldest));
}

} // namespace

std::string make_code(Entropy& entropy) {
    static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::array<std::uint8_t, 16> bytes{};
    entropy.fill(bytes);
    std::string code;
    for (const auto byte : bytes) code += alphabet[byte % alphabet.size()];
    return code;
}

Result<ExclusionRequest> add(WriteTxn& txn, ExclusionRequest request) {
    if (auto good = check(request); !good) return good.error();
    if (const auto there = exclusions::covering(txn, request.prefix.base(), txn.now);
        there && there->prefix.length() <= request.prefix.length() && there->prefix.contains(request.prefix.base()))
        return Error{Errc::conflict,
                     request.prefix.to_string() + " is excluded already, with " + there->prefix.to_string()};
    forget(txn);
    std::size_t all = 0;
    std::size_t of_one = 0;
    std::size_t of_network = 0;
    bool again = false;
    walk(txn, [&](const ExclusionRequest& other) {
        if (!other.waits(txn.now)) return true;
        ++all;
        if (network_of(other.requester) == network_of(request.requester)) ++of_network;
        if (unit_of(other.requester) != unit_of(request.requester)) return true;
        ++of_one;
        again = again || other.prefix == request.prefix;
        return true;
    });
    if (again)
        return Error{Errc::conflict,
                     "you have asked for " + request.prefix.to_string() + " already, and it waits for an answer"};
    if (of_one >= most_waiting_of_one)
        return Error{Errc::not_allowed,
                     std::to_string(of_one) + " requests of yours wait for an answer; ask again after it"};
    if (of_network >= most_waiting_of_network)
        return Error{Errc::not_allowed, std::to_string(of_network) + " requests from " +
                                            network_of(request.requester).to_string() +
                                            " wait for an answer; ask again after one, or write to the contact"};
    if (all >= most_waiting || !make_room(txn))
        return Error{Errc::busy, "too many requests wait for an answer; write to the contact instead"};
    request.id = next_number(txn, id_counter);
    request.received = txn.now;
    request.expires = txn.now + waits_for;
    request.state = ExclusionRequestState::waiting;
    put(txn, request);
    return request;
}

std::optional<ExclusionRequest> find(const ReadTxn& txn, std::uint64_t id) {
    return get_record<ExclusionRequest>(txn, txn.tables.exclusion_requests, keys::number(id));
}

void walk(const ReadTxn& txn, const std::function<bool(const ExclusionRequest&)>& visit) {
    txn.txn.walk_back(txn.tables.exclusion_requests, std::string(8, '\xff'),
                      [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<ExclusionRequest>(value)); });
}

Result<Accepted> accept(WriteTxn& txn, std::uint64_t id, std::string_view reason, std::string_view by, Time until) {
    auto request = waiting(txn, id);
    if (!request) return request.error();
    // Entering it again would put this end in the place of the other's, and nobody has said so.
    const auto there = get_record<Exclusion>(txn, txn.tables.exclusions, exclusion_key(request->prefix));
    if (there && (there->until == Time{} || txn.now < there->until))
        return Error{Errc::conflict,
                     request->prefix.to_string() + " is excluded already, " +
                         (there->until == Time{} ? "without an end" : "until " + provenbl::to_string(there->until)) +
                         "; refuse the request with these words, or take that one back first "
                         "(`provenbl exclude " +
                         request->prefix.to_string() + " --remove`)"};
    Exclusion exclusion;
    exclusion.prefix = request->prefix;
    exclusion.reason = reason.empty() ? "asked by its owner" : reason;
    exclusion.by = by;
    exclusion.created = txn.now;
    exclusion.until = until;
    const auto delisted = ledger::exclude(txn, exclusion);
    if (!delisted) return delisted.error();
    request->state = ExclusionRequestState::accepted;
    request->decided = txn.now;
    request->answer = exclusion.reason;
    request->by = by;
    request->until = until;
    put(txn, *request);
    return Accepted{std::move(*request), *delisted};
}

Result<ExclusionRequest> refuse(WriteTxn& txn, std::uint64_t id, std::string_view reason, std::string_view by) {
    if (reason.empty()) return Error{Errc::invalid, "say why: the requester reads it"};
    auto request = waiting(txn, id);
    if (!request) return request.error();
    request->state = ExclusionRequestState::refused;
    request->decided = txn.now;
    request->answer = reason;
    request->by = by;
    put(txn, *request);
    return request;
}

std::size_t forget(WriteTxn& txn) {
    std::vector<std::uint64_t> gone; // most_kept at most
    walk(txn, [&](const ExclusionRequest& request) {
        if (over_at(request) <= txn.now) gone.push_back(request.id);
        return true;
    });
    for (const auto id : gone) txn.txn.erase(txn.tables.exclusion_requests, keys::number(id));
    return gone.size();
}

} // namespace exclusion_requests
} // namespace provenbl
