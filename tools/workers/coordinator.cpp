#include "tools/workers/coordinator.hpp"

#include "store/log.hpp"
#include "tools/workers/bridge.hpp"
#include "tools/workers/envelope.hpp"
#include "tools/workers/given.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace provenbl::tools::workers {

namespace asio = boost::asio;
using verifier::Awaitable;
using verifier::Findings;
using verifier::VisitBooks;

namespace {

constexpr Duration glance = std::chrono::milliseconds(100);
constexpr Duration visit_margin = std::chrono::minutes(5);
constexpr Duration order_life = std::chrono::hours(1);
constexpr Duration mute_for = std::chrono::seconds(30); // after an order that JetStream did not acknowledge

} // namespace

// In the table for as long as the coordinator waits for it, however that ends.
class Coordinator::OnTheList {
public:
    OnTheList(Coordinator& of, Given_ given) : of_(of), given_(std::move(given)) {
        of_.given_[given_->scan.id] = given_;
        of_.out_ = of_.given_.size();
    }
    ~OnTheList() {
        of_.given_.erase(given_->scan.id);
        of_.out_ = of_.given_.size();
        if (!given_->over) of_.leases_.erase(given_->lease); // else until it has been recorded
        if (given_->order && !given_->over) of_.bus_.take_back(*given_->order);
    }
    OnTheList(const OnTheList&) = delete;
    OnTheList& operator=(const OnTheList&) = delete;

private:
    Coordinator& of_;
    Given_ given_;
};

Coordinator::Coordinator(const Settings& settings, const verifier::VerifierSettings& verifier,
                         const signing::SigningKey& key, Register& members, CoordinatorBus& bus, const Clock& clock,
                         Entropy& entropy)
    : settings_(settings), verifier_(verifier), key_(key), members_(members), bus_(bus), clock_(clock),
      entropy_(entropy) {}

Coordinator::~Coordinator() = default;

void Coordinator::open(asio::any_io_executor executor, VisitBooks& books) {
    executor_ = std::move(executor);
    books_ = &books;
    pending_ = 0; // what asked the last verifier is answered by nobody
    mute_until_ = Time{};
    const auto started = bus_.start({[this](std::string message, CoordinatorBus::Answer answer) {
                                         heard_request(std::move(message), std::move(answer));
                                     },
                                     [this](std::shared_ptr<Delivery> delivery) { heard_result(delivery); }});
    if (!started) log::of("workers")->error("there will be no workers: {}", started.error().message);
}

void Coordinator::hang_up() {
    bus_.stop();
}

void Coordinator::close() {
    books_ = nullptr;
    for (const auto& [id, given] : given_) given->timer.cancel();
}

CoordinatorCounts Coordinator::counts() const {
    return {given_count_, returned_, lost_, refused_, at_home_, out_, members_.size(), bus_.connected()};
}

Error Coordinator::refuse(Errc code, std::string why) {
    ++refused_;
    return {code, std::move(why)};
}

// ---- giving out ----

Awaitable<Result<>> Coordinator::give(Given_ given) {
    // Before it is given: it may be taken before this hears that it was.
    given->heard = clock_.now();
    given->delivery = 0; // a new order counts anew
    const auto order = seal(key_, Purpose::order, encode(Order{given->scan.id, clock_.now() + order_life}));
    const auto number = co_await bridged<std::uint64_t>([&](auto done) { bus_.give(order, std::move(done)); });
    // Each try would keep a visit waiting, and a thread of the bus.
    if (!number && number.error().code == Errc::timeout) mute_until_ = clock_.now() + mute_for;
    if (!number) co_return number.error();
    given->order = *number;
    ++given_count_;
    co_return Result<>{};
}

// Whoever held it holds nothing any more.
void Coordinator::drop_lease(Given& given) {
    leases_.erase(given.lease);
    given.lease.clear();
}

void Coordinator::drop_order(Given& given) {
    if (given.order) bus_.take_back(*given.order);
    given.order.reset();
}

