#include "dnsbl/static_answer.hpp"

#include <array>

namespace provenbl::dnsbl {
namespace {

namespace type = wire::type;
using wire::Response;
using zones::NodeKind;
using zones::statics::StaticNode;

bool wanted(std::uint16_t asked, std::uint16_t have) {
    return asked == have || asked == type::any;
}

void begin(Response& response, std::uint16_t type, std::uint32_t ttl) {
    response.begin(wire::Section::answer, Response::question_name, type, wire::cls::in, ttl);
}

std::span<const std::uint8_t> octets_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Only what was asked for is in the node. False when that is nothing.
bool write_records(Response& response, const StaticNode& node) {
    for (const auto value : node.a.data) {
        begin(response, type::a, node.a.ttl);
        response.u32(value);
        response.end();
    }
    for (const auto& text : node.txt.data) {
        begin(response, type::txt, node.txt.ttl);
        response.u8(static_cast<std::uint8_t>(text.size()));
        response.bytes(octets_of(text));
        response.end();
    }
    for (const auto& exchanger : node.mx.data) {
        begin(response, type::mx, node.mx.ttl);
        response.u16(exchanger.preference);
        const auto labels = octets_of(exchanger.name);
        response.name({{labels.begin(), labels.end()}, false});
        response.end();
    }
    return !node.a.data.empty() || !node.txt.data.empty() || !node.mx.data.empty();
}

} // namespace

void answer_static(const zones::Zone& zone, const StaticView::Entry& from, const StaticQuestion& question,
                   Response& response, Outcome& outcome) {
    const auto& records = from.records;
    zones::Node own; // apex, a host of ours, or the way to one
    if (!question.below_key || !question.relative.empty()) {
        own = zone.find(question.relative, from.snapshot.index);
        if (own.kind == NodeKind::nothing) own = from.zone->authority().find(question.relative, from.snapshot.index);
    }
    const bool is_own = own.kind == NodeKind::apex || own.kind == NodeKind::host;
    if (question.code && !is_own) {
        outcome.barrier = Barrier::access_list;
        if (wanted(question.type, type::a))
            records.write_code(response, *question.code);
        else
            records.write_negative(response, from.snapshot);
        return;
    }
    const auto node =
        from.zone->find(question.relative, {wanted(question.type, type::a) && own.kind != NodeKind::host,
                                            wanted(question.type, type::txt), wanted(question.type, type::mx)});
    outcome.listed = node.listed && !is_own;
    // The key's own label exists, without records; so does the way to a host.
    if (node.kind == NodeKind::nothing && own.kind == NodeKind::nothing && !question.relative.empty())
        response.set_rcode(wire::Rcode::nxdomain);
    bool any = is_own && records.write_answer(response, own, question.type, from.snapshot);
    if (!question.below_key || !question.relative.empty()) any = write_records(response, node) || any;
    if (!any) records.write_negative(response, from.snapshot);
}

} // namespace provenbl::dnsbl
