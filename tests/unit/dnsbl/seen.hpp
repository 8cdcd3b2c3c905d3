// A message with its answer, as the watchers are shown it.
#pragma once

#include "dnsbl/responder.hpp"
#include "dnsbl/watch/observation.hpp"
#include "question.hpp"
#include "served_zones.hpp"

#include <span>

namespace provenbl::dnsbl::testing {

// Answered by the responder of served_zones().
class Seen {
public:
    explicit Seen(Bytes message, const char* client = "192.0.2.77", Transport transport = Transport::udp)
        : message_(std::move(message)), asker_(asker_of(transport, client)) {
        static const Responder responder(served_zones(), {});
        static const auto snapshot = served_snapshot();
        answer_.resize(4096);
        outcome_ = responder.respond(message_, asker_, snapshot, answer_);
        answer_.resize(outcome_.size);
    }
    explicit Seen(const char* name, unsigned type = wire::type::a) : Seen(question(name, type)) {}

    [[nodiscard]] watch::Observation observation() const {
        using namespace std::chrono_literals;
        const watch::WallTime received{1'800'000'000s + 123'456'789ns};
        return {asker_, server_, message_, outcome_, answer_, received, received + 50us};
    }
    [[nodiscard]] const Bytes& message() const { return message_; }
    [[nodiscard]] const Bytes& answer() const { return answer_; }
    [[nodiscard]] Outcome& outcome() { return outcome_; }
    void set_server(Endpoint server) { server_ = server; }

private:
    static Asker asker_of(Transport transport, const char* client) {
        Asker asker;
        asker.transport = transport;
        asker.client = {at(client), 4242};
        return asker;
    }
    Bytes message_;
    Asker asker_;
    Endpoint server_{at("192.0.2.53"), 53};
    Outcome outcome_;
    Bytes answer_;
};

} // namespace provenbl::dnsbl::testing
