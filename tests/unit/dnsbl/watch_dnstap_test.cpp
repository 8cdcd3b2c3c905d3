// Frame Streams as libfstrm's own reader takes them, from a file and from a socket.
#include "dnsbl/watch/dnstap.hpp"
#include "dnstap.pb-c.h"
#include "seen.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace provenbl::dnsbl::watch {
namespace {

using namespace std::chrono_literals;
using dnsbl::testing::Bytes;
using dnsbl::testing::question;
using dnsbl::testing::Seen;

// Waits are bounded so that what fails fails the test.
template <class Condition> bool eventually(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > patience) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

// Reads up to so many messages; gives their types.
std::vector<int> read_types(fstrm_reader* reader, std::size_t at_most) {
    std::vector<int> types;
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    while (types.size() < at_most && fstrm_reader_read(reader, &data, &size) == fstrm_res_success) {
        auto* const decoded = provenbl__dnstap__dnstap__unpack(nullptr, size, data);
        types.push_back(decoded == nullptr ? -1 : static_cast<int>(decoded->message->type));
        if (decoded != nullptr) provenbl__dnstap__dnstap__free_unpacked(decoded, nullptr);
    }
    return types;
}

class Options {
public:
    Options() : options_(fstrm_reader_options_init()) {
        fstrm_reader_options_add_content_type(options_, dnstap_content_type.data(), dnstap_content_type.size());
    }
    ~Options() { fstrm_reader_options_destroy(&options_); }
    [[nodiscard]] fstrm_reader_options* get() const { return options_; }

private:
    fstrm_reader_options* options_;
};

// A collector that listens on a Unix socket; one connection at a time.
class Collector {
public:
    explicit Collector(const std::filesystem::path& path) : listening_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listening_.get(), 4) != 0)
            throw std::runtime_error("bind");
    }
    // Shakes hands and reads so many messages, then hangs up.
    std::vector<int> take(std::size_t count) {
        peer_ = Descriptor(::accept(listening_.get(), nullptr, nullptr));
        auto* rdwr = fstrm_rdwr_init(this);
        fstrm_rdwr_set_open(rdwr, [](void*) { return fstrm_res_success; });
        fstrm_rdwr_set_close(rdwr, [](void*) { return fstrm_res_success; });
        fstrm_rdwr_set_read(rdwr, [](void* self, void* data, std::size_t size) {
            return ::recv(static_cast<Collector*>(self)->peer_.get(), data, size, MSG_WAITALL) ==
                           static_cast<ssize_t>(size)
                       ? fstrm_res_success
                       : fstrm_res_failure;
        });
        fstrm_rdwr_set_write(rdwr, [](void* self, const iovec* pieces, int pieces_count) {
            msghdr message{};
            message.msg_iov = const_cast<iovec*>(pieces);
            message.msg_iovlen = static_cast<std::size_t>(pieces_count);
            return ::sendmsg(static_cast<Collector*>(self)->peer_.get(), &message, MSG_NOSIGNAL) > 0
                       ? fstrm_res_success
                       : fstrm_res_failure;
        });
        const Options options;
        auto* reader = fstrm_reader_init(options.get(), &rdwr);
        auto types = read_types(reader, count);
        peer_ = Descriptor(); // at once, without a farewell
        fstrm_reader_destroy(&reader);
        return types;
    }

private:
    Descriptor listening_;
    Descriptor peer_;
};

class DnstapTest : public ::testing::Test {
protected:
    test::TemporaryDirectory directory_;
    DnstapSettings settings_{.socket = {}, .file = {}, .identity = "ns1", .version = "provenbl"};
    const Seen listed_{"99.2.0.192.bl.example"};
    const Seen garbage_{Bytes{1, 2, 3}};

