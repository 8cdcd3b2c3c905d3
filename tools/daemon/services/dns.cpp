// Services: the role that answers DNS.
#include "tools/daemon/services/state.hpp"

#include <spdlog/spdlog.h>

#include <string_view>

namespace provenbl::tools {

Result<> Services::Impl::start_dns() {
    follower.emplace(*store);
    follower->start();
    warn_of_other_zones(configuration);
    keys.emplace(*store);
    keys->start();
    const auto& transfers = configuration.dns.transfers;
    mirrors.emplace(*store, transfers.allow_unsigned, transfers.require_tls);
    mirrors->start();
    auto read = read_statics(configuration);
    if (!read) return read.error();
    statics = *read;
    statics->start();
    dns.emplace(configuration.zones, *follower, configuration.dns, &*keys, &*mirrors);
    dns->read_from(statics);
    dns->adopt(passed.dns);
    auto started = dns->start();
    if (started && role == Role::dns && !configuration.dns.statistics_file.empty())
        statistics_writer.emplace(configuration.dns.statistics_file, clock,
                                  [this] { return api::describe(dns->statistics()); });
    return started;
}

void Services::Impl::warn_of_other_zones(const Configuration& served) const {
    const auto noted = follower->snapshot()->definition;
    if (noted.empty() || noted == served.zones.digest()) return;
    spdlog::warn("the zones of this configuration are not those that the store was last told of: mirrors get no "
                 "transfer and no NOTIFY until the role that writes (verifier, or api) has read this "
                 "configuration, too");
}

Result<std::shared_ptr<zones::statics::Library>> Services::Impl::read_statics(const Configuration& of) const {
    auto library = std::make_shared<zones::statics::Library>(
        of.zones.static_zones, clock, [](bool trouble, std::string_view text) {
            log::of("zones")->log(trouble ? spdlog::level::err : spdlog::level::info, "static zones: {}", text);
        });
    if (auto loaded = library->load(); !loaded) return loaded.error();
    return library;
}

} // namespace provenbl::tools
