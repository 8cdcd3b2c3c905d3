#include "dnsbl/notifier.hpp"

#include "dnsbl/transfer/notify_message.hpp"

#include <algorithm>
#include <array>
#include <exception>

namespace provenbl::dnsbl {
namespace {

// How soon a change is seen; one load of a counter each.
constexpr Duration look_every{50};
// Datagrams that are taken in one round: who floods us with answers does not keep us from telling.
constexpr unsigned answers_at_once = 256;

std::uint16_t random_id(Entropy& entropy) {
    std::array<std::uint8_t, 2> octets{};
    entropy.fill(octets);
    return static_cast<std::uint16_t>(octets[0] << 8U | octets[1]);
}

} // namespace

Notifier::Notifier(const World& world, Duration interval, std::unique_ptr<transfer::NotifyNetwork> network)
    : world_(world), network_(std::move(network)), snapshots_(world.follower), access_(&world.mirrors),
      plan_(interval) {}

Notifier::~Notifier() {
    stop();
}

void Notifier::start() {
    stopping_ = false;
    thread_ = std::thread([this] {
        while (!stopping_) {
            try {
                round(look_every);
            } catch (const std::exception&) {
                // No memory for this round; the next may find some.
                std::this_thread::sleep_for(look_every);
            }
        }
    });
}

void Notifier::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void Notifier::take_targets() {
    const auto* access = access_.get();
    if (access == known_) return;
    known_ = access;
    std::vector<transfer::NotifyTarget> targets;
    const auto zones = world_.zones.zones();
    const std::scoped_lock lock(mutex_);
    names_.clear();
    for (const auto& mirror : access->mirrors()) {
        names_.emplace(mirror.id, mirror.name);
        for (const auto& address : mirror.notify) {
            for (std::size_t i = 0; i < zones.size(); ++i) {
                if (mirror.takes(zones[i])) targets.push_back({mirror.id, address, i});
            }
        }
    }
    plan_.set_targets(targets);
}

void Notifier::round(Duration longest_wait) {
    take_targets();
    const auto serials = this->serials();
    const auto now = world_.clock.now();
    std::vector<transfer::NotifyTarget> due;
    {
        const std::scoped_lock lock(mutex_);
        if (serials) due = plan_.due(*serials, now);
    }
    for (const auto& target : due) tell(target, serials->of(target), now);
    auto wait = longest_wait;
    for (unsigned i = 0; i < answers_at_once; ++i) {
        const auto datagram = network_->receive(wait);
        if (!datagram) return;
        take(*datagram);
        wait = Duration{0};
    }
}

// Nothing while whoever writes the store knows other zones than we: there is nothing to take then.
std::optional<transfer::NotifySerials> Notifier::serials() {
    const auto& snapshot = snapshots_.get();
    if (!world_.zones.agrees(snapshot)) return std::nullopt;
    for (const auto& zone : world_.zones.zones()) {
        if (zone.is_catalog())
            return transfer::NotifySerials(snapshot.serial(), world_.zones.position(zone), snapshot.serial_of(zone));
    }
    return transfer::NotifySerials(snapshot.serial());
}

const transfer::MirrorEntry* Notifier::mirror(std::uint64_t id) const {
    const auto all = known_->mirrors();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
    return found == all.end() ? nullptr : &*found;
}

void Notifier::tell(const transfer::NotifyTarget& target, std::uint32_t serial, Time now) {
    const auto* to = mirror(target.mirror);
    if (to == nullptr) return;
    const auto id = random_id(world_.entropy);
    auto message = transfer::make_notify(world_.zones.zones()[target.zone], serial, id);
    const auto mac = wire::sign_request(message, to->key, now);
    {
        // Before it is sent: the answer may be here sooner than the next line.
        const std::scoped_lock lock(mutex_);
        plan_.sent(target, serial, id, mac, now);
    }
    network_->send(target.address, message);
}

void Notifier::take(const transfer::NotifyDatagram& datagram) {
    const auto answer = transfer::read_notify_answer(datagram.bytes);
    if (!answer) return;
    const auto now = world_.clock.now();
    const auto zones = world_.zones.zones();
    for (const auto& mirror : known_->mirrors()) {
        if (std::find(mirror.notify.begin(), mirror.notify.end(), datagram.from) == mirror.notify.end()) continue;
        for (std::size_t i = 0; i < zones.size(); ++i) {
            const auto apex = zones[i].apex().wire();
            if (!std::equal(apex.begin(), apex.end(), answer->zone.begin(), answer->zone.end())) continue;
            const transfer::NotifyTarget target{mirror.id, datagram.from, i};
            const std::scoped_lock lock(mutex_);
            const auto* mac = plan_.outstanding(target, answer->id);
            if (mac == nullptr) continue;
            const auto state = wire::check_tsig_answer(datagram.bytes, mirror.key, *mac, now);
            // RFC 8945 5.3.2: who does not know the key says so unsigned; it is his answer all the same.
            const bool told_why = state == wire::TsigState::badsig && answer->rcode != 0;
            if (state != wire::TsigState::valid && state != wire::TsigState::none && !told_why) continue;
            plan_.answered(target, answer->rcode, now);
            return;
        }
    }
}

void Notifier::add_to(TransferStatistics& sum) const {
    const std::scoped_lock lock(mutex_);
    const auto& counts = plan_.counts();
    sum.notified += counts.sent;
    sum.notify_again += counts.again;
    sum.acknowledged += counts.answered;
    sum.unanswered += counts.given_up;
}

std::vector<MirrorStatistics> Notifier::statistics() const {
    const std::scoped_lock lock(mutex_);
    std::vector<MirrorStatistics> rows;
    // By mirror and address, in which order the states are.
    for (const auto& [target, state] : plan_.states()) {
        const auto named = names_.find(target.mirror);
        const auto name = named == names_.end() ? std::string() : named->second;
        if (rows.empty() || rows.back().name != name || rows.back().address != target.address) {
            rows.emplace_back();
            rows.back().name = name;
            rows.back().address = target.address;
        }
        auto& row = rows.back();
        row.zones += 1;
        row.messages += state.messages;
        row.failures = std::max(row.failures, state.failures);
        row.notified = std::max(row.notified, state.notified);
        row.sent = std::max(row.sent, state.sent);
        row.answered_at = std::max(row.answered_at, state.answered_at);
        if (state.rcode != 0) row.rcode = state.rcode;
        if (state.answered && state.answered == state.notified) row.answered_zones += 1;
    }
    return rows;
}

} // namespace provenbl::dnsbl