Awaitable<Result<Findings>> Coordinator::visit(Scan scan, VisitBooks::Known known) {
    const bool waits = settings_.when_absent == WhenAbsent::wait;
    const auto longest = verifier_.probe.visit_timeout + visit_margin;
    const auto given = std::make_shared<Given>(executor_, std::move(scan), std::move(known));
    const OnTheList listed(*this, given);
    for (;;) {
        if (given->findings) {
            ++returned_;
            co_return std::move(*given->findings);
        }
        if (books_ == nullptr) co_return Error{Errc::closed, "the program stops"};
        const auto now = clock_.now();
        const auto silent = now - given->heard;
        const bool held = !given->lease.empty();
        if (given->why_home) {
            if (now >= given->home_at) {
                ++at_home_;
                // The word of a worker that is lost decides nothing.
                if (!given->steps.empty()) (void)co_await books_->begin_anew(given->scan);
                co_return *given->why_home;
            }
        } else if (held && now - given->taken >= longest) {
            given->go_home({Errc::timeout, "the worker " + given->worker + " takes too long"},
                           given->heard + settings_.ack_wait * 3 / 4); // he gives up by then, whatever he hears
            drop_lease(*given);
            drop_order(*given);
        } else if (held && silent >= settings_.ack_wait + settings_.take_within) {
            // The queue has given it to others, and nobody has come for it.
            ++lost_;
            log::of("workers")->warn("the worker {} has not been heard of since it took {}", given->worker,
                                     given->scan.host.to_string());
            drop_lease(*given);
            drop_order(*given);
            if (!waits) given->go_home({Errc::timeout, "the worker that took it is lost"}, now);
        } else if (!held && !given->order) {
            Result<> out = Error{Errc::unreachable, "the NATS server can't be reached"};
            if (bus_.connected() && now < mute_until_)
                out = Error{Errc::unreachable, "JetStream did not answer a moment ago"};
            else if (bus_.connected())
                out = co_await give(given);
            if (!out && !waits) given->go_home(out.error(), now);
        } else if (!held && silent >= settings_.take_within && !waits) {
            given->go_home({Errc::unreachable, "no worker has taken it; is one running, and registered?"}, now);
        } else if (!held && silent >= order_life) {
            drop_order(*given); // given out anew
        }
        if (given->why_home && now >= given->home_at) continue;
        given->timer.expires_after(glance);
        const auto [woken] = co_await given->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        (void)woken;
    }
}

// ---- results ----

void Coordinator::heard_result(const std::shared_ptr<Delivery>& delivery) {
    const auto drop = [&](const std::string& why) {
        ++refused_;
        log::of("workers")->warn("a result was refused: {}", why);
        delivery->done();
    };
    const auto opened = workers::open(Purpose::result, delivery->data());
    if (!opened) return drop(opened.error().message);
    const auto worker = members_.name_of(opened->signer);
    if (!worker) return drop("its key is no registered worker's (key " + opened->signer.id() + ")");
    auto message = decode_result(opened->body);
    if (!message) return drop(*worker + ": " + message.error().message);
    asio::post(executor_, [this, worker = *worker, message = std::move(*message), delivery]() mutable {
        result(worker, std::move(message), std::move(delivery));
    });
}

void Coordinator::result(const std::string& worker, ResultMessage message, std::shared_ptr<Delivery> delivery) {
    const auto drop = [&](const std::string& why) {
        ++refused_;
        log::of("workers")->warn("a result of {} was refused: {}", worker, why);
        delivery->done();
    };
    if (books_ == nullptr) return; // it comes again
    const auto found = leases_.find(message.lease);
    if (found == leases_.end() || found->second->lease != message.lease)
        return drop("it answers no visit that is out: that is over, another's, or was never given out");
    const auto given = found->second;
    if (given->worker != worker) return drop("the lease is another worker's");
    if (given->over) { // said again while the first is being recorded
        given->result = std::move(delivery);
        return;
    }
    if (message.steps.size() < given->steps.size()) return drop("it lacks steps that were told before");
    if (const auto fit = take_over(*given, message.steps); !fit) return drop(fit.error().message);
    std::copy(given->steps.begin(), given->steps.end(), message.steps.begin()); // what was told stands
    given->over = true;
    given->result = std::move(delivery);
    given->findings =
        Findings{worker, std::move(message.steps), given->written, message.software.substr(0, 200), [this, given] {
                     leases_.erase(given->lease);
                     if (given->result) given->result->done();
                     given->result.reset();
                 }};
    given->timer.cancel();
}

} // namespace provenbl::tools::workers
