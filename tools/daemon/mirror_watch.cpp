#include "tools/daemon/mirror_watch.hpp"

#include "store/mirrors.hpp"
#include "tools/api/mirror_kit.hpp"
#include "tools/cli/soa_query.hpp"

#include <fmt/format.h>

#include <array>
#include <exception>

namespace provenbl::tools {
namespace {

constexpr Duration look_every{100};
constexpr Duration judge_every{1000};
// Datagrams that are taken in one round: who floods us with answers does not keep us from asking.
constexpr unsigned answers_at_once = 512;

} // namespace

MirrorWatch::MirrorWatch(const World& world, std::shared_ptr<const Configuration> configuration,
                         std::unique_ptr<dnsbl::transfer::NotifyNetwork> network, Tell tell)
    : world_(world), network_(std::move(network)), tell_(std::move(tell)), configuration_(std::move(configuration)),
      rounds_(configuration_->mirrors) {}

MirrorWatch::~MirrorWatch() {
    stop();
}

void MirrorWatch::start() {
    stopping_ = false;
    thread_ = std::thread([this] {
        std::string trouble;
        while (!stopping_) {
            try {
                round(look_every);
                trouble.clear();
            } catch (const std::exception& error) {
                // No memory, or a store that can't be read: the next round may go better.
                if (trouble != error.what()) tell_(true, fmt::format("mirrors are not asked: {}", error.what()));
                trouble = error.what();
                std::this_thread::sleep_for(look_every);
            }
        }
    });
}

void MirrorWatch::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void MirrorWatch::use(std::shared_ptr<const Configuration> next) {
    const std::scoped_lock lock(mutex_);
    next_ = std::move(next);
}

void MirrorWatch::take_up() {
    const std::scoped_lock lock(mutex_);
    if (!next_) return;
    configuration_ = std::move(next_);
    next_.reset();
    rounds_.use(configuration_->mirrors);
    seen_.reset(); // the zones may be others
}

void MirrorWatch::take_targets(Time now) {
    std::vector<MirrorTarget> targets;
    const auto version = world_.store.read([&](const ReadTxn& txn) {
        const auto found = mirrors::version(txn);
        if (found == seen_) return found;
        mirrors::walk(txn, [&](const Mirror& mirror) {
            if (!mirror.in_force()) return true;
            auto zones = api::zones_of(mirror, *configuration_);
            if (auto catalog = api::watched_catalog(mirror, *configuration_); !catalog.empty())
                zones.push_back(std::move(catalog));
            for (const auto& address : mirror.addresses) {
                for (const auto& zone : zones) targets.push_back({mirror.name, address, zone});
            }
            return true;
        });
        return found;
    });
    if (version == seen_) return;
    seen_ = version;
    std::size_t left_out = 0;
    {
        const std::scoped_lock lock(mutex_);
        left_out = rounds_.set_targets(targets, now);
    }
    if (left_out > 0)
        tell_(true, fmt::format("{} zones of mirrors are not watched: {} are the most", left_out,
                                MirrorRounds::most_targets));
}

void MirrorWatch::round(Duration longest_wait) {
    const auto now = world_.clock.now();
    take_up();
    take_targets(now);
    std::vector<MirrorTarget> due;
    {
        const std::scoped_lock lock(mutex_);
        due = rounds_.due(now);
    }
    for (const auto& target : due) ask(target, now);
    auto wait = longest_wait;
    for (unsigned i = 0; i < answers_at_once; ++i) {
        const auto datagram = network_->receive(wait);
        if (!datagram) break;
        take(*datagram);
        wait = Duration{0};
    }
    // Also when the clock went back.
    if (now - judged_ < judge_every && now >= judged_) return;
    judged_ = now;
    std::vector<MirrorRounds::Line> lines;
    {
        const std::scoped_lock lock(mutex_);
        lines = rounds_.lines(now);
    }
    for (const auto& line : lines) tell_(line.trouble, line.text);
}

std::uint32_t MirrorWatch::random() {
    std::array<std::uint8_t, 4> octets{};
    world_.entropy.fill(octets);
    return static_cast<std::uint32_t>(octets[0]) << 24U | static_cast<std::uint32_t>(octets[1]) << 16U |
           static_cast<std::uint32_t>(octets[2]) << 8U | octets[3];
}

void MirrorWatch::ask(const MirrorTarget& target, Time now) {
    const auto id = static_cast<std::uint16_t>(random() >> 8U);
    const auto question = cli::soa_question(target.zone, id);
    {
        // Before it is sent: the answer may be here sooner than the next line.
        const std::scoped_lock lock(mutex_);
        rounds_.asked(target, id, random(), now);
    }
    if (question) network_->send(target.address, *question);
}

bool MirrorWatch::is_catalog(const std::string& zone) const {
    const auto& catalogs = configuration_->zones.catalogs;
    return !catalogs.empty() && catalogs.front().apex == zone;
}

void MirrorWatch::take(const dnsbl::transfer::NotifyDatagram& datagram) {
    if (datagram.bytes.size() < 2) return;
    const auto id = static_cast<std::uint16_t>(datagram.bytes[0] << 8U | datagram.bytes[1]);
    std::vector<MirrorTarget> asked;
    {
        const std::scoped_lock lock(mutex_);
        asked = rounds_.outstanding(datagram.from, id);
    }
    const auto now = world_.clock.now();
    for (const auto& target : asked) {
        const auto question = cli::soa_question(target.zone, id);
        if (!question) continue;
        const auto serial = cli::soa_serial(datagram.bytes, *question);
        if (serial) {
            const auto age = world_.store.read([&](const ReadTxn& txn) {
                return is_catalog(target.zone) ? api::catalog_age_of(txn, *serial, now)
                                               : api::age_of(txn, *serial, now);
            });
            const std::scoped_lock lock(mutex_);
            rounds_.answered(target, *serial, age, now);
        } else if (serial.error().code == Errc::not_allowed) {
            const std::scoped_lock lock(mutex_);
            rounds_.refused(target, serial.error().message, now);
        }
    }
}

std::vector<api::MirrorLag> MirrorWatch::lags() const {
    const std::scoped_lock lock(mutex_);
    return rounds_.lags();
}

} // namespace provenbl::tools
