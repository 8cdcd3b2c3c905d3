#include "tools/daemon/services.hpp"

#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/server.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "store/log.hpp"
#include "store/tokens.hpp"
#include "store/transfer.hpp"
#include "tools/api/dns_statistics.hpp"
#include "tools/api/journal_reader.hpp"
#include "tools/api/metrics_listener.hpp"
#include "tools/api/server.hpp"
#include "tools/daemon/exporter.hpp"
#include "tools/daemon/housekeeper.hpp"
#include "tools/daemon/intake_watcher.hpp"
#include "tools/daemon/mail_intake.hpp"
#include "tools/daemon/precedence.hpp"
#include "tools/daemon/statistics_file.hpp"
#include "tools/daemon/sweeper.hpp"
#include "tools/letters/postman.hpp"
#include "tools/metrics/metrics.hpp"
#include "tools/origins/counter.hpp"
#include "tools/signing/signing_key.hpp"
#include "tools/workers/coordinator.hpp"
#include "tools/workers/nats_bus.hpp"
#include "verifier/gate.hpp"
#include "verifier/token.hpp"
#include "verifier/verifier.hpp"
#include "zones/follower.hpp"
#include "zones/static/library.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

std::vector<std::string> apexes(const std::vector<zones::StaticZoneDefinition>& zones) {
    std::vector<std::string> all;
    for (const auto& zone : zones) all.push_back(zone.apex);
    return all;
}

} // namespace

struct Services::Impl {
    Impl(const Configuration& configuration, Role role, const Clock& clock, Entropy& entropy)
        : configuration(configuration), role(role), clock(clock), entropy(entropy),
          world(std::make_shared<World>(configuration)) {}

    // A configuration with what is made of it for those who answer or write by it.
    struct World {
        explicit World(const Configuration& from) : configuration(from) {}
        const Configuration configuration;
        std::optional<verifier::Gate> gate;
        std::optional<letters::Desk> desk; // where letters are on
        std::optional<api::Context> context;
    };

    const Configuration& configuration; // at the start: what holds until the end
    const Role role;
    const Clock& clock;
    Entropy& entropy;
    PassedSockets passed;

    std::unique_ptr<Store> store;
    std::optional<zones::Follower> follower;
    std::optional<dnsbl::guard::KeyRing> keys;
    std::optional<dnsbl::transfer::MirrorRing> mirrors;
    std::shared_ptr<zones::statics::Library> statics;
    std::optional<dnsbl::Server> dns;
    std::optional<api::JournalReader> journal;          // for the statistics page
    std::optional<origins::Counter> origins;            // likewise
    std::optional<StatisticsWriter> statistics_writer;  // of a responder without an API
    std::shared_ptr<World> verifier_world;              // that the verifier and its workers go by
    std::optional<signing::SigningKey> coordinator_key; // where workers are on, as the next three
    std::optional<workers::Register> workers;
    std::unique_ptr<workers::CoordinatorBus> bus;
    std::optional<workers::Coordinator> coordinator;
    std::optional<verifier::Verifier> verifier;
    std::optional<Housekeeper> housekeeper;
    std::optional<Sweeper> sweeper;
    std::optional<zones::Follower> export_index; // where DNS is answered by another process
    std::optional<Exporter> exporter;
    std::optional<verifier::TokenMint> mint;
    std::optional<signing::SigningKey> signing_key;
    std::shared_ptr<World> world;         // in force now
    std::shared_ptr<World> postman_world; // that he writes by
    std::unique_ptr<letters::Postman> postman;
    std::shared_ptr<const api::Context> api_context; // of the start
    std::optional<api::Server> api;
    std::unique_ptr<metrics::Metrics> metrics;
    std::optional<api::MetricsListener> metrics_listener;
    std::shared_ptr<const api::Context> intake_context;
    std::optional<IntakeWatcher> intake;
    std::shared_ptr<const api::Context> mail_context;
    std::optional<MailIntake> mail; // where reports come by mail
    mutable std::mutex remade_mutex; // other threads ask the verifier and the postman while a reload makes them anew

    Result<> open_store() {
        auto options = configuration.store;
        options.read_only = role == Role::dns;
        options.single_pages = true;
        auto opened = Store::open(options, clock, lock_of(role));
        if (!opened) return options.read_only ? opening_error(opened.error()) : opened.error();
        store = std::move(*opened);
        if (options.read_only) return {};
        if (store->read(provenbl::transfer::unfinished)) return provenbl::transfer::unfinished_error();
        return note_zones(configuration);
    }

