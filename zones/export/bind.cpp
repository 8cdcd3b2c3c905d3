// A master file (RFC 1035 section 5) with all that the zone is, names relative to its apex.
//
// A listed /64 is a wildcard below its 16 nibbles. So a secondary that serves this file answers for every address in
// it, as we do, but also for names of fewer labels, where we say that nothing is there.
#include "store/reversed_name.hpp"
#include "zones/export/presentation.hpp"
#include "zones/export/writers.hpp"

#include <fmt/ranges.h>

namespace provenbl::zones::exports {
namespace {

constexpr std::string_view mapped_suffix = ".f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"; // of ::ffff:0:0/96

// The name of ::ffff:a.b.c.d.
std::string mapped_name(const Address& v4) {
    std::string name;
    const auto bytes = v4.bytes();
    for (std::size_t i = bytes.size(); i-- > 0;)
        name += fmt::format("{}{:x}.{:x}", name.empty() ? "" : ".", bytes[i] & 0xfU, bytes[i] >> 4U);
    return name.append(mapped_suffix);
}

std::string owner_of(const Entry& entry) {
    auto name = reversed_name(entry.node.address);
    if (entry.is_host()) return name;
    const auto nibbles_below = (entry.node.address.bits() - entry.length) / 4;
    return "*." + name.substr(std::size_t{2} * nibbles_below);
}

void write_authority(const View& view, Output& out) {
    const auto& zone = view.zone;
    const auto& soa = zone.soa();
    out.print("; {}\n$ORIGIN {}\n$TTL {}\n", headline(view), master_name(zone.apex().wire()), zone.ttl());
    out.print("@ {} IN SOA {} {} {} {} {} {} {}\n", soa.ttl, master_name(zone.soa_mname(), zone.apex()),
              master_name(zone.soa_rname(), zone.apex()), view.snapshot.serial(), soa.refresh, soa.retry, soa.expire,
              soa.negative_ttl);
    for (const auto& server : zone.name_servers())
        out.print("@ {} IN NS {}\n", soa.ttl, master_name(server, zone.apex()));
    const auto write_host = [&](const HostRecord& host) {
        for (const auto& address : host.addresses)
            out.print("{} {} IN {} {}\n", master_name(host.name, zone.apex()), soa.ttl, address.is_v4() ? "A" : "AAAA",
                      address.to_string());
    };
    for (const auto& host : hosts_of(view.table, zone)) write_host(host);
    // Zones of ours below this one are delegated, with the addresses of servers inside them (glue).
    for (const auto* cut : cuts_of(view.table, zone)) {
        for (const auto& server : cut->name_servers())
            out.print("{} {} IN NS {}\n", master_name(cut->apex(), zone.apex()), cut->soa().ttl,
                      master_name(server, zone.apex()));
        for (const auto& host : hosts_of(view.table, *cut)) write_host(host);
    }
}

} // namespace

std::uint64_t write_bind(const View& view, Output& out) {
    write_authority(view, out);
    const auto write = [&](const std::string& name, const Entry& entry) {
        auto owner = std::string_view(name);
        for (const auto code : entry.node.a_values()) {
            out.print("{}\tA\t{}\n", owner, Address::v4(code).to_string());
            owner = {}; // the one before
        }
        out.print("\tTXT\t{}\n", master_text(reason(view.zone, entry.node)));
    };
    return walk_entries(view, TestEntries::with, [&](const Entry& entry) {
        write(owner_of(entry), entry);
        if (entry.test) write(mapped_name(entry.node.address), entry);
        return out.good();
    });
}

} // namespace provenbl::zones::exports
