// A zone's own records in wire form, made once: what the responder copies into its answers.
//
// Also writes the records of whatever stands at a name (zones/zone.hpp) into a response.
#pragma once

#include "dnsbl/wire/response.hpp"
#include "zones/snapshot.hpp"
#include "zones/zone.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace provenbl::dnsbl {

class ZoneRecords {
public:
    // `zone` must outlive this.
    explicit ZoneRecords(const zones::Zone& zone);

    // Fills the answer section with the node's records of this type. False when it has none: NODATA.
    [[nodiscard]] bool write_answer(wire::Response& response, const zones::Node& node, std::uint16_t type,
                                    const zones::Snapshot& snapshot) const;
    // The SOA in the authority section of a negative answer, with the TTL of RFC 2308 section 5.
    void write_negative(wire::Response& response, const zones::Snapshot& snapshot) const;
    // One A record that looks like a listing, at the question's name: what a client is told who may not ask.
    void write_code(wire::Response& response, const Address& code) const;
    [[nodiscard]] const zones::Zone& zone() const { return zone_; }

private:
    struct Host {
        wire::ZoneName name;
        std::vector<Address> addresses; // only of a host inside the zone
    };
    [[nodiscard]] Host host(const zones::DomainName& name) const;
    void write_soa(wire::Response& response, wire::Section section, std::uint32_t ttl, std::uint32_t serial) const;
    bool write_apex(wire::Response& response, std::uint16_t type, const zones::Snapshot& snapshot) const;
    bool write_entry(wire::Response& response, const zones::Node& node, std::uint16_t type) const;
    bool write_policy(wire::Response& response, std::uint16_t type) const;
    bool write_property(wire::Response& response, const zones::CatalogRecord& record, std::uint16_t type) const;
    bool write_addresses(wire::Response& response, std::span<const Address> addresses, std::uint32_t ttl,
                         std::uint16_t type) const;
    void write_additional(wire::Response& response, const Host& host) const;

    const zones::Zone& zone_;
    wire::ZoneName mname_;
    wire::ZoneName rname_;
    std::vector<Host> name_servers_;
    std::optional<Host> mail_exchanger_;
    std::optional<wire::ZoneName> policy_target_;
    std::uint32_t host_ttl_;
};

} // namespace provenbl::dnsbl
