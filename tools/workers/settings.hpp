// What an operator can set about workers in other networks: at the coordinator (section `workers` of its
// configuration), and at a worker (a file of its own, worker_file.hpp).
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::workers {

// How either side reaches the NATS server.
struct NatsSettings {
    std::string url;                   // nats://HOST:PORT or tls://HOST:PORT; empty: no workers
    std::filesystem::path credentials; // a .creds file; empty: none
    std::filesystem::path authorities; // PEM that a TLS server is checked against; empty: the system's
};

enum class WhenAbsent : std::uint8_t { look, wait };

struct Settings {
    NatsSettings nats;
    unsigned vantage_points = 2; // verifier/elsewhere.hpp
    WhenAbsent when_absent = WhenAbsent::look;
    Duration take_within = std::chrono::seconds(20); // for a worker to take a visit
    Duration ack_wait = std::chrono::seconds(60);    // without a sign of life, a worker's visit goes to another
    unsigned deliveries = 3;                         // of one visit, to one worker after another
    std::size_t queue = 1000;                        // visits in NATS at once
};

struct WorkerSettings {
    NatsSettings nats;
    std::string coordinator_key; // what `provenbl signing-key show` prints at the coordinator
    std::filesystem::path directory = "/var/lib/provenbl-worker"; // of its own key
    std::string helo;                                             // its own name, in HELO/EHLO
    std::optional<Address> source4;                               // probes leave from here
    std::optional<Address> source6;
    std::size_t concurrent_visits = 16;
    std::vector<Prefix> own_networks; // never probed from here
    std::vector<Prefix> unlocked;     // special-purpose addresses that may be probed (a lab)
};

} // namespace provenbl::tools::workers
