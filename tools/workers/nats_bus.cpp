#include "tools/workers/nats_bus.hpp"

#include "store/log.hpp"
#include "tools/workers/listening.hpp"
#include "tools/workers/task_threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nats/nats.h>
#include <optional>
#include <thread>
#include <utility>

namespace provenbl::tools::workers {
namespace {

constexpr auto scans_stream = "PROVENBL_SCANS";
constexpr auto scans_subject = "provenbl.scans";
constexpr auto scans_consumer = "workers";
constexpr auto results_stream = "PROVENBL_RESULTS";
constexpr auto results_subject = "provenbl.results";
constexpr auto results_consumer = "coordinator";
constexpr auto desk_subject = "provenbl.desk";

constexpr auto system_authorities = "/etc/ssl/certs/ca-certificates.crt"; // Debian's, of ca-certificates
constexpr std::int64_t call_patience = 3000;                              // ms, for an answer of the server
constexpr std::int64_t fetch_patience = 500;  // ms, for a message; also how long a stop may take
constexpr std::int64_t write_patience = 2000; // ms, for a server that reads nothing
constexpr int fetched_at_once = 16;
constexpr std::size_t calls_waiting = 4096;
constexpr std::int64_t nanoseconds = 1'000'000; // in a millisecond
constexpr std::int64_t message_age = 3'600'000 * nanoseconds;
constexpr std::int64_t results_at_most = 10'000;
constexpr std::int64_t bytes_at_most = std::int64_t{256} << 20U;
constexpr std::int64_t results_ack_wait = 60'000 * nanoseconds;
constexpr Duration first_pause = std::chrono::seconds(1);
constexpr Duration longest_pause = std::chrono::seconds(30);

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

Error trouble(natsStatus status, std::string_view doing) {
    const auto code = status == NATS_TIMEOUT ? Errc::timeout : Errc::unreachable;
    return {code, fmt::format("{}: {}", doing, natsStatus_GetText(status))};
}

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

class NatsDelivery final : public Delivery {
public:
    // Settled by `writers`: whoever says what became of a message does not wait for the server.
    NatsDelivery(std::shared_ptr<Session> session, std::shared_ptr<TaskThreads> writers, natsMsg* message)
        : held_(std::make_shared<Held>(std::move(session), Message(message))), writers_(std::move(writers)),
          data_(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))) {
        jsMsgMetaData* about = nullptr;
        if (natsMsg_GetMetaData(&about, message) == NATS_OK) {
            number_ = about->NumDelivered;
            jsMsgMetaData_Destroy(about);
        }
    }
    [[nodiscard]] const std::string& data() const override { return data_; }
    [[nodiscard]] std::uint64_t number() const override { return number_; }
    void done() override {
        settled([](natsMsg* message) { return natsMsg_Ack(message, nullptr); });
    }
    void again(Duration after) override {
        settled([after](natsMsg* message) { return natsMsg_NakWithDelay(message, after.count(), nullptr); });
    }
    void working() override {
        settled([](natsMsg* message) { return natsMsg_InProgress(message, nullptr); });
    }

private:
    // A broken connection settles nothing: the message comes again.
    template <class Call> void settled(Call call) {
        const auto task = [held = held_, call] {
            const std::lock_guard lock(held->mutex);
            if (const auto status = call(held->message.get()); status != NATS_OK)
                log::of("workers")->debug("a message could not be settled: {}", natsStatus_GetText(status));
        };
        if (!writers_->add(task)) task(); // the bus stops: at once, which takes write_patience at most
    }
    struct Held {
        Held(std::shared_ptr<Session> session_, Message message_)
            : session(std::move(session_)), message(std::move(message_)) {}
        std::shared_ptr<Session> session; // outlives the message
        Message message;
        std::mutex mutex;
    };
    std::shared_ptr<Held> held_;
    std::shared_ptr<TaskThreads> writers_;
    std::string data_;
    std::uint64_t number_ = 1;
};

