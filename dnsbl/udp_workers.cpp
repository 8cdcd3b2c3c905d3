#include "dnsbl/udp_workers.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <span>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace provenbl::dnsbl {
namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t longest_query = 4096; // a longer one is no question that we could answer
// How long an idle worker may hold on to an old snapshot.
constexpr int idle_milliseconds = 1000;

// The messages of one round, received and to be sent. Headers point into the buffers and never move.
class Batch {
public:
    Batch(std::size_t answer_size, bool wildcard)
        : answer_size_(answer_size), wildcard_(wildcard), received_bytes_(batch_size * longest_query),
          answer_bytes_(batch_size * answer_size) {
        for (std::size_t i = 0; i < batch_size; ++i) {
            received_iov_[i] = {received_bytes_.data() + i * longest_query, longest_query};
            answer_iov_[i] = {answer_bytes_.data() + i * answer_size_, 0};
        }
    }

    // How many came; 0 when there are none now.
    std::size_t receive(int socket) {
        for (std::size_t i = 0; i < batch_size; ++i) {
            auto& header = received_[i].msg_hdr;
            header.msg_name = &peers_[i];
            header.msg_namelen = sizeof(sockaddr_in6);
            header.msg_iov = &received_iov_[i];
            header.msg_iovlen = 1;
            header.msg_control = wildcard_ ? controls_[i].bytes : nullptr;
            header.msg_controllen = wildcard_ ? sizeof controls_[i].bytes : 0;
            header.msg_flags = 0;
        }
        const int count = recvmmsg(socket, received_.data(), batch_size, MSG_DONTWAIT, nullptr);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }

    // Empty for one that was cut off.
    [[nodiscard]] std::span<const std::uint8_t> message(std::size_t i) const {
        const bool cut = (received_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        return {received_bytes_.data() + i * longest_query, cut ? 0 : received_[i].msg_len};
    }
    [[nodiscard]] Endpoint client(std::size_t i) const { return endpoint_of(peers_[i]); }
    [[nodiscard]] std::span<std::uint8_t> room(std::size_t i) {
        return {answer_bytes_.data() + i * answer_size_, answer_size_};
    }

    // Queues the answer to message i, written into room(i).
    void answer(std::size_t i, std::size_t size) {
        auto& header = to_send_[to_send_count_++].msg_hdr;
        header = received_[i].msg_hdr;
        answer_iov_[i].iov_len = size;
        header.msg_iov = &answer_iov_[i];
        header.msg_flags = 0;
        if (wildcard_) leave_from_asked_address(header);
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
    bool wildcard_;
    std::vector<std::uint8_t> received_bytes_;
    std::vector<std::uint8_t> answer_bytes_;
    std::array<sockaddr_in6, batch_size> peers_{};
    std::array<Control, batch_size> controls_{};
    std::array<iovec, batch_size> received_iov_{};
    std::array<iovec, batch_size> answer_iov_{};
    std::array<mmsghdr, batch_size> received_{};
    std::array<mmsghdr, batch_size> to_send_{};
    std::size_t to_send_count_ = 0;
};

} // namespace

UdpWorkers::UdpWorkers(const Responder& responder, const zones::Follower& follower, std::uint16_t answer_size,
                       guard::RateLimitSettings rate_limit, Entropy& entropy, const guard::KeyRing* keys,
                       watch::Watch& watch)
    : responder_(responder), fast_path_(responder), follower_(follower),
      answer_size_(std::max(answer_size, static_cast<std::uint16_t>(Responder::smallest_buffer))),
      rate_limit_(std::move(rate_limit)), entropy_(entropy), keys_(keys), watch_(watch),
      stop_event_(eventfd(0, EFD_CLOEXEC)) {
    if (stop_event_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

UdpWorkers::~UdpWorkers() {
    stop();
}

void UdpWorkers::add(Descriptor socket, bool wildcard) {
    auto worker = std::make_unique<Worker>();
    worker->socket = std::move(socket);
    worker->wildcard = wildcard;
    worker->recorder = &watch_.add_recorder(Transport::udp);
    worker->limiter = std::make_unique<guard::RateLimiter>(rate_limit_, entropy_);
    workers_.push_back(std::move(worker));
}

void UdpWorkers::start() {
    for (auto& worker : workers_) worker->thread = std::thread([this, &worker = *worker] { run(worker); });
}

void UdpWorkers::stop() {
    stopping_ = true;
    // Never read, so that it wakes every worker.
    const std::uint64_t one = 1;
    if (write(stop_event_.get(), &one, sizeof one) < 0) return; // the counter is full: they are awake
    for (auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
        worker->socket = Descriptor();
    }
}

Outcome UdpWorkers::answer(std::span<const std::uint8_t> message, const FastQuestion& question, Asker& asker,
                           const zones::Snapshot& snapshot, std::span<std::uint8_t> room) const {
    Outcome outcome;
    // A client whom the access list does not simply allow is judged by the general path.
    const auto* rule = responder_.access().find(asker.client.address);
    const bool barred = rule != nullptr && rule->action != guard::AccessAction::allow;
    asker.limited = false;
    if (barred || !question.taken || !fast_path_.answer(message, question, snapshot, room, outcome))
        return responder_.respond(message, asker, snapshot, room);
    if (asker.limiter->admit(asker.client.address, guard::AnswerKind::answer, asker.now)) return outcome;
    asker.limited = true;
    return responder_.respond(message, asker, snapshot, room);
}

void UdpWorkers::run(Worker& worker) {
    const auto batch = std::make_unique<Batch>(answer_size_, worker.wildcard);
    std::array<FastQuestion, batch_size> questions;
    zones::SnapshotReader snapshots(follower_);
    auto& recorder = *worker.recorder;
    guard::KeyReader keys(keys_);
    Asker asker;
    asker.limiter = worker.limiter.get();
    std::array<pollfd, 2> waiting{{{worker.socket.get(), POLLIN, 0}, {stop_event_.get(), POLLIN, 0}}};
    while (!stopping_) {
        poll(waiting.data(), waiting.size(), idle_milliseconds);
        std::size_t count = 0;
        do {
            count = batch->receive(worker.socket.get());
            const auto& snapshot = snapshots.get();
            if (count == 0) break;
            const auto began = std::chrono::steady_clock::now();
            asker.now = SystemClock().now();
            asker.keys = keys.get();
            for (std::size_t i = 0; i < count; ++i) questions[i] = fast_path_.read(batch->message(i));
            for (std::size_t i = 0; i < count; ++i) {
                const auto room = batch->room(i);
                const auto message = batch->message(i);
                asker.client = batch->client(i);
                auto outcome = answer(message, questions[i], asker, snapshot, room);
                if (message.empty()) outcome.drop = Drop::oversize;
                recorder.count(outcome);
                if (outcome.size > 0) batch->answer(i, outcome.size);
            }
            const auto answers = batch->send(worker.socket.get());
            recorder.took(std::chrono::steady_clock::now() - began, answers);
        } while (!stopping_);
    }
}

} // namespace provenbl::dnsbl
