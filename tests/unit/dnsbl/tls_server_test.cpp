// DNS over TLS over real sockets: questions (RFC 7858), transfers (RFC 9103), who may not, and who only takes up room.
#include "certificate.hpp"
#include "client.hpp"
#include "dnsbl/server.hpp"
#include "dnsbl/tls/keeper.hpp"
#include "ldns_oracle.hpp"
#include "secondary.hpp"
#include "served_zones.hpp"
#include "store/mirrors.hpp"
#include "tests/support/store_fixture.hpp"
#include "tls_client.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace provenbl::dnsbl::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto key_name = "m1.mirror.bl.example";
const std::string secret(32, 's');

class TlsServerTest : public test::StoreFixture {
protected:
    const std::filesystem::path place_ = directory.path();
    Authority authority_{"the CA", place_ / "ca.pem"};
    ServerSettings settings_{.listen = {{at("127.0.0.1"), 0}}, .workers = 1, .identity = "dns-1"};
    std::vector<Prefix> allow_unsigned_{Prefix::parse("127.0.0.0/8").value()};
    bool require_tls_ = false;
    std::optional<zones::Follower> follower_;
    std::unique_ptr<transfer::MirrorRing> mirrors_;
    std::unique_ptr<Server> server_;
    TlsWish wish_;

    TlsServerTest() {
        map_size = std::size_t{1} << 28U;
        reopen();
        follower_.emplace(*store);
        wish_.ca = place_ / "ca.pem";
        settings_.tls.listen = {{at("127.0.0.1"), 0}};
        settings_.tls.certificate = place_ / "server.pem";
        settings_.tls.key = place_ / "server.key";
        settings_.tls.name = "ns1.bl.example";
        issue("ns1.bl.example");
    }
    void issue(const std::string& name, int days = 365) {
        authority_.issue(name, settings_.tls.certificate, settings_.tls.key, days);
    }
    void list(std::uint32_t count) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto listed =
                    ledger::list_manually(txn, Address::v4(0x05060000 + i),
                                          {ListingClass::relay, "a test", "bob", clock.now(), clock.now() + 1h});
                if (!listed) return listed.error();
            }
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    Result<> try_to_start() {
        follower_->start();
        mirrors_ = std::make_unique<transfer::MirrorRing>(*store, allow_unsigned_, require_tls_);
        mirrors_->start();
        server_ = std::make_unique<Server>(served_zones(), *follower_, settings_, nullptr, mirrors_.get());
        return server_->start();
    }
    void start() {
        const auto started = try_to_start();
        ASSERT_TRUE(started) << started.error().message;
    }
    void TearDown() override {
        server_.reset();
        mirrors_.reset();
        follower_->stop();
    }
    Endpoint plain() const { return server_->endpoints().at(0); }
    Endpoint secured() const { return server_->tls_endpoints().at(0); }
    static Bytes axfr() { return question("bl.example", wire::type::axfr); }
    static Bytes soa() { return question("bl.example", wire::type::soa); }
    TlsClient client() const { return {secured(), wish_}; }

    // Every message up to the second SOA.
    template <class Client> static Secondary whole(const Client& client) {
        client.send(framed(axfr()));
        std::vector<Bytes> all;
        std::size_t soas = 0;
        while (soas < 2) {
            auto message = client.answer();
            if (!message) throw std::runtime_error("the server hung up after " + std::to_string(all.size()));
            for (const auto& line : read_with_ldns(*message).answers)
                soas += line.find(" IN SOA ") != line.npos ? 1 : 0;
            all.push_back(std::move(*message));
        }
        Secondary secondary("bl.example");
        secondary.take(all);
        return secondary;
    }
    static unsigned rcode(const std::optional<Bytes>& answer) { return read_with_ldns(answer.value()).rcode; }
    std::uint64_t refusals(Refusal why) const {
        return server_->statistics().transfers.refused[static_cast<std::size_t>(why)];
    }
    // Until the condition holds; a test that waits for ever is ended from outside.
    template <class Condition> static void until(Condition condition) {
        const auto patience = std::chrono::steady_clock::now() + 60s;
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), patience);
            std::this_thread::sleep_for(5ms);
        }
    }
};

