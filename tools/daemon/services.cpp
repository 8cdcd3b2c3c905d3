#include "tools/daemon/services.hpp"

#include "dnsbl/server.hpp"
#include "store/journal.hpp"
#include "store/tokens.hpp"
#include "tools/api/server.hpp"
#include "verifier/gate.hpp"
#include "verifier/token.hpp"
#include "verifier/verifier.hpp"
#include "zones/follower.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace provenbl::tools {
namespace json = boost::json;
namespace {

json::object describe(const dnsbl::ServerStatistics& of) {
    return {{"udp_queries", of.udp_queries}, {"tcp_queries", of.tcp_queries}, {"noerror", of.noerror},
            {"nxdomain", of.nxdomain},       {"refused", of.refused},         {"formerr", of.formerr},
            {"dropped", of.dropped}};
}

json::object describe(const verifier::VerifierStatistics& of) {
    return {{"running_scans", of.running_scans},   {"scans_finished", of.scans_finished},
            {"mail_accepted", of.mail_accepted},   {"callbacks_accepted", of.callbacks_accepted},
            {"tokens_forged", of.tokens_forged},   {"tokens_unknown", of.tokens_unknown},
            {"tokens_expired", of.tokens_expired}, {"tokens_used", of.tokens_used}};
}

std::string listed(const std::vector<Endpoint>& endpoints) {
    std::string text;
    for (const auto& endpoint : endpoints) text += (text.empty() ? "" : " ") + endpoint.to_string();
    return text;
}

// A process that only answers DNS opens the store read-only, and truly can't alter a listing. Of those that
// write, one of each kind may run; the whole program counts as a verifier.
std::string lock_of(Role role) {
    switch (role) {
    case Role::dns:
        return "";
    case Role::api:
        return "api";
    default:
        return "verifier";
    }
}

} // namespace

struct Services::Impl {
    const Configuration& configuration;
    const Role role;
    const Clock& clock;
    Entropy& entropy;

    std::unique_ptr<Store> store;
    std::optional<zones::Follower> follower;
    std::optional<dnsbl::Server> dns;
    std::optional<verifier::Verifier> verifier;
    std::optional<verifier::Gate> gate;
    std::optional<verifier::TokenMint> mint;
    std::optional<api::Context> context;
    std::optional<api::Server> api;

    Result<> open_store() {
        auto options = configuration.store;
        options.read_only = role == Role::dns;
        auto opened = Store::open(options, clock, lock_of(role));
        if (!opened) return opened.error();
        store = std::move(*opened);
        if (options.read_only) return {};
        // Secondaries must fetch again when the zones are defined otherwise: the serial moves.
        return store->write([digest = configuration.zones.digest()](WriteTxn& txn) -> Result<> {
            journal::note_configuration(txn, digest);
            return {};
        });
    }

    Result<> start_dns() {
        follower.emplace(*store);
        follower->start();
        dns.emplace(configuration.zones, *follower, configuration.dns);
        return dns->start();
    }

    Result<> start_verifier() {
        verifier.emplace(*store, clock, entropy, configuration.verifier);
        return verifier->start();
    }

    Result<> start_api() {
        std::array<std::uint8_t, 32> fresh{};
        entropy.fill(fresh);
        std::array<std::uint8_t, 32> key{};
        auto read = store->write([&](WriteTxn& txn) -> Result<> {
            const auto kept = tokens::key(txn, fresh);
            if (!kept) return kept.error();
            key = *kept;
            return {};
        });
        if (!read) return read;
        mint.emplace(key, entropy);
        gate.emplace(*store, clock, configuration.verifier.gate);
        context.emplace(api::Context{*store, clock, configuration, *gate, *mint, [this] { return statistics(); }});
        api.emplace(*context);
        return api->start();
    }

    // The API has a thread of its own; the other roles outlive it.
    [[nodiscard]] json::object statistics() const {
        json::object all;
        if (dns) all["dns"] = describe(dns->statistics());
        if (verifier) all["verifier"] = describe(verifier->statistics());
        return all;
    }

    void stop() {
        if (api) api->stop();
        api.reset();
        if (verifier) verifier->stop();
        verifier.reset();
        if (dns) dns->stop();
        dns.reset();
        if (follower) follower->stop();
        follower.reset();
        store.reset();
    }
};

Services::Services(const Configuration& configuration, Role role, const Clock& clock, Entropy& entropy)
    : impl_(new Impl{configuration, role, clock, entropy, {}, {}, {}, {}, {}, {}, {}, {}}) {}

Services::~Services() {
    stop();
}

Result<> Services::start() {
    auto started = impl_->open_store();
    if (started && serves_dns(impl_->role)) started = impl_->start_dns();
    if (started && verifies(impl_->role)) started = impl_->start_verifier();
    if (started && serves_api(impl_->role)) started = impl_->start_api();
    if (!started) stop();
    return started;
}

void Services::stop() {
    impl_->stop();
}

std::string Services::ready_line() const {
    const auto& configuration = impl_->configuration;
    std::vector<std::string> parts;
    if (impl_->dns) parts.push_back("dns " + listed(configuration.dns.listen));
    if (impl_->verifier) {
        parts.push_back("mail sink " + listed(configuration.verifier.mail_sink.listen));
        parts.push_back("callback " + listed(configuration.verifier.callback_sink.listen));
    }
    if (impl_->api) {
        auto part = "api unix:" + configuration.api.socket.string();
        for (const auto& endpoint : configuration.api.public_listen) part += " http://" + endpoint.to_string();
        parts.push_back(part);
    }
    return fmt::format("ready: {}", fmt::join(parts, ", "));
}

} // namespace provenbl::tools