Result<Options> options_of(const NatsSettings& settings, const char* name) {
    natsOptions* made = nullptr;
    if (natsOptions_Create(&made) != NATS_OK) return Error{Errc::io, "the NATS client can't start"};
    Options options(made);
    auto status = natsOptions_SetURL(made, settings.url.c_str());
    if (status != NATS_OK) return Error{Errc::invalid, fmt::format("{} is no URL of a NATS server", settings.url)};
    const bool tls = settings.url.starts_with("tls://") || !settings.authorities.empty();
    // The client knows no default of its own.
    const auto authorities =
        settings.authorities.empty() ? std::filesystem::path(system_authorities) : settings.authorities;
    if (tls) status = natsOptions_SetSecure(made, true);
    if (tls && status == NATS_OK) status = natsOptions_LoadCATrustedCertificates(made, authorities.c_str());
    if (status != NATS_OK)
        return Error{Errc::invalid, fmt::format("TLS with the certificates of {} can't be prepared: {}",
                                                authorities.string(), natsStatus_GetText(status))};
    if (!settings.credentials.empty() &&
        natsOptions_SetUserCredentialsFromFiles(made, settings.credentials.c_str(), nullptr) != NATS_OK)
        return Error{Errc::invalid, fmt::format("{} can't be used as credentials", settings.credentials.string())};
    natsOptions_SetName(made, name);
    natsOptions_SetTimeout(made, call_patience);
    natsOptions_SetWriteDeadline(made, write_patience);
    natsOptions_SetAllowReconnect(made, false); // a new session has everything anew
    natsOptions_SetPingInterval(made, 10'000);
    natsOptions_SetMaxPingsOut(made, 2);
    natsOptions_SetNoEcho(made, true);
    return options;
}

// Connects, reads one queue, and begins anew when that breaks: the loop that both sides share.
class Bus {
public:
    Bus(const NatsSettings& settings, const char* name, std::size_t callers)
        : settings_(settings), name_(name), callers_(callers, calls_waiting),
          writers_(std::make_shared<TaskThreads>(1, calls_waiting)) {}
    virtual ~Bus() = default;

    // None while there is no connection, and once the bus is stopped: what waits then is told so.
    [[nodiscard]] std::shared_ptr<Session> session() const {
        const std::lock_guard lock(mutex_);
        return stopping_ ? nullptr : session_;
    }

protected:
    virtual Result<> prepare(Session& session) = 0;       // streams, subscriptions
    [[nodiscard]] virtual std::size_t wanted() const = 0; // messages, now
    virtual void received(std::shared_ptr<Delivery> delivery) = 0;

    Result<> run() {
        auto options = options_of(settings_, name_);
        if (!options) return options.error();
        options_ = std::move(*options);
        reader_ = std::thread([this] { loop(); });
        return {};
    }
    void end() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (reader_.joinable()) reader_.join();
        callers_.stop();
        writers_->stop(); // what was settled before is
        const std::lock_guard lock(mutex_);
        session_.reset(); // deliveries that are settled yet keep the connection
    }
    [[nodiscard]] bool stopping() const {
        const std::lock_guard lock(mutex_);
        return stopping_;
    }
    void look() { wake_.notify_all(); }

    // Runs a call that may block; `done` is told when there is no connection, and when there are too many calls.
    template <class T> void call(std::function<Result<T>(Session&)> what, std::function<void(Result<T>)> done) {
        auto task = [this, what = std::move(what), done] {
            const auto now = session();
            if (now == nullptr)
                done(Error{Errc::unreachable, "the NATS server can't be reached"});
            else
                done(what(*now));
        };
        if (!callers_.add(std::move(task))) done(Error{Errc::busy, "too many calls wait for the NATS server"});
    }

    // What need not be waited for; dropped when too much waits.
    void write(std::function<void(Session&)> what) {
        (void)writers_->add([this, what = std::move(what)] {
            if (const auto now = session(); now != nullptr) what(*now);
        });
    }

private:
    Result<std::shared_ptr<Session>> connect() {
        auto session = std::make_shared<Session>();
        natsConnection* connection = nullptr;
        if (const auto status = natsConnection_Connect(&connection, options_.get()); status != NATS_OK)
            return trouble(status, fmt::format("no connection to {}", shown_url()));
        session->connection.reset(connection);
        jsOptions js;
        jsOptions_Init(&js);
        js.Wait = call_patience;
        jsCtx* stream = nullptr;
        if (const auto status = natsConnection_JetStream(&stream, connection, &js); status != NATS_OK)
            return trouble(status, "JetStream");
        session->stream.reset(stream);
        if (auto prepared = prepare(*session); !prepared) return prepared.error();
        return session;
    }

    // Without the password that it may hold.
    [[nodiscard]] std::string shown_url() const {
        const auto at = settings_.url.rfind('@');
        const auto scheme = settings_.url.find("://");
        if (at == std::string::npos || scheme == std::string::npos) return settings_.url;
        return settings_.url.substr(0, scheme + 3) + settings_.url.substr(at + 1);
    }

    bool pause(Duration span) {
        std::unique_lock lock(mutex_);
        return !wake_.wait_for(lock, span, [this] { return stopping_; });
    }

    void loop() {
        Duration rest = first_pause;
        std::string said;
        for (;;) {
            auto connected = connect();
            if (!connected) {
                if (said != connected.error().message)
                    log::of("workers")->error("{}; trying again", said = connected.error().message);
                if (!pause(rest)) return;
                rest = std::min(rest * 2, longest_pause);
                continue;
            }
            rest = first_pause;
            said.clear();
            log::of("workers")->info("connected to {}", shown_url());
            {
                const std::lock_guard lock(mutex_);
                if (stopping_) return;
                session_ = *connected;
            }
            const bool stopped = read(*connected);
            (*connected)->stop_listening();
            if (stopped) return;
            {
                const std::lock_guard lock(mutex_);
                session_.reset();
            }
            (*connected)->end();
            log::of("workers")->warn("the connection to {} is lost", shown_url());
            if (!pause(rest)) return;
        }
    }

    // Until the connection breaks (false) or the bus is stopped.
    bool read(const std::shared_ptr<Session>& session) {
        for (;;) {
            std::size_t want = 0;
            {
                std::unique_lock lock(mutex_);
                wake_.wait_for(lock, std::chrono::milliseconds(fetch_patience),
                               [&] { return stopping_ || (want = wanted()) > 0; });
                if (stopping_) return true;
            }
            if (!session->alive()) return false;
            if (want == 0) continue;
            natsMsgList list{};
            const auto batch = static_cast<int>(std::min<std::size_t>(want, fetched_at_once));
            const auto status = natsSubscription_Fetch(&list, session->pulled.get(), batch, fetch_patience, nullptr);
            if (status != NATS_OK && status != NATS_TIMEOUT) {
                log::of("workers")->warn("the queue can't be read: {}", natsStatus_GetText(status));
                return false;
            }
            for (int i = 0; i < list.Count; ++i)
                received(std::make_shared<NatsDelivery>(session, writers_, std::exchange(list.Msgs[i], nullptr)));
            natsMsgList_Destroy(&list);
        }
    }

    const NatsSettings& settings_;
    const char* name_;
    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::shared_ptr<Session> session_;
    TaskThreads callers_;
    std::shared_ptr<TaskThreads> writers_; // shared with deliveries, which may outlive this
    std::thread reader_;
};