TEST_F(TlsServerTest, QuestionsAreAnsweredOverTls12And13) {
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        wish_.newest = version;
        const auto asking = client();
        EXPECT_EQ(asking.alpn(), "dot");
        const auto answer = read_with_ldns(asking.ask(question("2.0.0.127.bl.example", wire::type::a)).value());
        EXPECT_EQ(answer.answers, std::vector<std::string>{"2.0.0.127.bl.example. 120 IN A 127.0.0.2"});
        // Several at once come back in order, on the same connection.
        Bytes both = framed(soa());
        append(both, framed(question("9.9.9.9.bl.example", wire::type::a)));
        asking.send(both);
        EXPECT_EQ(rcode(asking.answer()), 0U);
        EXPECT_EQ(rcode(asking.answer()), 3U);
    }
    const auto tls = server_->statistics().tls.value();
    EXPECT_EQ(tls.handshakes, 2U);
    EXPECT_EQ(tls.failed, 0U);
}

TEST_F(TlsServerTest, ProtocolsAreNamedRightlyOrNotAtAll) {
    start();
    wish_.alpn = {};
    EXPECT_EQ(client().alpn(), "");
    wish_.alpn = {"\2h2\3dot", 7};
    EXPECT_EQ(client().alpn(), "dot");
    wish_.alpn = {"\2h2", 3};
    EXPECT_THROW(client(), std::runtime_error);
    wish_.alpn = {"\3dot", 4};
    wish_.newest = TLS1_1_VERSION;
    EXPECT_THROW(client(), std::runtime_error);
}

TEST_F(TlsServerTest, AZoneOverTlsIsTheSameAsOverTcp) {
    list(3000);
    start();
    const auto ours = whole(client());
    EXPECT_EQ(ours.records(), whole(TcpClient(plain())).records());
    EXPECT_GT(ours.records().size(), 6000U);
    const auto served = server_->statistics().transfers.served;
    ASSERT_EQ(served.size(), 1U);
    EXPECT_EQ(served[0].mirror, "");
    EXPECT_EQ(served[0].whole, 2U);
    EXPECT_EQ(served[0].broken, 0U);
}

// RFC 9103 7.1.
TEST_F(TlsServerTest, Tls12IsNotForTransfers) {
    start();
    wish_.newest = TLS1_2_VERSION;
    const auto asking = client();
    const auto refused = read_with_ldns(asking.ask(with_opt(axfr())).value());
    EXPECT_EQ(refused.rcode, 5U);
    EXPECT_EQ(refused.extended_error, 18U);
    EXPECT_EQ(rcode(asking.ask(soa())), 0U);
    EXPECT_EQ(refusals(Refusal::old_tls), 1U);
}

TEST_F(TlsServerTest, WhereTlsIsRequiredTcpIsRefused) {
    require_tls_ = true;
    start();
    EXPECT_EQ(rcode(TcpClient(plain()).ask(with_opt(axfr()))), 5U);
    EXPECT_EQ(read_with_ldns(UdpClient(plain()).ask(with_opt(axfr()))).rcode, 5U);
    EXPECT_EQ(refusals(Refusal::clear), 2U);
    EXPECT_EQ(rcode(TcpClient(plain()).ask(soa())), 0U) << "questions go on";
    EXPECT_GT(whole(client()).records().size(), 3U);
}

TEST_F(TlsServerTest, AMirrorThatWasAddedForTlsHasNoOtherWay) {
    allow_unsigned_.clear();
    Mirror mirror;
    mirror.name = "m1";
    mirror.key_name = key_name;
    mirror.algorithm = "hmac-sha256";
    mirror.secret = secret;
    mirror.tls = true;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto added = mirrors::add(txn, mirror);
        if (!added) return added.error();
        return {};
    }));
    start();
    wire::TsigKey key;
    key.name = zones::DomainName::parse(key_name).value();
    key.secret.assign(secret.begin(), secret.end());
    auto asked = with_opt(axfr());
    static_cast<void>(wire::sign_request(asked, key, SystemClock().now()));
    EXPECT_EQ(rcode(TcpClient(plain()).ask(asked)), 5U);
    EXPECT_EQ(refusals(Refusal::clear), 1U);
    EXPECT_EQ(rcode(client().ask(asked)), 0U);
    EXPECT_EQ(rcode(client().ask(with_opt(axfr()))), 5U) << "TLS alone is no key";
    EXPECT_EQ(refusals(Refusal::unsigned_), 1U);
    until([&] { return !server_->statistics().transfers.served.empty(); });
    EXPECT_EQ(server_->statistics().transfers.served[0].mirror, "m1");
}

