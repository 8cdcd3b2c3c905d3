// The policy on trial: a history, replayed through the rules of a configuration.
//
// Nothing is computed anew here. Reports go through judge_report, owners' requests through owner_may_ask, proofs and
// ends of visits through the transactions of the verifier itself (verifier/transitions.hpp), over a store of its own
// that lives as long as the simulation, and whose clock is the history's. So what is told is what these rules would
// have done. Visits happen when the history says, not when these rules would have sent them; where that differs it is
// said.
#pragma once

#include "store/store.hpp"
#include "tools/simulate/history.hpp"
#include "verifier/settings.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::simulate {

// What became of one event.
struct Told {
    enum class What {
        queued,  // a visit will come
        waiting, // a report that somebody else has to confirm
        refused, // by a rule, which `why` tells
        listed,  // or its classes have grown
        delisted,
        reduced, // still listed, by fewer ways or classes
        unchanged,
        noted,
    };
    What what = What::noted;
    std::string why; // in one or more sentences
    ClassSet before;
    ClassSet after;
    std::optional<Time> next; // the next visit to the host
    ScanKind next_kind = ScanKind::rescan;
};
[[nodiscard]] std::string_view to_string(Told::What what);

class Simulation {
public:
    // `directory` is empty, and the simulation's own.
    static Result<std::unique_ptr<Simulation>> begin(const verifier::VerifierSettings& settings,
                                                     const std::filesystem::path& directory, Time first);
    ~Simulation();
    // Events in the order of time. An Error is one of the store (disk full), not of a rule.
    Result<Told> take(const Event& event);
    // Visits that would come after the last event, soonest first.
    struct Due {
        Address host;
        ScanKind kind = ScanKind::rescan;
        Time at{};
    };
    [[nodiscard]] std::vector<Due> outlook(std::size_t at_most) const;

private:
    struct Impl;
    explicit Simulation(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::simulate
