// Export -> import into an empty store: the same journal, hosts, evidence and serving index.
#include "store/check.hpp"
#include "store/exclusions.hpp"
#include "store/mirrors.hpp"
#include "store/retention.hpp"
#include "store/tables.hpp"
#include "store/transfer.hpp"
#include "tests/support/store_fixture.hpp"
#include "tools/transfer/export_lines.hpp"
#include "tools/transfer/import_lines.hpp"
#include "tools/transfer/record_json.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <sstream>

namespace provenbl::tools::transfer {
namespace {

using namespace std::chrono_literals;
using provenbl::transfer::Record;
using test::ip;
using test::mail_probe;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Keeps what was sent.
class Collector final : public provenbl::transfer::Sink {
public:
    Result<> begin(const provenbl::transfer::Header& /*header*/) override { return {}; }
    Result<> take(const Record& record) override {
        records.push_back(record);
        return {};
    }
    Result<> end(std::uint64_t /*records*/) override { return {}; }
    std::vector<Record> records;
};

class Transfer : public test::StoreFixture {
protected:
    Transfer() { other = Store::open({place.path(), false, map_size}, clock).value(); }

    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    // Lists, delists, relists, reports and excludes at random, through the ledger.
    void live(std::uint32_t seed, int events) {
        std::mt19937 dice(seed);
        for (int i = 0; i < events; ++i) {
            clock.advance(Duration(dice() % 100'000'000));
            const auto host = dice() % 4 == 0 ? ip(("2001:db8::" + std::to_string(1 + dice() % 9)).c_str())
                                              : Address::v4(5, 6, 7, static_cast<std::uint8_t>(dice() % 12));
            const auto what = dice() % 10;
            if (what < 5) {
                auto probe =
                    mail_probe(++token_, host, clock.now(), dice() % 2 == 0 ? "smtp-relay/plain" : "socks5/connect");
                if (probe.technique != "smtp-relay/plain") probe.cls = ListingClass::socks;
                try {
                    prove(probe, dice() % 3 == 0 ? ip("9.9.9.9") : host);
                } catch (const std::runtime_error&) { // excluded
                }
            } else if (what < 8) {
                clear(host);
            } else if (what < 9) {
                Report report;
                report.host = host;
                report.ports = {25, 3128};
                report.reporter = "somebody";
                report.comment = "\xff\xfe not UTF-8";
                (void)store->write([&](WriteTxn& txn) -> Result<> {
                    auto filed = ledger::file_report(txn, report, clock.now());
                    if (!filed) return filed.error();
                    return {};
                });
            } else {
                Exclusion exclusion;
                exclusion.prefix = Prefix::of(host, host.bits());
                exclusion.reason = "asked";
                exclusion.by = "bob";
                exclusion.created = clock.now();
                exclusion.until = clock.now() + 1h;
                write([&](WriteTxn& txn) -> Result<> {
                    auto excluded = ledger::exclude(txn, exclusion);
                    if (!excluded) return excluded.error();
                    return {};
                });
            }
        }
    }
    void clear(const Address& address) {
        const auto known = host(address);
        if (!known || !known->listed()) return;
        std::vector<ScanStep> steps;
        for (const auto& hole : known->holes)
            steps.push_back({clock.now(), hole.technique, hole.entry, hole.port, Verdict::refused, "no"});
        try {
            const auto scan = visit(address, steps);
            (void)store->write([&](WriteTxn& txn) -> Result<> {
                const auto clearance = Clearance::from_scan(scan, known->holes, ChangeReason::secured);
                if (!clearance) return clearance.error();
                auto cleared = ledger::clear(txn, *clearance, "owner");
                if (!cleared) return cleared.error();
                return {};
            });
        } catch (const std::runtime_error&) { // excluded: not visited
        }
    }