    // Secondaries must fetch again when the zones are defined otherwise: the serial moves.
    Result<> note_zones(const Configuration& as_defined) {
        const auto noted =
            store->write([digest = as_defined.zones.digest(),
                          bits = as_defined.verifier.policy.ipv6_granularity](WriteTxn& txn) -> Result<> {
                if (auto unit = listing_unit::set(txn, bits); !unit) return unit;
                journal::note_configuration(txn, digest);
                return {};
            });
        // Answers go on without: only the serial stays as it was.
        if (!noted && noted.error().code == Errc::disk_full) {
            spdlog::error("the serial of the zones could not move: {}", noted.error().message);
            return {};
        }
        return noted;
    }

    // Who only reads can't make the data that are missing: say who does.
    [[nodiscard]] Error opening_error(const Error& error) const {
        const auto& directory = configuration.store.directory;
        std::error_code unknown;
        const bool absent = !std::filesystem::exists(directory / "data.mdb", unknown) && !unknown;
        if (error.code != Errc::not_found && !absent) return error;
        return {Errc::not_found, fmt::format("there are no provenbl data in {} yet, and the role dns only reads: start "
                                             "the role verifier (or all) first",
                                             directory.string())};
    }

    Result<> start_dns() {
        follower.emplace(*store);
        follower->start();
        warn_of_other_zones(configuration);
        keys.emplace(*store);
        keys->start();
        mirrors.emplace(*store, configuration.dns.transfers.allow_unsigned);
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

    void warn_of_other_zones(const Configuration& served) const {
        const auto noted = follower->snapshot()->definition;
        if (noted.empty() || noted == served.zones.digest()) return;
        spdlog::warn("the zones of this configuration are not those that the store was last told of: mirrors get no "
                     "transfer and no NOTIFY until the role that writes (verifier, or api) has read this "
                     "configuration, too");
    }

    // A list that can't be read is better found now than in its answers.
    Result<std::shared_ptr<zones::statics::Library>> read_statics(const Configuration& of) const {
        auto library = std::make_shared<zones::statics::Library>(
            of.zones.static_zones, clock, [](bool trouble, std::string_view text) {
                log::of("zones")->log(trouble ? spdlog::level::err : spdlog::level::info, "static zones: {}", text);
            });
        if (auto loaded = library->load(); !loaded) return loaded.error();
        return library;
    }

    Result<> start_verifier() {
        if (auto made = make_verifier(); !made) return made;
        housekeeper.emplace(*store, configuration.retention, Housekeeper::Pace{});
        start_exports();
        sweeper.emplace(*store, Sweeper::Pace{});
        if (auto started = verifier->start(); !started || !world->desk) return started;
        auto contacts = letters::contacts_of(configuration.letters);
        if (!contacts) return contacts.error();
        start_postman(std::move(*contacts));
        return {};
    }

    void start_postman(letters::Contacts contacts) {
        postman_world = world;
        auto made =
            std::make_unique<letters::Postman>(*store, clock, entropy, world->configuration.letters, *world->desk,
                                               std::move(contacts), letters::smarthost_of(world->configuration));
        made->start();
        const std::lock_guard lock(remade_mutex);
        postman = std::move(made);
    }

    // Its end waits for a mail that is being handed over; nobody waits for that but us.
    void stop_postman() {
        std::unique_ptr<letters::Postman> ending;
        const std::lock_guard lock(remade_mutex);
        ending.swap(postman);
    }

    // With what carries out visits elsewhere: it begins with the verifier, and ends with it.
    Result<> make_verifier() {
        verifier.reset();
        coordinator.reset();
        bus.reset();
        verifier_world = world;
        const auto& by = verifier_world->configuration;
        verifier.emplace(*store, clock, entropy, by.verifier, by.traps);
        const auto& settings = by.workers;
        if (settings.nats.url.empty()) return {};
        auto key = signing::SigningKey::of(configuration.store.directory);
        if (!key) return Error{key.error().code, "no visit can be given to a worker: " + key.error().message};
        coordinator_key.emplace(std::move(*key));
        workers.emplace(configuration.store.directory);
        bus = workers::nats_coordinator_bus(settings);
        coordinator.emplace(settings, by.verifier, *coordinator_key, *workers, *bus, clock, entropy);
        verifier->carry_out_by(*coordinator);
        return {};
    }

    // In the role that writes, so that one process of a data directory does it.
    void start_exports() {
        if (world->configuration.exports.empty()) return;
        if (!follower && !export_index) export_index.emplace(*store);
        exporter.emplace(world->configuration, clock, [this] {
            if (follower) return follower->snapshot();
            export_index->catch_up();
            return export_index->snapshot();
        });
    }

    // What whoever speaks in our name needs: the key of tokens, the letters' words.
    Result<> prepare() {
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
        return furnish(*world);
    }

    // What is made of a configuration that can fail.
    Result<> furnish(World& of) {
        if (!of.configuration.letters.enabled) return {};
        auto opened = letters::Desk::open(of.configuration, *mint);
        if (!opened) return opened.error();
        of.desk.emplace(std::move(*opened));
        return {};
    }

    // What the API answers with; it keeps what it needs of its world.
    [[nodiscard]] std::shared_ptr<const api::Context> context_of(const std::shared_ptr<World>& of) {
        of->gate.emplace(*store, clock, of->configuration.verifier.gate);
        of->context.emplace(api::Context{
            *store, clock, of->configuration, *of->gate, *mint, [this] { return shown_statistics(); }, entropy,
            [this](std::uint64_t id) { return key_use(id); }, signing_key ? &*signing_key : nullptr,
            of->desk ? &*of->desk : nullptr, &*journal, [this] { return metrics->text(); }});
        of->context->origins = origins ? &*origins : nullptr;
        return {of, &*of->context};
    }

    Result<> start_api() {
        auto key = signing::SigningKey::of(configuration.store.directory);
        if (key)
            signing_key.emplace(std::move(*key));
        else // everything else goes on
            spdlog::error("receipts can't be given: {}", key.error().message);
        journal.emplace(*store, api::JournalReader::Pace{});
        journal->start();
        if (configuration.statistics.any()) {
            origins.emplace(*store, clock, configuration.statistics, origins::Counter::Pace{});
            if (auto started = origins->start(); !started) return started;
        }
        api_context = context_of(world);
        if (auto started = receive_mail(api_context); !started) return started;
        api.emplace(*api_context);
        api->adopt(passed.api);
        if (auto started = api->start(); !started) return started;
        return watch_intake(api_context);
    }

    // Reports by mail are filed by the context, and keep it.
    Result<> receive_mail(std::shared_ptr<const api::Context> by) {
        {
            const std::lock_guard lock(remade_mutex);
            mail.reset();
            mail_context = std::move(by);
            if (!mail_context->configuration.intake_mail.on()) return {};
            mail.emplace(*mail_context);
        }
        return mail->start();
    }

    // It files by the context, and keeps it.
    Result<> watch_intake(std::shared_ptr<const api::Context> by) {
        intake.reset();
        intake_context = std::move(by);
        if (intake_context->configuration.intake.folder.empty()) return {};
        intake.emplace(*intake_context);
        return intake->start();
    }

    // After the roles that it tells of, before the API that shows it.
    void prepare_metrics() {
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
        sources.services = [this] { return statistics(); };
        metrics = std::make_unique<metrics::Metrics>(std::move(sources));
    }

    Result<> start_metrics_listener() {
        const auto& settings = configuration.metrics;
        const auto& where = serves_api(role)    ? settings.listen
                            : role == Role::dns ? settings.listen_dns
                                                : settings.listen_verifier;
        if (!where) return {};
        metrics_listener.emplace(*where, [this] { return metrics->text(); });
        return metrics_listener->start();
    }

    Reloaded reload(const Configuration& next, const std::vector<SettingChange>& all_changes) {
        // What waits for a restart is said again at each reload, and changes nothing.
        std::vector<SettingChange> changes;
        std::copy_if(all_changes.begin(), all_changes.end(), std::back_inserter(changes),
                     [](const SettingChange& change) { return !change.needs_restart; });
        const auto changed = [&](std::initializer_list<std::string_view> settings) {
            return std::any_of(settings.begin(), settings.end(),
                               [&](std::string_view setting) { return concern(changes, setting); });
        };
        // ---- what can fail, and changes nothing
        auto made = std::make_shared<World>(next);
        if (role != Role::dns) {
            if (auto furnished = furnish(*made); !furnished) return {furnished};
        }
        const bool other_letters =
            changed({"letters", "identity", "zone_defaults", "zones", "probe_domain", "policy", "api"});
        std::optional<letters::Contacts> contacts;
        if (verifies(role) && made->desk && other_letters) {
            auto read = letters::contacts_of(next.letters);
            if (!read) return {read.error()};
            contacts.emplace(std::move(*read));
        }
        std::shared_ptr<dnsbl::Server::Change> answers;
        auto library = statics;
        // Their order counts, too: zones find their data by their place.
        const bool other_statics = changed({"static_zones", "zone_defaults", "identity"}) ||
                                   apexes(next.zones.static_zones) != apexes(world->configuration.zones.static_zones);
        if (dns) {
            if (other_statics) {
                auto read = read_statics(next);
                if (!read) return {read.error()};
                library = *read;
            }
            auto prepared = dns->prepare(next.zones, next.dns, library);
            if (!prepared) return {prepared.error()};
            answers = *prepared;
        }
        if (verifies(role) && configuration.service.sandbox) {
            if (auto reachable = exports_are_reachable(next); !reachable) return {reachable};
        }
        // ---- what is in force from here on
        if (dns) {
            dns->use(answers);
            if (other_statics) {
                statics->stop();
                statics = library;
                statics->start();
            }
            if (role == Role::dns) warn_of_other_zones(next);
        }
        if (role != Role::dns) {
            if (const auto noted = note_zones(next); !noted)
                spdlog::error("the serial of the zones could not move: {}", noted.error().message);
        }
        if (other_letters) stop_postman();
        const auto before = world;
        {
            const std::lock_guard lock(remade_mutex);
            world = made;
        }
        if (verifies(role)) {
            if (changed({"retention"})) housekeeper.emplace(*store, next.retention, Housekeeper::Pace{});
            if (changed({"exports", "zones", "policy_zones", "zone_defaults", "identity"})) {
                exporter.reset();
                start_exports();
            }
            if (contacts) start_postman(std::move(*contacts));
        }
        if (api) {
            const auto context = context_of(world);
            api->use(context);
            if (changed({"intake.mail", "gate", "policy", "identity", "probe_domain"})) {
                if (const auto receiving = receive_mail(context); !receiving)
                    spdlog::error("reports by mail: {}; until the next reload none are taken",
                                  receiving.error().message);
            }
            if (const auto watching = watch_intake(context); !watching)
                spdlog::error("intake: {}; until the next reload no lists are taken", watching.error().message);
        }
        if (verifies(role) && changed({"identity", "probe", "probe_domain", "gate", "scheduler", "mail_sink",
                                       "callback_sink", "policy", "traps"})) {
            if (const auto started = restart_verifier(); !started) return {started, true};
        }
        return {};
    }

    // Where files are confined, only the directories that were named at the start can be written.
    Result<> exports_are_reachable(const Configuration& next) const {
        for (const auto& one : next.exports) {
            const auto directory = one.file.parent_path();
            if (std::none_of(configuration.exports.begin(), configuration.exports.end(),
                             [&](const auto& other) { return other.file.parent_path() == directory; }))
                return Error{Errc::invalid,
                             fmt::format("exports: {} is in a directory that was not named at the start, which the "
                                         "sandbox lets nobody write: restart, or set service.sandbox to false",
                                         one.file.string())};
        }
        return {};
    }

    Result<> restart_verifier() {
        verifier->stop();
        {
            const std::lock_guard lock(remade_mutex);
            if (auto made = make_verifier(); !made) return made;
        }
        return precedence::give_way(configuration.nice, [this] { return verifier->start(); });
    }

    // What listens where, by the names that people read.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> places() const {
        std::vector<std::pair<std::string, std::vector<std::string>>> all;
        if (dns) all.emplace_back("dns", listed(passed.dns.empty() ? configuration.dns.listen : dns->endpoints()));
        if (verifier) {
            all.emplace_back("mail sink", listed(configuration.verifier.mail_sink.listen));
            all.emplace_back("callback", listed(configuration.verifier.callback_sink.listen));
        }
        if (api) {
            std::vector<std::string> texts{"unix:" + configuration.api.socket.string()};
            for (const auto& text :
                 listed(passed.api.empty() ? configuration.api.public_listen : api->public_endpoints()))
                texts.push_back("http://" + text);
            for (const auto& text : listed(configuration.api.tls.listen)) texts.push_back("https://" + text);
            all.emplace_back("api", std::move(texts));
        }
        if (mail) all.emplace_back("lmtp", mail->places());
        if (metrics_listener)
            all.emplace_back("metrics", std::vector{"http://" + metrics_listener->endpoint().to_string() + "/metrics"});
        return all;
    }

