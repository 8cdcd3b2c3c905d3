#include "dnsbl/udp_workers.hpp"

#include "dnsbl/guard/rate_limit.hpp"
#include "dnsbl/static_view.hpp"
#include "store/entropy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <sys/time.h>

namespace provenbl::dnsbl {
namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t longest_query = 4096; // a longer one is no question that we could answer
// How long an idle worker may hold on to an old snapshot.
constexpr timeval longest_idle{1, 0};

// Buffers that lie a power of two apart share a few cache sets; an odd number of lines spreads them over all.
constexpr std::size_t spread(std::size_t size) {
    constexpr std::size_t line = 64;
    return ((size + line - 1) / line | 1U) * line;
}
constexpr std::size_t query_stride = spread(longest_query);

// The messages of one round, received and to be sent. Headers point into the buffers and never move.
class Batch {
public:
    Batch(std::size_t answer_size, bool wildcard)
        : answer_size_(answer_size), answer_stride_(spread(answer_size)), wildcard_(wildcard),
          received_bytes_(batch_size * query_stride), answer_bytes_(batch_size * answer_stride_) {
        for (std::size_t i = 0; i < batch_size; ++i) {
            received_iov_[i] = {received_bytes_.data() + i * query_stride, longest_query};
            answer_iov_[i] = {answer_bytes_.data() + i * answer_stride_, 0};
            received_[i].msg_hdr = {&peers_[i], 0, &received_iov_[i], 1, nullptr, 0, 0};
        }
    }

    // Waits for the first and takes what else is there. How many came; 0 after longest_idle and after a shutdown.
    std::size_t receive(int socket) {
        // The kernel writes into the headers that it fills; the others are as they were.
        for (std::size_t i = 0; i < received_count_; ++i) prepare(i);
        const int count = recvmmsg(socket, received_.data(), batch_size, MSG_WAITFORONE, nullptr);
        received_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
        return received_count_;
    }

    [[nodiscard]] bool cut(std::size_t i) const { return (received_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0; }
    // Empty for one that was cut off.
    [[nodiscard]] std::span<const std::uint8_t> message(std::size_t i) const {
        return {received_bytes_.data() + i * query_stride, cut(i) ? 0 : received_[i].msg_len};
    }
    [[nodiscard]] const sockaddr_in6& peer(std::size_t i) const { return peers_[i]; }
    [[nodiscard]] std::span<std::uint8_t> room(std::size_t i) {
        return {answer_bytes_.data() + i * answer_stride_, answer_size_};
    }

    // Queues the answer to message i, written into room(i).
    void answer(std::size_t i, std::size_t size) {
        const auto& question = received_[i].msg_hdr;
        auto& header = to_send_[to_send_count_++].msg_hdr;
        answer_iov_[i].iov_len = size;
        header.msg_name = question.msg_name;
        header.msg_namelen = question.msg_namelen;
        header.msg_iov = &answer_iov_[i];
        header.msg_iovlen = 1;
        if (!wildcard_) return;
        header.msg_control = question.msg_control;
        header.msg_controllen = question.msg_controllen;
        leave_from_asked_address(header);
    }

    // How many answers there were.
    std::size_t send(int socket) {
        const auto answers = to_send_count_;
        std::size_t sent = 0;
        while (sent < to_send_count_) {
            const int count = sendmmsg(socket, &to_send_[sent], static_cast<unsigned>(to_send_count_ - sent), 0);
            if (count < 0 && errno == EINTR) continue;
            // One that can't be sent (an unreachable or impossible source) must not hold up the others.
            sent += count > 0 ? static_cast<std::size_t>(count) : 1;
        }
        to_send_count_ = 0;
        return answers;
    }

private:
    void prepare(std::size_t i) {
        auto& header = received_[i].msg_hdr;
        header.msg_namelen = sizeof(sockaddr_in6);
        header.msg_control = wildcard_ ? controls_[i].bytes : nullptr;
        header.msg_controllen = wildcard_ ? sizeof controls_[i].bytes : 0;
        header.msg_flags = 0;
    }
    // The control data that came with the question says where it was sent to; with the interface cleared it
    // makes the answer leave from there, by whatever route.
    static void leave_from_asked_address(msghdr& header) {
        for (auto* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
                in_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(control), sizeof info);
                info.ipi_ifindex = 0;
                std::memcpy(CMSG_DATA(control), &info, sizeof info);
            } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
                in6_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(control), sizeof info);
                if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
                std::memcpy(CMSG_DATA(control), &info, sizeof info);
            }
        }
    }

    struct Control {
        alignas(cmsghdr) std::uint8_t bytes[CMSG_SPACE(sizeof(in6_pktinfo))];
    };
    std::size_t answer_size_;
    std::size_t answer_stride_;
    bool wildcard_;
    std::vector<std::uint8_t> received_bytes_;
    std::vector<std::uint8_t> answer_bytes_;
    std::array<sockaddr_in6, batch_size> peers_{};
    std::array<Control, batch_size> controls_{};
    std::array<iovec, batch_size> received_iov_{};
    std::array<iovec, batch_size> answer_iov_{};
    std::array<mmsghdr, batch_size> received_{};
    std::array<mmsghdr, batch_size> to_send_{};
    std::size_t received_count_ = batch_size; // of the round before: those to prepare
    std::size_t to_send_count_ = 0;
};

} // namespace