Result<> pull_from(Session& session, const char* stream, const char* subject, const char* consumer) {
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = stream;
    options.Consumer = consumer;
    natsSubscription* made = nullptr;
    const auto status = js_PullSubscribe(&made, session.stream.get(), subject, consumer, nullptr, &options, nullptr);
    if (status != NATS_OK) return trouble(status, fmt::format("the queue {} can't be read", stream));
    session.pulled.reset(made);
    return {};
}

Result<std::uint64_t> publish(Session& session, const char* subject, const std::string& data) {
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = call_patience;
    jsPubAck* ack = nullptr;
    jsErrCode code{};
    const auto status =
        js_Publish(&ack, session.stream.get(), subject, data.data(), static_cast<int>(data.size()), &options, &code);
    // 10077: the stream has as many messages as it takes.
    if (status != NATS_OK && code == 10077) return Error{Errc::busy, fmt::format("the queue {} is full", subject)};
    if (status != NATS_OK) return trouble(status, fmt::format("the queue {} took nothing", subject));
    const auto number = ack->Sequence;
    jsPubAck_Destroy(ack);
    return number;
}

// ---- the coordinator's ----

class NatsCoordinatorBus final : public CoordinatorBus, private Bus {
public:
    explicit NatsCoordinatorBus(const Settings& settings)
        : Bus(settings.nats, "provenbl coordinator", 2), settings_(settings) {}
    ~NatsCoordinatorBus() override { stop(); }

