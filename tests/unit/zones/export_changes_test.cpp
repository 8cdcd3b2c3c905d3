// What has changed since a serial, over a real store: the old state and the changes give the new state.
#include "store/exclusions.hpp"
#include "store/notices.hpp"
#include "tests/support/store_fixture.hpp"
#include "zones/export/format.hpp"
#include "zones/follower.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace provenbl::zones::exports {
namespace {

using namespace std::chrono_literals;
using test::ip;
using testing::HasSubstr;

using State = std::map<Address, std::uint16_t>;

class ExportChanges : public test::StoreFixture {
protected:
    ExportChanges() {
        ZoneDefinition zone;
        zone.apex = "bl.example";
        zone.classes = classes_;
        zone.codes = default_codes();
        zone.txt = "{address}";
        zone.name_servers = {{"ns.other.example", {}}};
        set_.zones.push_back(zone);
    }

    void list(const Address& address, ListingClass cls) {
        auto probe = test::mail_probe(++tokens_, address, clock.now());
        probe.cls = cls;
        probe.technique = "technique/" + std::string(to_string(cls));
        prove(probe, address);
    }
    void delist(const Address& address) {
        write([&](WriteTxn& txn) -> Result<> {
            const auto excluded = ledger::exclude(
                txn, {Prefix::of(address, address.bits()), "asked", "operator", clock.now(), clock.now() + 1h});
            if (!excluded) return excluded.error();
            exclusions::remove(txn, Prefix::of(address, address.bits()));
            return {};
        });
    }
    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::uint64_t serial() {
        return store->read([](const ReadTxn& txn) { return journal::last(txn); });
    }
    Result<Changes> since(std::uint64_t from, std::size_t at_most = most_changes) {
        return store->read([&](const ReadTxn& txn) { return changes_since(txn, classes_, from, at_most); });
    }
    State state() {
        State all;
        store->read([&](const ReadTxn& txn) {
            hosts::walk_listed(txn, [&](const Address& address, const Listing& listing) {
                const auto shown = listing.classes & classes_;
                if (!shown.empty()) all[address] = shown.bits();
                return true;
            });
        });
        return all;
    }
    std::string text(const Changes& changes, Format format) {
        const ZoneTable table(set_);
        Snapshot snapshot;
        snapshot.sequence = changes.to;
        std::string all;
        const auto done = write_changes({table, table.zones()[0], snapshot}, changes, format, {},
                                        [&](std::string_view piece) -> Result<> {
                                            all += piece;
                                            return {};
                                        });
        EXPECT_TRUE(done) << done.error().message;
        return all;
    }

