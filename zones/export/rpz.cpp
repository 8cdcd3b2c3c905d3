// A response policy zone (zones/rpz.hpp) as a master file. Names are relative and there is no $ORIGIN: it can be loaded
// under any name. Without test entries: a resolver would act on them.
#include "zones/export/presentation.hpp"
#include "zones/export/writers.hpp"

namespace provenbl::zones::exports {

std::uint64_t write_rpz(const View& view, const Options& options, Output& out) {
    const auto& zone = view.zone;
    const auto& soa = zone.soa();
    out.print("; {}; {} of {}\n$TTL {}\n", headline(view), rpz::to_string(options.rpz_action),
              rpz::to_string(options.rpz_trigger), zone.ttl());
    out.print("@ {} IN SOA {} {} {} {} {} {} {}\n", soa.ttl, master_name(zone.soa_mname().wire()),
              master_name(zone.soa_rname().wire()), view.snapshot.serial(), soa.refresh, soa.retry, soa.expire,
              soa.negative_ttl);
    // Nobody asks a policy zone for its servers; `localhost.` needs no address inside it.
    out.print("@ {} IN NS localhost.\n", soa.ttl);
    const auto target = rpz::target(options.rpz_action);
    return walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        out.print("{}\tCNAME\t{}\n", rpz::owner(entry.covered(), options.rpz_trigger), target);
        return out.good();
    });
}

} // namespace provenbl::zones::exports
