#include "tests/bench/changes.hpp"

#include "store/journal.hpp"
#include "store/journal_append.hpp"
#include "store/tables.hpp"
#include "tests/bench/query_file.hpp"
#include "tests/bench/udp_socket.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace provenbl::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr auto late = std::chrono::milliseconds{10};
constexpr auto ask_again = std::chrono::milliseconds{50}; // no answer at all
constexpr std::size_t questions_at_once = 256;            // what a socket's buffer holds without a doubt

struct Step {
    std::uint32_t number = 0; // of the address
    bool listed = false;      // from now on
};

struct Committed {
    Step step;
    Clock::time_point at;
};

Address address_of(std::uint32_t number) {
    return Address::v4(spare_octet << 24U | ((number * 40503U) & 0xffffffU)); // scattered, each once
}

// Which address a change concerns: listings, and from `lag` on a delisting after each of them.
class Script {
public:
    Script(std::uint32_t first, std::uint32_t lag) : next_(first), oldest_(first), lag_(lag) {}
    Step step() {
        if (next_ - oldest_ > lag_ && !delisted_) {
            delisted_ = true;
            return {oldest_++, false};
        }
        delisted_ = false;
        return {next_++, true};
    }

private:
    std::uint32_t next_, oldest_, lag_;
    bool delisted_ = false;
};

// Hands what was committed to the asking thread and wakes it.
class Outbox {
public:
    Outbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (event_ < 0) throw std::system_error(errno, std::generic_category(), "making an event");
    }
    ~Outbox() { ::close(event_); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    void add(const std::vector<Step>& steps, Clock::time_point at) {
        {
            const std::lock_guard lock(mutex_);
            for (const auto& step : steps) waiting_.push_back({step, at});
        }
        ::eventfd_write(event_, 1);
    }
    void take(std::deque<Committed>& into) {
        eventfd_t ignored = 0;
        ::eventfd_read(event_, &ignored);
        const std::lock_guard lock(mutex_);
        into.insert(into.end(), waiting_.begin(), waiting_.end());
        waiting_.clear();
    }
    [[nodiscard]] int event() const { return event_; }

private:
    int event_;
    std::mutex mutex_;
    std::vector<Committed> waiting_;
};

Result<> commit(Store& store, const std::vector<Step>& steps) {
    return store.write([&](WriteTxn& txn) -> Result<> {
        const ClassSet relay{ListingClass::relay};
        const auto seconds = static_cast<std::uint32_t>(txn.now.time_since_epoch().count() / 1000);
        for (const auto& step : steps) {
            Change change;
            change.address = address_of(step.number);
            change.before = step.listed ? ClassSet{} : relay;
            change.after = step.listed ? relay : ClassSet{};
            change.reason = step.listed ? ChangeReason::proven : ChangeReason::secured;
            change.actor = "verifier";
            journal::append(txn, change);
            const auto key = keys::bare(change.address);
            if (step.listed)
                txn.txn.put(txn.tables.listed4, key, codec::encode(Listing{relay, seconds, change.case_id}));
            else
                txn.txn.erase(txn.tables.listed4, key);
        }
        return {};
    });
}

// Commits until the time is over. Groups that fall behind catch up, so the rate holds if the disk lets it.
void write_changes(Store& store, const ChangesSettings& settings, std::uint32_t first, Outbox& outbox,
                   ChangesResult& result) {
    Script script(first, static_cast<std::uint32_t>(settings.rate / 4));
    const auto start = Clock::now();
    auto now = start;
    while (now - start < settings.duration) {
        const auto due = static_cast<std::uint64_t>(settings.rate * std::chrono::duration<double>(now - start).count());
        if (due > result.changes) {
            std::vector<Step> steps(std::min<std::uint64_t>(due - result.changes, 2000));
            for (auto& step : steps) step = script.step();
            commit(store, steps).value();
            const auto done = Clock::now();
            result.commit.add(done - now);
            result.changes += steps.size();
            ++result.groups;
            outbox.add(steps, done);
        }
        // The rhythm of the load, not a wait for something to have happened.
        std::this_thread::sleep_until(now + settings.interval);
        now = Clock::now();
    }
    result.took = now - start;
}

class Asker {
public:
    Asker(const ChangesSettings& settings, ChangesResult& result)
        : settings_(settings), result_(result), socket_(UdpSocket::connected(settings.server)) {}

    // Asks for everything in the queue until it is right or lost.
    void run(Outbox& outbox, const std::atomic<bool>& over) {
        for (;;) {
            const bool last = over;
            outbox.take(queue_);
            step(outbox.event());
            if (last && queue_.empty() && asked_.empty()) return;
        }
    }

