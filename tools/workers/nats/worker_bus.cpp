#include "tools/workers/nats/bus.hpp"
#include "tools/workers/nats/session_loop.hpp"

#include <atomic>
#include <utility>

namespace provenbl::tools::workers::nats {

namespace {

class NatsWorkerBus final : public WorkerBus, private SessionLoop {
public:
    NatsWorkerBus(const NatsSettings& settings, std::size_t requests_at_once)
        : SessionLoop(settings, "provenbl worker", requests_at_once) {}
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
} // namespace provenbl::tools::workers::nats

namespace provenbl::tools::workers {

std::unique_ptr<WorkerBus> nats_worker_bus(const NatsSettings& settings, std::size_t requests_at_once) {
    return std::make_unique<nats::NatsWorkerBus>(settings, requests_at_once);
}

} // namespace provenbl::tools::workers