    std::string exported(bool with_private = true, std::uint64_t since = 0) {
        std::ostringstream out;
        LineSink sink(out, with_private);
        const auto sent = provenbl::transfer::send(*store, since, clock.now(), sink);
        if (!sent) throw std::runtime_error(sent.error().message);
        return out.str();
    }
    Result<Imported> import(const std::string& text, ImportOptions options = {}) {
        refused.clear();
        options.refused = [&](std::uint64_t line, const std::string& reason) { refused.emplace_back(line, reason); };
        std::istringstream in(text);
        return import_lines(*other, in, options);
    }
    static std::vector<Record> records_of(const Store& of) {
        Collector all;
        EXPECT_TRUE(provenbl::transfer::send(of, 0, Time{}, all));
        // Visits have numbers of each store's own.
        for (auto& record : all.records) {
            if (auto* const host = std::get_if<Host>(&record)) {
                if (host->queued_scan == 0 && host->running_scan == 0) {
                    host->due = {};
                    host->due_kind = Host{}.due_kind;
                }
                host->queued_scan = host->queued_scan != 0 || host->running_scan != 0 ? 1 : 0;
                host->running_scan = 0;
            }
            if (auto* const report = std::get_if<Report>(&record)) report->scan_id = 0;
        }
        return all.records;
    }
    static std::vector<std::pair<Address, Listing>> index_of(const Store& of) {
        std::vector<std::pair<Address, Listing>> all;
        of.read([&](const ReadTxn& txn) {
            hosts::walk_listed(txn, [&](const Address& address, const Listing& listing) {
                all.emplace_back(address, listing);
                return true;
            });
        });
        return all;
    }
    void expect_same() {
        EXPECT_EQ(index_of(*other), index_of(*store));
        const auto ours = records_of(*store);
        const auto theirs = records_of(*other);
        ASSERT_EQ(theirs.size(), ours.size());
        for (std::size_t i = 0; i < ours.size(); ++i)
            EXPECT_TRUE(theirs[i] == ours[i]) << boost::json::serialize(to_json(ours[i], true));
        EXPECT_EQ(check::run(*other, {}, clock.now()).value().findings, 0U);
    }

