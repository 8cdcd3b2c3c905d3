// Policy zones and the catalog as they are served: answers, and transfers whole and by difference, each read with ldns.
// And who is given nothing: whoever would get our zones under the serial of others.
#include "dnsbl/responder.hpp"
#include "dnsbl/transfer/access.hpp"
#include "dnsbl/transfer/notify_plan.hpp"
#include "dnsbl/transfer/transfer.hpp"
#include "ixfr_question.hpp"
#include "secondary.hpp"
#include "served_zones.hpp"
#include "zones/catalog.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace provenbl::dnsbl::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using transfer::Difference;
using transfer::Head;
using transfer::Transfer;
using Lines = std::vector<std::string>;

zones::ZoneSet derived_zones() {
    auto set = served_zones();
    zones::PolicyZoneDefinition policy;
    policy.apex = "rpz.example";
    policy.zone = "bl.example";
    policy.classes = {ListingClass::relay, ListingClass::chain};
    policy.ttl = 60;
    policy.soa = set.zones[0].soa;
    policy.name_servers = {{"ns1.bl.example", {}}};
    set.policy_zones.push_back(policy);
    policy.apex = "wall.example";
    policy.redirect = "192.0.2.1";
    set.policy_zones.push_back(policy);
    set.catalogs.push_back({"catalog.example", "lists", "", set.zones[0].soa});
    return set;
}

class DerivedZones : public ::testing::Test {
protected:
    static constexpr std::size_t policy_ = 3, wall_ = 4, catalog_ = 5;
    const zones::ZoneSet set_ = derived_zones();
    Responder responder_{set_, {.edns_size = 1232, .identity = "dns-1"}};
    zones::Snapshot snapshot_ = [] {
        auto snapshot = served_snapshot();
        snapshot.defined_at = 12;
        return snapshot;
    }();

    [[nodiscard]] const zones::Zone& zone(std::size_t which) const { return responder_.zones().zones()[which]; }
    [[nodiscard]] OracleAnswer ask(const std::string& name, unsigned type) const {
        Bytes out(wire::longest_message);
        out.resize(responder_.respond(question(name, type), {Transport::tcp, {}}, snapshot_, out).size);
        return read_with_ldns(out);
    }
    void send(Secondary& secondary, std::size_t which, std::optional<Difference> difference = {}) const {
        const auto asked = question(zone(which).apex().to_string(), wire::type::soa);
        Bytes answer(wire::longest_message);
        answer.resize(responder_.respond(asked, {Transport::tcp, {}}, snapshot_, answer).size);
        const zones::Contents contents(responder_.zones(), zone(which));
        Transfer transfer(contents, std::make_shared<const zones::Snapshot>(snapshot_),
                          Head::of(answer, asked.size() - wire::header_size), std::move(difference));
        std::vector<Bytes> all;
        while (!transfer.over()) {
            all.emplace_back();
            ASSERT_TRUE(transfer.next(all.back()));
        }
        secondary.take(all);
    }
    // What is said to a request for a transfer.
    Outcome request(const Bytes& message) const {
        const transfer::TransferAccess anybody({}, {Prefix::parse("0.0.0.0/0").value()});
        Asker asker{Transport::tcp, {at("192.0.2.9"), 53}};
        asker.mirrors = &anybody;
        Bytes out(wire::longest_message);
        return responder_.respond(message, asker, snapshot_, out);
    }
};

