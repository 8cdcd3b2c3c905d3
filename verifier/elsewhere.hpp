// Workers in other networks, as the verifier sees them: somebody who carries out a visit and says what he found.
//
// A worker carries conversations and nothing else. Its tokens are ours (PendingProbe::carrier names it), they come back
// to our own sinks, and what it says is a claim, which carried_steps.hpp weighs. tools/workers implements this.
#pragma once

#include "store/records.hpp"
#include "verifier/visit_books.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace provenbl::verifier {

// From how many networks a proof must be seen before it lists, and a refusal before it delists, where a worker carried
// out the visit. Two are the worker's and our own; our own visits are proof by themselves.
enum class VantagePoints : unsigned { one = 1, two = 2 };

struct Findings {
    std::string worker;
    std::vector<ScanStep> steps; // as the worker claims them, in order
    std::size_t written = 0;     // of them, from the first: in the books already, weighed
    std::string software;
    std::function<void()> recorded; // to be called once all of it is durable
};

class Elsewhere {
public:
    virtual ~Elsewhere() = default;
    [[nodiscard]] virtual VantagePoints vantage_points() const = 0;
    // Before the first visit, and after the last: on the executor, and neither blocks. The books are used on the
    // executor only, and between the two only.
    virtual void open(boost::asio::any_io_executor executor, VisitBooks& books) = 0;
    virtual void close() = 0;
    // From a thread that may wait, at any time after open(): when it returns, nothing more comes to the executor.
    virtual void hang_up() = 0;
    // Gives out a visit that has been started, and waits for what came of it. Errors (unreachable: nobody is there,
    // timeout: whoever took it is lost, and all the same when asked to look at home): the caller visits himself. Nobody
    // else is at the host then, and nothing that was written down of the visit is left.
    virtual Awaitable<Result<Findings>> visit(Scan scan, VisitBooks::Known known) = 0;
};

} // namespace provenbl::verifier