    test::TemporaryDirectory place;
    std::unique_ptr<Store> other;
    std::vector<std::pair<std::uint64_t, std::string>> refused;
    std::uint32_t token_ = 0;
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

TEST_F(Transfer, WhatIsExportedIsImportedWhole) {
    for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        live(seed, 150);
        const auto text = exported();
        const test::TemporaryDirectory fresh;
        other = Store::open({fresh.path(), false, map_size}, clock).value();
        const auto imported = import(text);
        ASSERT_TRUE(imported) << imported.error().message;
        EXPECT_TRUE(imported->complete) << testing::PrintToString(refused);
        expect_same();
        other.reset();
    }
}

TEST_F(Transfer, ATrimmedJournalMovesWithItsAuditLines) {
    live(7, 100);
    clock.advance(24h * 800);
    retention::Rules rules;
    rules.evidence = Duration::zero();
    for (retention::Round round;;) {
        bool more = false;
        write([&](WriteTxn& txn) -> Result<> {
            more = round.forget(txn, rules, 1000);
            return {};
        });
        if (!more) break;
    }
    live(8, 30);
    ASSERT_TRUE(import(exported()));
    expect_same();
}

TEST_F(Transfer, ChangesSinceASerialBringACopyUpToDate) {
    live(1, 80);
    ASSERT_TRUE(import(exported()));
    const auto serial = store->statistics().journal;
    live(2, 80);
    const auto changes = exported(true, serial);
    EXPECT_LT(changes.size(), exported().size());
    const auto imported = import(changes);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_TRUE(imported->complete) << testing::PrintToString(refused);
    EXPECT_EQ(index_of(*other), index_of(*store));
    EXPECT_EQ(other->statistics().journal, store->statistics().journal);
    EXPECT_EQ(check::run(*other, {}, clock.now()).value().findings, 0U);
    // The same changes again: the copy is past them.
    EXPECT_EQ(import(changes).error().code, Errc::conflict);
}

TEST_F(Transfer, AnInterruptedImportGoesOnWhereItWas) {
    live(3, 200);
    const auto text = exported();
    const auto cut = import(text.substr(0, text.size() / 2));
    ASSERT_FALSE(cut);
    EXPECT_THAT(cut.error().message, HasSubstr("cut short"));
    const auto rest = import(text);
    ASSERT_TRUE(rest) << rest.error().message;
    EXPECT_TRUE(rest->complete);
    EXPECT_GT(rest->skipped, 0U);
    EXPECT_GT(rest->records, 0U);
    expect_same();
}

TEST_F(Transfer, NothingIsListedWithoutEvidence) {
    prove(1, ip("5.6.7.8"));
    prove(2, ip("5.6.7.9"));
    auto lines = lines_of(exported());
    std::erase_if(lines, [](const std::string& line) {
        return line.find("\"evidence\"") != std::string::npos && line.find("5.6.7.8") != std::string::npos;
    });
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    const auto at = text.find("\"records\":");
    text = text.substr(0, at) + "\"records\":" + std::to_string(lines.size() - 2) + "}\n";
    const auto imported = import(text);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_FALSE(imported->complete);
    EXPECT_THAT(refused, ElementsAre(testing::Pair(5U, HasSubstr("without evidence"))));
    ASSERT_EQ(index_of(*other).size(), 1U);
    EXPECT_EQ(index_of(*other)[0].first, ip("5.6.7.9"));
    // With the line that was missing, the import is made whole.
    EXPECT_TRUE(import(exported())->complete);
    expect_same();
}

TEST_F(Transfer, BadLinesAreToldByNumberAndBounded) {
    prove(1, ip("5.6.7.8"));
    const auto lines = lines_of(exported());
    std::string text = lines[0] + "\n" + R"(not json
[]
{"type":"host"}
{"type":"host","address":"5.6.7.8.9","due_kind":"rescan"}
{"type":"change","sequence":1,"at":"2026-01-01T00:00:00Z","reason":"proven","colour":"red"}
{"type":"nothing"}
)";
    ImportOptions options;
    options.error_limit = 6;
    const auto stopped = import(text, options);
    ASSERT_FALSE(stopped);
    EXPECT_THAT(stopped.error().message, HasSubstr("6 lines were refused"));
    EXPECT_THAT(refused,
                ElementsAre(testing::Pair(2U, HasSubstr("no JSON")), testing::Pair(3U, HasSubstr("no JSON object")),
                            testing::Pair(4U, HasSubstr("'address' is missing")),
                            testing::Pair(5U, HasSubstr("'address'")),
                            testing::Pair(6U, HasSubstr("'colour' is no member")),
                            testing::Pair(7U, HasSubstr("'nothing' is not known"))));
    EXPECT_TRUE(index_of(*other).empty());
    EXPECT_THAT(import("hello\n").error().message, HasSubstr("is this an export?"));
    EXPECT_THAT(import("").error().message, HasSubstr("cut short"));
}

TEST_F(Transfer, AStoreThatKnowsSomethingTakesNoWholeExport) {
    prove(1, ip("5.6.7.8"));
    const auto text = exported();
    ASSERT_TRUE(import(text));
    EXPECT_EQ(import(text).error().code, Errc::conflict);
}

TEST_F(Transfer, PersonsAreLeftOutUnlessAskedFor) {
    live(5, 200);
    EXPECT_THAT(exported(true), HasSubstr("somebody"));
    const auto text = exported(false);
    EXPECT_THAT(text, Not(HasSubstr("somebody")));
    EXPECT_THAT(text, Not(HasSubstr("bob")));
    ASSERT_TRUE(import(text));
    EXPECT_EQ(index_of(*other), index_of(*store));
}

TEST_F(Transfer, MirrorsMoveWithTheirKeysWhereThatIsAskedForAndElseNotAtAll) {
    Mirror mirror;
    mirror.name = "ns2";
    mirror.kind = MirrorKind::knot;
    mirror.addresses = {{ip("192.0.2.1"), 53}, {ip("2001:db8::1"), 5353}};
    mirror.from = {Prefix::parse("192.0.2.0/24").value()};
    mirror.key_name = "ns2.mirror.bl.example";
    mirror.algorithm = "hmac-sha256";
    mirror.secret = std::string("\0\377", 2) + std::string(30, 's');
    mirror.zones = {"bl.example"};
    mirror.note = "of friends";
    write([&](WriteTxn& txn) -> Result<> {
        for (const char* name : {"gone", "ns2"}) {
            mirror.name = name;
            mirror.key_name = std::string(name) + ".mirror.bl.example";
            auto added = mirrors::add(txn, mirror);
            if (!added) return added.error();
        }
        auto gone = mirrors::remove(txn, "gone");
        if (!gone) return gone.error();
        return {};
    });
    const auto text = exported();
    EXPECT_THAT(exported(false), Not(HasSubstr("mirror")));
    EXPECT_THAT(exported(false), HasSubstr("\"records\":0"));
    const auto imported = import(text);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_TRUE(imported->complete) << testing::PrintToString(refused);
    const auto all = [](const Store& of) {
        std::vector<Mirror> found;
        of.read([&](const ReadTxn& txn) {
            mirrors::walk(txn, [&](const Mirror& one) {
                found.push_back(one);
                return true;
            });
        });
        return found;
    };
    EXPECT_EQ(all(*other), all(*store));
    EXPECT_EQ(all(*other).size(), 2U);
}

TEST_F(Transfer, TokensAndConversationsAreSecret) {
    auto probe = mail_probe(1, ip("5.6.7.8"), clock.now());
    probe.transcript = "RCPT TO:<the-token@probes.example>";
    probe.repeat = "swaks --to the-token@probes.example";
    prove(probe, ip("5.6.7.8"));
    const auto secret = exported(true);
    EXPECT_THAT(secret,
                testing::AllOf(HasSubstr("the-token"), HasSubstr("\"token\""), HasSubstr("Received: by relay")));
    const auto open = exported(false);
    EXPECT_THAT(open, Not(HasSubstr("the-token")));
    EXPECT_THAT(open, Not(HasSubstr("\"token\"")));
    EXPECT_THAT(open, Not(HasSubstr("Received: by relay")));
    ASSERT_TRUE(import(open)->complete) << testing::PrintToString(refused);
    EXPECT_EQ(index_of(*other), index_of(*store));
}

TEST_F(Transfer, AnInterruptedImportNeverReplacesAnEntryOfTheJournal) {
    live(3, 200);
    const auto text = exported();
    ASSERT_FALSE(import(text.substr(0, text.size() / 2)));
    EXPECT_TRUE(other->read(provenbl::transfer::unfinished));
    check::Options repair;
    repair.repair = true;
    EXPECT_EQ(check::run(*other, repair, clock.now()).error().code, Errc::conflict);

    // Somebody wrote all the same.
    Change foreign;
    foreign.sequence = 1;
    foreign.reason = ChangeReason::configuration;
    foreign.note = "not of the import";
    ASSERT_TRUE(other->write([&](WriteTxn& txn) -> Result<> {
        txn.txn.put(txn.tables.journal, keys::number(1), codec::encode(foreign));
        return {};
    }));
    const auto taken = other->write([&](WriteTxn& txn) -> Result<> {
        Change ours = foreign;
        ours.note = "of the import";
        return provenbl::transfer::take(txn, ours);
    });
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().message, HasSubstr("another entry 1"));
    EXPECT_TRUE(other->write([&](WriteTxn& txn) { return provenbl::transfer::take(txn, foreign); }));
}

