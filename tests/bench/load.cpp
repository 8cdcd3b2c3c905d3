#include "tests/bench/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <sys/socket.h>
#include <system_error>

namespace provenbl::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr std::size_t batch = 64;
constexpr std::size_t header = 12;
// A turn of the loop takes tens of microseconds; longer than this and somebody else had our core.
constexpr nanoseconds absence = std::chrono::microseconds{500};

struct InFlight {
    std::uint32_t query = 0;
    bool open = false;
    Clock::time_point sent;
};

// One source port and what is in flight on it. Numbers run up; [oldest, next) holds all that is open.
struct Lane {
    explicit Lane(const Endpoint& server) : socket(UdpSocket::connected(server)), slots(1U << 16U) {}
    UdpSocket socket;
    std::vector<InFlight> slots; // by number modulo 65536
    std::uint64_t next = 0;
    std::uint64_t oldest = 0;
    std::size_t open = 0;

    // 40503 is odd, so this is a bijection; 30599 is its inverse modulo 65536.
    static std::uint16_t id(std::uint64_t number) { return static_cast<std::uint16_t>(number * 40503U); }
    InFlight& by_id(std::uint16_t id) { return slots[static_cast<std::uint16_t>(id * 30599U)]; }
};
static_assert(static_cast<std::uint16_t>(40503U * 30599U) == 1);

class Generator {
public:
    Generator(const QueryFile& file, const LoadSettings& settings)
        : queries_(file.queries()), settings_(settings), position_(settings.first % queries_.size()) {
        for (std::size_t i = 0; i < settings.sockets; ++i) lanes_.push_back(std::make_unique<Lane>(settings.server));
        for (std::size_t i = 0; i < batch; ++i) {
            in_vectors_[i] = {headers_[i].data(), header};
            in_[i].msg_hdr.msg_iov = &in_vectors_[i];
            in_[i].msg_hdr.msg_iovlen = 1;
            out_[i].msg_hdr.msg_iov = &out_vectors_[i];
            out_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    LoadResult run() {
        start_ = now_ = turn_ = last_answer_ = last_answer_awake_ = Clock::now();
        const auto end = start_ + settings_.duration;
        const auto give_up = end + settings_.timeout;
        while (now_ < end || (in_flight() > 0 && now_ < give_up)) {
            for (auto& lane : lanes_) {
                const bool more = receive(*lane);
                tick();
                if (now_ < end) send(*lane);
                // What waits in our own socket, because we were away, is not lost.
                if (!more) expire(*lane);
            }
        }
        result_.took = std::max(last_answer_, end) - start_;
        return std::move(result_);
    }

private:
    [[nodiscard]] std::size_t in_flight() const {
        std::size_t all = 0;
        for (const auto& lane : lanes_) all += lane->open;
        return all;
    }

    void tick() {
        now_ = Clock::now();
        if (now_ - turn_ > absence) last_answer_awake_ += now_ - turn_;
        turn_ = now_;
    }

    // Whether anything came.
    bool receive(Lane& lane) {
        const int got = ::recvmmsg(lane.socket.fd(), in_.data(), batch, MSG_DONTWAIT, nullptr);
        if (got <= 0) return false; // nothing yet, or the server is not there: both end as lost
        tick();
        result_.silence_with_absence = std::max(result_.silence_with_absence, nanoseconds{now_ - last_answer_});
        result_.silence = std::max(result_.silence, nanoseconds{now_ - last_answer_awake_});
        last_answer_ = last_answer_awake_ = now_;
        for (int i = 0; i < got; ++i) take(lane, headers_[static_cast<std::size_t>(i)]);
        return true;
    }

    void take(Lane& lane, const std::array<std::uint8_t, header>& answer) {
        auto& slot = lane.by_id(static_cast<std::uint16_t>(answer[0] << 8U | answer[1]));
        if (!slot.open || (answer[2] & 0x80U) == 0) {
            ++result_.stray;
            return;
        }
        slot.open = false;
        --lane.open;
        ++result_.answered;
        result_.latency.add(now_ - slot.sent);
        if (settings_.echo) return;
        const auto& expected = queries_[slot.query].expected;
        const auto rcode = answer[3] & 0x0fU;
        const auto answers = static_cast<unsigned>(answer[6] << 8U | answer[7]);
        if (rcode == expected.rcode && answers == expected.answers) return;
        ++result_.wrong;
        if (result_.first_wrong.empty())
            result_.first_wrong = fmt::format("query {} of the file: rcode {} and {} answers instead of {} and {}",
                                              slot.query, rcode, answers, expected.rcode, expected.answers);
    }

    // How many more may be sent on this lane now.
    [[nodiscard]] std::size_t allowance(const Lane& lane) const {
        // The ring of numbers must not bite its tail.
        const std::size_t ring = lane.slots.size() - static_cast<std::size_t>(lane.next - lane.oldest);
        std::size_t most = std::min(batch, ring);
        if (settings_.rate > 0) {
            const auto due =
                static_cast<std::uint64_t>(settings_.rate * std::chrono::duration<double>(now_ - start_).count());
            return std::min<std::size_t>(most, due > result_.sent ? due - result_.sent : 0);
        }
        const auto share = std::max<std::size_t>(1, settings_.window / lanes_.size());
        return std::min(most, share > lane.open ? share - lane.open : 0);
    }

    void send(Lane& lane) {
        const auto count = allowance(lane);
        if (count == 0) return;
        auto position = position_;
        for (std::size_t i = 0; i < count; ++i) {
            const auto& query = queries_[position];
            const auto id = Lane::id(lane.next + i);
            query.wire[0] = static_cast<char>(id >> 8U);
            query.wire[1] = static_cast<char>(id);
            out_vectors_[i] = {query.wire, query.size};
            lane.slots[(lane.next + i) % lane.slots.size()] = {static_cast<std::uint32_t>(position), false, now_};
            position = position + 1 == queries_.size() ? 0 : position + 1;
        }
        const int sent = ::sendmmsg(lane.socket.fd(), out_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
        if (sent <= 0) return; // our buffer is full, or a refusal from before: try again next turn
        for (int i = 0; i < sent; ++i) lane.slots[lane.next++ % lane.slots.size()].open = true;
        lane.open += static_cast<std::size_t>(sent);
        result_.sent += static_cast<std::uint64_t>(sent);
        position_ = (position_ + static_cast<std::size_t>(sent)) % queries_.size();
    }

    void expire(Lane& lane) {
        for (; lane.oldest < lane.next; ++lane.oldest) {
            auto& slot = lane.slots[lane.oldest % lane.slots.size()];
            if (!slot.open) continue;
            if (now_ - slot.sent < settings_.timeout) return;
            slot.open = false;
            --lane.open;
            ++result_.lost;
        }
    }

    const std::vector<QueryFile::Query>& queries_;
    const LoadSettings& settings_;
    std::size_t position_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    LoadResult result_;
    Clock::time_point start_, now_, turn_, last_answer_, last_answer_awake_;
    std::array<std::array<std::uint8_t, header>, batch> headers_{};
    std::array<iovec, batch> in_vectors_{}, out_vectors_{};
    std::array<mmsghdr, batch> in_{}, out_{};
};

} // namespace

LoadResult run_load(const QueryFile& file, const LoadSettings& settings) {
    return std::make_unique<Generator>(file, settings)->run();
}

} // namespace provenbl::bench
