#include "dnsbl/responder.hpp"

#include <algorithm>
#include <string_view>

namespace provenbl::dnsbl {
namespace {

namespace type = wire::type;
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

void refuse(wire::Response& response, ExtendedError why) {
    response.set_rcode(Rcode::refused);
    response.set_error(why);
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

Outcome Responder::respond(std::span<const std::uint8_t> message, const Asker& asker, const zones::Snapshot& snapshot,
                           std::span<std::uint8_t> out) const {
    Outcome outcome;
    wire::Query query;
    const auto reading = wire::read_query(message, query);
    if (reading == Reading::drop) return outcome;
    if (query.has_question()) outcome.type = query.type;
    wire::OptContents opt;
    opt.udp_size = settings_.edns_size;
    if (query.edns && query.edns->wants_nsid) opt.nsid = settings_.identity;
    wire::Response response(out, limit(query, asker.transport, out.size()), query, opt);
    if (reading == Reading::malformed) {
        response.set_rcode(Rcode::formerr);
    } else if (query.edns && query.edns->version > 0) {
        response.set_rcode(Rcode::badvers);
    } else if (query.opcode == wire::opcode::notify) {
        // Nobody is our primary.
        refuse(response, ExtendedError::prohibited);
    } else if (reading == Reading::other) {
        response.set_rcode(Rcode::notimp);
    } else if (query.tsig) {
        // RFC 8945 5.2.1: a key that we don't know; we know none.
        response.set_rcode(Rcode::notauth);
    } else {
        answer_query(query, snapshot, response, outcome);
    }
    outcome.size = response.finish();
    outcome.rcode = response.rcode();
    outcome.truncated = response.truncated();
    return outcome;
}

void Responder::answer_query(const wire::Query& query, const zones::Snapshot& snapshot, wire::Response& response,
                             Outcome& outcome) const {
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
        answer_name(query, snapshot, response, outcome);
    } else {
        refuse(response, ExtendedError::not_authoritative);
    }
}

void Responder::answer_name(const wire::Query& query, const zones::Snapshot& snapshot, wire::Response& response,
                            Outcome& outcome) const {
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
    if (query.type == type::axfr || query.type == type::ixfr) {
        refuse(response, ExtendedError::prohibited);
        return;
    }
    outcome.zone = static_cast<std::uint16_t>(table_.position(*zone));
    const auto& records = records_[outcome.zone];
    const auto relative = name.first(name.size() - zone->apex().wire().size());
    response.set_apex(relative.size());
    response.set_authoritative();
    const auto node = zone->find(relative, snapshot.index);
    outcome.listed = node.kind == zones::NodeKind::entry;
    if (node.kind == zones::NodeKind::nothing) response.set_rcode(Rcode::nxdomain);
    if (!records.write_answer(response, node, query.type, snapshot)) records.write_negative(response, snapshot);
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
