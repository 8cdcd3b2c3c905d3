#include "tools/workers/listening.hpp"
#include "tools/workers/nats/bus.hpp"
#include "tools/workers/nats/session_loop.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace provenbl::tools::workers::nats {

namespace {

constexpr std::int64_t message_age = 3'600'000 * nanoseconds;
constexpr std::int64_t results_at_most = 10'000;
constexpr std::int64_t bytes_at_most = std::int64_t{256} << 20U;
constexpr std::int64_t results_ack_wait = 60'000 * nanoseconds;

class NatsCoordinatorBus final : public CoordinatorBus, private SessionLoop {
public:
    explicit NatsCoordinatorBus(const Settings& settings)
        : SessionLoop(settings.nats, "provenbl coordinator", 2), settings_(settings) {}
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

} // namespace
} // namespace provenbl::tools::workers::nats

namespace provenbl::tools::workers {

std::unique_ptr<CoordinatorBus> nats_coordinator_bus(const Settings& settings) {
    return std::make_unique<nats::NatsCoordinatorBus>(settings);
}

} // namespace provenbl::tools::workers
