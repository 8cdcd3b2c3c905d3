// Workers in other networks: `workers` of the coordinator, and the file of a worker.
#include "tools/config/sections.hpp"
#include "tools/config/worker_file.hpp"
#include "tools/config/yaml_tree.hpp"
#include "tools/signing/signing_key.hpp"
#include "verifier/settings.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace provenbl::tools {

using namespace types;

namespace {

constexpr std::uintmax_t largest_file = 1U << 20U;

Type<std::string> nats_url() {
    return scalar<std::string>(
        "a URL such as nats://nats.example.net:4222 or tls://nats.example.net:4222",
        [](std::string_view text) -> Result<std::string> {
            const auto scheme = text.starts_with("nats://") || text.starts_with("tls://");
            if (!scheme || text.size() <= text.find("://") + 3 || text.find_first_of(" ,\t") != std::string_view::npos)
                return Error{Errc::invalid, fmt::format("'{}' is no such URL", text)};
            return std::string{text};
        },
        [](const std::string& value) { return value; });
}

Type<workers::WhenAbsent> when_absent() {
    using workers::WhenAbsent;
    return scalar<WhenAbsent>(
        "look or wait",
        [](std::string_view text) -> Result<WhenAbsent> {
            if (text == "look") return WhenAbsent::look;
            if (text == "wait") return WhenAbsent::wait;
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        [](const WhenAbsent& value) { return std::string{value == WhenAbsent::look ? "look" : "wait"}; });
}

Type<std::string> public_key() {
    return scalar<std::string>(
        "a public key in base64, 44 characters",
        [](std::string_view text) -> Result<std::string> {
            const auto key = signing::PublicKey::parse(text);
            if (!key) return Error{Errc::invalid, "is no Ed25519 public key"};
            return key->base64();
        },
        [](const std::string& value) { return value; });
}

constexpr auto credentials_words = "A .creds file of the NATS server's account. Default: none.";
constexpr auto authorities_words = "PEM of who signs the NATS server's certificate; with it, TLS is required.";

const Table<workers::WorkerSettings>& worker_settings() {
    using T = workers::WorkerSettings;
    static const Table<T> table{
        setting<T>("nats", nats_url(), PROVENBL_FIELD(nats.url), "The NATS server of the coordinator."),
        setting<T>("credentials", absolute_path(), PROVENBL_FIELD(nats.credentials), credentials_words),
        setting<T>("authorities", absolute_path(), PROVENBL_FIELD(nats.authorities), authorities_words),
        setting<T>("coordinator_key", public_key(), PROVENBL_FIELD(coordinator_key),
                   "What `provenbl signing-key show` prints at the coordinator."),
        setting<T>("directory", absolute_path(), PROVENBL_FIELD(directory), "Where its own key is kept."),
        setting<T>("helo", host_name(), PROVENBL_FIELD(helo),
                   "Its own name, in HELO/EHLO; its address resolves to it."),
        setting<T>("source4", optional(address()), PROVENBL_FIELD(source4), "Probes leave from here (IPv4)."),
        setting<T>("source6", optional(address()), PROVENBL_FIELD(source6), "Probes leave from here (IPv6)."),
        setting<T>("concurrent_visits", number<std::size_t>(1, 1000), PROVENBL_FIELD(concurrent_visits),
                   "Visits at once."),
        setting<T>("own_networks", list(prefix(), 1000, Prefix::of(Address{}, 32)), PROVENBL_FIELD(own_networks),
                   "Never probed from here."),
        setting<T>("unlocked", list(prefix(), 1000, Prefix::of(Address{}, 32)), PROVENBL_FIELD(unlocked),
                   "Special-purpose networks that may be probed: a lab's."),
    };
    return table;
}

} // namespace

const Table<workers::Settings>& workers_settings() {
    using T = workers::Settings;
    static const Table<T> table{
        setting<T>("nats", nats_url(), PROVENBL_FIELD(nats.url),
                   "The NATS server, with JetStream, through which visits are given out. Default: none; all are "
                   "carried out here."),
        setting<T>("credentials", absolute_path(), PROVENBL_FIELD(nats.credentials), credentials_words),
        setting<T>("authorities", absolute_path(), PROVENBL_FIELD(nats.authorities), authorities_words),
        setting<T>("vantage_points", number<unsigned>(1, 2), PROVENBL_FIELD(vantage_points),
                   "From how many networks a proof must be seen before it lists, and a refusal before it delists: 2 is "
                   "the worker's and our own, 1 takes the worker's word for how a token got in, and for a refusal."),
        setting<T>("when_absent", when_absent(), PROVENBL_FIELD(when_absent),
                   "When no worker takes a visit, or the NATS server is away: look from here, or wait."),
        setting<T>("take_within", duration(1s, 1h), PROVENBL_FIELD(take_within),
                   "How long a worker has to take a visit."),
        setting<T>("ack_wait", duration(2s, 1h), PROVENBL_FIELD(ack_wait),
                   "A worker of which nothing is heard for so long is lost, and another gets its visit."),
        setting<T>("deliveries", number<unsigned>(1, 100), PROVENBL_FIELD(deliveries),
                   "How often one visit is given out, before it is carried out here."),
        setting<T>("queue", number<std::size_t>(1, 1'000'000), PROVENBL_FIELD(queue), "Visits in the queue at once."),
    };
    return table;
}

LoadedWorker read_worker_file(const std::string& text) {
    Reading reading;
    const auto tree = parse_yaml(text, reading);
    workers::WorkerSettings settings;
    if (tree) {
        read_table(settings, worker_settings(), *tree, reading);
        const auto needed = [&](const char* name, const std::string& value) {
            if (value.empty()) reading.refuse_setting(name, "is missing; docs/workers.md has an example");
        };
        needed("nats", settings.nats.url);
        needed("coordinator_key", settings.coordinator_key);
        needed("helo", settings.helo);
        const auto check_source = [&](const char* name, const std::optional<Address>& source, bool v4) {
            if (!source) return;
            if (source->is_v4() != v4) reading.refuse_setting(name, "is of the other family");
            if (!verifier::may_probe_from(*source))
                reading.refuse_setting(name, "is what every server trusts; expected an address of this machine that a "
                                             "stranger could have");
        };
        check_source("source4", settings.source4, true);
        check_source("source6", settings.source6, false);
    }
    if (!tree || !reading.good()) return {std::nullopt, reading.problems()};
    return {std::move(settings), {}};
}

LoadedWorker load_worker_file(const std::filesystem::path& file) {
    const auto refuse = [](std::string message) {
        return LoadedWorker{std::nullopt, {Problem{{}, "", std::move(message)}}};
    };
    std::ifstream stream{file, std::ios::binary};
    if (!stream) return refuse(fmt::format("can't be read: {}; name the worker's file with -c", std::strerror(errno)));
    std::error_code code;
    if (const auto bytes = std::filesystem::file_size(file, code); code || bytes > largest_file)
        return refuse("is no file of a worker's settings");
    const std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
    return read_worker_file(text);
}

} // namespace provenbl::tools