TEST_F(TlsServerTest, ClientsShowCertificatesWhereTransfersWantThem) {
    settings_.tls.client_ca = place_ / "ca.pem";
    const Authority strangers("other", place_ / "other.pem");
    authority_.issue("mirror.example", place_ / "mirror.pem", place_ / "mirror.key");
    strangers.issue("mirror.example", place_ / "stranger.pem", place_ / "stranger.key");
    start();
    EXPECT_EQ(rcode(client().ask(soa())), 0U) << "questions want none";
    EXPECT_EQ(rcode(client().ask(with_opt(axfr()))), 5U);
    EXPECT_EQ(refusals(Refusal::certificate), 1U);
    wish_.certificate = place_ / "mirror.pem";
    wish_.key = place_ / "mirror.key";
    EXPECT_GT(whole(client()).records().size(), 3U);
    wish_.certificate = place_ / "stranger.pem";
    wish_.key = place_ / "stranger.key";
    // In TLS 1.3 the client believes in the handshake until it reads.
    EXPECT_THROW(client().ask(soa()).value(), std::exception);
    until([&] { return server_->statistics().tls->failed == 1; });
}

TEST_F(TlsServerTest, WhatIsNoTlsEndsAndIsCounted) {
    start();
    const TcpClient plain_dns(secured());
    plain_dns.send(framed(soa()));
    // An alert may come, then the end.
    while (!plain_dns.receive().empty()) {
    }
    const TcpClient gone(secured());
    until([&] { return server_->statistics().tls->failed >= 1; });
    EXPECT_EQ(rcode(client().ask(soa())), 0U);
}

TEST_F(TlsServerTest, HalfHandshakesAreBoundedAndEnd) {
    settings_.tls.handshake_timeout = 200ms;
    settings_.tls.connections = 3;
    settings_.tls.per_client = 3;
    start();
    std::vector<std::unique_ptr<TcpClient>> half;
    for (unsigned i = 0; i < 10; ++i) {
        half.push_back(std::make_unique<TcpClient>(secured()));
        half.back()->send({0x16, 0x03, 0x01}); // the beginning of a ClientHello
    }
    EXPECT_EQ(rcode(TcpClient(plain()).ask(soa())), 0U) << "TCP has a server of its own";
    for (const auto& one : half) EXPECT_TRUE(one->receive().empty()) << "made room, or was out of time";
    EXPECT_EQ(rcode(client().ask(soa())), 0U);
}

TEST_F(TlsServerTest, AClientThatDoesNotReadHoldsUpNobodyAndEnds) {
    settings_.transfers.limits = {.total = 1, .per_client = 1, .message_timeout = 300ms, .timeout = 1h};
    list(5000);
    start();
    const auto greedy = client();
    Bytes often; // more than all buffers between here and there take
    for (unsigned i = 0; i < 60; ++i) append(often, framed(axfr()));
    greedy.send(often);
    ASSERT_TRUE(greedy.answer());
    const auto other = client();
    EXPECT_EQ(rcode(other.ask(soa())), 0U);
    until([&] {
        const auto served = server_->statistics().transfers.served;
        return !served.empty() && served[0].broken == 1;
    });
    EXPECT_EQ(rcode(client().ask(question("probe.example", wire::type::axfr))), 0U) << "there is room again";
}

TEST_F(TlsServerTest, ANewCertificateIsTakenWithoutARestart) {
    start();
    EXPECT_EQ(rcode(client().ask(soa())), 0U);
    issue("ns2.bl.example");
    wish_.name = "ns2.bl.example";
    until([&] {
        try {
            return rcode(client().ask(soa())) == 0;
        } catch (const std::exception&) {
            return false; // still the old one
        }
    });
    std::ofstream(settings_.tls.certificate) << "half a file";
    until([&] { return !server_->statistics().tls->trouble.empty(); });
    EXPECT_EQ(rcode(client().ask(soa())), 0U) << "the old one stays";
}

