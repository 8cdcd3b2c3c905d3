// Whole commands, from the command line to what is printed, over a client that asks a router without a socket.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/scan_feed.hpp"
#include "tools/cli/app.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <sstream>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class CliApp : public ApiFixture {
protected:
    // Asks the fixture's router; whenever a scan is followed, `on_follow` plays the verifier first.
    class RouterClient final : public cli::Client {
    public:
        explicit RouterClient(CliApp& test) : test_(test) {}
        Result<cli::Reply> request(std::string_view method, const std::string& target,
                                   const std::string& body) override {
            const auto response = test_.as_operator(std::string{method}, target, body);
            return cli::Reply{response.status, response.body};
        }
        Result<cli::Reply> follow(const std::string& target,
                                  const std::function<bool(const cli::Event&)>& visit) override {
            auto answer = test_.router.handle({"GET", target, "text/event-stream", "", true, std::nullopt});
            if (auto* response = std::get_if<api::Response>(&answer))
                return cli::Reply{response->status, response->body};
            api::ScanFeed feed{test_.context, std::get<api::Follow>(answer)};
            cli::EventReader reader;
            for (int i = 0; i < 100 && !feed.ended(); ++i) {
                for (const auto& event : reader.feed(feed.next()).value()) {
                    if (!visit(event)) return cli::Reply{200, ""};
                }
                if (test_.on_follow) test_.on_follow();
            }
            return cli::Reply{200, ""};
        }

    private:
        CliApp& test_;
    };

    int run(const std::vector<std::string>& arguments, bool coloured = false) {
        out.str("");
        err.str("");
        return cli::run(arguments, {out, err, coloured, "", [this](const cli::ServerAddress& address) {
                                        asked_server = address;
                                        return std::make_unique<RouterClient>(*this);
                                    }});
    }

    // The queued visit runs now and finds the hole refused (or open).
    void run_visit(Verdict verdict, std::optional<Duration> next_owner_visit = {}) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto before = hosts::find(txn, suspect);
            if (!before || before->queued_scan == 0) return {};
            const auto scan = ledger::start_scan(txn, suspect).value();
            ledger::add_step(txn, suspect, scan.id,
                             {txn.now, "smtp-relay/plain", suspect, 25, verdict, "554 Relay access denied"});
            ledger::Finish finish;
            finish.outcome = verdict == Verdict::open ? "Still open." : "Refused.";
            if (next_owner_visit) {
                finish.next_due = txn.now + *next_owner_visit;
                finish.next_kind = ScanKind::owner;
            }
            const auto finished = ledger::finish_scan(txn, suspect, scan.id, finish).value();
            if (verdict == Verdict::open || next_owner_visit) return {};
            const auto clearance = Clearance::from_scan(finished, before->holes, ChangeReason::secured).value();
            (void)ledger::clear(txn, clearance, "owner").value();
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }

    std::ostringstream out;
    std::ostringstream err;
    std::function<void()> on_follow;
    cli::ServerAddress asked_server;
};

TEST_F(CliApp, LookupTellsByItsStatus) {
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8 is not listed"));
    prove_with_token(suspect, suspect);
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 3);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8 is listed: relay since "));
    EXPECT_THAT(out.str(), HasSubstr("8.7.6.5.bl.example  127.0.0.2"));
    EXPECT_THAT(err.str(), IsEmpty());
    EXPECT_EQ(run({"lookup", "5.6.7.8", "--json"}), 3);
    EXPECT_EQ(boost::json::parse(out.str()).at("listed"), true);
}

TEST_F(CliApp, ManyAreLookedUpInALineEach) {
    EXPECT_EQ(run({"lookup", "5.6.7.8", "5.6.7.9", "2001:db8::1"}), 0);
    EXPECT_EQ(out.str(), "5.6.7.8 is not listed\n5.6.7.9 is not listed\n2001:db8::1 is not listed\n");
    prove_with_token(suspect, suspect);
    EXPECT_EQ(run({"lookup", "5.6.7.9", "5.6.7.8"}), 3);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8 is listed: relay since "));
    EXPECT_EQ(run({"lookup", "5.6.7.9", "5.6.7.8", "--json"}), 3);
    EXPECT_EQ(boost::json::parse(out.str()).at("hosts").at(1).at("listed"), true);
    EXPECT_EQ(run({"lookup", "5.6.7.8", "nonsense"}), 2);
}

TEST_F(CliApp, ASelfTestNeedsAnAddress) {
    EXPECT_EQ(run({"selftest"}), 2) << "the socket has none";
    EXPECT_THAT(err.str(), HasSubstr("over HTTP"));
}

