#include "verifier/visitor.hpp"

#include "verifier/asio_network.hpp"
#include "verifier/gated_network.hpp"
#include "verifier/scanner.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace provenbl::verifier {

Awaitable<Result<Scan>> carry_out(Errand errand, GateSettings settings, const Clock& clock, VisitBooks& books) {
    const Gate gate(std::move(settings));
    if (const auto allowed = gate.check(errand.scan.host); !allowed) co_return allowed.error();
    AsioNetwork open_network(errand.probe, co_await boost::asio::this_coro::executor);
    GatedNetwork network(gate, open_network);
    Scanner scanner(VisitTools{books, clock, gate, network, errand.identity, errand.probe});
    co_return co_await scanner.run(errand.scan, Scanner::Watch{});
}

} // namespace provenbl::verifier