TEST_F(TlsServerTest, AReloadHasOtherFilesForNewConnectionsAndCountsGoOn) {
    list(3);
    start();
    const auto before = client();
    EXPECT_EQ(rcode(before.ask(soa())), 0U);
    static_cast<void>(whole(client()));
    const auto plain_client = TcpClient(plain());
    EXPECT_EQ(rcode(plain_client.ask(question("bl.example", wire::type::axfr))), 0U);

    settings_.tls.certificate = place_ / "other.pem";
    settings_.tls.key = place_ / "other.key";
    settings_.tls.name = "ns9.bl.example";
    auto fewer = served_zones();
    fewer.zones.pop_back();
    const auto refused = server_->prepare(fewer, settings_, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("other.pem"));
    EXPECT_NO_THROW(client()) << "nothing has changed";
    issue("ns9.bl.example");
    const auto change = server_->prepare(fewer, settings_, nullptr);
    ASSERT_TRUE(change) << change.error().message;
    server_->use(*change);

    EXPECT_EQ(rcode(before.ask(soa())), 0U) << "who is there stays";
    EXPECT_THROW(client(), std::runtime_error) << "the name is another";
    wish_.name = "ns9.bl.example";
    EXPECT_EQ(rcode(client().ask(soa())), 0U);
    static_cast<void>(whole(client()));
    until([&] { return server_->statistics().transfers.served.at(0).whole == 3; });
    EXPECT_EQ(server_->statistics().tcp_queries, 6U);
    // The new files are those that are looked at.
    issue("ns8.bl.example");
    wish_.name = "ns8.bl.example";
    until([&] {
        try {
            static_cast<void>(client());
        } catch (const std::runtime_error&) {
            return false;
        }
        return true;
    });
}

// Who came before transfers wanted a certificate has shown none, or one that another CA signed.
TEST_F(TlsServerTest, OpenConnectionsAreJudgedByTheClientCaThatIsInForce) {
    const Authority strangers("other", place_ / "other.pem");
    std::filesystem::copy_file(place_ / "ca.pem", place_ / "both.pem");
    std::ofstream(place_ / "both.pem", std::ios::app) << std::ifstream(place_ / "other.pem").rdbuf();
    authority_.issue("mirror.example", place_ / "mirror.pem", place_ / "mirror.key");
    const auto reload = [&](const char* ca) {
        settings_.tls.client_ca = *ca == '\0' ? std::filesystem::path() : place_ / ca;
        const auto change = server_->prepare(served_zones(), settings_, nullptr);
        ASSERT_TRUE(change) << change.error().message;
        server_->use(*change);
    };
    start();
    const auto open = client();
    EXPECT_GT(whole(open).records().size(), 3U);
    reload("ca.pem");
    EXPECT_EQ(rcode(open.ask(with_opt(axfr()))), 5U);
    EXPECT_EQ(refusals(Refusal::certificate), 1U);
    EXPECT_EQ(rcode(open.ask(soa())), 0U) << "questions go on";

    wish_.certificate = place_ / "mirror.pem";
    wish_.key = place_ / "mirror.key";
    const auto certified = client();
    EXPECT_GT(whole(certified).records().size(), 3U);
    reload("both.pem");
    EXPECT_GT(whole(certified).records().size(), 3U) << "its CA is one of them";
    reload("other.pem");
    EXPECT_EQ(rcode(certified.ask(with_opt(axfr()))), 5U);
    EXPECT_EQ(refusals(Refusal::certificate), 2U);
    reload("");
    EXPECT_GT(whole(certified).records().size(), 3U);
    EXPECT_GT(whole(open).records().size(), 3U);
}