    // Asks for each once more, when all is quiet. Only here may an answer be wrong.
    std::uint64_t check(const std::unordered_map<std::uint32_t, bool>& expected) {
        const auto lost_before = result_.lost;
        const auto now = Clock::now();
        for (const auto& [number, listed] : expected) queue_.push_back({{number, listed}, now});
        checking_ = true;
        while (!queue_.empty() || !asked_.empty()) step(-1);
        const auto wrong = wrong_ + (result_.lost - lost_before);
        result_.lost = lost_before;
        return wrong;
    }

    [[nodiscard]] const std::unordered_map<std::uint32_t, bool>& states() const { return states_; }

private:
    struct Question {
        Committed change;
        Clock::time_point asked;
    };

    void step(int event) {
        const auto now = Clock::now();
        while (!queue_.empty() && asked_.size() < questions_at_once) {
            ask(queue_.front(), now);
            queue_.pop_front();
        }
        std::array<pollfd, 2> wait{{{socket_.fd(), POLLIN, 0}, {event, POLLIN, 0}}};
        ::poll(wait.data(), wait.size(), asked_.empty() ? 20 : 5);
        std::array<std::uint8_t, 512> answer{};
        for (;;) {
            const auto size = ::recv(socket_.fd(), answer.data(), answer.size(), 0);
            if (size < 12) break;
            take(answer, Clock::now());
        }
        // Once in a while is enough: nothing is expected to be lost.
        if (Clock::now() - swept_ > ask_again) sweep(Clock::now());
    }

    void ask(const Committed& change, Clock::time_point now) {
        states_[change.step.number] = change.step.listed;
        while (asked_.count(next_id_) != 0) ++next_id_;
        auto wire = wire_query(address_of(change.step.number), Type::a, false);
        wire[0] = static_cast<char>(next_id_ >> 8U);
        wire[1] = static_cast<char>(next_id_);
        asked_.emplace(next_id_++, Question{change, now});
        // One that can't be sent is asked again by sweep.
        static_cast<void>(::send(socket_.fd(), wire.data(), wire.size(), 0));
    }

    void take(const std::array<std::uint8_t, 512>& answer, Clock::time_point now) {
        const auto found = asked_.find(static_cast<std::uint16_t>(answer[0] << 8U | answer[1]));
        if (found == asked_.end()) return;
        const auto change = found->second.change;
        asked_.erase(found);
        const bool right = change.step.listed ? (answer[3] & 15U) == noerror && answer[6] == 0 && answer[7] == 1
                                              : (answer[3] & 15U) == nxdomain && answer[6] == 0 && answer[7] == 0;
        if (checking_) {
            wrong_ += right ? 0 : 1;
        } else if (right) {
            result_.visible.add(now - change.at);
            if (now - change.at > late) ++result_.late;
        } else if (now - change.at > settings_.timeout) {
            ++result_.lost;
        } else {
            ask(change, now);
        }
    }

    void sweep(Clock::time_point now) {
        swept_ = now;
        std::vector<Committed> again;
        for (auto it = asked_.begin(); it != asked_.end();) {
            if (now - it->second.asked > ask_again) {
                again.push_back(it->second.change);
                it = asked_.erase(it);
            } else {
                ++it;
            }
        }
        result_.unanswered += again.size();
        for (const auto& change : again) {
            if (now - change.at > settings_.timeout && !checking_)
                ++result_.lost;
            else
                ask(change, now);
        }
    }

    const ChangesSettings& settings_;
    ChangesResult& result_;
    UdpSocket socket_;
    std::deque<Committed> queue_;
    std::unordered_map<std::uint16_t, Question> asked_;
    std::unordered_map<std::uint32_t, bool> states_;
    std::uint16_t next_id_ = 1;
    Clock::time_point swept_ = Clock::now();
    bool checking_ = false;
    std::uint64_t wrong_ = 0;
};

} // namespace

ChangesResult run_changes(const ChangesSettings& settings) {
    const SystemClock clock;
    StoreOptions options;
    options.directory = settings.directory;
    auto store = Store::open(options, clock).value();
    const auto first = store->read([](const ReadTxn& txn) { return journal::last(txn); });
    ChangesResult result;
    Outbox outbox;
    Asker asker(settings, result);
    std::atomic<bool> over = false;
    std::exception_ptr failed;
    std::thread writer([&] {
        try {
            write_changes(*store, settings, static_cast<std::uint32_t>(first), outbox, result);
        } catch (...) {
            failed = std::current_exception();
        }
        over = true;
    });
    asker.run(outbox, over);
    writer.join();
    if (failed) std::rethrow_exception(failed);
    const auto states = asker.states();
    result.wrong_at_end = asker.check(states);
    return result;
}

} // namespace provenbl::bench
