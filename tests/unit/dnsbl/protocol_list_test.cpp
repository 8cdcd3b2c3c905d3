// The rules for a list's names and records: RFC 5782, 8020, 8482, 2308, 9156, and what mail servers' clients expect.
#include "protocol_rule.hpp"

#include <algorithm>
#include <array>

namespace provenbl::dnsbl::testing {
namespace {

namespace t = wire::type;

constexpr auto sublist_soa = "relay.bl.example. 30 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60";

// ::ffff:127.0.0.<last>, as RFC 5782 2.4 writes it.
std::string mapped(char last) {
    return std::string(1, last) + ".0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example";
}

Bytes a(const std::string& relative) {
    return question(relative + ".bl.example", t::a);
}

Expected listed(const std::string& name, const std::string& code, int ttl = 120) {
    return records({name + ". " + std::to_string(ttl) + " IN A " + code});
}

std::vector<Rule> entries() {
    const std::string host = "99.2.0.192.bl.example";
    const Lines both{host + ". 120 IN A 127.0.0.2", host + ". 120 IN A 127.0.0.9"};
    const std::string txt = host + ". 120 IN TXT \"relay, http: https://bl.example/192.0.2.99\"";
    const auto host6 = listed6() + ".bl.example";
    return {
        {"Rfc5782", "Section2_1_AListedAddressHasAnA", question("7.100.51.198.bl.example", t::a),
         listed("7.100.51.198.bl.example", "127.0.0.8")},
        {"Rfc5782", "Section2_1_AListedAddressHasATxtWithItsReason", question(host, t::txt), records({txt})},
        {"Rfc5782", "Section2_1_AnAddressThatIsNotListedHasNoA", a("98.2.0.192"), nxdomain()},
        {"Rfc5782", "Section2_1_AnAddressThatIsNotListedHasNoTxt", question("98.2.0.192.bl.example", t::txt),
         nxdomain()},
        {"Rfc5782", "Section2_1_AnEntryHasNoOtherType", question(host, t::aaaa), nodata()},
        {"Rfc5782", "Section2_1_ALeadingZeroIsAnotherName", a("02.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_LeadingZerosAreAnotherName", a("002.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_LeadingZerosInAnyOctet", a("99.2.000.192"), nxdomain()},
        {"Rfc5782", "Section2_1_AnOctetOver255IsNone", a("256.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_AnOctetThatWouldWrapIsNone", a("258.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_ALongOctetIsNone", a("4294967298.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_ASignedOctetIsNone", a("-2.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_AnOctetWithALetterIsNone", a("2a.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_1_FiveOctetsAreNone", a("2.2.0.0.127"), nxdomain()},
        {"Rfc5782", "Section2_3_SeveralClassesAreSeveralAs", question(host, t::a), records(both)},
        {"Rfc5782", "Section2_3_ASublistIsASubdomain", question("99.2.0.192.relay.bl.example", t::a),
         listed("99.2.0.192.relay.bl.example", "127.0.0.2", 60)},
        {"Rfc5782", "Section2_3_ASublistShowsItsOwnClassesOnly", question("7.100.51.198.relay.bl.example", t::a),
         nxdomain(sublist_soa)},
        {"Rfc5782", "Section2_4_AListedIpv6AddressIs32Nibbles", question(host6, t::a), listed(host6, "127.0.0.10")},
        {"Rfc5782", "Section2_4_AListedIpv6AddressHasATxt", question(host6, t::txt),
         records({host6 + ". 120 IN TXT \"chain: https://bl.example/2001:db8:1:2:3:4:567:89ab\""})},
        {"Rfc5782", "Section2_4_OtherIpv6AddressesAreNot", question("c" + host6.substr(1), t::a), nxdomain()},
        {"Rfc5782", "Section2_4_WhatIsNoNibbleIsNone", question("g" + host6.substr(1), t::a), nxdomain()},
        {"Rfc5782", "Section2_4_TwoDigitsAreNoNibble", question("0" + host6, t::a), nxdomain()},
        {"Rfc5782", "Section2_4_33NibblesAreNone", question("b." + host6, t::a), nxdomain()},
        {"Rfc8482", "Section4_AnyIsAnsweredInFull", question(host, t::any), records({both[0], both[1], txt})},
        {"Rfc8482", "Section4_AnyOfNothingIsNxdomain", question("98.2.0.192.bl.example", t::any), nxdomain()},
        {"Rfc8482", "Section4_AnyOfAnEmptyNameHasNoData", question("2.0.192.bl.example", t::any), nodata()},
    };
}

std::vector<Rule> test_entries() {
    std::vector<Rule> rules{
        {"Rfc5782", "Section5_127_0_0_2_HasATxt", question("2.0.0.127.bl.example", t::txt),
         records({"2.0.0.127.bl.example. 120 IN TXT \"relay: https://bl.example/127.0.0.2\""})},
        {"Rfc5782", "Section5_127_0_0_1_IsNeverListed", a("1.0.0.127"), nxdomain()},
        {"Rfc5782", "Section5_127_0_0_1_HasNoTxt", question("1.0.0.127.bl.example", t::txt), nxdomain()},
        {"Rfc5782", "Section5_MappedV4_127_0_0_2_HasATxt", question(mapped('2'), t::txt),
         records({mapped('2') + ". 120 IN TXT \"relay: https://bl.example/127.0.0.2\""})},
        {"Rfc5782", "Section5_MappedV4_127_0_0_1_IsNeverListed", question(mapped('1'), t::a), nxdomain()},
        {"Rfc5782", "Section5_OtherCodesAreNoTestEntries", a("3.0.0.127"), nxdomain()},
        {"Rfc5782", "Section5_ASublistHasTheFirstEntry", question("2.0.0.127.relay.bl.example", t::a),
         listed("2.0.0.127.relay.bl.example", "127.0.0.2", 60)},
        {"Rfc5782", "Section5_ASublistHasNoEntryOfAnotherClass", question("8.0.0.127.relay.bl.example", t::a),
         nxdomain(sublist_soa)},
        {"Rfc5782", "Section5_TheApexNeedsNoAddress", question("bl.example", t::a), nodata()},
        {"Rfc5782", "Section5_TheProbeDomainIsNoList", question("2.0.0.127.probe.example", t::a),
         nxdomain("probe.example. 60 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60")},
    };
    // One for each code, in both families.
    static const std::array<std::array<const char*, 3>, 4> names{{
        {"2", "Section5_AnEntryForTheCode127_0_0_2", "Section5_AMappedEntryForTheCode127_0_0_2"},
        {"8", "Section5_AnEntryForTheCode127_0_0_8", "Section5_AMappedEntryForTheCode127_0_0_8"},
        {"9", "Section5_AnEntryForTheCode127_0_0_9", "Section5_AMappedEntryForTheCode127_0_0_9"},
        {"10", "Section5_AnEntryForTheCode127_0_0_10", "Section5_AMappedEntryForTheCode127_0_0_10"},
    }};
    for (const auto& [last, name, name6] : names) {
        const std::string code = std::string("127.0.0.") + last;
        const auto relative = std::string(last) + ".0.0.127";
        rules.push_back({"Rfc5782", name, a(relative), listed(relative + ".bl.example", code)});
        const auto host6 = mapped("0123456789a"[std::stoi(last)]);
        rules.push_back({"Rfc5782", name6, question(host6, t::a), listed(host6, code)});
    }
    return rules;
}

std::vector<Rule> existence() {
    return {
        {"Rfc2308", "Section2_1_NxdomainHasTheSoa", a("98.2.0.192"), nxdomain()},
        {"Rfc2308", "Section2_2_NodataHasTheSoa", question("99.2.0.192.bl.example", t::mx), nodata()},
        {"Rfc2308", "Section5_TheTtlIsTheMinimumWhereThatIsLess", a("97.2.0.192"), nxdomain()},
        {"Rfc2308", "Section5_TheTtlIsTheSoasWhereThatIsLess", question("98.2.0.192.relay.bl.example", t::a),
         nxdomain(sublist_soa)},
        {"Rfc8020", "Section2_NothingIsBelowAnEntry", a("x.99.2.0.192"), nxdomain()},
        {"Rfc8020", "Section2_AnEmptyNonTerminalExists", a("2.0.192"), nodata()},
        {"Rfc8020", "Section2_WhatHasNothingBelowDoesNotExist", a("3.0.192"), nxdomain()},
        {"Rfc8020",
         "Section2_TheWayToASublistExists",
         question("relay.bl.example", t::ns),
         {.answers = {"relay.bl.example. 30 IN NS ns1.bl.example.",
                      "relay.bl.example. 30 IN NS ns.elsewhere.example."}}},
        {"Rfc9156", "Section2_3_AMinimisedNameInNsHasNoData", question("192.bl.example", t::ns), nodata()},
        {"Rfc9156", "Section2_3_AMinimisedNameInAHasNoData", a("127"), nodata()},
        {"Rspamd", "Liveness_127_0_0_1_IsNxdomain", a("1.0.0.127"), nxdomain()},
        {"Rspamd", "RandomLabelsAreNxdomain", a("facebook"), nxdomain()},
        {"Rspamd", "RandomLabelsWithHyphenAndUnderscoreAreNxdomain", a("wqe-y_8"), nxdomain()},
        {"Rspamd", "AHostnameAsInAUrlListIsNxdomain", a("www.example.com"), nxdomain()},
        {"Haraka", "StartCheck_127_0_0_2_IsListed", a("2.0.0.127"), listed("2.0.0.127.bl.example", "127.0.0.2")},
        {"Haraka", "StartCheck_127_0_0_1_IsNxdomain", a("1.0.0.127"), nxdomain()},
        {"Maddy", "StartCheckOfTheIpv6Pair", question(mapped('2'), t::a), listed(mapped('2'), "127.0.0.2")},
        {"Hopm", "ACleanIpv4AddressIsNxdomain", a("200.113.0.203"), nxdomain()},
        {"Hopm", "ACleanIpv6AddressIsNxdomain",
         a("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"), nxdomain()},
        {"Hopm", "TheLastOctetTellsSocks", a("7.100.51.198"), listed("7.100.51.198.bl.example", "127.0.0.8")},
        {"Postscreen", "ANegativeAnswerCarriesItsCacheTime", a("98.2.0.192"), nxdomain()},
    };
}

[[maybe_unused]] const bool registered = register_rules(entries(), __FILE__, __LINE__) &&
                                         register_rules(test_entries(), __FILE__, __LINE__) &&
                                         register_rules(existence(), __FILE__, __LINE__);

class ListProtocolTest : public ::testing::Test {
protected:
    zones::Snapshot snapshot_ = served_snapshot();

    OracleAnswer ask(const std::string& name, unsigned type = t::a) const {
        static const Responder responder(served_zones(), {});
        Bytes out(wire::longest_message);
        out.resize(responder.respond(question(name, type), {}, snapshot_, out).size);
        return read_with_ldns(out);
    }
    void list(const char* address, ClassSet classes) {
        const zones::IndexChange change{at(address), classes};
        snapshot_.index = snapshot_.index.with_changes({&change, 1});
    }
    // From the apex down to the address: all but the last exist without data, and their neighbours do not.
    void expect_a_way_down(const std::string& name) const {
        const auto labels = std::count(name.begin(), name.end(), '.') + 1;
        std::size_t at = 0;
        for (auto depth = labels; depth > 0; --depth) {
            const auto here = ask(name.substr(at) + ".bl.example");
            EXPECT_EQ(here.rcode, 0U) << name.substr(at);
            EXPECT_EQ(here.answers.size(), depth == labels ? 1U : 0U) << name.substr(at);
            EXPECT_EQ(ask("x." + name.substr(at) + ".bl.example").rcode, 3U) << name.substr(at);
            at = name.find('.', at) + 1;
        }
    }
};

TEST_F(ListProtocolTest, Rfc8020_Section2_NamesExistAtEveryDepthOfIpv4) {
    expect_a_way_down("7.100.51.198");
}

TEST_F(ListProtocolTest, Rfc8020_Section2_NamesExistAtEveryDepthOfIpv6) {
    expect_a_way_down(listed6());
}

TEST_F(ListProtocolTest, Rfc8020_Section2_NamesExistAtEveryDepthOfTheMappedTestEntry) {
    expect_a_way_down(mapped('8').substr(0, 63));
}

// "1.0.0.2" is the host 2.0.0.1 and, in nibbles, an ancestor of 2001::/16.
TEST_F(ListProtocolTest, Rfc5782_Section2_4_BothFamiliesShareAZone) {
    EXPECT_EQ(ask("1.0.0.2.bl.example").rcode, 0U);
    EXPECT_TRUE(ask("1.0.0.2.bl.example").answers.empty());
    list("2.0.0.1", {ListingClass::socks});
    EXPECT_EQ(ask("1.0.0.2.bl.example").answers, Lines{"1.0.0.2.bl.example. 120 IN A 127.0.0.8"});
    EXPECT_EQ(ask("8.b.d.0.1.0.0.2.bl.example").rcode, 0U);
    list("2001:db8:1:2:3:4:567:89ab", {});
    EXPECT_EQ(ask("8.b.d.0.1.0.0.2.bl.example").rcode, 3U);
    EXPECT_EQ(ask("1.0.0.2.bl.example").answers.size(), 1U);
    EXPECT_EQ(ask("0.0.2.bl.example").rcode, 0U);
    list("2.0.0.1", {});
    EXPECT_EQ(ask("1.0.0.2.bl.example").rcode, 3U);
    EXPECT_EQ(ask("2.bl.example").rcode, 3U);
}

TEST_F(ListProtocolTest, Rfc5782_Section5_127_0_0_1_IsNotListedEvenWhenTheStoreSaysSo) {
    list("127.0.0.1", {ListingClass::relay});
    EXPECT_EQ(ask("1.0.0.127.bl.example").rcode, 3U);
    EXPECT_EQ(ask("1.0.0.127.relay.bl.example").rcode, 3U);
}

TEST_F(ListProtocolTest, Rfc5782_Section5_ATestEntryKeepsItsCodeWhateverIsListed) {
    list("127.0.0.8", {ListingClass::relay, ListingClass::http});
    EXPECT_EQ(ask("8.0.0.127.bl.example").answers, Lines{"8.0.0.127.bl.example. 120 IN A 127.0.0.8"});
}

// Exim reads the first string of the first TXT record only, and Postfix puts it into its reply.
TEST_F(ListProtocolTest, Exim_TheReasonIsOneStringOfOneRecord) {
    const auto answer = ask("99.2.0.192.bl.example", t::txt);
    ASSERT_EQ(answer.answers.size(), 1U);
    EXPECT_EQ(std::count(answer.answers[0].begin(), answer.answers[0].end(), '"'), 2);
}

// An unfiltered reject_rbl_client takes any answer for a listing, so there are none but listings.
TEST_F(ListProtocolTest, Postfix_EveryAIsACodeInside127) {
    for (const auto* name : {"99.2.0.192", "7.100.51.198", "2.0.0.127", "10.0.0.127"}) {
        for (const auto& line : ask(std::string(name) + ".bl.example").answers)
            EXPECT_NE(line.find(" IN A 127.0.0."), std::string::npos) << line;
    }
}

} // namespace
} // namespace provenbl::dnsbl::testing