TEST_F(TlsServerTest, ASocketThatWasPassedIsUsedAndStaysWhenTheServerEnds) {
    const auto passed = [](int type) {
        const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return -1;
        if (type == SOCK_STREAM) ::listen(fd, 16);
        return fd;
    };
    const int fd = passed(SOCK_STREAM);
    ASSERT_GE(fd, 0);
    sockaddr_in name{};
    socklen_t size = sizeof name;
    ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size), 0);
    const Endpoint place{at("127.0.0.1"), ntohs(name.sin_port)};
    settings_.tls.listen = {{at("127.0.0.3"), place.port}}; // known by its port
    ASSERT_TRUE(try_to_start());
    const auto start_with = [&](int socket) {
        server_ = std::make_unique<Server>(served_zones(), *follower_, settings_, nullptr, mirrors_.get());
        server_->adopt({socket});
        return server_->start();
    };
    for (unsigned round = 0; round < 2; ++round) {
        server_.reset();
        ASSERT_TRUE(start_with(fd));
        EXPECT_EQ(secured(), place);
        EXPECT_EQ(rcode(client().ask(soa())), 0U);
        EXPECT_EQ(rcode(TcpClient(plain()).ask(soa())), 0U) << "what was not passed is bound";
    }
    server_.reset();
    settings_.tls.listen.clear();
    EXPECT_THAT(start_with(fd).error().message, HasSubstr("on a port of dns.tls.listen"));
    ::close(fd);
}

TEST_F(TlsServerTest, WhatIsWrongWithFilesIsSaidAtTheStart) {
    const auto complaint = [&] {
        const auto started = try_to_start();
        TearDown();
        return started ? std::string("it started") : started.error().message;
    };
    const auto certificate = settings_.tls.certificate;
    settings_.tls.certificate = place_ / "absent.pem";
    EXPECT_THAT(complaint(), ::testing::AllOf(HasSubstr("absent.pem"), HasSubstr("dns.tls.certificate")));
    settings_.tls.certificate = place_;
    EXPECT_THAT(complaint(), HasSubstr("is a directory"));
    settings_.tls.certificate = settings_.tls.key;
    EXPECT_THAT(complaint(), ::testing::AllOf(HasSubstr("server.key"), HasSubstr("wants PEM")));
    settings_.tls.certificate = certificate;
    authority_.issue("x.example", place_ / "x.pem", place_ / "x.key");
    settings_.tls.key = place_ / "x.key";
    EXPECT_THAT(complaint(), HasSubstr("does not belong to the certificate"));
    authority_.issue("ns1.bl.example", certificate, place_ / "locked.key", 365, "secret");
    settings_.tls.key = place_ / "locked.key";
    EXPECT_THAT(complaint(), HasSubstr("passphrase"));
    settings_.tls.key = place_ / "server.key";
    issue("ns1.bl.example");
    settings_.tls.client_ca = place_ / "server.key";
    EXPECT_THAT(complaint(), HasSubstr("dns.tls.client_ca"));
    settings_.tls.client_ca.clear();
    EXPECT_EQ(complaint(), "it started");
}

// ---- the files, without sockets -----------------------------------------------------------------------------

class TlsKeeperTest : public ::testing::Test {
protected:
    test::TemporaryDirectory directory_;
    Authority authority_{"the CA", directory_.path() / "ca.pem"};
    tls::TlsSettings settings_;
    std::vector<std::string> troubles_;
    std::vector<std::string> news_;
    const Time now_ = SystemClock().now();

    TlsKeeperTest() {
        settings_.listen = {{at("127.0.0.1"), 853}};
        settings_.certificate = directory_.path() / "server.pem";
        settings_.key = directory_.path() / "server.key";
    }
    tls::Keeper keeper(const char* name = "ns1.bl.example") {
        return {settings_, name,
                [this](bool trouble, std::string_view text) { (trouble ? troubles_ : news_).emplace_back(text); }};
    }
};

TEST_F(TlsKeeperTest, ACertificateThatEndsSoonIsTold) {
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key, 21);
    auto kept = keeper();
    ASSERT_TRUE(kept.load(now_));
    EXPECT_THAT(troubles_, ::testing::IsEmpty());
    kept.look(now_ + 24h * 10);
    kept.look(now_ + 24h * 11);
    EXPECT_THAT(troubles_, ::testing::ElementsAre(HasSubstr("ends on")));
    kept.look(now_ + 24h * 21);
    kept.look(now_ + 24h * 22);
    EXPECT_THAT(troubles_, ::testing::ElementsAre(HasSubstr("ends on"), HasSubstr("has ended")));
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key, 90);
    kept.look(now_ + 24h * 22);
    EXPECT_THAT(news_, ::testing::ElementsAre(HasSubstr("read anew")));
    EXPECT_EQ(troubles_.size(), 2U);
}

