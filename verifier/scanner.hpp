// One visit to one host, from start to decision.
//
// Steps are committed as they become known, so a visit can be followed live from any process; those of ports that are
// closed go in groups, because a host has dozens of them and most hosts nothing else. The token of a probe is durable
// before it is sent. One connection at a time. A visit that is cancelled stays `running`
// in the store, and ledger::requeue_interrupted takes it up again at the next start.
#pragma once

#include "store/records.hpp"
#include "verifier/conversation.hpp"
#include "verifier/plan.hpp"
#include "verifier/probe_counts.hpp"
#include "verifier/store_books.hpp"
#include "verifier/technique.hpp"
#include "verifier/visit_context.hpp"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace provenbl::verifier {

class Scanner {
public:
    // Who looks on while a visit runs (`provenbl probe`); either may be empty.
    struct Watch {
        Conversation::Observer line;
        std::function<void(const ScanStep&)> step;
    };

    // Over the store.
    explicit Scanner(const VisitParts& parts, std::span<const Technique* const> techniques = all_techniques());
    // Over somebody's books.
    explicit Scanner(const VisitTools& tools, std::span<const Technique* const> techniques = all_techniques());

    // Starts the visit that is queued for the host, and runs it. The finished scan; Error conflict when none is queued.
    Awaitable<Result<Scan>> visit(Address host);
    // Runs a visit that has been started.
    Awaitable<Result<Scan>> run(Scan scan, Watch watch);
    // Tries once more what somebody else has tried in a visit that is on. Its steps are written down as any, and the
    // visit goes on.
    Awaitable<std::vector<ScanStep>> look_again(Scan scan, std::vector<Attempt> attempts);
    [[nodiscard]] VisitBooks& books() { return tools_.books; }
    [[nodiscard]] const ProbeCounts& probes() const { return probes_; }

private:
    struct Course; // of one visit
    class OwnersVisit;
    Scanner(std::unique_ptr<StoreBooks> books, const VisitParts& parts, std::span<const Technique* const> techniques);
    [[nodiscard]] static bool is_stranger(const Host& host, const Scan& scan);
    [[nodiscard]] Course course_of(Scan scan, Watch watch) const;
    Awaitable<void> follow(Course& course, const std::vector<Attempt>& plan);
    // `target` and not the attempt's own: a plan may be shared.
    Awaitable<void> attempt(Course& course, Endpoint target, const Attempt& attempt);
    Awaitable<void> skip(Course& course, Endpoint target, const Attempt& attempt, Verdict verdict, std::string detail);
    Awaitable<void> record(Course& course, std::vector<ScanStep> steps, const VisitContext& context);
    Awaitable<void> write_down(Course& course, const VisitContext* context);
    // Whatever was accepted has `mail_wait` from then on to arrive: the last of it is waited for here.
    Awaitable<void> await_mail(Course& course);
    Awaitable<Result<Scan>> conclude(Course& course);
    static Awaitable<void> give_way();

    std::unique_ptr<StoreBooks> own_books_; // where the tools are over the store
    VisitTools tools_;
    std::vector<const Technique*> techniques_;
    const std::vector<Attempt> plan_of_stranger_; // of a host of which nothing is known; its targets are ports alone
    PutOff put_off_;
    std::size_t owners_ = 0; // visits under way that an owner has asked for
    ProbeCounts probes_;
};

} // namespace provenbl::verifier
