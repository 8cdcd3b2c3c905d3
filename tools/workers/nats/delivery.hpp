// A message of a queue, until it is settled.
#pragma once

#include "store/log.hpp"
#include "tools/workers/bus.hpp"
#include "tools/workers/nats/session.hpp"
#include "tools/workers/task_threads.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace provenbl::tools::workers::nats {

class QueuedDelivery final : public Delivery {
public:
    // Settled by `writers`: whoever says what became of a message does not wait for the server.
    QueuedDelivery(std::shared_ptr<Session> session, std::shared_ptr<TaskThreads> writers, natsMsg* message)
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

} // namespace provenbl::tools::workers::nats