    // The API has a thread of its own; the other roles outlive it.
    [[nodiscard]] json::object statistics() const {
        json::object all;
        if (dns)
            all["dns"] = api::describe(dns->statistics());
        else
            all["dns"] = statistics_of_other_process();
        const std::lock_guard lock(remade_mutex);
        if (verifier) all["verifier"] = describe(verifier->statistics());
        if (coordinator) all["workers"] = describe(coordinator->counts());
        return all;
    }

    // What the API shows: the services, and the list by class.
    [[nodiscard]] json::object shown_statistics() const {
        auto all = statistics();
        auto& classes = all["classes"].emplace_object();
        for (const auto& [cls, count] : metrics->listed_by_class()) classes[to_string(cls)] = count;
        return all;
    }

    // Of a responder that runs beside us.
    [[nodiscard]] json::object statistics_of_other_process() const {
        const auto& file = configuration.dns.statistics_file;
        if (file.empty())
            return {{"unavailable", "DNS is answered by another process; where dns.statistics_file is set for both, "
                                    "its figures are shown here"}};
        auto read = read_statistics(file, clock.now());
        if (read) return std::move(*read);
        return {{"unavailable", read.error().message + "; does `provenbl run --role dns` run with the same "
                                                       "dns.statistics_file?"}};
    }