TEST_F(TlsKeeperTest, ACertificateOfAnotherNameIsToldAndTaken) {
    authority_.issue("www.example", settings_.certificate, settings_.key);
    auto kept = keeper();
    ASSERT_TRUE(kept.load(now_));
    EXPECT_THAT(troubles_, ::testing::ElementsAre(HasSubstr("not made out to ns1.bl.example")));
}

TEST_F(TlsKeeperTest, FilesThatComeOneAfterTheOtherAreTakenTogether) {
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key);
    auto kept = keeper();
    ASSERT_TRUE(kept.load(now_));
    const auto before = kept.credentials();
    authority_.issue("ns1.bl.example", directory_.path() / "new.pem", directory_.path() / "new.key");
    std::filesystem::rename(directory_.path() / "new.pem", settings_.certificate);
    kept.look(now_);
    EXPECT_EQ(kept.credentials(), before);
    EXPECT_THAT(troubles_, ::testing::ElementsAre(HasSubstr("does not belong")));
    EXPECT_NE(kept.statistics().trouble, "");
    kept.look(now_);
    EXPECT_EQ(troubles_.size(), 1U) << "said once";
    std::filesystem::rename(directory_.path() / "new.key", settings_.key);
    kept.look(now_);
    EXPECT_NE(kept.credentials(), before);
    EXPECT_EQ(kept.statistics().trouble, "");
    std::filesystem::remove(settings_.key);
    kept.look(now_);
    EXPECT_THAT(troubles_.back(), HasSubstr("stays in force"));
}

// This thread opens files as one who may not read those of others, while it lives.
class OtherUser {
public:
    OtherUser() { ::setfsuid(65534); }
    ~OtherUser() { ::setfsuid(::geteuid()); }
    OtherUser(const OtherUser&) = delete;
    OtherUser& operator=(const OtherUser&) = delete;
};

TEST_F(TlsKeeperTest, WhatCouldNotBeReadIsReadAgain) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can try it";
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key);
    auto kept = keeper();
    ASSERT_TRUE(kept.load(now_));
    const auto before = kept.credentials();
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key);
    std::filesystem::permissions(directory_.path(), std::filesystem::perms{0711});
    std::filesystem::permissions(settings_.key, std::filesystem::perms{0600});
    {
        const OtherUser nobody; // whatever were done to a file would show in its stamps
        if (::setfsuid(static_cast<uid_t>(-1)) != 65534) GTEST_SKIP() << "this root can't be another user";
        kept.look(now_);
        kept.look(now_);
    }
    EXPECT_THAT(troubles_, ::testing::ElementsAre(HasSubstr("Permission denied"))) << "said once";
    EXPECT_EQ(kept.credentials(), before);
    kept.look(now_); // the files are what they were
    EXPECT_NE(kept.credentials(), before);
    EXPECT_EQ(kept.statistics().trouble, "");
}

TEST_F(TlsKeeperTest, WhatIsReplacedBetweenReadingAndUsingIsSeen) {
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key);
    auto kept = keeper();
    ASSERT_TRUE(kept.load(now_));
    const auto read = tls::Credentials::load(settings_).value();
    authority_.issue("ns1.bl.example", settings_.certificate, settings_.key);
    kept.use(settings_, read, now_);
    EXPECT_EQ(kept.credentials(), read);
    kept.look(now_);
    EXPECT_NE(kept.credentials(), read);
}

// `cp -p`, `rsync -t`: the size and the time say nothing.
TEST_F(TlsKeeperTest, AFileWithTheTimeAndSizeOfTheOneBeforeIsAnother) {
    std::ofstream(settings_.certificate) << "one";
    const auto time = std::filesystem::last_write_time(settings_.certificate);
    const auto before = tls::stamps_of(settings_);
    const auto patience = std::chrono::steady_clock::now() + 60s;
    do { // the kernel's clock for files may stand still for some milliseconds
        std::ofstream(settings_.certificate) << "two";
        std::filesystem::last_write_time(settings_.certificate, time);
        ASSERT_LT(std::chrono::steady_clock::now(), patience);
    } while (tls::stamps_of(settings_) == before);
    EXPECT_EQ(tls::stamps_of(settings_)[0].modified, before[0].modified);
    EXPECT_EQ(tls::stamps_of(settings_)[0].size, before[0].size);
}

} // namespace
} // namespace provenbl::dnsbl::testing
