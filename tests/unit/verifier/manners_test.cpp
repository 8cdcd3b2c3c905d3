// Good manners as a property: every registered technique, during whole visits over a real store, gate and scheduler's
// books, against suspects that answer at random and name everybody else: redirects, relay addresses, addresses that a
// proxy is bound to. A new technique is covered as soon as it is registered.
//
// What is held here:
//   - nothing leaves but through the gate, and to the suspect's own address alone, whatever he names;
//   - nothing leaves for special-purpose, excluded or own addresses;
//   - one connection to a host at a time, with datagrams beside it at most;
//   - whoever says 421, 554 or that we ask too much is left alone with that kind of thing for the rest of the visit;
//   - automated visits keep the distance that the rules ask, and two visits to one host never overlap.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/gated_network.hpp"
#include "verifier/policy.hpp"
#include "verifier/scanner.hpp"
#include "verifier/scheduler.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);
const Address exit_of_chain = Address::v4(127, 0, 0, 11);

// What a suspect says to a read; `heard` is all that he was told in this connection, `last` the last of it.
using Says = std::function<Result<std::string>(const std::string& heard, const std::string& last)>;
using Manner = std::function<Says(const Endpoint& target)>; // a new one for each connection

// The network behind the gate. Counts, and answers as the suspect does.
class RecordingNetwork final : public Network {
public:
    Manner manner;
    std::vector<Endpoint> connections;
    std::vector<Endpoint> datagrams; // sockets that datagrams can leave from
    std::size_t written = 0;
    std::map<Address, std::size_t> open;
    std::map<Address, std::size_t> open_datagrams;
    bool two_at_once = false;

    Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint& target) override {
        connections.push_back(target);
        co_return make(target, open);
    }
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(const Endpoint& target) override {
        datagrams.push_back(target);
        co_return make(target, open_datagrams);
    }
    [[nodiscard]] std::set<Address> addresses() const {
        std::set<Address> all;
        for (const auto& each : connections) all.insert(each.address);
        for (const auto& each : datagrams) all.insert(each.address);
        return all;
    }

private:
    class Recorded final : public Connection {
    public:
        Recorded(RecordingNetwork& network, std::size_t& open, Says says)
            : network_(network), open_(open), says_(std::move(says)) {
            if (++open_ > 1) network_.two_at_once = true;
        }
        ~Recorded() override { close(); }
        Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration) override {
            if (!is_open_) co_return Error{Errc::closed, "closed"};
            if (++reads_ > 200) co_return Error{Errc::timeout, "the conversation took longer than it may"};
            auto said = says_(heard_, last_);
            if (!said) co_return said.error();
            const auto size = std::min(into.size(), said->size());
            std::copy_n(said->begin(), size, into.begin());
            co_return size;
        }
        Awaitable<Result<>> write(std::string_view bytes) override {
            heard_ += bytes;
            last_ = bytes;
            ++network_.written;
            co_return Result<>{};
        }
        Awaitable<Result<>> start_tls(const TlsWish&) override { co_return Result<>{}; }
        void close() override {
            if (is_open_) --open_;
            is_open_ = false;
        }

    private:
        RecordingNetwork& network_;
        std::size_t& open_;
        Says says_;
        bool is_open_ = true;
        std::size_t reads_ = 0;
        std::string heard_;
        std::string last_;
    };

    std::unique_ptr<Connection> make(const Endpoint& target, std::map<Address, std::size_t>& open_ones) {
        return std::make_unique<Recorded>(*this, open_ones[target.address], manner(target));
    }
};

// Third parties that suspects name: a stranger, the operator's own, private, loopback, a neighbour.
const std::array strangers{"8.8.8.8"s, "127.0.0.99"s, "10.0.0.5"s, "127.0.0.1"s, "203.0.113.7"s};

std::string bytes_of(const std::string& address) {
    const auto parsed = Address::parse(address).value();
    std::string bytes;
    for (const auto byte : parsed.bytes()) bytes += static_cast<char>(byte);
    return bytes;
}

