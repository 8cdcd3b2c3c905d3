// dnstap: what was asked and answered, for a collector, as Frame Streams (libfstrm).
//
// Each thread has a lane: memory for its messages, made once, and a queue of libfstrm's that takes no lock. A thread
// that answers never waits: without a connection, or with the collector behind, messages are dropped and counted.
// libfstrm's thread connects, and connects again every second.
#pragma once

#include "dnsbl/watch/counter.hpp"
#include "dnsbl/watch/dnstap_message.hpp"
#include "dnsbl/watch/dnstap_stream.hpp"
#include "dnsbl/watch/sampler.hpp"
#include "dnsbl/watch/settings.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace provenbl::dnsbl::watch {

class Dnstap {
public:
    class Lane {
    public:
        Lane(const Dnstap& tap, std::uint64_t seed);
        void offer(const Observation& seen) {
            if (sampler_.take()) write(seen);
        }

    private:
        friend class Dnstap;
        struct Slot {
            std::atomic<bool> busy{false};
            std::array<std::uint8_t, 1000> bytes;
        };
        void write(const Observation& seen);
        void submit(DnstapType type, const Observation& seen);
        void submit_large(DnstapType type, const Observation& seen, std::size_t size);
        static void release(void* bytes, void* slot);

        const Dnstap& tap_;
        Sampler sampler_;
        fstrm_iothr_queue* queue_ = nullptr;
        std::unique_ptr<Slot[]> slots_;
        std::size_t next_ = 0;
        Counter dropped_;
    };

    // `zones`: their apexes in wire form, by Outcome::zone.
    Dnstap(DnstapSettings settings, std::vector<std::vector<std::uint8_t>> zones, std::uint64_t seed);
    ~Dnstap(); // stops
    Dnstap(const Dnstap&) = delete;
    Dnstap& operator=(const Dnstap&) = delete;

    [[nodiscard]] Lane& add_lane(); // before start
    void start();
    void stop(); // when no lane is used any more; sends what waits

    [[nodiscard]] bool connected() const { return stream_.connected(); }
    [[nodiscard]] std::uint64_t written() const { return stream_.written(); }
    [[nodiscard]] std::uint64_t dropped() const;

private:
    // Messages of one thread that may wait. libfstrm wakes its thread when so much room is left, and else looks once a
    // second: far from full, so that the thread is there in time.
    static constexpr unsigned queue_size = 2048;
    static constexpr unsigned wake_at_room = queue_size - queue_size / 8;
    [[nodiscard]] std::span<const std::uint8_t> zone(const Outcome& outcome) const {
        if (outcome.zone >= zones_.size()) return {};
        return zones_[outcome.zone];
    }

    const DnstapSettings settings_;
    const std::vector<std::vector<std::uint8_t>> zones_;
    const std::uint64_t seed_;
    DnstapStream stream_;
    std::deque<Lane> lanes_;
    fstrm_iothr* thread_ = nullptr;
};

} // namespace provenbl::dnsbl::watch
