// Answers for names of static zones, read back by ldns.
#include "dnsbl/fast_path.hpp"
#include "dnsbl/guard/key_table.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/static_view.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"
#include "zones/static/parse.hpp"

#include <gtest/gtest.h>

namespace provenbl::dnsbl::testing {
namespace {

namespace statics = zones::statics;
using Lines = std::vector<std::string>;

constexpr auto soa = "static.bl.example. 60 IN SOA ns1.bl.example. hostmaster.static.bl.example. 7 300 60 1209600 60";

class StaticAnswer : public ::testing::Test {
protected:
    static constexpr auto list = ":3:Listed $\n10.1.2.3\n10.1.2.4 :4:\n10.1.2.4 :5:five\n$TIMESTAMP 0 2040-01-01\n";
    static constexpr auto records = "$SOA 0 ns1.bl.example hostmaster.static.bl.example 7 300 60 14d 60\n"
                                    "www 30 A 192.0.2.80\n@ MX 10 mail.elsewhere.example\n@ A 192.0.2.81\n";

    static zones::ZoneSet zones_with_static() {
        auto set = served_zones();
        zones::StaticZoneDefinition made;
        made.apex = "static.bl.example";
        made.sets = {{statics::SetType::ip4set, {"list"}}, {statics::SetType::generic, {"records"}}};
        made.name_servers = {{"ns1.bl.example", {}}, {"ns2.static.bl.example", {at("192.0.2.54")}}};
        set.static_zones.push_back(made);
        return set;
    }
    static std::shared_ptr<const statics::DataSet> read(statics::SetType type, const char* text) {
        const std::vector<statics::SourceText> files{{"file", text}};
        return statics::parse(type, files, {}).set;
    }

    StaticAnswer() {
        auto shelf = std::make_shared<statics::Shelf>();
        shelf->zones.push_back(
            statics::StaticZone::make(set_.static_zones[0], 0,
                                      {read(statics::SetType::ip4set, list), read(statics::SetType::generic, records)})
                .value());
        view_.emplace(shelf);
        asker_.statics = &*view_;
    }

    OracleAnswer ask(const Bytes& message, Transport transport = Transport::udp) {
        Bytes out(wire::longest_message);
        asker_.transport = transport;
        outcome_ = responder_.respond(message, asker_, snapshot_, out);
        out.resize(outcome_.size);
        return read_with_ldns(out);
    }
    OracleAnswer ask(const std::string& name, unsigned type) { return ask(question(name, type)); }