// A TURN server's answer to whatever request was said last, that relays from a third party's address.
std::string turn_answer(const std::string& last, const std::string& stranger) {
    if (last.size() < 20) return "?";
    std::string relayed = "\x00\x16\x00\x08\x00\x01\x11\x22"s;
    const auto address = bytes_of(stranger);
    const auto cookie = "\x21\x12\xa4\x42"s;
    for (std::size_t i = 0; i < 4; ++i) relayed += static_cast<char>(address[i] ^ cookie[i]);
    return "\x01"s + last[1] + "\x00\x0c"s + last.substr(4, 16) + relayed;
}
// 300: try another server.
std::string turn_redirect(const std::string& last, const std::string& stranger) {
    if (last.size() < 20) return "?";
    return "\x01\x13\x00\x14"s + last.substr(4, 16) +
           "\x00\x09\x00\x04\x00\x00\x03\x00\x80\x23\x00\x08\x00\x01\x0d\x96"s + bytes_of(stranger);
}

// One phrase of what suspects say.
std::string phrase(std::mt19937& engine, const std::string& heard, const std::string& last) {
    const auto& stranger = strangers[engine() % strangers.size()];
    const auto port = "\x04\x38"s;
    switch (engine() % 24) {
    case 0:
        return "220 mx.suspect.example ESMTP\r\n";
    case 1:
    case 2:
        return "250 ok\r\n";
    case 3:
        return "354 go on\r\n";
    case 4:
        return "550 5.7.1 relaying denied, see http://" + stranger + "/\r\n";
    case 5:
        return "251 user not local; will forward to <x@[" + stranger + "]>\r\n";
    case 6:
        return "HTTP/1.1 302 Found\r\nLocation: http://" + stranger + "/\r\nContent-Length: 0\r\n\r\n";
    case 7:
        return "HTTP/1.1 305 Use Proxy\r\nLocation: http://" + stranger + ":3128/\r\nContent-Length: 0\r\n\r\n";
    case 8:
        return "HTTP/1.1 200 Connection established\r\nAlt-Svc: h2=\"" + stranger + ":443\"\r\n\r\n";
    case 9:
        return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    case 10:
        return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    case 11:
        return "\x05\x00"s;
    case 12:
        return "\x05\x00\x00\x01"s + bytes_of(stranger) + port;
    case 13:
        return "\x05\x00"s + "\x05\x00\x00\x01"s + bytes_of(stranger) + port; // both at once
    case 14:
        return "\x05\x00\x00\x03\x09"s + "localhost" + port;
    case 15:
        return "\x00\x5a"s + port + bytes_of(stranger);
    case 16:
        return turn_answer(last, stranger);
    case 17:
        return turn_redirect(last, stranger);
    case 18: // HTTP/2: settings, a grant, an alternative service (RFC 7838 section 4)
        return "\x00\x00\x00\x04\x00\x00\x00\x00\x00"s + "\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88"s;
    case 19:
        return "WinGate>";
    case 20:
        return "Connecting to " + stranger + "...Connected\r\n";
    case 21:
        return last.empty() ? "?"s : last;
    case 22:
        return heard.empty() ? "?"s : heard;
    default: {
        std::string noise(1 + engine() % 64, '\0');
        for (char& c : noise) c = static_cast<char>(engine());
        return noise;
    }
    }
}

Manner at_random(std::mt19937& engine) {
    return [&engine](const Endpoint&) -> Says {
        return [&engine](const std::string& heard, const std::string& last) -> Result<std::string> {
            switch (engine() % 12) {
            case 0:
                return Error{Errc::timeout, "silent"};
            case 1:
                return Error{Errc::closed, "ended"};
            case 2:
                return Error{Errc::unreachable, "reset"};
            default:
                return phrase(engine, heard, last);
            }
        };
    };
}

// Gets as far as it can with each protocol, and names third parties on the way: whoever followed would be seen.
Manner cooperative(const std::string& stranger) {
    return [stranger](const Endpoint& target) -> Says {
        return [stranger, target, said_banner = false](const std::string& heard,
                                                       const std::string& last) mutable -> Result<std::string> {
            if (heard.empty() && !said_banner && (target.port == 25 || target.port == 23)) {
                said_banner = true;
                return target.port == 25 ? "220 mx.suspect.example ESMTP\r\n"s : "WinGate>"s;
            }
            if (last == "\x05\x01\x00"s) return "\x05\x00"s;
            if (last.starts_with("\x05"s)) return "\x05\x00\x00\x01"s + bytes_of(stranger) + "\x04\x38"s;
            if (last.starts_with("\x04"s)) return "\x00\x5a\x04\x38"s + bytes_of(stranger);
            if (last.size() >= 20 && last.substr(4, 4) == "\x21\x12\xa4\x42"s) return turn_answer(last, stranger);
            if (last.starts_with("PRI"))
                return "\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88"s;
            if (last.starts_with("CONNECT")) return "HTTP/1.1 200 Connection established\r\n\r\n"s;
            if (last.find(" HTTP/1.1\r\n") != std::string::npos)
                return "HTTP/1.1 302 Found\r\nLocation: http://" + stranger + "/\r\nContent-Length: 0\r\n\r\n";
            if (last == "DATA\r\n") return "354 go on\r\n"s;
            if (last.ends_with("\r\n")) return "250 ok\r\n"s;
            return Error{Errc::timeout, "silent"};
        };
    };
}