TEST_F(Transfer, ACaseBeginsWhereTheJournalSays) {
    prove(1, ip("5.6.7.8"));
    auto text = exported();
    const std::string since = "\"listed_since\":\"20";
    const auto at = text.find(since);
    ASSERT_NE(at, std::string::npos) << text;
    text[at + since.size()] = '0'; // some years earlier
    const auto imported = import(text);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_FALSE(imported->complete);
    EXPECT_THAT(refused, ElementsAre(testing::Pair(testing::_, HasSubstr("this case began at"))));
    EXPECT_TRUE(index_of(*other).empty());
    EXPECT_TRUE(import(exported())->complete);
    EXPECT_FALSE(other->read(provenbl::transfer::unfinished));
}

TEST_F(Transfer, AListingByHandEndsWithinAYear) {
    ManualListing entry;
    entry.reason = "spam";
    entry.by = "bob";
    entry.until = clock.now() + 24h * 366;
    write([&](WriteTxn& txn) -> Result<> {
        auto listed = ledger::list_manually(txn, ip("5.6.7.8"), entry);
        if (!listed) return listed.error();
        return {};
    });
    const auto text = exported();
    clock.advance(-24h);
    const auto early = import(text);
    ASSERT_TRUE(early) << early.error().message;
    EXPECT_THAT(refused, ElementsAre(testing::Pair(testing::_, HasSubstr("ends within a year"))));
    clock.advance(24h);
    EXPECT_TRUE(import(text)->complete);
    expect_same();
}

TEST_F(Transfer, AJournalThatNoLongerReachesBackSaysSo) {
    prove(1, ip("5.6.7.8"));
    prove(2, ip("5.6.7.9"));
    clock.advance(24h * 800);
    write([&](WriteTxn& txn) -> Result<> {
        retention::Round round;
        while (round.forget(txn, {}, 1000)) {
        }
        return {};
    });
    std::ostringstream out;
    LineSink sink(out, true);
    EXPECT_EQ(provenbl::transfer::send(*store, 1, clock.now(), sink).error().code, Errc::expired);
    EXPECT_TRUE(provenbl::transfer::send(*store, 2, clock.now(), sink));
}

} // namespace
} // namespace provenbl::tools::transfer
