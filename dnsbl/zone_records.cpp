#include "dnsbl/zone_records.hpp"

#include <algorithm>
#include <array>

namespace provenbl::dnsbl {
namespace {

namespace type = wire::type;
using wire::Response;
using wire::Section;

wire::ZoneName zone_name(const zones::DomainName& name, const zones::DomainName& apex) {
    wire::ZoneName made;
    made.below_apex = name.is_within(apex);
    // Without the root label, which the writer adds.
    const auto labels = made.below_apex ? name.relative_to(apex) : name.wire().first(name.wire().size() - 1);
    made.labels.assign(labels.begin(), labels.end());
    return made;
}

bool wanted(std::uint16_t asked, std::uint16_t have) {
    return asked == have || asked == type::any;
}

std::uint16_t address_type(const Address& address) {
    return address.is_v4() ? type::a : type::aaaa;
}

} // namespace

ZoneRecords::ZoneRecords(const zones::Zone& zone)
    : zone_(zone), mname_(zone_name(zone.soa_mname(), zone.apex())), rname_(zone_name(zone.soa_rname(), zone.apex())),
      host_ttl_(zone.host_ttl()) {
    for (const auto& server : zone.name_servers()) name_servers_.push_back(host(server));
    if (zone.mail_exchanger()) mail_exchanger_ = host(*zone.mail_exchanger());
    if (zone.policy() && zone.policy()->target) policy_target_ = zone_name(*zone.policy()->target, zone.apex());
}

ZoneRecords::Host ZoneRecords::host(const zones::DomainName& name) const {
    Host made{zone_name(name, zone_.apex()), {}};
    if (made.name.below_apex) {
        const auto addresses = zone_.find(name.relative_to(zone_.apex()), zones::Index{}).addresses;
        made.addresses.assign(addresses.begin(), addresses.end());
    }
    return made;
}

void ZoneRecords::write_soa(Response& response, Section section, std::uint32_t ttl, std::uint32_t serial) const {
    const auto& soa = zone_.soa();
    response.begin(section, response.apex(), type::soa, wire::cls::in, ttl);
    response.name(mname_);
    response.name(rname_);
    response.u32(serial);
    response.u32(soa.refresh);
    response.u32(soa.retry);
    response.u32(soa.expire);
    response.u32(soa.negative_ttl);
    response.end();
}

void ZoneRecords::write_negative(Response& response, const zones::Snapshot& snapshot) const {
    const auto& soa = zone_.soa();
    write_soa(response, Section::authority, std::min(soa.ttl, soa.negative_ttl), snapshot.serial_of(zone_));
}

void ZoneRecords::write_additional(Response& response, const Host& host) const {
    for (const auto& address : host.addresses) {
        response.begin(Section::additional, host.name, address_type(address), wire::cls::in, host_ttl_);
        response.bytes(address.bytes());
        response.end();
    }
}

bool ZoneRecords::write_apex(Response& response, std::uint16_t asked, const zones::Snapshot& snapshot) const {
    bool any = false;
    if (wanted(asked, type::soa)) {
        write_soa(response, Section::answer, zone_.soa().ttl, snapshot.serial_of(zone_));
        any = true;
    }
    if (wanted(asked, type::ns)) {
        for (const auto& server : name_servers_) {
            response.begin(Section::answer, Response::question_name, type::ns, wire::cls::in, zone_.soa().ttl);
            response.name(server.name);
            response.end();
        }
        any = true;
    }
    if (mail_exchanger_ && wanted(asked, type::mx)) {
        response.begin(Section::answer, Response::question_name, type::mx, wire::cls::in, zone_.ttl());
        response.u16(0); // preference: there is one
        response.name(mail_exchanger_->name);
        response.end();
        any = true;
    }
    if (wanted(asked, type::ns)) {
        for (const auto& server : name_servers_) write_additional(response, server);
    }
    if (mail_exchanger_ && wanted(asked, type::mx)) write_additional(response, *mail_exchanger_);
    return any;
}

bool ZoneRecords::write_entry(Response& response, const zones::Node& node, std::uint16_t asked) const {
    const bool any = wanted(asked, type::a) || wanted(asked, type::txt);
    if (wanted(asked, type::a)) {
        for (const auto value : node.a_values()) {
            response.begin(Section::answer, Response::question_name, type::a, wire::cls::in, zone_.ttl());
            response.u32(value);
            response.end();
        }
    }
    if (wanted(asked, type::txt)) {
        std::array<std::uint8_t, zones::TextTemplate::longest_text> text{};
        const auto length = zone_.text(node, text);
        response.begin(Section::answer, Response::question_name, type::txt, wire::cls::in, zone_.ttl());
        response.u8(static_cast<std::uint8_t>(length));
        response.bytes({text.data(), length});
        response.end();
    }
    return any;
}

// A CNAME answers whatever was asked (RFC 1034 section 3.6.2); what it names is for resolvers to read, not to follow.
bool ZoneRecords::write_policy(Response& response, std::uint16_t asked) const {
    if (!policy_target_) return write_addresses(response, {&zone_.policy()->address, 1}, zone_.ttl(), asked);
    response.begin(Section::answer, Response::question_name, type::cname, wire::cls::in, zone_.ttl());
    response.name(*policy_target_);
    response.end();
    return true;
}

bool ZoneRecords::write_property(Response& response, const zones::CatalogRecord& record, std::uint16_t asked) const {
    const auto have = record.text ? type::txt : type::ptr;
    if (!wanted(asked, have)) return false;
    response.begin(Section::answer, Response::question_name, have, wire::cls::in, zone_.ttl());
    if (record.text) {
        response.u8(static_cast<std::uint8_t>(record.text->size()));
        for (const char c : *record.text) response.u8(static_cast<std::uint8_t>(c));
    } else {
        response.name(zone_name(record.pointer, zone_.apex()));
    }
    response.end();
    return true;
}

bool ZoneRecords::write_addresses(Response& response, std::span<const Address> addresses, std::uint32_t ttl,
                                  std::uint16_t asked) const {
    bool any = false;
    for (const auto& address : addresses) {
        if (!wanted(asked, address_type(address))) continue;
        response.begin(Section::answer, Response::question_name, address_type(address), wire::cls::in, ttl);
        response.bytes(address.bytes());
        response.end();
        any = true;
    }
    return any;
}

void ZoneRecords::write_code(Response& response, const Address& code) const {
    response.begin(Section::answer, Response::question_name, type::a, wire::cls::in, zone_.ttl());
    response.bytes(code.bytes());
    response.end();
}

bool ZoneRecords::write_answer(Response& response, const zones::Node& node, std::uint16_t asked,
                               const zones::Snapshot& snapshot) const {
    switch (node.kind) {
    case zones::NodeKind::apex:
        return write_apex(response, asked, snapshot);
    case zones::NodeKind::entry:
        return write_entry(response, node, asked);
    case zones::NodeKind::host:
        return write_addresses(response, node.addresses, host_ttl_, asked);
    case zones::NodeKind::policy:
        return write_policy(response, asked);
    case zones::NodeKind::property:
        return write_property(response, *node.record, asked);
    case zones::NodeKind::empty:
    case zones::NodeKind::nothing:
        break;
    }
    return false;
}

} // namespace provenbl::dnsbl