    [[nodiscard]] std::optional<api::KeyUse> key_use(std::uint64_t id) const {
        const auto usage = keys ? keys->usage(id) : nullptr;
        if (!usage) return std::nullopt;
        return api::KeyUse{usage->today(clock.now()), usage->answered(), usage->refused()};
    }

    void stop() {
        intake.reset();
        metrics_listener.reset();
        if (mail) mail->stop();
        if (api) api->stop();
        api.reset();
        mail.reset(); // after whoever shows its figures
        origins.reset();
        journal.reset();
        metrics.reset();
        sweeper.reset();
        housekeeper.reset();
        postman.reset();
        exporter.reset();
        export_index.reset();
        if (verifier) verifier->stop();
        verifier.reset();
        coordinator.reset();
        bus.reset();
        workers.reset();
        if (dns) dns->stop();
        statistics_writer.reset(); // its last word is the final figures
        dns.reset();
        if (mirrors) mirrors->stop();
        mirrors.reset();
        statics.reset();
        if (keys) keys->stop();
        keys.reset();
        if (follower) follower->stop();
        follower.reset();
        store.reset();
    }
};

Services::Reloaded Services::reload(const Configuration& next, const std::vector<SettingChange>& changes) {
    return impl_->reload(next, changes);
}

Services::Services(const Configuration& configuration, Role role, const Clock& clock, Entropy& entropy)
    : impl_(new Impl(configuration, role, clock, entropy)) {}