// What a worker answers with until the next change.
struct UdpWorkers::Hand {
    // `before`: the hand before this one; what clients have used up stays used up under the same limits.
    Hand(std::shared_ptr<const Serving> with, std::size_t place, std::unique_ptr<Hand> before = nullptr)
        : serving(std::move(with)), statics(serving->responder.statics()), recorder(*serving->recorders.at(place)) {
        if (before && before->serving->settings.rate_limit == serving->settings.rate_limit) {
            limiter = std::move(before->limiter);
            return;
        }
        SystemEntropy entropy;
        limiter = std::make_unique<guard::RateLimiter>(serving->settings.rate_limit, entropy);
    }
    const std::shared_ptr<const Serving> serving;
    StaticReader statics;
    watch::Recorder& recorder;
    std::unique_ptr<guard::RateLimiter> limiter;
};

UdpWorkers::UdpWorkers(const CurrentServing& current, const zones::Follower& follower, const guard::KeyRing* keys,
                       const transfer::MirrorRing* mirrors)
    : current_(current), follower_(follower),
      answer_size_(std::max(current.get()->settings.edns_size, static_cast<std::uint16_t>(Responder::smallest_buffer))),
      keys_(keys), mirrors_(mirrors) {}

UdpWorkers::~UdpWorkers() {
    stop();
}

void UdpWorkers::add(Descriptor socket, const Endpoint& endpoint, bool kept) {
    auto worker = std::make_unique<Worker>();
    worker->socket = std::move(socket);
    worker->wildcard = is_wildcard(endpoint.address);
    if (!worker->wildcard) worker->endpoint = endpoint;
    worker->kept = kept;
    workers_.push_back(std::move(worker));
    workers_.back()->place = workers_.size();
}

void UdpWorkers::start() {
    for (auto& worker : workers_) worker->thread = std::thread([this, &worker = *worker] { run(worker); });
}

void UdpWorkers::stop() {
    stopping_ = true;
    for (auto& worker : workers_) {
        // Says ENOTCONN, as nobody is connected, and wakes the reader nevertheless (Linux, net/ipv4/af_inet.c). It
        // would end a kept socket for its keeper, too; there the reader looks up by itself.
        if (!worker->kept) shutdown(worker->socket.get(), SHUT_RD);
    }
    for (auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
        worker->socket = Descriptor();
    }
}

bool UdpWorkers::have_taken(std::uint64_t generation) const {
    return std::all_of(workers_.begin(), workers_.end(),
                       [generation](const auto& worker) { return worker->taken >= generation; });
}