class Manners : public ::testing::Test {
protected:
    Manners() {
        world.settings.identity.mail_exchanger = "mx.probe.example";
        world.settings.identity.mail_addresses = {Address::v4(198, 51, 100, 25)};
        auto& probe = world.settings.probe;
        probe.callback_targets = {{Address::v4(198, 51, 100, 9), 25}, {Address::v4(198, 51, 100, 9), 8443}};
        probe.thorough = true; // every technique there is
        probe.mail_wait = 1ms;
        probe.nudge_after = 1ms;
        world.settings.gate.own_networks = {Prefix::parse("127.0.0.99").value()};
        make();
    }
    void make() {
        world.gate.emplace(*world.store, world.clock, world.settings.gate);
        gated.emplace(*world.gate, network);
        scanner.emplace(VisitParts{*world.store, world.clock, *world.gate, *gated, *world.mint, *world.receiver,
                                   *world.arrivals, world.settings.identity, world.settings.probe,
                                   world.settings.policy, world.entropy});
    }
    Scan visit(const Address& host, ScanKind kind, const std::vector<std::uint16_t>& ports = {}) {
        world.clock.advance(1min);
        Result<Scan> asked = Error{Errc::io, "not asked"};
        world.write([&](WriteTxn& txn) { asked = ledger::request_scan(txn, host, kind, txn.now, ports); });
        if (!asked) return {};
        auto scan = world.await(scanner->visit(host));
        EXPECT_TRUE(scan) << scan.error().message;
        return scan ? *scan : Scan{};
    }
    void exclude(const char* prefix) {
        world.write([&](WriteTxn& txn) {
            EXPECT_TRUE(ledger::exclude(txn, {Prefix::parse(prefix).value(), "asked to be", "", txn.now, Time{}}));
        });
    }
    [[nodiscard]] static std::set<std::string> tried(const Scan& scan) {
        std::set<std::string> names;
        for (const auto& step : scan.steps) names.insert(step.technique);
        return names;
    }

    StoreWorld world;
    RecordingNetwork network;
    std::optional<GatedNetwork> gated;
    std::optional<Scanner> scanner;
};

TEST_F(Manners, nothing_leaves_for_anybody_but_the_suspect_whatever_he_says) {
    std::mt19937 engine(20261128);
    network.manner = at_random(engine);
    for (int round = 0; round < 4; ++round) visit(suspect, ScanKind::report, {25, 1080, 3478, 9999});
    EXPECT_EQ(network.addresses(), std::set{suspect});
    EXPECT_GT(network.connections.size(), 500U);
    EXPECT_FALSE(network.two_at_once);
    EXPECT_FALSE(world.listed(suspect)) << "nobody reached our sinks";
}

// A property over suspects that do nothing would hold for ever: here each protocol comes as far as it can.
TEST_F(Manners, every_technique_is_tried_and_third_parties_that_are_named_hear_nothing) {
    std::set<std::string> seen;
    for (const auto& stranger : {strangers[0], strangers[1]}) {
        network.manner = cooperative(stranger);
        for (const auto& name : tried(visit(suspect, ScanKind::report))) seen.insert(name);
    }
    for (const auto* technique : all_techniques())
        EXPECT_TRUE(seen.contains(std::string(technique->name))) << technique->name << " was never tried";
    EXPECT_EQ(network.addresses(), std::set{suspect});
    EXPECT_FALSE(network.two_at_once);
    const auto to = [&](std::uint16_t port) {
        return std::count(network.datagrams.begin(), network.datagrams.end(), Endpoint{suspect, port});
    };
    EXPECT_GT(to(0x0438), 0) << "datagrams went to the port that the suspect named, at his own address";
    EXPECT_GT(to(3478), 0);
}