TEST_F(DerivedZones, APolicyIsAnsweredWithItsAction) {
    const std::string name = "32.99.2.0.192.rpz-client-ip.rpz.example";
    for (const auto type : {wire::type::cname, wire::type::a, wire::type::txt, wire::type::any})
        EXPECT_THAT(ask(name, type).answers, ElementsAre(name + ". 60 IN CNAME ."));
    EXPECT_EQ(ask("32.7.100.51.198.rpz-client-ip.rpz.example", wire::type::a).rcode, 3U) << "of another class";
    const auto above = ask("2.0.192.rpz-client-ip.rpz.example", wire::type::a);
    EXPECT_EQ(above.rcode, 0U);
    EXPECT_THAT(above.answers, IsEmpty());
    EXPECT_THAT(above.authorities, ::testing::SizeIs(1));
    const std::string wall = "32.99.2.0.192.rpz-client-ip.wall.example";
    EXPECT_THAT(ask(wall, wire::type::a).answers, ElementsAre(wall + ". 60 IN A 192.0.2.1"));
    EXPECT_THAT(ask(wall, wire::type::aaaa).answers, IsEmpty());
    EXPECT_EQ(ask("2.0.0.127.rpz.example", wire::type::a).rcode, 3U);
}

TEST_F(DerivedZones, APolicyZoneGoesWholeAndByDifference) {
    Secondary secondary("rpz.example");
    send(secondary, policy_);
    EXPECT_THAT(secondary.records(),
                UnorderedElementsAre("rpz.example. 3600 IN NS ns1.bl.example.",
                                     "32.99.2.0.192.rpz-client-ip.rpz.example. 60 IN CNAME .",
                                     "128.89ab.567.4.3.2.1.db8.2001.rpz-client-ip.rpz.example. 60 IN CNAME ."));
    EXPECT_EQ(secondary.serial(), 77U);
    using enum ListingClass;
    const zones::Delta changes{{at("192.0.2.99"), {relay, http}, {relay}},
                               {at("198.51.100.7"), {socks}, {socks, relay}},
                               {at("2001:db8:1:2:3:4:567:89ab"), {chain}, {}}};
    std::vector<zones::IndexChange> after;
    for (const auto& change : changes) after.push_back({change.address, change.after});
    snapshot_.index = snapshot_.index.with_changes(after);
    snapshot_.sequence = 80;
    send(secondary, policy_, Difference{77, changes});
    EXPECT_TRUE(secondary.was_incremental());
    EXPECT_EQ(secondary.record_count(), 6U) << "four SOAs, one that goes, one that comes";
    Secondary whole("rpz.example");
    send(whole, policy_);
    EXPECT_EQ(secondary.records(), whole.records());
}

TEST_F(DerivedZones, TheCatalogHasItsRecordsAndASerialOfItsOwn) {
    Secondary secondary("catalog.example");
    send(secondary, catalog_);
    EXPECT_EQ(secondary.serial(), 12U);
    const auto place = [](const char* apex) {
        return zones::member_label(zones::DomainName::parse(apex).value()) + ".zones.catalog.example.";
    };
    EXPECT_THAT(
        secondary.records(),
        UnorderedElementsAre(
            "catalog.example. 3600 IN NS invalid.", "version.catalog.example. 3600 IN TXT \"2\"",
            place("bl.example") + " 3600 IN PTR bl.example.", "group." + place("bl.example") + " 3600 IN TXT \"lists\"",
            place("relay.bl.example") + " 3600 IN PTR relay.bl.example.",
            "group." + place("relay.bl.example") + " 3600 IN TXT \"lists\"",
            place("rpz.example") + " 3600 IN PTR rpz.example.", place("wall.example") + " 3600 IN PTR wall.example."));
    for (const auto& record : secondary.records()) {
        const auto owner = record.substr(0, record.find(". "));
        const auto type = record.find(" TXT ") != std::string::npos   ? wire::type::txt
                          : record.find(" PTR ") != std::string::npos ? wire::type::ptr
                                                                      : wire::type::ns;
        EXPECT_THAT(ask(owner, type).answers, ElementsAre(record));
    }
    EXPECT_THAT(ask("catalog.example", wire::type::soa).answers, ElementsAre(::testing::HasSubstr(" 12 300 ")));
    EXPECT_EQ(ask("zones.catalog.example", wire::type::ptr).rcode, 0U);
    const auto absent = ask("2.0.0.127.catalog.example", wire::type::a);
    EXPECT_EQ(absent.rcode, 3U);
    EXPECT_THAT(absent.authorities, ElementsAre(::testing::HasSubstr(" 12 300 "))) << "of one serial everywhere";
}