    static std::vector<std::vector<std::uint8_t>> zones() { return {dnsbl::testing::wire_name("bl.example")}; }
    std::vector<int> read_file() const {
        auto* file = fstrm_file_options_init();
        fstrm_file_options_set_file_path(file, settings_.file.c_str());
        const Options options;
        auto* reader = fstrm_file_reader_init(file, options.get());
        fstrm_file_options_destroy(&file);
        if (reader == nullptr || fstrm_reader_open(reader) != fstrm_res_success) return {-1};
        auto types = read_types(reader, 10'000);
        fstrm_reader_destroy(&reader);
        return types;
    }
};

TEST_F(DnstapTest, AFileHoldsQueriesAndResponses) {
    settings_.file = directory_.path() / "tap.fstrm";
    std::ofstream{settings_.file} << "of another run";
    Dnstap tap(settings_, zones(), 1);
    auto& one = tap.add_lane();
    auto& other = tap.add_lane();
    tap.start();
    ASSERT_TRUE(eventually([&] { return tap.connected(); }));
    one.offer(listed_.observation());
    other.offer(garbage_.observation()); // asked, not answered
    auto large = question("99.2.0.192.bl.example", wire::type::a);
    large.resize(5000); // more than a slot holds
    one.offer(Seen(large).observation());
    tap.stop();
    auto types = read_file();
    std::sort(types.begin(), types.end());
    EXPECT_EQ(types, (std::vector<int>{1, 1, 1, 2, 2}));
    EXPECT_EQ(tap.written(), 5U);
    EXPECT_EQ(tap.dropped(), 0U);
    EXPECT_TRUE(std::filesystem::exists(settings_.file.string() + ".old"));
}

TEST_F(DnstapTest, OneKindOfMessageMayBeEnough) {
    for (const auto which : {DnstapMessages::queries, DnstapMessages::responses}) {
        settings_.file = directory_.path() / "tap.fstrm";
        settings_.messages = which;
        Dnstap tap(settings_, zones(), 1);
        auto& lane = tap.add_lane();
        tap.start();
        ASSERT_TRUE(eventually([&] { return tap.connected(); }));
        lane.offer(listed_.observation());
        tap.stop();
        EXPECT_EQ(read_file(), std::vector<int>{which == DnstapMessages::queries ? 1 : 2});
    }
}

// libfstrm looks at its queues once a second unless it is woken; with a queue that fills up before that, most would be
// dropped.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t many_messages = 10'000; // many times slower
#else
constexpr std::uint64_t many_messages = 200'000;
#endif

TEST_F(DnstapTest, ItsThreadIsWokenBeforeTheQueueIsFull) {
    settings_.file = directory_.path() / "tap.fstrm";
    Dnstap tap(settings_, zones(), 1);
    auto& lane = tap.add_lane();
    tap.start();
    ASSERT_TRUE(eventually([&] { return tap.connected(); }));
    EXPECT_TRUE(eventually([&] {
        for (int i = 0; i < 100; ++i) lane.offer(listed_.observation());
        return tap.written() >= many_messages;
    }));
    tap.stop();
}

TEST_F(DnstapTest, NobodyWaitsForACollectorThatIsNotThere) {
    settings_.socket = directory_.path() / "nobody.sock";
    Dnstap tap(settings_, zones(), 1);
    auto& lane = tap.add_lane();
    tap.start();
    for (int i = 0; i < 10; ++i) lane.offer(listed_.observation());
    EXPECT_EQ(tap.dropped(), 20U);
    tap.stop();
    EXPECT_EQ(tap.written(), 0U);
}

TEST_F(DnstapTest, ACollectorThatTakesNothingCostsMessagesOnly) {
    settings_.file = "/dev/full";
    Dnstap tap(settings_, zones(), 1);
    auto& lane = tap.add_lane();
    tap.start();
    for (int i = 0; i < 5000; ++i) lane.offer(listed_.observation());
    tap.stop();
    EXPECT_EQ(tap.written(), 0U);
}

TEST_F(DnstapTest, ConnectsAgainWhenTheCollectorComesBack) {
    settings_.socket = directory_.path() / "tap.sock";
    Dnstap tap(settings_, zones(), 1);
    auto& lane = tap.add_lane();
    tap.start(); // before the collector
    lane.offer(listed_.observation());
    Collector collector(settings_.socket);
    std::vector<int> first;
    std::vector<int> second;
    std::atomic<bool> done{false};
    std::thread thread([&] {
        first = collector.take(4);
        second = collector.take(4);
        done = true;
    });
    EXPECT_TRUE(eventually([&] {
        lane.offer(listed_.observation());
        return done.load();
    }));
    thread.join();
    EXPECT_EQ(first, (std::vector<int>{1, 2, 1, 2}));
    EXPECT_EQ(second.size(), 4U);
    EXPECT_GE(tap.written(), 8U);
    tap.stop();
}

} // namespace
} // namespace provenbl::dnsbl::watch