TEST_F(CliApp, WhomToTrustIsForTheServerAlone) {
    EXPECT_EQ(run({"lookup", "5.6.7.8", "--server", "https://bl.example", "--ca", "/etc/own.pem"}), 0);
    EXPECT_TRUE(asked_server.tls);
    EXPECT_EQ(asked_server.port, "443");
    EXPECT_EQ(asked_server.authorities, "/etc/own.pem");
}

TEST_F(CliApp, LookupOfATestEntrySaysSo) {
    EXPECT_EQ(run({"lookup", "127.0.0.2"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("127.0.0.2 is not listed"));
    EXPECT_THAT(out.str(), HasSubstr("2.0.0.127.bl.example  127.0.0.2"));
    EXPECT_THAT(out.str(), HasSubstr("It is a test entry of RFC 5782: always in DNS, whatever is listed."));
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), Not(HasSubstr("test entry")));
}

TEST_F(CliApp, ColoursAreForTerminals) {
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), Not(HasSubstr("\x1b[")));
    EXPECT_EQ(run({"lookup", "5.6.7.8"}, true), 0);
    EXPECT_THAT(out.str(), HasSubstr("\x1b[32mis not listed\x1b[0m"));
    EXPECT_EQ(run({"lookup", "5.6.7.8", "--json"}, true), 0);
    EXPECT_THAT(out.str(), Not(HasSubstr("\x1b[")));
}

TEST_F(CliApp, SuspectsCannotDriveTheTerminal) {
    auto probe = test::mail_probe(1, suspect, clock.now());
    probe.software = "Evil\x1b[2J\x07";
    prove(probe, suspect);
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 3);
    EXPECT_THAT(out.str(), HasSubstr("Evil\\x1b[2J\\x07"));
}

TEST_F(CliApp, WrongUsageIsTwo) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{{},
                                                                       {"lookup"},
                                                                       {"lookup", "5.6.7"},
                                                                       {"lookup", "5.6.7.8", "--bogus"},
                                                                       {"nonsense"},
                                                                       {"lookup", "5.6.7.8", "--server", "ftp://x"},
                                                                       {"report", "5.6.7.8", "--port", "70000"},
                                                                       {"exclude"},
                                                                       {"exclude", "5.6.7.8"},
                                                                       {"exclude", "5.6.7.8/24", "--reason", "x"},
                                                                       {"run", "--role", "king"},
                                                                       {"check-config", "-c", "/nonexistent.yaml"},
                                                                       {"run", "-c", "/nonexistent.yaml"},
                                                                       {"probe", "5.6.7.8", "-c", "/nonexistent.yaml"},
                                                                       {"probe", "5.6.7.8", "--technique", "magic"}}) {
        EXPECT_EQ(run(arguments), 2) << testing::PrintToString(arguments);
        EXPECT_THAT(err.str(), StartsWith("provenbl: ")) << testing::PrintToString(arguments);
    }
}