TEST_F(DerivedZones, WhoHasTheCatalogsSerialIsUpToDate) {
    EXPECT_EQ(request(ixfr("catalog.example", 12)).transfer, TransferDue::none);
    EXPECT_EQ(request(ixfr("catalog.example", 11)).transfer, TransferDue::difference);
    EXPECT_EQ(request(ixfr("bl.example", 12)).transfer, TransferDue::difference);
    EXPECT_EQ(request(ixfr("bl.example", 77)).transfer, TransferDue::none);
}

// Who writes the store has begun with other zones than we have, or has not begun anew yet. Were the zone sent now, it
// would never be sent again: its serial has moved already, or is still to move.
TEST_F(DerivedZones, NothingGoesUnderTheSerialOfOtherZones) {
    const auto axfr = question("bl.example", wire::type::axfr);
    EXPECT_EQ(request(axfr).transfer, TransferDue::whole) << "nothing is known of it";
    snapshot_.definition = set_.digest();
    EXPECT_EQ(request(axfr).transfer, TransferDue::whole);
    snapshot_.definition = served_zones().digest();
    for (const auto& message : {axfr, ixfr("bl.example", 70), ixfr("bl.example", 77), ixfr("catalog.example", 12)}) {
        const auto outcome = request(message);
        EXPECT_EQ(outcome.transfer, TransferDue::none);
        EXPECT_EQ(outcome.rcode, wire::Rcode::servfail);
    }
    EXPECT_THAT(ask("99.2.0.192.bl.example", wire::type::a).answers, ::testing::SizeIs(2)) << "answers go on";
}

TEST_F(DerivedZones, MirrorsTakeThemUnlessTheyNameOthers) {
    transfer::MirrorEntry mirror;
    for (const auto which : {policy_, wall_, catalog_}) EXPECT_TRUE(mirror.takes(zone(which)));
    mirror.reads_catalog = false;
    EXPECT_TRUE(mirror.takes(zone(policy_)));
    EXPECT_FALSE(mirror.takes(zone(catalog_)));
    mirror.zones = {zone(0).apex()};
    for (const auto which : {policy_, catalog_}) EXPECT_FALSE(mirror.takes(zone(which)));
    auto closed = derived_zones();
    closed.zones[0].access = closed.policy_zones[0].access = closed.policy_zones[1].access = zones::ZoneAccess::key;
    const zones::ZoneTable table(closed);
    EXPECT_FALSE(transfer::MirrorEntry{}.takes(table.zones()[policy_]));
}

// A listing is no news of the catalog: its readers are left alone.
TEST_F(DerivedZones, NotifyGoesWhereTheSerialHasMoved) {
    using transfer::NotifySerials;
    const transfer::NotifyTarget list{1, {at("192.0.2.1"), 53}, 0};
    const transfer::NotifyTarget catalog{1, {at("192.0.2.1"), 53}, catalog_};
    transfer::NotifyPlan plan(std::chrono::seconds{1});
    plan.set_targets({list, catalog});
    auto now = Time{std::chrono::hours{500'000}};
    const auto tell = [&](const NotifySerials& serials) {
        const auto due = plan.due(serials, now);
        for (const auto& target : due) {
            plan.sent(target, serials.of(target), 7, {}, now);
            plan.answered(target, 0, now);
        }
        now += std::chrono::minutes{1};
        return due;
    };
    EXPECT_THAT(tell({77, catalog_, 12}), ElementsAre(list, catalog));
    EXPECT_THAT(tell({78, catalog_, 12}), ElementsAre(list));
    EXPECT_FALSE(plan.next({78, catalog_, 12}));
    EXPECT_THAT(tell({79, catalog_, 79}), ElementsAre(list, catalog));
}

} // namespace
} // namespace provenbl::dnsbl::testing
