// A port without TLS is hopeless for everything inside TLS, and is asked once.
#include "verifier/techniques/opening.hpp"

#include "verifier/techniques/verdicts.hpp"

namespace provenbl::verifier::techniques {

Awaitable<Opening> open_conversation(ProbeContext& context, const Technique& technique) {
    Opening opening;
    Result<std::unique_ptr<Connection>> connection = co_await context.connect();
    if (!connection) {
        opening.failure = {judge_connect(connection.error()), true};
        co_return opening;
    }
    if (technique.tls) {
        const TlsWish wish{{}, std::string(technique.protocol)};
        const Result<> secured = co_await (*connection)->start_tls(wish);
        if (!secured) {
            (*connection)->close();
            opening.failure = {judge_conversation(secured.error(), "TLS"), true};
            // Whoever does not agree to a protocol may still speak TLS.
            if (technique.protocol.empty()) opening.failure.result.hint = Hint::hopeless;
            co_return opening;
        }
        context.note("TLS established");
    }
    opening.connection = std::move(*connection);
    co_return opening;
}

} // namespace provenbl::verifier::techniques
