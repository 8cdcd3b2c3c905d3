#include "dnsbl/responder.hpp"

#include "dnsbl/guard/key_table.hpp"
#include "dnsbl/guard/rate_limit.hpp"
#include "dnsbl/static_answer.hpp"
#include "dnsbl/transfer/access.hpp"
#include "dnsbl/transfer/ixfr_request.hpp"
#include "dnsbl/wire/tsig.hpp"
#include "zones/delta.hpp"

#include <algorithm>
#include <string_view>

namespace provenbl::dnsbl {
namespace {

namespace type = wire::type;
using wire::CookieState;
using wire::ExtendedError;
using wire::Rcode;
using wire::Reading;

constexpr std::size_t longest_identity = 64;
constexpr std::string_view product = "provenbl";

// Names of the CHAOS class, in wire form with their root label.
using namespace std::string_view_literals;
constexpr auto version_bind = "\7version\4bind\0"sv;
constexpr auto version_server = "\7version\6server\0"sv;
constexpr auto id_server = "\2id\6server\0"sv;
constexpr auto hostname_bind = "\10hostname\4bind\0"sv;

void refuse(wire::Response& response, ExtendedError why, std::string_view text = {}) {
    response.set_rcode(Rcode::refused);
    response.set_error(why, text);
}

std::uint32_t unix_seconds(Time time) {
    return static_cast<std::uint32_t>(time.time_since_epoch().count() / 1000);
}

// RFC 7828: an idle timeout in units of 100 ms.
std::uint16_t tenths(std::chrono::milliseconds timeout) {
    return static_cast<std::uint16_t>(std::clamp<std::chrono::milliseconds::rep>(timeout.count() / 100, 0, 0xffff));
}

bool is_error(Rcode rcode) {
    return rcode != Rcode::noerror && rcode != Rcode::nxdomain;
}

bool beyond_limit(const Asker& asker, Rcode rcode) {
    if (asker.limited) return true;
    return asker.limiter != nullptr &&
           !asker.limiter->admit(asker.client.address,
                                 is_error(rcode) ? guard::AnswerKind::error : guard::AnswerKind::answer, asker.now);
}

wire::TsigCheck check_tsig(std::span<const std::uint8_t> message, const Asker& asker) {
    static const wire::TsigKeys none;
    return wire::check_tsig(message, asker.mirrors != nullptr ? asker.mirrors->keys() : none, asker.now);
}

// What a signature leaves of a limit. Question and OPT always have room: a name that is so long that they would not
// came in the request, so nothing grows.
std::size_t beside_signature(std::size_t limit, std::size_t signature, const wire::Query& query) {
    if (signature == 0) return limit;
    constexpr std::size_t largest_opt = 128;
    const auto least = wire::header_size + query.question.size() + largest_opt;
    return std::max(limit - std::min(limit, signature), least);
}

bool is_transfer(const wire::Query& query) {
    return query.has_question() && (query.type == type::axfr || query.type == type::ixfr);
}

// What a client is told besides REFUSED; nothing where it would tell a stranger how it is done.
std::string_view remedy(Refusal refusal) {
    switch (refusal) {
    case Refusal::clear:
        return "transfers go over TLS (RFC 9103)";
    case Refusal::old_tls:
        return "transfers want TLS 1.3 (RFC 9103)";
    case Refusal::certificate:
        return "transfers want a certificate of the client";
    default:
        return {};
    }
}

// A name below the apex of a list, where hosts are asked for.
bool is_of_list(const zones::Zone& zone, const zones::Node& node) {
    return !zone.classes().empty() && node.kind != zones::NodeKind::apex && node.kind != zones::NodeKind::host;
}

} // namespace

Responder::Responder(const zones::ZoneSet& set, ResponderSettings settings)
    : table_(set), settings_(std::move(settings)) {
    records_.reserve(table_.zones().size());
    for (const auto& zone : table_.zones()) records_.emplace_back(zone);
    settings_.edns_size = std::clamp<std::uint16_t>(settings_.edns_size, wire::plain_udp_size, 4096);
    settings_.identity.resize(std::min(settings_.identity.size(), longest_identity));
}

std::size_t Responder::limit(const wire::Query& query, Transport transport, std::size_t room) const {
    if (transport == Transport::tcp) return std::min(room, wire::longest_message);
    std::size_t size = wire::plain_udp_size;
    // RFC 6891 6.2.3: less than 512 means 512.
    if (query.edns) size = std::clamp<std::size_t>(query.edns->udp_size, wire::plain_udp_size, settings_.edns_size);
    return std::min(size, room);
}

// One message and all that is known of it.
struct Responder::Exchange {
    std::span<const std::uint8_t> message;
    const wire::Query& query;
    const Asker& asker;
    const zones::Snapshot& snapshot;
    const guard::AccessRule* rule; // null: nothing is said of the client
    wire::Reading reading;
    wire::CookieState cookie = wire::CookieState::none;
    wire::TsigCheck tsig = {};
    Outcome outcome = {};
};

Outcome Responder::respond(std::span<const std::uint8_t> message, const Asker& asker, const zones::Snapshot& snapshot,
                           std::span<std::uint8_t> out) const {
    wire::Query query;
    const auto reading = wire::read_query(message, query);
    if (reading == Reading::drop) return {};
    Exchange exchange{
        message, query, asker, snapshot, asker.nobody ? nullptr : settings_.access.find(asker.client.address), reading};
    auto& outcome = exchange.outcome;
    if (query.has_question()) outcome.type = query.type;
    if (exchange.rule != nullptr && exchange.rule->action == guard::AccessAction::drop) {
        outcome.barrier = Barrier::access_list;
        outcome.drop = Drop::denied;
        return outcome;
    }
    wire::OptContents opt;
    opt.udp_size = settings_.edns_size;
    wire::CheckedCookie cookie;
    if (query.edns) {
        if (query.edns->wants_nsid) opt.nsid = settings_.identity;
        cookie = wire::check_cookie(query.edns->cookie, asker.client.address, settings_.cookie_secrets,
                                    unix_seconds(asker.now));
        if (cookie.state != CookieState::none) opt.cookie = cookie.answer;
        if (query.edns->keepalive && asker.transport == Transport::tcp) opt.keepalive = tenths(asker.idle_timeout);
    }
    exchange.cookie = cookie.state;
    outcome.cookie = cookie.state == CookieState::valid;
    if (query.tsig) exchange.tsig = check_tsig(message, asker);
    outcome.signed_request = exchange.tsig.valid();
    if (query.tsig && !exchange.tsig.valid() && is_transfer(query)) outcome.refusal = Refusal::signature;
    wire::TsigSigner signer(exchange.tsig);
    const auto most = beside_signature(limit(query, asker.transport, out.size()), signer.room(), query);
    wire::Response response(out, most, query, opt);
    judge(exchange, response);
    outcome.size = response.finish();
    outcome.rcode = response.rcode();
    outcome.truncated = response.truncated();
    if (outcome.truncated) outcome.transfer = TransferDue::none;
    if (outcome.transfer == TransferDue::none) outcome.size = signer.sign(out, outcome.size, asker.now);
    // Who holds a key of ours is known: no limit is meant for him.
    if (asker.transport == Transport::tcp || outcome.cookie || outcome.signed_request ||
        !beyond_limit(asker, outcome.rcode))
        return outcome;

    if (outcome.barrier == Barrier::none) outcome.barrier = Barrier::rate_limit;
    outcome.size = 0;
    outcome.drop = Drop::limited;
    outcome.transfer = TransferDue::none;
    if (is_error(outcome.rcode)) return outcome;
    opt.nsid = {}; // no larger than the question, as far as may be
    wire::Response instead(out, most, query, opt);
    // RFC 7873 5.2.3: who speaks cookies asks again with the one that comes with this.
    if (cookie.state != CookieState::none)
        instead.set_rcode(Rcode::badcookie);
    else
        instead.truncate();
    outcome.size = instead.finish();
    outcome.rcode = instead.rcode();
    outcome.truncated = instead.truncated();
    return outcome;
}

void Responder::judge(Exchange& exchange, wire::Response& response) const {
    const auto& query = exchange.query;
    if (exchange.reading == Reading::malformed) {
        response.set_rcode(Rcode::formerr);
    } else if (const auto rcode = wire::rcode_of(exchange.tsig.state); rcode != Rcode::noerror) {
        // RFC 8945 5.2: before all that the message says.
        response.set_rcode(rcode);
    } else if (query.edns && query.edns->version > 0) {
        response.set_rcode(Rcode::badvers);
    } else if (query.edns && query.edns->keepalive_data && exchange.asker.transport == Transport::tcp) {
        // RFC 7828 3; over UDP the option means nothing.
        response.set_rcode(Rcode::formerr);
    } else if (exchange.rule != nullptr && exchange.rule->action == guard::AccessAction::refuse) {
        exchange.outcome.barrier = Barrier::access_list;
        refuse(response, ExtendedError::prohibited);
    } else if (query.opcode == wire::opcode::notify) {
        // Nobody is our primary.
        refuse(response, ExtendedError::prohibited);
    } else if (exchange.reading == Reading::other) {
        response.set_rcode(Rcode::notimp);
    } else if (!query.has_question()) {
        // RFC 7873 5.4: nothing but the cookie was asked for.
        if (exchange.cookie == CookieState::invalid) response.set_rcode(Rcode::badcookie);
        if (exchange.cookie == CookieState::none) response.set_rcode(Rcode::formerr); // we speak none
    } else {
        answer_query(exchange, response);
    }
}

void Responder::answer_query(Exchange& exchange, wire::Response& response) const {
    const auto& query = exchange.query;
    switch (query.type) {
    case type::opt:
    case type::tsig: // records that belong to a message, not to a name
        response.set_rcode(Rcode::formerr);
        return;
    case type::tkey:
    case type::mailb:
    case type::maila:
        response.set_rcode(Rcode::notimp);
        return;
    default:
        break;
    }
    if (query.cls == wire::cls::chaos) {
        answer_chaos(query, response);
    } else if (query.cls == wire::cls::in) {
        answer_name(exchange, response);
    } else {
        refuse(response, ExtendedError::not_authoritative);
    }
}

// Takes a key's label away from `relative`, so that what is below the key is as below the apex; counts the query. False
// when it has been refused.
bool Responder::take_key(Exchange& exchange, const zones::Zone& zone, std::span<const std::uint8_t>& relative,
                         wire::Response& response) {
    const auto& asker = exchange.asker;
    auto innermost = relative; // the label next to the apex
    while (innermost.size() > std::size_t{1} + innermost[0]) innermost = zones::after_first_label(innermost);
    const auto* key = asker.keys == nullptr ? nullptr : asker.keys->find(innermost.subspan(1));
    if (key == nullptr) {
        if (!zone.needs_key() || zone.is_fixed(relative)) return true;
        exchange.outcome.barrier = Barrier::key;
        refuse(response, ExtendedError::prohibited, "this zone is asked below an access key");
        return false;
    }
    exchange.outcome.key = key->id;
    if (!key->spend(asker.now)) {
        exchange.outcome.barrier = Barrier::quota;
        refuse(response, ExtendedError::prohibited, "the quota of this access key is used up");
        return false;
    }
    relative = relative.first(relative.size() - innermost.size());
    return true;
}

void Responder::answer_static_name(Exchange& exchange, const zones::Zone& zone, std::span<const std::uint8_t> relative,
                                   wire::Response& response) {
    const auto& asker = exchange.asker;
    const auto* from = asker.statics == nullptr ? nullptr : asker.statics->find(*zone.static_place());
    if (from == nullptr || from->zone->expired(asker.now)) {
        response.set_rcode(Rcode::servfail);
        response.set_error(ExtendedError::not_ready,
                           from == nullptr ? "the zone's files have not been read" : "the zone's data have expired");
        return;
    }
    response.set_authoritative();
    StaticQuestion question{relative, exchange.query.type, exchange.outcome.key != 0, {}};
    if (exchange.rule != nullptr && exchange.rule->action == guard::AccessAction::answer)
        question.code = exchange.rule->code;
    answer_static(zone, *from, question, response, exchange.outcome);
}

void Responder::answer_name(Exchange& exchange, wire::Response& response) const {
    const auto& query = exchange.query;
    const auto& snapshot = exchange.snapshot;
    auto& outcome = exchange.outcome;
    const auto name = query.lower_name();
    const auto* zone = table_.find(name);
    // At a cut between two zones of ours, DS belongs to the upper one (RFC 4035 3.1.4.1).
    const zones::Zone* parent = nullptr;
    if (zone != nullptr && query.type == type::ds && name.size() == zone->apex().wire().size())
        parent = table_.parent_of(*zone);
    if (parent != nullptr) zone = parent;
    if (zone == nullptr) {
        refuse(response, ExtendedError::not_authoritative);
        return;
    }
    const bool transfer = is_transfer(query);
    if (transfer && zone->static_place()) { // their contents are no walk over the index
        outcome.refusal = Refusal::fixed;
        refuse(response, ExtendedError::prohibited, "static zones are not transferred; copy their files");
        return;
    }
    if (transfer) {
        answer_transfer(exchange, *zone, response);
        return;
    }
    outcome.zone = static_cast<std::uint16_t>(table_.position(*zone));
    const auto& records = records_[outcome.zone];
    auto relative = name.first(name.size() - zone->apex().wire().size());
    response.set_apex(relative.size());
    const bool below_key = !relative.empty() && (zone->needs_key() || exchange.asker.keys != nullptr);
    if (below_key && !take_key(exchange, *zone, relative, response)) return;
    if (zone->static_place()) {
        answer_static_name(exchange, *zone, relative, response);
        return;
    }
    response.set_authoritative();
    // The key's own label exists, without records.
    zones::Node node;
    if (outcome.key != 0 && relative.empty())
        node.kind = zones::NodeKind::empty;
    else
        node = zone->find(relative, snapshot.index);
    if (exchange.rule != nullptr && exchange.rule->action == guard::AccessAction::answer && is_of_list(*zone, node)) {
        outcome.barrier = Barrier::access_list;
        if (query.type == type::a || query.type == type::any)
            records.write_code(response, exchange.rule->code);
        else
            records.write_negative(response, snapshot);
        return;
    }
    outcome.listed = node.kind == zones::NodeKind::entry;
    if (node.kind == zones::NodeKind::nothing) response.set_rcode(Rcode::nxdomain);
    if (!records.write_answer(response, node, query.type, snapshot)) records.write_negative(response, snapshot);
}

// RFC 5936 section 2.2, RFC 1995 sections 2 and 4.
void Responder::answer_transfer(Exchange& exchange, const zones::Zone& zone, wire::Response& response) const {
    const auto& query = exchange.query;
    const auto& asker = exchange.asker;
    auto& outcome = exchange.outcome;
    const auto* key = exchange.tsig.valid() ? exchange.tsig.key : nullptr;
    outcome.refusal = Refusal::unsigned_;
    if (asker.mirrors != nullptr) {
        outcome.refusal = asker.mirrors->judge(asker.client.address, asker.channel, key, zone);
        if (const auto* mirror = asker.mirrors->owner(key); mirror != nullptr) outcome.mirror = mirror->id;
    }
    if (outcome.refusal != Refusal::none) {
        refuse(response, ExtendedError::prohibited, remedy(outcome.refusal));
        return;
    }
    if (query.name_size != zone.apex().wire().size()) {
        response.set_rcode(Rcode::notauth); // of no zone of this name
        return;
    }
    const bool whole = query.type == type::axfr;
    if (whole && asker.transport == Transport::udp) {
        outcome.refusal = Refusal::transport;
        refuse(response, ExtendedError::prohibited, "AXFR goes over TCP");
        return;
    }
    const auto serial = whole ? std::nullopt : transfer::client_serial(exchange.message, query);
    if (!whole && !serial) {
        response.set_rcode(Rcode::formerr);
        return;
    }
    if (!table_.agrees(exchange.snapshot)) {
        response.set_rcode(Rcode::servfail);
        response.set_error(ExtendedError::not_ready, "the zones are being defined anew; ask again later");
        return;
    }
    const bool current =
        serial && zones::place_of(*serial, exchange.snapshot.sequence_of(zone)).state == zones::SerialState::current;
    if (!current && asker.transfers_full) {
        outcome.refusal = Refusal::busy;
        response.set_rcode(Rcode::servfail);
        response.set_error(ExtendedError::other, "too many transfers are under way; ask again later");
        return;
    }
    outcome.zone = static_cast<std::uint16_t>(table_.position(zone));
    if (!current) outcome.transfer = whole ? TransferDue::whole : TransferDue::difference;
    outcome.client_serial = serial.value_or(0);
    response.set_apex(0);
    response.set_authoritative();
    zones::Node apex;
    apex.kind = zones::NodeKind::apex;
    static_cast<void>(records_[outcome.zone].write_answer(response, apex, type::soa, exchange.snapshot));
}

void Responder::answer_chaos(const wire::Query& query, wire::Response& response) const {
    const auto name = query.lower_name();
    const auto is = [&](std::string_view known) {
        return std::equal(name.begin(), name.end(), known.begin(), known.end());
    };
    std::string_view text;
    if (is(version_bind) || is(version_server)) text = product;
    if (is(id_server) || is(hostname_bind)) text = settings_.identity;
    if (text.empty()) {
        refuse(response, ExtendedError::not_authoritative);
        return;
    }
    response.set_authoritative();
    if (query.type != type::txt && query.type != type::any) return;
    response.begin(wire::Section::answer, wire::Response::question_name, type::txt, wire::cls::chaos, 0);
    response.u8(static_cast<std::uint8_t>(text.size()));
    for (const char c : text) response.u8(static_cast<std::uint8_t>(c));
    response.end();
}

} // namespace provenbl::dnsbl
