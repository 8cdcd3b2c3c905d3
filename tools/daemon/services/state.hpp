// What services.cpp and the files of services/ share: the parts of a process, in the order of their lives.
#pragma once

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
#include "tools/api/mirror_lag.hpp"
#include "tools/api/server.hpp"
#include "tools/daemon/exporter.hpp"
#include "tools/daemon/housekeeper.hpp"
#include "tools/daemon/intake_watcher.hpp"
#include "tools/daemon/mail_intake.hpp"
#include "tools/daemon/mirror_watch.hpp"
#include "tools/daemon/precedence.hpp"
#include "tools/daemon/services.hpp"
#include "tools/daemon/statistics_file.hpp"
#include "tools/daemon/sweeper.hpp"
#include "tools/letters/postman.hpp"
#include "tools/metrics/metrics.hpp"
#include "tools/origins/counter.hpp"
#include "tools/signing/signing_key.hpp"
#include "tools/workers/coordinator.hpp"
#include "tools/workers/nats/bus.hpp"
#include "verifier/gate.hpp"
#include "verifier/token.hpp"
#include "verifier/verifier.hpp"
#include "zones/follower.hpp"
#include "zones/static/library.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace provenbl::tools {

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

    SystemEntropy watch_entropy; // of the mirror watch's thread alone

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
    std::unique_ptr<MirrorWatch> mirror_watch;       // where the API is
    std::shared_ptr<const api::Context> api_context; // of the start
    std::optional<api::Server> api;
    std::unique_ptr<metrics::Metrics> metrics;
    std::optional<api::MetricsListener> metrics_listener;
    std::shared_ptr<const api::Context> intake_context;
    std::optional<IntakeWatcher> intake;
    std::shared_ptr<const api::Context> mail_context;
    std::optional<MailIntake> mail;  // where reports come by mail
    mutable std::mutex remade_mutex; // other threads ask the verifier and the postman while a reload makes them anew

    Result<> open_store();
    // Secondaries must fetch again when the zones are defined otherwise: the serial moves.
    Result<> note_zones(const Configuration& as_defined);
    // Who only reads can't make the data that are missing: say who does.
    [[nodiscard]] Error opening_error(const Error& error) const;
    Result<> start_dns();
    void warn_of_other_zones(const Configuration& served) const;
    // A list that can't be read is better found now than in its answers.
    Result<std::shared_ptr<zones::statics::Library>> read_statics(const Configuration& of) const;
    Result<> start_verifier();
    void start_postman(letters::Contacts contacts);
    // Its end waits for a mail that is being handed over; nobody waits for that but us.
    void stop_postman();
    // With what carries out visits elsewhere: it begins with the verifier, and ends with it.
    Result<> make_verifier();
    // In the role that writes, so that one process of a data directory does it.
    void start_exports();
    // What whoever speaks in our name needs: the key of tokens, the letters' words.
    Result<> prepare();
    // What is made of a configuration that can fail.
    Result<> furnish(World& of);
    // What the API answers with; it keeps what it needs of its world.
    [[nodiscard]] std::shared_ptr<const api::Context> context_of(const std::shared_ptr<World>& of);
    Result<> start_mirror_watch();
    Result<> start_api();
    // Reports by mail are filed by the context, and keep it. After an error there is no such thing as mail.
    Result<> receive_mail(std::shared_ptr<const api::Context> by);
    // It files by the context, and keeps it.
    Result<> watch_intake(std::shared_ptr<const api::Context> by);
    // After the roles that it tells of, before the API that shows it.
    void prepare_metrics();
    // How mirrors stand, and what this process served them.
    [[nodiscard]] boost::json::object of_mirrors() const;
    Result<> start_metrics_listener();
    Reloaded reload(const Configuration& next, const std::vector<SettingChange>& all_changes);
    // Where files are confined, only the directories that were named at the start can be written.
    Result<> exports_are_reachable(const Configuration& next) const;
    Result<> mail_is_reachable(const Configuration& next) const;
    Result<> restart_verifier();
    // What listens where, by the names that people read.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> places() const;
    // The API has a thread of its own; the other roles outlive it.
    [[nodiscard]] boost::json::object statistics() const;
    // What the API shows: the services, and the list by class.
    [[nodiscard]] boost::json::object shown_statistics() const;
    // Of a responder that runs beside us.
    [[nodiscard]] boost::json::object statistics_of_other_process() const;
    [[nodiscard]] std::optional<api::KeyUse> key_use(std::uint64_t id) const;
    void stop();
};

} // namespace provenbl::tools