Outcome UdpWorkers::answer(const Serving& serving, std::span<const std::uint8_t> message, const FastQuestion& question,
                           const sockaddr_in6& peer, Asker& asker, const zones::Snapshot& snapshot,
                           std::span<std::uint8_t> room) {
    const auto& responder = serving.responder;
    Outcome outcome;
    asker.limited = false;
    // Who asks is worked out only where somebody wants to know.
    const bool limited = asker.limiter->limits(guard::AnswerKind::answer);
    const bool listed = !responder.access().empty();
    if (limited || listed) asker.client = endpoint_of(peer);
    // A client whom the access list does not simply allow is judged by the general path.
    const auto* rule = listed ? responder.access().find(asker.client.address) : nullptr;
    const bool barred = rule != nullptr && rule->action != guard::AccessAction::allow;
    if (!barred && question.taken && serving.fast_path.answer(message, question, snapshot, room, outcome)) {
        if (!limited || asker.limiter->admit(asker.client.address, guard::AnswerKind::answer, asker.now))
            return outcome;
        asker.limited = true;
    }
    asker.client = endpoint_of(peer);
    outcome = responder.respond(message, asker, snapshot, room);
    if (outcome.transfer != TransferDue::none) {
        wire::Query query;
        static_cast<void>(wire::read_query(message, query));
        const auto limit = responder.limit(query, Transport::udp, room.size());
        outcome.size = serving.desk.answer_udp(message, outcome, room, limit, snapshot, asker);
    } else if (outcome.refusal != Refusal::none) [[unlikely]] {
        serving.desk.refused(message, asker, outcome);
    }
    return outcome;
}

void UdpWorkers::run(Worker& worker) {
    const auto batch = std::make_unique<Batch>(answer_size_, worker.wildcard);
    std::array<FastQuestion, batch_size> questions;
    std::array<Outcome, batch_size> outcomes; // kept for who looks on
    zones::SnapshotReader snapshots(follower_);
    guard::KeyReader keys(keys_);
    transfer::AccessReader mirrors(mirrors_);
    Asker asker;
    std::unique_ptr<Hand> hand;
    const auto take_up = [&] {
        const auto generation = current_.generation();
        if (hand && worker.taken == generation) return;
        hand = std::make_unique<Hand>(current_.get(), worker.place, std::move(hand));
        asker.limiter = hand->limiter.get();
        worker.taken = generation;
    };
    take_up();
    const int socket = worker.socket.get();
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest_idle, sizeof longest_idle);
    while (true) {
        const auto count = batch->receive(socket);
        // After a shutdown the socket gives empty messages for ever.
        if (stopping_ && (!worker.kept || count == 0)) return;
        take_up();
        asker.statics = hand->statics.get();
        const auto& snapshot = snapshots.get();
        if (count == 0) continue;
        const auto& serving = *hand->serving;
        auto& recorder = hand->recorder;
        const auto began = std::chrono::steady_clock::now();
        const auto received = std::chrono::system_clock::now();
        asker.now = std::chrono::floor<Duration>(received);
        asker.keys = keys.get();
        asker.mirrors = mirrors.get();
        for (std::size_t i = 0; i < count; ++i) questions[i] = serving.fast_path.read(batch->message(i));
        FastPath::find({questions.data(), count}, snapshot);
        for (std::size_t i = 0; i < count; ++i) {
            const auto message = batch->message(i);
            auto& outcome = outcomes[i];
            outcome = answer(serving, message, questions[i], batch->peer(i), asker, snapshot, batch->room(i));
            if (batch->cut(i)) outcome.drop = Drop::oversize;
            recorder.count(outcome);
            if (outcome.size > 0) batch->answer(i, outcome.size);
        }
        const auto answers = batch->send(socket);
        recorder.took(std::chrono::steady_clock::now() - began, answers);
        if (recorder.watched()) {
            const auto sent = std::chrono::system_clock::now();
            for (std::size_t i = 0; i < count; ++i) {
                asker.client = endpoint_of(batch->peer(i));
                recorder.observe({asker, worker.endpoint, batch->message(i), outcomes[i],
                                  batch->room(i).first(outcomes[i].size), received, sent});
            }
        }
        if (stopping_) return; // what was answered has been told
    }
}

} // namespace provenbl::dnsbl