    const zones::ZoneSet set_ = zones_with_static();
    Responder responder_{set_, {.edns_size = 1232, .identity = {}}};
    zones::Snapshot snapshot_ = served_snapshot();
    std::optional<StaticView> view_;
    Asker asker_;
    Outcome outcome_;
};

TEST_F(StaticAnswer, ByNameAndType) {
    namespace t = wire::type;
    struct Row {
        const char* name;
        unsigned type;
        unsigned rcode;
        Lines answers;
        bool listed = false;
    };
    const std::string three = "3.2.1.10.static.bl.example. 120 IN ";
    const std::string four = "4.2.1.10.static.bl.example. 120 IN ";
    const std::string apex = "static.bl.example. ";
    const std::vector<Row> table{
        {"3.2.1.10", t::a, 0, {three + "A 127.0.0.3"}, true},
        {"3.2.1.10", t::txt, 0, {three + "TXT \"Listed 10.1.2.3\""}, true},
        {"3.2.1.10", t::mx, 0, {}, true},
        {"4.2.1.10", t::a, 0, {four + "A 127.0.0.4", four + "A 127.0.0.5"}, true},
        {"4.2.1.10", t::any, 0, {four + "A 127.0.0.4", four + "A 127.0.0.5", four + "TXT \"five\""}, true},
        {"5.2.1.10", t::a, 3, {}},
        {"2.1.10", t::a, 0, {}},
        {"10", t::ns, 0, {}},
        {"www", t::a, 0, {"www.static.bl.example. 30 IN A 192.0.2.80"}},
        {"www", t::aaaa, 0, {}},
        {"x.www", t::a, 3, {}},
        {"ns2", t::a, 0, {"ns2.static.bl.example. 3600 IN A 192.0.2.54"}},
        {"", t::a, 0, {apex + "120 IN A 192.0.2.81"}},
        {"", t::mx, 0, {apex + "120 IN MX 10 mail.elsewhere.example."}},
        {"", t::ns, 0, {apex + "3600 IN NS ns1.bl.example.", apex + "3600 IN NS ns2.static.bl.example."}},
        {"", t::soa, 0, {apex + "3600 IN SOA ns1.bl.example. hostmaster.static.bl.example. 7 300 60 1209600 60"}},
        {"", t::txt, 0, {}},
    };
    for (const auto& row : table) {
        const auto name = std::string(row.name) + (*row.name != '\0' ? "." : "") + "static.bl.example";
        const auto answer = ask(name, row.type);
        EXPECT_EQ(answer.rcode, row.rcode) << name;
        EXPECT_EQ(answer.answers, row.answers) << name;
        EXPECT_TRUE(answer.aa) << name;
        EXPECT_EQ(answer.authorities, row.answers.empty() ? Lines{soa} : Lines{}) << name << row.type;
        EXPECT_EQ(outcome_.listed, row.listed) << name;
        EXPECT_EQ(outcome_.zone, 3U);
    }
}

TEST_F(StaticAnswer, TheHotPathLeavesThemAlone) {
    const FastPath fast(responder_);
    EXPECT_EQ(fast.zones(), 2U);
    EXPECT_FALSE(fast.read(question("3.2.1.10.static.bl.example", wire::type::a)).taken);
    EXPECT_TRUE(fast.read(question("3.2.1.10.bl.example", wire::type::a)).taken);
}

TEST_F(StaticAnswer, IsNotTransferred) {
    for (const unsigned type : {wire::type::axfr, wire::type::ixfr}) {
        const auto answer = ask(question("static.bl.example", type), Transport::tcp);
        EXPECT_EQ(answer.rcode, 5U);
        EXPECT_FALSE(answer.aa);
    }
}

TEST_F(StaticAnswer, TheZoneAboveIsAsItWas) {
    EXPECT_EQ(ask("99.2.0.192.bl.example", wire::type::a).answers.size(), 2U);
    EXPECT_EQ(ask("3.2.1.10.bl.example", wire::type::a).rcode, 3U);
}

TEST_F(StaticAnswer, ExpiredAndMissingDataAreNoAnswer) {
    asker_.now = Time{std::chrono::seconds{2208988800}}; // 2040-01-01
    for (int round = 0; round < 2; ++round) {
        const auto answer = ask(question("3.2.1.10.static.bl.example", wire::type::a));
        EXPECT_EQ(answer.rcode, 2U);
        EXPECT_FALSE(answer.aa);
        EXPECT_TRUE(answer.answers.empty());
        asker_.statics = nullptr;
        asker_.now = {};
    }
}

TEST_F(StaticAnswer, AnAccessListSpeaksForEveryNameOfTheList) {
    Responder responder(
        set_, {.edns_size = 1232,
               .identity = {},
               .access = guard::AccessList(std::vector<guard::AccessRule>{
                   {Prefix::parse("192.0.2.0/24").value(), guard::AccessAction::answer, at("127.255.255.254")}})});
    asker_.client = {at("192.0.2.7"), 53};
    const auto ask_for = [&](const char* name) {
        Bytes whole(wire::longest_message);
        whole.resize(responder.respond(question(name, wire::type::a), asker_, snapshot_, whole).size);
        return read_with_ldns(whole).answers;
    };
    EXPECT_EQ(ask_for("5.2.1.10.static.bl.example"), Lines{"5.2.1.10.static.bl.example. 120 IN A 127.255.255.254"});
    EXPECT_EQ(ask_for("ns2.static.bl.example"), Lines{"ns2.static.bl.example. 3600 IN A 192.0.2.54"});
}

TEST_F(StaticAnswer, WhatDoesNotFitComesOverTcp) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "10.1.2.9 :2:" + std::string(100, 'x') + std::to_string(i) + "\n";
    auto shelf = std::make_shared<statics::Shelf>();
    shelf->zones.push_back(
        statics::StaticZone::make(set_.static_zones[0], 0, {read(statics::SetType::ip4set, text.c_str())}).value());
    const StaticView view(shelf);
    asker_.statics = &view;
    const auto cut = ask(question("9.2.1.10.static.bl.example", wire::type::txt));
    EXPECT_TRUE(cut.tc);
    EXPECT_TRUE(cut.answers.empty());
    EXPECT_EQ(ask(question("9.2.1.10.static.bl.example", wire::type::txt), Transport::tcp).answers.size(), 40U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