    Result<> start(Handlers handlers) override {
        listening_ = std::make_shared<Listening>(std::move(handlers));
        return run();
    }
    void stop() override {
        if (listening_ != nullptr) listening_->end(); // first: all else takes its time
        end();
    }
    [[nodiscard]] bool connected() const override { return session() != nullptr; }
    void give(std::string order, std::function<void(Result<std::uint64_t>)> done) override {
        call<std::uint64_t>(
            [order = std::move(order)](Session& session) { return publish(session, scans_subject, order); },
            std::move(done));
    }
    void take_back(std::uint64_t number) override {
        call<void>(
            [number](Session& session) -> Result<> {
                js_DeleteMsg(session.stream.get(), scans_stream, number, nullptr, nullptr); // gone already: as well
                return {};
            },
            [](const Result<>&) {});
    }

private:
    Result<> make_stream(jsCtx* context, const char* name, const char* subject, std::int64_t most) {
        jsStreamConfig wanted;
        jsStreamConfig_Init(&wanted);
        std::array<const char*, 1> subjects{subject};
        wanted.Name = name;
        wanted.Subjects = subjects.data();
        wanted.SubjectsLen = 1;
        wanted.Retention = js_WorkQueuePolicy;
        wanted.Storage = js_FileStorage;
        wanted.Discard = js_DiscardNew;
        wanted.MaxMsgs = most;
        wanted.MaxBytes = bytes_at_most;
        wanted.MaxAge = message_age;
        wanted.MaxMsgSize = 1 << 20;
        wanted.Replicas = 1;
        jsErrCode code{};
        auto status = js_AddStream(nullptr, context, &wanted, nullptr, &code);
        if (status != NATS_OK) status = js_UpdateStream(nullptr, context, &wanted, nullptr, &code);
        if (status != NATS_OK)
            return trouble(status, fmt::format("the stream {} can't be made (JetStream error {}); is JetStream on, and "
                                               "may this user make streams?",
                                               name, static_cast<int>(code)));
        return {};
    }

    Result<> make_consumer(jsCtx* context, const char* stream, const char* name, std::int64_t ack_wait,
                           std::int64_t deliveries) {
        jsConsumerConfig wanted;
        jsConsumerConfig_Init(&wanted);
        wanted.Durable = name;
        wanted.AckPolicy = js_AckExplicit;
        wanted.AckWait = ack_wait;
        wanted.MaxDeliver = deliveries;
        wanted.MaxAckPending = static_cast<std::int64_t>(settings_.queue);
        jsErrCode code{};
        auto status = js_AddConsumer(nullptr, context, stream, &wanted, nullptr, &code);
        if (status != NATS_OK) { // made with other settings before
            js_DeleteConsumer(context, stream, name, nullptr, nullptr);
            status = js_AddConsumer(nullptr, context, stream, &wanted, nullptr, &code);
        }
        if (status != NATS_OK)
            return trouble(status, fmt::format("the consumer {} of {} can't be made (JetStream error {})", name, stream,
                                               static_cast<int>(code)));
        return {};
    }

    Result<> prepare(Session& session) override {
        auto* const context = session.stream.get();
        // A stop waits for one call at most.
        auto made = make_stream(context, scans_stream, scans_subject, static_cast<std::int64_t>(settings_.queue));
        if (stopping()) made = Error{Errc::closed, "the program stops"};
        if (made) made = make_stream(context, results_stream, results_subject, results_at_most);
        if (made)
            made = make_consumer(context, scans_stream, scans_consumer, settings_.ack_wait.count() * nanoseconds,
                                 settings_.deliveries);
        if (stopping()) made = Error{Errc::closed, "the program stops"};
        if (made) made = make_consumer(context, results_stream, results_consumer, results_ack_wait, -1);
        if (made) made = pull_from(session, results_stream, results_subject, results_consumer);
        if (!made) return made;
        if (!std::exchange(emptied_, true)) js_PurgeStream(context, scans_stream, nullptr, nullptr);
        natsSubscription* desk = nullptr;
        auto listener = std::make_unique<Listener>(Listener{listening_, this});
        auto status =
            natsConnection_Subscribe(&desk, session.connection.get(), desk_subject, &on_request, listener.get());
        if (status != NATS_OK) return trouble(status, "requests can't be heard");
        session.desk.reset(desk);
        auto* const kept = listener.release(); // until the last call of on_request has returned
        status = natsSubscription_SetOnCompleteCB(
            desk, [](void* closure) { delete static_cast<Listener*>(closure); }, kept);
        if (status != NATS_OK) return trouble(status, "requests can't be heard"); // and a closure is lost
        natsSubscription_SetPendingLimits(desk, 4096, 64 << 20);
        return {};
    }

