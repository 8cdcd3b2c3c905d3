#include "tools/workers/nats/session_loop.hpp"

#include "store/log.hpp"
#include "tools/workers/nats/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace provenbl::tools::workers::nats {

namespace {

constexpr std::int64_t fetch_patience = 500; // ms, for a message; also how long a stop may take
constexpr std::size_t calls_waiting = 4096;
constexpr Duration first_pause = std::chrono::seconds(1);
constexpr Duration longest_pause = std::chrono::seconds(30);

} // namespace

SessionLoop::SessionLoop(const NatsSettings& settings, const char* name, std::size_t callers)
    : settings_(settings), name_(name), callers_(callers, calls_waiting),
      writers_(std::make_shared<TaskThreads>(1, calls_waiting)) {}

std::shared_ptr<Session> SessionLoop::session() const {
    const std::lock_guard lock(mutex_);
    return stopping_ ? nullptr : session_;
}

Result<> SessionLoop::run() {
    auto options = options_of(settings_, name_);
    if (!options) return options.error();
    options_ = std::move(*options);
    reader_ = std::thread([this] { loop(); });
    return {};
}

void SessionLoop::end() {
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

bool SessionLoop::stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void SessionLoop::write(std::function<void(Session&)> what) {
    (void)writers_->add([this, what = std::move(what)] {
        if (const auto now = session(); now != nullptr) what(*now);
    });
}

Result<std::shared_ptr<Session>> SessionLoop::connect() {
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
std::string SessionLoop::shown_url() const {
    const auto at = settings_.url.rfind('@');
    const auto scheme = settings_.url.find("://");
    if (at == std::string::npos || scheme == std::string::npos) return settings_.url;
    return settings_.url.substr(0, scheme + 3) + settings_.url.substr(at + 1);
}

bool SessionLoop::pause(Duration span) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, span, [this] { return stopping_; });
}

void SessionLoop::loop() {
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
bool SessionLoop::read(const std::shared_ptr<Session>& session) {
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
            received(std::make_shared<QueuedDelivery>(session, writers_, std::exchange(list.Msgs[i], nullptr)));
        natsMsgList_Destroy(&list);
    }
}

} // namespace provenbl::tools::workers::nats