TEST_F(Manners, no_packet_leaves_for_special_purpose_own_or_excluded_addresses) {
    std::mt19937 engine(1);
    network.manner = at_random(engine);
    world.settings.gate.unlocked = {Prefix::parse("127.0.0.0/24").value()};
    make();
    exclude("127.0.0.32/28");
    for (const auto* address :
         {"10.1.2.3", "192.168.0.1", "169.254.1.1", "127.1.0.1", "224.0.0.1", "0.0.0.1", "255.255.255.255", "::1",
          "fe80::1", "fc00::1", "2001:db8::1", "127.0.0.99", "127.0.0.40"}) {
        const auto host = Address::parse(address).value();
        for (const auto kind : {ScanKind::report, ScanKind::owner, ScanKind::rescan}) visit(host, kind, {25});
        // And by the road itself, whoever takes it.
        for (const std::uint16_t port : {25, 3478}) {
            const auto connected = world.await(gated->connect({host, port}));
            ASSERT_FALSE(connected) << address;
            EXPECT_EQ(connected.error().code, Errc::not_allowed);
            const auto datagrams = world.await(gated->connect_udp({host, port}));
            ASSERT_FALSE(datagrams) << address;
            EXPECT_EQ(datagrams.error().code, Errc::not_allowed);
        }
    }
    EXPECT_TRUE(network.addresses().empty());
    EXPECT_EQ(network.written, 0U);
}

// An exclusion in the middle of a visit holds from the next connection on.
TEST_F(Manners, an_exclusion_stops_a_visit_that_is_on) {
    bool excluded = false;
    std::size_t until_then = 0;
    network.manner = [&](const Endpoint&) -> Says {
        if (network.connections.size() + network.datagrams.size() == 5) {
            excluded = true;
            until_then = network.connections.size() + network.datagrams.size();
            // On the context's thread: the writer has its own.
            EXPECT_TRUE(world.store->write([&](WriteTxn& txn) -> Result<> {
                const auto done = ledger::exclude(txn, {Prefix::of(suspect, 32), "asked to be", "", txn.now, Time{}});
                return done ? Result<>{} : Result<>{done.error()};
            }));
        }
        return [](const std::string&, const std::string&) -> Result<std::string> {
            return Error{Errc::closed, "ended"};
        };
    };
    const auto scan = visit(suspect, ScanKind::report);
    EXPECT_TRUE(excluded);
    EXPECT_EQ(network.connections.size() + network.datagrams.size(), until_then);
    EXPECT_NE(scan.outcome.find("Not probed"), std::string::npos) << scan.outcome;
}

// The entry of a chain is another host than the listed one, and passes the gate like any other.
TEST_F(Manners, an_entry_that_is_excluded_is_not_probed_for_its_exit) {
    network.manner = [](const Endpoint&) -> Says {
        return [](const std::string&, const std::string&) -> Result<std::string> {
            return Error{Errc::closed, "ended"};
        };
    };
    const auto token = world.issue(SinkKind::mail, {suspect, 25});
    Arrival arrival{world.clock.now(), exit_of_chain, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, std::move(arrival))));
    ASSERT_TRUE(world.listed(exit_of_chain));
    visit(exit_of_chain, ScanKind::owner);
    EXPECT_EQ(network.addresses(), std::set{suspect}) << "judged at its entry";
    network.connections.clear();
    network.datagrams.clear();
    exclude("127.0.0.10");
    visit(exit_of_chain, ScanKind::owner);
    EXPECT_TRUE(network.addresses().empty());
}

// ---- being told to stop ----

TEST_F(Manners, whoever_tells_us_to_stop_is_left_alone) {
    const auto visit_with = [&](const char* says, ListingClass cls, bool speaks_first) {
        std::vector<const Technique*> of_class;
        std::copy_if(all_techniques().begin(), all_techniques().end(), std::back_inserter(of_class),
                     [&](const Technique* technique) { return technique->cls == cls; });
        EXPECT_GT(of_class.size(), 5U);
        scanner.emplace(VisitParts{*world.store, world.clock, *world.gate, *gated, *world.mint, *world.receiver,
                                   *world.arrivals, world.settings.identity, world.settings.probe,
                                   world.settings.policy, world.entropy},
                        of_class);
        network.connections.clear();
        network.manner = [=](const Endpoint&) -> Says {
            return [=](const std::string& heard, const std::string&) -> Result<std::string> {
                if (heard.empty() && !speaks_first) return Error{Errc::timeout, "waits"};
                return std::string(says);
            };
        };
        world.clock.advance(48h);
        visit(suspect, ScanKind::report);
        return network.connections.size();
    };
    // One connection: no other form, and no other port.
    for (const auto* stop : {"421 4.7.0 too many connections from you\r\n", "554 5.7.1 no service for you\r\n",
                             "450 4.7.1 too many connections, rate limit exceeded\r\n"})
        EXPECT_EQ(visit_with(stop, ListingClass::relay, true), 1U) << stop;
    EXPECT_EQ(visit_with("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", ListingClass::http, false), 1U);
    // And who only refuses is looked at everywhere.
    EXPECT_GT(visit_with("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n", ListingClass::http, false),
              10U);
}