Services::~Services() {
    stop();
}

Result<> Services::start() {
    auto started = impl_->open_store();
    if (started && serves_dns(impl_->role)) started = precedence::come_first([this] { return impl_->start_dns(); });
    if (started && impl_->role != Role::dns) started = impl_->prepare();
    const auto nice = impl_->configuration.nice;
    if (started && verifies(impl_->role))
        started = precedence::give_way(nice, [this] { return impl_->start_verifier(); });
    if (started) impl_->prepare_metrics();
    if (started && serves_api(impl_->role)) started = precedence::give_way(nice, [this] { return impl_->start_api(); });
    if (started) started = impl_->start_metrics_listener();
    if (!started) stop();
    return started;
}

void Services::adopt(PassedSockets sockets) {
    impl_->passed = std::move(sockets);
}

void Services::stop() {
    impl_->stop();
}

std::string Services::ready_line() const {
    std::vector<std::string> parts;
    for (const auto& [name, places] : impl_->places())
        parts.push_back(fmt::format("{} {}", name, fmt::join(places, " ")));
    return fmt::format("ready: {}", fmt::join(parts, ", "));
}

std::string Services::ready_object() const {
    json::object object{{"event", "ready"}};
    for (const auto& [name, places] : impl_->places()) {
        auto& list = object[name == "mail sink" ? "mail_sink" : name].emplace_array();
        for (const auto& place : places) list.emplace_back(place);
    }
    return json::serialize(object);
}

} // namespace provenbl::tools
