// Services: what they tell of themselves: metrics, status, the line that says they are ready.
#include "tools/daemon/services/state.hpp"

namespace provenbl::tools {
namespace json = boost::json;
namespace {

json::object describe(const verifier::VerifierStatistics& of) {
    return {{"running_scans", of.running_scans},   {"scans_finished", of.scans_finished},
            {"mail_accepted", of.mail_accepted},   {"callbacks_accepted", of.callbacks_accepted},
            {"tokens_forged", of.tokens_forged},   {"tokens_unknown", of.tokens_unknown},
            {"tokens_expired", of.tokens_expired}, {"tokens_used", of.tokens_used}};
}

json::object describe(const workers::CoordinatorCounts& of) {
    return {{"connected", of.connected}, {"registered", of.workers}, {"out", of.out},         {"given", of.given},
            {"returned", of.returned},   {"lost", of.lost},          {"refused", of.refused}, {"at_home", of.at_home}};
}

std::vector<std::string> listed(const std::vector<Endpoint>& endpoints) {
    std::vector<std::string> texts;
    for (const auto& endpoint : endpoints) texts.push_back(endpoint.to_string());
    return texts;
}

} // namespace

void Services::Impl::prepare_metrics() {
    metrics::Sources sources{*store, clock, role};
    sources.zones = [this] {
        const std::lock_guard lock(remade_mutex);
        return world->configuration.zones.zones;
    };
    if (dns) {
        sources.dns = [this] { return dns->statistics(); };
        sources.served = [this] { return follower->snapshot()->sequence; };
    }
    if (verifier) {
        sources.verifier = [this] {
            const std::lock_guard lock(remade_mutex);
            return verifier->statistics();
        };
        sources.letters = [this] {
            const std::lock_guard lock(remade_mutex);
            return postman ? std::optional{postman->counts()} : std::nullopt;
        };
    }
    if (coordinator) {
        sources.workers = [this] {
            const std::lock_guard lock(remade_mutex);
            return coordinator ? coordinator->counts() : workers::CoordinatorCounts{};
        };
    }
    if (serves_api(role)) {
        sources.mails = [this] {
            const std::lock_guard lock(remade_mutex);
            return mail ? std::optional{mail->counts()} : std::nullopt;
        };
    }
    sources.services = [this] { return of_mirrors(); };
    metrics = std::make_unique<metrics::Metrics>(std::move(sources));
}

json::object Services::Impl::of_mirrors() const {
    json::object all;
    if (mirror_watch) all["mirrors"] = api::describe_standings(mirror_watch->lags());
    if (dns) all["transfers"] = api::describe(dns->statistics().transfers);
    return all;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Services::Impl::places() const {
    std::vector<std::pair<std::string, std::vector<std::string>>> all;
    if (dns) all.emplace_back("dns", listed(passed.dns.empty() ? configuration.dns.listen : dns->endpoints()));
    if (dns && configuration.dns.tls.enabled()) all.emplace_back("dns-tls", listed(dns->tls_endpoints()));
    if (verifier) {
        all.emplace_back("mail sink", listed(configuration.verifier.mail_sink.listen));
        all.emplace_back("callback", listed(configuration.verifier.callback_sink.listen));
    }
    if (api) {
        std::vector<std::string> texts{"unix:" + configuration.api.socket.string()};
        for (const auto& text : listed(passed.api.empty() ? configuration.api.public_listen : api->public_endpoints()))
            texts.push_back("http://" + text);
        for (const auto& text : listed(configuration.api.tls.listen)) texts.push_back("https://" + text);
        all.emplace_back("api", std::move(texts));
    }
    if (mail) all.emplace_back("lmtp", mail->places());
    if (metrics_listener)
        all.emplace_back("metrics", std::vector{"http://" + metrics_listener->endpoint().to_string() + "/metrics"});
    return all;
}

json::object Services::Impl::statistics() const {
    json::object all;
    if (dns)
        all["dns"] = api::describe(dns->statistics());
    else
        all["dns"] = statistics_of_other_process();
    const std::lock_guard lock(remade_mutex);
    if (verifier) all["verifier"] = describe(verifier->statistics());
    if (coordinator) all["workers"] = describe(coordinator->counts());
    if (mirror_watch) all["mirrors"] = api::describe_standings(mirror_watch->lags());
    // Of the responder, but a matter of their own.
    if (auto& of_dns = all["dns"].as_object(); of_dns.contains("transfers")) {
        all["transfers"] = of_dns.at("transfers");
        all["dns"].as_object().erase("transfers");
    }
    return all;
}

json::object Services::Impl::shown_statistics() const {
    auto all = statistics();
    auto& classes = all["classes"].emplace_object();
    for (const auto& [cls, count] : metrics->listed_by_class()) classes[to_string(cls)] = count;
    return all;
}

json::object Services::Impl::statistics_of_other_process() const {
    const auto& file = configuration.dns.statistics_file;
    if (file.empty())
        return {{"unavailable", "DNS is answered by another process; where dns.statistics_file is set for both, "
                                "its figures are shown here"}};
    auto read = read_statistics(file, clock.now());
    if (read) return std::move(*read);
    return {{"unavailable", read.error().message + "; does `provenbl run --role dns` run with the same "
                                                   "dns.statistics_file?"}};
}

} // namespace provenbl::tools