// ---- distances ----

TEST_F(Manners, automated_visits_keep_their_distance_whatever_was_found) {
    std::mt19937 engine(7);
    const PolicyRules rules;
    const Time now{1'800'000'000s};
    const std::array verdicts{Verdict::open, Verdict::refused, Verdict::closed_port, Verdict::unreachable,
                              Verdict::inconclusive};
    for (int i = 0; i < 20'000; ++i) {
        Host host;
        host.address = suspect;
        Scan scan;
        scan.host = suspect;
        scan.id = 1;
        scan.kind = ScanKind::rescan;
        scan.started = now - 1min;
        host.listed_since = now - 48h - Duration(engine() % 1'000'000'000);
        if (engine() % 2 == 0) {
            host.relistings = 1;
            host.delisted_at = host.listed_since - 1h;
        }
        host.last_counted = now - Duration(engine() % 200'000'000);
        host.clean_streak = engine() % 3;
        host.silent_streak = engine() % 3;
        host.inconclusive_streak = engine() % 3;
        for (std::uint16_t port = 1; port <= 1 + engine() % 3; ++port) {
            Hole hole;
            hole.technique = "smtp-relay/plain";
            hole.entry = suspect;
            hole.port = port;
            hole.first_proven = hole.last_proven = host.listed_since;
            host.holes.push_back(hole);
            const auto verdict = verdicts[engine() % verdicts.size()];
            scan.steps.push_back({now, hole.technique, suspect, port, verdict, "words"});
        }
        const auto decision = decide(host, scan, rules, now, static_cast<std::uint32_t>(engine()));
        if (!decision.finish.next_due || decision.finish.next_kind == ScanKind::owner) continue;
        ASSERT_GE(*decision.finish.next_due - now, rules.rescan_interval) << decision.finish.outcome; // RFC 6471 3.6.2
    }
}

TEST_F(Manners, two_visits_to_one_host_never_overlap) {
    std::mt19937 engine(3);
    Bookings bookings({8, 2});
    std::vector<Bookings::Booking> under_way;
    for (int round = 0; round < 300; ++round) {
        const auto host = Address::v4(127, 0, 0, static_cast<std::uint8_t>(10 + engine() % 6));
        world.clock.advance(1min);
        world.write([&](WriteTxn& txn) {
            (void)ledger::request_scan(txn, host, static_cast<ScanKind>(engine() % 3), txn.now, {});
        });
        const auto taken =
            world.store->read([&](const ReadTxn& txn) { return bookings.take(txn, world.clock.now(), {}); });
        for (const auto& booking : taken.bookings) {
            for (const auto& other : under_way) ASSERT_NE(booking.host, other.host);
            world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::start_scan(txn, booking.host)); });
            under_way.push_back(booking);
        }
        const auto owners = world.store->read([&](const ReadTxn& txn) {
            return std::count_if(under_way.begin(), under_way.end(), [&](const auto& booking) {
                const auto running = hosts::find(txn, booking.host)->running_scan;
                return hosts::scan(txn, booking.host, running)->kind == ScanKind::owner;
            });
        });
        // An owner has a place of his own beside those of his network.
        ASSERT_LE(under_way.size(), owners > 0 ? 3U : 2U) << "of one network";
        if (!under_way.empty() && engine() % 3 == 0) {
            const auto ends = under_way.begin() + static_cast<std::ptrdiff_t>(engine() % under_way.size());
            world.write([&](WriteTxn& txn) {
                const auto running = hosts::find(txn, ends->host)->running_scan;
                EXPECT_TRUE(ledger::finish_scan(txn, ends->host, running, {}));
            });
            bookings.release(*ends);
            under_way.erase(ends);
        }
    }
}

} // namespace
} // namespace provenbl::verifier