    const ClassSet classes_{ListingClass::relay, ListingClass::socks};
    ZoneSet set_;
    std::uint32_t tokens_ = 0;
};

TEST_F(ExportChanges, TheOldStateAndTheChangesGiveTheNewOne) {
    std::mt19937 dice(3);
    constexpr std::array kinds{ListingClass::relay, ListingClass::socks, ListingClass::http};
    std::vector<std::pair<std::uint64_t, State>> past{{serial(), state()}};
    for (int i = 0; i < 150; ++i) {
        clock.advance(1h);
        const auto host = dice() % 3 == 0 ? ip(("2001:db8::" + std::to_string(1 + dice() % 6)).c_str())
                                          : Address::v4(5, 6, 7, static_cast<std::uint8_t>(1 + dice() % 9));
        if (dice() % 2 == 0)
            list(host, kinds.at(dice() % kinds.size()));
        else
            delist(host);
        past.emplace_back(serial(), state());
    }
    const auto now = state();
    for (const auto& [from, then] : past) {
        const auto changes = since(from);
        ASSERT_TRUE(changes) << changes.error().message;
        EXPECT_EQ(changes->to, serial());
        auto made = then;
        for (const auto& change : changes->list) {
            EXPECT_EQ(change.before.bits(), then.count(change.address) != 0 ? then.at(change.address) : 0);
            EXPECT_NE(change.before.bits(), change.after.bits());
            made.erase(change.address);
            if (!change.after.empty()) made[change.address] = change.after.bits();
        }
        EXPECT_EQ(made, now) << from;
    }
}

TEST_F(ExportChanges, EveryFormatThatTellsThem) {
    list(ip("192.0.2.1"), ListingClass::relay);
    list(ip("192.0.2.2"), ListingClass::relay);
    const auto from = serial();
    list(ip("192.0.2.2"), ListingClass::socks);
    delist(ip("192.0.2.1"));
    list(ip("2001:db8::3"), ListingClass::socks);
    list(ip("192.0.2.9"), ListingClass::http); // no class of the zone
    const auto changes = since(from).value();
    const auto head =
        "bl.example, serial " + std::to_string(changes.to) + ": changes since " + std::to_string(from) + "\n";
    EXPECT_EQ(text(changes, Format::json), R"({"type":"zone","zone":"bl.example","serial":)" +
                                               std::to_string(changes.to) + R"(,"since":)" + std::to_string(from) +
                                               R"(,"shut_down":false}
{"type":"delisted","address":"192.0.2.1"}
{"type":"changed","address":"192.0.2.2","classes":["relay","socks"],"codes":["127.0.0.2","127.0.0.8"],"text":"192.0.2.2"}
{"type":"listed","address":"2001:db8::3","classes":["socks"],"codes":["127.0.0.8"],"text":"2001:db8::3"}
)");
    EXPECT_EQ(text(changes, Format::csv), "change,address,classes,codes,text\r\ndelisted,192.0.2.1,,,\r\n"
                                          "changed,192.0.2.2,relay socks,127.0.0.2 127.0.0.8,192.0.2.2\r\n"
                                          "listed,2001:db8::3,socks,127.0.0.8,2001:db8::3\r\n");
    EXPECT_EQ(text(changes, Format::nftables), "# " + head +
                                                   "delete element inet provenbl bl_example_4 {\n192.0.2.1,\n}\n"
                                                   "add element inet provenbl bl_example_6 {\n2001:db8::3,\n}\n");
    EXPECT_EQ(text(changes, Format::ipset),
              "# " + head + "del bl_example_4 192.0.2.1 -exist\nadd bl_example_6 2001:db8::3 -exist\n");
    for (const auto format : all_formats) {
        if (tells_changes(format)) continue;
        const ZoneTable table(set_);
        const auto refused = write_changes({table, table.zones()[0], {}}, changes, format, {},
                                           [](std::string_view) -> Result<> { return {}; });
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, HasSubstr("is always whole"));
    }
}

TEST_F(ExportChanges, WhatCannotBeToldSaysSoAndWhatToDo) {
    list(ip("192.0.2.1"), ListingClass::relay);
    const auto first = serial();
    EXPECT_EQ(since(first + 1).error().code, Errc::invalid);
    EXPECT_TRUE(since(first)->list.empty());

    list(ip("192.0.2.2"), ListingClass::relay);
    list(ip("192.0.2.3"), ListingClass::relay);
    EXPECT_THAT(since(first, 1).error().message, HasSubstr("more than 1 changes; take the whole file"));
    EXPECT_EQ(since(first, 2)->list.size(), 2U);

    write([](WriteTxn& txn) -> Result<> {
        journal::note_configuration(txn, "another digest");
        return {};
    });
    const auto defined = serial();
    EXPECT_EQ(since(first).error().code, Errc::expired);
    EXPECT_THAT(since(first).error().message, HasSubstr("the definition of the zones changed; take the whole file"));
    EXPECT_TRUE(since(defined));

    write([](WriteTxn& txn) -> Result<> {
        return notices::shut_down(txn, "closing", "me").has_value() ? Result<>{} : Error{Errc::io, ""};
    });
    EXPECT_THAT(since(defined).error().message, HasSubstr("the list was shut down"));
    // Hosts may come off while the zones are empty.
    const auto closed = serial();
    delist(ip("192.0.2.2"));
    EXPECT_TRUE(since(closed)->list.empty());
    write([](WriteTxn& txn) -> Result<> {
        return notices::resume(txn, "back", "me").has_value() ? Result<>{} : Error{Errc::io, ""};
    });
    EXPECT_EQ(since(closed).error().code, Errc::expired);
}

} // namespace
} // namespace provenbl::zones::exports