TEST_F(CliApp, AccessKeys) {
    EXPECT_EQ(run({"key", "list"}), 0);
    EXPECT_EQ(out.str(), "There are no access keys.\n");
    EXPECT_EQ(run({"key", "add", "example-corp", "--per-second", "50", "--note", "a customer"}), 0);
    EXPECT_THAT(out.str(), testing::ContainsRegex("The key of example-corp .50 a second.: [a-z2-7]+\n"));
    EXPECT_THAT(out.str(), HasSubstr("never shown again"));
    EXPECT_EQ(run({"key", "add", "example-corp"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("choose another"));
    context.key_use = [](std::uint64_t) { return api::KeyUse{1234, 5000, 6}; };
    EXPECT_EQ(run({"key", "list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("50 a second; today 1234, refused 6 - a customer"));
    EXPECT_EQ(run({"key", "revoke", "example-corp"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("is revoked"));
    EXPECT_EQ(run({"key", "list", "--json"}), 0);
    EXPECT_NE(boost::json::parse(out.str()).at("keys").at(0).at("revoked"), nullptr);
    for (const auto& wrong : std::vector<std::vector<std::string>>{
             {"key"}, {"key", "add"}, {"key", "add", "a", "--per-day", "0"}, {"key", "revoke"}, {"key", "add", "a b"}})
        EXPECT_EQ(run(wrong), 2) << testing::PrintToString(wrong);
}

TEST_F(CliApp, HelpHasAnExampleAndTheStatuses) {
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("3 listed (lookup)"));
    for (const char* name : {"run",   "check-config", "report",  "probe",  "lookup",        "evidence",   "history",
                             "why",   "delist",       "exclude", "status", "top",           "backup",     "restore",
                             "check", "export",       "import",  "prune",  "verify-export", "signing-key"}) {
        EXPECT_EQ(run({name, "--help"}), 0) << name;
        EXPECT_THAT(out.str(), HasSubstr(std::string{"Example:\n  provenbl "} + name)) << name;
        EXPECT_THAT(out.str(), HasSubstr("--json")) << name;
        EXPECT_THAT(out.str(), HasSubstr("Exit status:")) << name;
    }
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_THAT(out.str(), StartsWith("provenbl 0."));
}

TEST_F(CliApp, TheServerIsTheOneAskedFor) {
    (void)run({"lookup", "5.6.7.8"});
    EXPECT_EQ(asked_server.socket, "/run/provenbl/api.sock");
    (void)run({"lookup", "5.6.7.8", "--server", "http://bl.example:81"});
    EXPECT_EQ(asked_server.port, "81");
    std::ostringstream none;
    (void)cli::run({"status"}, {none, none, false, "unix:/x.sock", [this](const cli::ServerAddress& address) {
                                    asked_server = address;
                                    return std::make_unique<RouterClient>(*this);
                                }});
    EXPECT_EQ(asked_server.socket, "/x.sock");
}

TEST_F(CliApp, AReportIsTakenOrRefused) {
    EXPECT_EQ(run({"report", "5.6.7.8", "--port", "2525", "--comment", "x"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8 will be visited"));
    EXPECT_EQ(run({"report", "10.0.0.1"}), 4);
    EXPECT_THAT(err.str(), HasSubstr("special-purpose"));
    EXPECT_THAT(out.str(), IsEmpty());
}

TEST_F(CliApp, AReportCanBeFollowed) {
    on_follow = [this] { run_visit(Verdict::open); };
    EXPECT_EQ(run({"report", "5.6.7.8", "--follow"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("smtp-relay/plain         port 25     open"));
    EXPECT_THAT(out.str(), HasSubstr("Still open."));
}

TEST_F(CliApp, DelistFollowsToTheEnd) {
    prove_with_token(suspect, suspect);
    on_follow = [this] { run_visit(Verdict::refused); };
    EXPECT_EQ(run({"delist", "5.6.7.8"}), 0) << out.str() << err.str();
    EXPECT_THAT(out.str(), HasSubstr("554 Relay access denied"));
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8 is no longer listed."));
    EXPECT_THAT(out.str(), HasSubstr("within 120 seconds"));
    EXPECT_EQ(run({"delist", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("there is nothing to remove"));
}

TEST_F(CliApp, DelistOfAnOpenHostSaysStillListed) {
    prove_with_token(suspect, suspect);
    on_follow = [this] { run_visit(Verdict::open); };
    EXPECT_EQ(run({"delist", "5.6.7.8"}), 3);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8 is still listed: relay."));
    EXPECT_THAT(out.str(), HasSubstr("provenbl evidence 5.6.7.8"));
}

TEST_F(CliApp, DelistWaitsForAConfirmingVisit) {
    prove_with_token(suspect, suspect);
    int visits = 0;
    on_follow = [this, &visits] {
        if (host(suspect)->queued_scan == 0) return;
        ++visits;
        run_visit(Verdict::refused, visits == 1 ? std::optional<Duration>{10s} : std::nullopt);
    };
    EXPECT_EQ(run({"delist", "5.6.7.8"}), 0) << out.str() << err.str();
    EXPECT_EQ(visits, 2);
    EXPECT_THAT(out.str(), HasSubstr("One more look is needed"));
}

TEST_F(CliApp, DelistTooSoonIsRefusedByRule) {
    prove_with_token(suspect, suspect);
    on_follow = [this] { run_visit(Verdict::open); };
    ASSERT_EQ(run({"delist", "5.6.7.8"}), 3);
    EXPECT_EQ(run({"delist", "5.6.7.8"}), 4);
    EXPECT_THAT(err.str(), HasSubstr("the next request can be taken at"));
}

TEST_F(CliApp, DelistComesBackToAVisitThatWasAskedFor) {
    prove_with_token(suspect, suspect);
    on_follow = [this] { run_visit(Verdict::open); };
    const auto left = as_operator("POST", "/v1/hosts/5.6.7.8/rescan", "");
    ASSERT_EQ(left.status, 202U);
    EXPECT_EQ(run({"delist", "5.6.7.8"}), 3) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("has been asked for already"));
    EXPECT_THAT(out.str(), HasSubstr("is still listed"));
}

TEST_F(CliApp, DelistOnANarrowScreenBreaksBetweenWords) {
    prove_with_token(suspect, suspect);
    on_follow = [this] { run_visit(Verdict::refused); };
    out.str("");
    const auto connect = [this](const cli::ServerAddress&) { return std::make_unique<RouterClient>(*this); };
    EXPECT_EQ(cli::run({"delist", "5.6.7.8"}, {out, err, false, "", connect, cli::ask_serial, 40}), 0);
    EXPECT_THAT(out.str(), HasSubstr("\n  refused smtp-relay/plain port 25\n    554 Relay access denied\n"));
    std::istringstream lines{out.str()};
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 40U) << line;
}

TEST(Wrapped, BreaksBetweenWordsAndKeepsTheMargin) {
    EXPECT_EQ(cli::wrapped("  one two three", 0), "  one two three");
    EXPECT_EQ(cli::wrapped("  one two three", 15), "  one two three");
    EXPECT_EQ(cli::wrapped("  one two three", 10), "  one two\n    three");
    EXPECT_EQ(cli::wrapped("a-word-that-is-too-long and another", 10), "a-word-that-is-too-long\n  and\n  another");
    EXPECT_EQ(cli::wrapped("\u00e4\u00e4\u00e4 \u00f6\u00f6", 6),
              "\u00e4\u00e4\u00e4 \u00f6\u00f6"); // characters, not bytes
    EXPECT_EQ(cli::wrapped("", 10), "");
    EXPECT_EQ(cli::wrapped("      ", 3), "      ");
}

TEST_F(CliApp, DelistAsJsonIsOneObjectALine) {
    prove_with_token(suspect, suspect);
    on_follow = [this] { run_visit(Verdict::refused); };
    EXPECT_EQ(run({"delist", "5.6.7.8", "--json"}), 0);
    std::istringstream lines{out.str()};
    std::vector<std::string> events;
    for (std::string line; std::getline(lines, line);)
        events.emplace_back(boost::json::parse(line).at("event").as_string());
    EXPECT_THAT(events, testing::ElementsAre("asked", "state", "step", "finished", "result"));
}

TEST_F(CliApp, EvidenceShowsTheMessageOnRequest) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(run({"evidence", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("RCPT TO:<[token]@probes.example>"));
    EXPECT_THAT(out.str(), Not(HasSubstr("Received: by relay")));
    EXPECT_EQ(run({"evidence", "5.6.7.8", "--message"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Received: by relay"));
    EXPECT_EQ(run({"evidence", "5.6.7.9"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("never proven open"));
}

TEST_F(CliApp, ExcludeListsAndRemoves) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(run({"exclude", "5.6.7.0/24", "--reason", "asked by its owner", "--by", "bob"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("1 of its hosts were delisted"));
    EXPECT_EQ(run({"report", "5.6.7.8"}), 4);
    EXPECT_EQ(run({"exclude", "--list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("asked by its owner (by bob, for good)"));
    EXPECT_EQ(run({"exclude", "5.6.7.0/24", "--remove"}), 0);
    EXPECT_EQ(run({"exclude", "5.6.7.0/24", "--remove"}), 1);
    EXPECT_EQ(run({"report", "5.6.7.8"}), 0);
}

TEST_F(CliApp, StatusAndHistory) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(run({"status"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Listed: 1 IPv4, 0 IPv6; serial 1"));
    EXPECT_EQ(run({"history", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("#1  listed    proven: smtp-relay/plain (case 1, now relay) (by verifier)"));
    EXPECT_THAT(out.str(), HasSubstr("proven    a token came back: smtp-relay/plain at 5.6.7.8:25"));
    EXPECT_EQ(run({"why", "5.6.7.8"}), 0);
    EXPECT_THAT(out.str(), StartsWith("5.6.7.8 is listed as relay since "));
    EXPECT_THAT(out.str(), HasSubstr(". It ends when a visit finds smtp-relay/plain on port 25 refused; "));
    EXPECT_EQ(run({"why", "5.6.7.9", "--json"}), 0);
    EXPECT_EQ(boost::json::parse(out.str()).at("listed"), false);
}

TEST_F(CliApp, CheckConfigNamesFileAndLine) {
    EXPECT_EQ(run({"check-config", "-c", PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("is valid: 4 zones"));
    const auto file = (directory.path() / "bad.yaml").string();
    std::ofstream{file} << "data_directory: /x\nlogg: {}\n";
    EXPECT_EQ(run({"check-config", "-c", file, "--role", "api"}), 2);
    EXPECT_EQ(err.str(), "provenbl: " + file + ":2:1: logg: unknown setting; did you mean 'log'?\n");
    EXPECT_EQ(run({"check-config", "-c", file, "--role", "api", "--json"}), 2);
    EXPECT_EQ(boost::json::parse(out.str()).at("problems").as_array().at(0).at("line"), 2);
}

TEST_F(CliApp, ProbeIsRefusedBeforeAnythingIsOpened) {
    for (const char* address : {"10.0.0.1", "127.0.0.1", "192.0.2.25"}) {
        EXPECT_EQ(run({"probe", address, "-c", PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml"}), 4) << address;
        EXPECT_THAT(err.str(), HasSubstr("never probed")) << address;
    }
}

// ---- the list as a whole ----------------------------------------------------------------------------------

TEST_F(CliApp, ReportersAreAddedShownLimitedAndRevoked) {
    EXPECT_EQ(run({"reporter", "add", "alice", "--per-day", "200"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Its key, which is shown this once: pbr-"));
    EXPECT_EQ(run({"reporter", "add", "alice"}), 1);
    EXPECT_EQ(run({"reporter", "limits", "alice", "--per-hour", "0", "--trap"}), 0);
    EXPECT_EQ(run({"reporter", "list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("standing 0 (full)"));
    EXPECT_THAT(out.str(), HasSubstr("no limit an hour, 200 a day, a trap"));
    EXPECT_EQ(run({"reporter", "revoke", "alice"}), 0);
    EXPECT_EQ(run({"reporter", "list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("revoked at"));
    EXPECT_EQ(run({"reporter"}), 2);
    EXPECT_EQ(run({"reporter", "limits", "nobody"}), 1);
}

TEST_F(CliApp, APurgeIsTriedThenDone) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(run({"purge", "--technique", "smtp-relay/"}), 2);
    EXPECT_THAT(err.str(), HasSubstr("--note"));
    EXPECT_EQ(run({"purge", "--note", "x"}), 2);
    EXPECT_THAT(err.str(), HasSubstr("every listing"));
    EXPECT_EQ(run({"purge", "--technique", "smtp-relay/", "--dry-run"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("  5.6.7.8\n1 of 1 listings would be purged"));
    EXPECT_EQ(run({"purge", "--technique", "smtp-relay/", "--note", "our sink was wrong"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Done: 1 looked at, 1 matched, 1 delisted"));
    EXPECT_EQ(run({"purge", "--resume", "1"}), 0) << "done is done";
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 0);
    EXPECT_EQ(run({"notices"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("purge: our sink was wrong"));
}

TEST_F(CliApp, TheListIsShutDownAndOpened) {
    EXPECT_EQ(run({"shutdown-list"}), 2);
    EXPECT_EQ(run({"shutdown-list", "--note", "we close"}), 0);
    EXPECT_EQ(run({"status"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("SHUT DOWN"));
    EXPECT_EQ(run({"lookup", "127.0.0.2"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("The list is shut down: nothing is in DNS."));
    EXPECT_THAT(out.str(), HasSubstr("2.0.0.127.bl.example  NXDOMAIN"));
    EXPECT_EQ(run({"resume-list"}), 0);
    EXPECT_EQ(run({"resume-list"}), 1);
    EXPECT_EQ(run({"status"}), 0);
    EXPECT_THAT(out.str(), Not(HasSubstr("SHUT DOWN")));
}

TEST_F(CliApp, AListingByHandSaysThatItIsNone) {
    EXPECT_EQ(run({"list", "5.6.7.8", "--class", "relay", "--reason", "x", "--expires", "7d"}), 4);
    EXPECT_THAT(err.str(), HasSubstr("policy.manual_listing"));
    configuration.verifier.policy.manual_listing = true;
    EXPECT_EQ(run({"list", "5.6.7.8", "--class", "relay", "--expires", "7d"}), 2);
    EXPECT_EQ(run({"list", "5.6.7.8", "--class", "relay", "--reason", "answers nobody", "--expires", "7d"}), 0);
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 3);
    EXPECT_THAT(out.str(), HasSubstr("by hand, without proof, as relay"));
    EXPECT_EQ(run({"unlist", "5.6.7.8", "--note", "a mistake"}), 0);
    EXPECT_EQ(run({"lookup", "5.6.7.8"}), 0);
}

} // namespace
} // namespace provenbl::tools
