// A connection to a NATS server with JetStream, and the calls on it that both sides make. nats.h is known in this
// directory alone.
#pragma once

#include "store/result.hpp"
#include "tools/workers/settings.hpp"

#include <cstdint>
#include <memory>
#include <nats/nats.h>
#include <string>
#include <string_view>

namespace provenbl::tools::workers::nats {

inline constexpr auto scans_stream = "PROVENBL_SCANS";
inline constexpr auto scans_subject = "provenbl.scans";
inline constexpr auto scans_consumer = "workers";
inline constexpr auto results_stream = "PROVENBL_RESULTS";
inline constexpr auto results_subject = "provenbl.results";
inline constexpr auto results_consumer = "coordinator";
inline constexpr auto desk_subject = "provenbl.desk";

inline constexpr std::int64_t call_patience = 3000;    // ms, for an answer of the server
inline constexpr std::int64_t write_patience = 2000;   // ms, for a server that reads nothing
inline constexpr std::int64_t nanoseconds = 1'000'000; // in a millisecond

template <class T, void (*Free)(T*)> struct Freed {
    void operator()(T* what) const { Free(what); }
};
using Options = std::unique_ptr<natsOptions, Freed<natsOptions, &natsOptions_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Freed<natsSubscription, &natsSubscription_Destroy>>;
using Message = std::unique_ptr<natsMsg, Freed<natsMsg, &natsMsg_Destroy>>;

struct Context {
    void operator()(jsCtx* what) const { jsCtx_Destroy(what); }
};
struct Hangup {
    void operator()(natsConnection* what) const { natsConnection_Destroy(what); }
};

// A connection with what hangs on it; messages keep it alive, because they are settled through it. They keep nothing
// else: what listens ends with the session, whoever still holds it.
struct Session {
    std::unique_ptr<natsConnection, Hangup> connection;
    std::unique_ptr<jsCtx, Context> stream;
    Subscription pulled; // of the queue that is read here
    Subscription desk;

    // The queue's subscription stays for the messages that came by it, which are settled through it (and reads nothing
    // by itself).
    void stop_listening() { desk.reset(); }
    // When nothing is to be settled through it any more. Not left to whoever lets go of it last: it may block.
    void end() {
        stop_listening();
        natsConnection_Close(connection.get());
    }
    [[nodiscard]] bool alive() const { return natsConnection_Status(connection.get()) == NATS_CONN_STATUS_CONNECTED; }
};

[[nodiscard]] Error trouble(natsStatus status, std::string_view doing);
// Errors: invalid, in words that name the setting's value.
[[nodiscard]] Result<Options> options_of(const NatsSettings& settings, const char* name);
// The queue is read through session.pulled from now on.
[[nodiscard]] Result<> pull_from(Session& session, const char* stream, const char* subject, const char* consumer);
// Waits for the server's acknowledgement: the message's number in its stream. Errors: busy when the queue is full,
// timeout, unreachable.
[[nodiscard]] Result<std::uint64_t> publish(Session& session, const char* subject, const std::string& data);

} // namespace provenbl::tools::workers::nats