    // Of one subscription. `bus` is there while `listening` has not ended.
    struct Listener {
        std::shared_ptr<Listening> listening;
        NatsCoordinatorBus* bus;
    };

    static void on_request(natsConnection* /*connection*/, natsSubscription* /*sub*/, natsMsg* raw, void* closure) {
        const Message message(raw);
        const auto& listener = *static_cast<const Listener*>(closure);
        const char* const reply = natsMsg_GetReply(raw);
        if (reply == nullptr) return;
        Answer answer = [bus = listener.bus, to = std::string(reply)](std::string text) {
            bus->write([to, text = std::move(text)](Session& session) {
                natsConnection_Publish(session.connection.get(), to.c_str(), text.data(),
                                       static_cast<int>(text.size()));
            });
        };
        listener.listening->request({natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))},
                                    std::move(answer));
    }

    [[nodiscard]] std::size_t wanted() const override { return fetched_at_once; }
    void received(std::shared_ptr<Delivery> delivery) override { listening_->result(std::move(delivery)); }

    const Settings& settings_;
    std::shared_ptr<Listening> listening_;
    bool emptied_ = false;
};

// ---- the worker's ----

class NatsWorkerBus final : public WorkerBus, private Bus {
public:
    NatsWorkerBus(const NatsSettings& settings, std::size_t requests_at_once)
        : Bus(settings, "provenbl worker", requests_at_once) {}
    ~NatsWorkerBus() override { stop(); }

    Result<> start(std::function<void(std::shared_ptr<Delivery>)> order) override {
        order_ = std::move(order);
        return run();
    }
    void stop() override { end(); }
    void more() override {
        ++wanted_;
        look();
    }
    void request(std::string message, Duration patience, std::function<void(Result<std::string>)> done) override {
        call<std::string>(
            [message = std::move(message), patience](Session& session) -> Result<std::string> {
                natsMsg* raw = nullptr;
                const auto status = natsConnection_Request(&raw, session.connection.get(), desk_subject, message.data(),
                                                           static_cast<int>(message.size()), patience.count());
                if (status != NATS_OK) return trouble(status, "the coordinator does not answer");
                const Message reply(raw);
                return std::string(natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw)));
            },
            std::move(done));
    }
    void finish(std::string result, std::function<void(Result<>)> done) override {
        call<void>(
            [result = std::move(result)](Session& session) -> Result<> {
                const auto number = publish(session, results_subject, result);
                return number ? Result<>{} : Result<>{number.error()};
            },
            std::move(done));
    }

private:
    Result<> prepare(Session& session) override {
        auto pulled = pull_from(session, scans_stream, scans_subject, scans_consumer);
        if (pulled) return pulled;
        return Error{pulled.error().code, pulled.error().message + "; has the coordinator run with this server?"};
    }
    [[nodiscard]] std::size_t wanted() const override { return wanted_; }
    void received(std::shared_ptr<Delivery> delivery) override {
        --wanted_;
        order_(std::move(delivery));
    }

    std::function<void(std::shared_ptr<Delivery>)> order_;
    std::atomic<std::size_t> wanted_{0};
};

} // namespace

std::unique_ptr<CoordinatorBus> nats_coordinator_bus(const Settings& settings) {
    return std::make_unique<NatsCoordinatorBus>(settings);
}

std::unique_ptr<WorkerBus> nats_worker_bus(const NatsSettings& settings, std::size_t requests_at_once) {
    return std::make_unique<NatsWorkerBus>(settings, requests_at_once);
}

} // namespace provenbl::tools::workers
