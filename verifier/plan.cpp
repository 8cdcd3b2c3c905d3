// The plan grows attempt by attempt; what is planned for a port once is not planned again.
#include "verifier/plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace provenbl::verifier {
namespace {

bool has_port(const Technique& technique, std::uint16_t port) {
    return std::find(technique.ports.begin(), technique.ports.end(), port) != technique.ports.end();
}

class Planner {
public:
    Planner(std::span<const Technique* const> techniques, bool thorough)
        : techniques_(techniques), thorough_(thorough) {}

    // Techniques for one port: those that share a runner go together, as many as the runner takes.
    template <class Wanted> void add(const Endpoint& target, Wanted wanted, bool proven = false) {
        const auto begin = attempts_.size();
        for (const auto* technique : techniques_) {
            const auto stage = proven || thorough_ ? Stage::always : technique->stage;
            if (stage == Stage::thorough) continue;
            if (!wanted(*technique) || !planned_.emplace(target, technique).second) continue;
            const auto room = std::find_if(
                attempts_.begin() + static_cast<std::ptrdiff_t>(begin), attempts_.end(), [&](const Attempt& attempt) {
                    return attempt.stage == stage && attempt.techniques.front()->run == technique->run &&
                           attempt.techniques.size() <
                               std::max<std::size_t>(1, attempt.techniques.front()->per_session);
                });
            if (room != attempts_.end())
                room->techniques.push_back(technique);
            else
                attempts_.push_back({target, {technique}, stage});
        }
    }

    void add_holes(const Host& host) {
        for (const auto& hole : host.holes) {
            const auto is_proven = [&](const Technique& technique) {
                return std::any_of(host.holes.begin(), host.holes.end(), [&](const Hole& other) {
                    return other.entry == hole.entry && other.port == hole.port && other.technique == technique.name;
                });
            };
            add({hole.entry, hole.port}, is_proven, true);
        }
    }

    // The classes of the proven techniques: a hole of the class `chain` was proven by one of relay or proxy.
    void add_their_classes(const Host& host) {
        for (const auto& hole : host.holes) {
            const auto proven = std::find_if(techniques_.begin(), techniques_.end(), [&](const Technique* technique) {
                return technique->name == hole.technique;
            });
            const auto cls = proven == techniques_.end() ? hole.cls : (*proven)->cls;
            const bool udp = proven != techniques_.end() && (*proven)->udp; // another port altogether
            add({hole.entry, hole.port},
                [&](const Technique& technique) { return technique.cls == cls && technique.udp == udp; });
        }
    }

    void add_default_ports(const Address& host) {
        for (const auto* lead : techniques_) {
            for (const auto port : lead->ports) {
                add({host, port}, [&](const Technique& technique) {
                    return technique.run == lead->run && has_port(technique, port);
                });
            }
        }
    }

    std::vector<Attempt> take() { return std::move(attempts_); }

private:
    std::span<const Technique* const> techniques_;
    const bool thorough_;
    std::vector<Attempt> attempts_;
    std::set<std::pair<Endpoint, const Technique*>> planned_;
};

} // namespace

std::vector<Attempt> plan_visit(const Host& host, const Scan& scan, std::span<const Technique* const> techniques,
                                bool thorough) {
    Planner planner(techniques, thorough);
    planner.add_holes(host);
    if (host.listed() && scan.kind != ScanKind::report && scan.ports.empty()) {
        planner.add_their_classes(host);
        return planner.take();
    }
    // Of a network, the addresses that were named.
    const auto targets = scan.targets.empty() ? std::vector<Address>{scan.host} : scan.targets;
    for (const auto& target : targets) {
        for (const auto port : scan.ports) {
            planner.add({target, port}, [&](const Technique& technique) { return has_port(technique, port); });
            planner.add({target, port}, [](const Technique&) { return true; });
        }
    }
    for (const auto& target : targets) planner.add_default_ports(target);
    return planner.take();
}

} // namespace provenbl::verifier
