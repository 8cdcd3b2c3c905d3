// The rules for messages: RFC 1035, 1995, 1996, 2136, 3225, 5001, 5936, 6891, 8490, 8914, 8945, 9619, CHAOS names.
#include "protocol_rule.hpp"

namespace provenbl::dnsbl::testing {
namespace {

namespace t = wire::type;

Bytes ours(unsigned type = t::a) {
    return question("2.0.0.127.bl.example", type);
}

const Expected found = records({"2.0.0.127.bl.example. 120 IN A 127.0.0.2"});

Bytes with_opcode(Bytes bytes, unsigned opcode) {
    bytes[2] = static_cast<std::uint8_t>((bytes[2] & 0x87U) | opcode << 3U);
    return bytes;
}

Bytes with_flags(Bytes bytes, std::uint8_t upper, std::uint8_t lower) {
    bytes[2] = upper;
    bytes[3] = lower;
    return bytes;
}

Bytes with_count(Bytes bytes, std::size_t section, unsigned count) {
    set16(bytes, 4 + 2 * section, count);
    return bytes;
}

Bytes followed_by(Bytes bytes, const Bytes& more) {
    append(bytes, more);
    return bytes;
}

Bytes header_only() {
    auto bytes = with_count(ours(), 0, 0);
    bytes.resize(wire::header_size);
    return bytes;
}

// A question whose name is these octets.
Bytes raw_name(const Bytes& name) {
    auto bytes = with_count(header_only(), 0, 1);
    append(bytes, name);
    append(bytes, {0, 1, 0, 1});
    return bytes;
}

// A name in our zone that has `size` octets.
Bytes name_of_size(std::size_t size) {
    const auto apex = wire_name("bl.example");
    Bytes name;
    while (name.size() + apex.size() < size) {
        const auto label = std::min<std::size_t>(63, size - apex.size() - name.size() - 1);
        name.push_back(static_cast<std::uint8_t>(label));
        name.insert(name.end(), label, 'a');
    }
    append(name, apex);
    return name;
}

Bytes record(const Bytes& owner, unsigned type, const Bytes& rdata = {}) {
    Bytes bytes = owner;
    put16(bytes, type);
    append(bytes, {0, 1, 0, 0, 0, 0});
    put16(bytes, static_cast<unsigned>(rdata.size()));
    append(bytes, rdata);
    return bytes;
}

Bytes tsig(const char* key) {
    return record(wire_name(key), t::tsig);
}

std::vector<Rule> headers() {
    return {
        {"Rfc1035", "Section4_1_1_RdIsCopied", with_flags(ours(), 0x01, 0), found},
        {"Rfc1035",
         "Section4_1_1_WithoutRdThereIsNone",
         with_flags(ours(), 0x00, 0),
         {.answers = found.answers, .flags = "qr aa"}},
        {"Rfc1035", "Section4_1_1_AaTcRaZAdCdOfTheClientAreNotCopied", with_flags(ours(), 0x07, 0xff), found},
        {"Rfc1035", "Section4_1_1_AaIsSetInANegativeAnswer", question("1.0.0.127.bl.example", t::a), nxdomain()},
        {"Rfc1035", "Section4_1_1_AaIsClearInARefusal", question("other.example", t::a), bare(5)},
        {"Rfc1035", "Section4_1_1_IqueryIsNotImplemented", with_opcode(ours(), 1), bare(4)},
        {"Rfc1035", "Section4_1_1_StatusIsNotImplemented", with_opcode(ours(), 2), bare(4)},
        {"Rfc1035", "Section4_1_1_AnUnknownOpcodeIsNotImplemented", with_opcode(ours(), 15), bare(4)},
        {"Rfc1035", "Section4_1_1_AnUnknownOpcodeWithGarbageIsNotImplemented",
         with_opcode(followed_by(ours(), {1, 2, 3}), 9), bare(4)},
        {"Rfc1035", "Section4_1_1_AnUnknownOpcodeWithoutAQuestion", with_opcode(header_only(), 15), bare(4, {}, false)},
        {"Rfc2136", "Section3_UpdateIsNotImplemented", with_opcode(question("bl.example", t::soa), 5), bare(4)},
        {"Rfc8490", "Section5_1_DsoIsNotImplemented", with_opcode(header_only(), 6), bare(4, {}, false)},
        {"Rfc1996", "Section3_NotifyIsRefused", with_opcode(question("bl.example", t::soa), 4), bare(5)},
        {"Rfc1996", "Section3_NotifyIsRefusedWithAReason", with_opcode(with_opt(question("bl.example", t::soa)), 4),
         bare(5, 18)},
        {"Rfc1996", "Section3_NotifyOfWhatIsNotOursIsRefused", with_opcode(question("other.example", t::soa), 4),
         bare(5)},
        // counts
        {"Rfc9619", "Section4_NoQuestionIsFormerr", header_only(), bare(1, {}, false)},
        {"Rfc9619", "Section4_TwoQuestionsAreFormerr", with_count(followed_by(ours(), {1, 'a', 0, 0, 1, 0, 1}), 0, 2),
         bare(1, {}, false)},
        {"Rfc9619", "Section4_65535QuestionsAreFormerr", with_count(ours(), 0, 0xffff), bare(1, {}, false)},
        {"Rfc1035", "Section4_1_AnAnswerInAQueryIsFormerr",
         with_count(followed_by(ours(), record({0}, t::a, {127, 0, 0, 2})), 1, 1), bare(1)},
        {"Rfc1035", "Section4_1_AnAuthorityInAQueryIsFormerr",
         with_count(followed_by(ours(), record({0}, t::a, {127, 0, 0, 2})), 2, 1), bare(1)},
        {"Rfc1035", "Section4_1_AnAdditionalRecordIsPassedOver",
         with_additional(ours(), record({0}, t::a, {127, 0, 0, 2})), found},
        {"Rfc1035", "Section4_1_ACountedRecordThatIsMissingIsFormerr", with_count(ours(), 3, 1), bare(1)},
        {"Rfc1035", "Section4_1_TrailingOctetsAreFormerr", followed_by(ours(), {0}), bare(1)},
        {"Rfc1035", "Section4_1_TrailingOctetsBehindTheOptAreFormerr", followed_by(with_opt(ours()), {0, 0}), bare(1)},
    };
}

// A question that can't be read is not repeated.
std::vector<Rule> names() {
    const auto unreadable = bare(1, {}, false);
    return {
        {"Rfc1035", "Section2_3_3_CaseDoesNotMatter", question("8.0.0.127.BL.exAMPLE", t::a),
         records({"8.0.0.127.BL.exAMPLE. 120 IN A 127.0.0.8"})},
        {"Rfc1035", "Section2_3_4_ANameOf255OctetsIsRead", raw_name(name_of_size(255)), nxdomain()},
        {"Rfc1035", "Section2_3_4_ANameOf256OctetsIsFormerr", raw_name(name_of_size(256)), unreadable},
        {"Rfc1035", "Section2_3_4_ALabelOf63OctetsIsRead", raw_name(name_of_size(12 + 64)), nxdomain()},
        {"Rfc1035", "Section4_1_4_ALabelOfTheReserved01TypeIsFormerr", raw_name({0x41, 'a', 0}), unreadable},
        {"Rfc1035", "Section4_1_4_ALabelOfTheReserved10TypeIsFormerr", raw_name({0x81, 'a', 0}), unreadable},
        {"Rfc1035", "Section4_1_4_APointerToItselfIsFormerr", raw_name({0xc0, 12}), unreadable},
        {"Rfc1035", "Section4_1_4_APointerIntoTheHeaderIsFormerr", raw_name({0xc0, 4}), unreadable},
        {"Rfc1035", "Section4_1_4_APointerBehindALabelIsFormerr", raw_name({1, '2', 0xc0, 12}), unreadable},
        {"Rfc1035", "Section4_1_4_APointerForwardIsFormerr", raw_name({0xc0, 20}), unreadable},
        {"Rfc1035", "Section4_1_4_APointerInAnOwnerPointsBack",
         with_additional(ours(), record({0xc0, 12}, t::a, {1, 2, 3, 4})), found},
        {"Rfc1035", "Section4_1_4_AnOwnerThatPointsForwardIsFormerr",
         with_additional(ours(), record({0xff, 0xff}, t::a, {1, 2, 3, 4})), bare(1)},
        {"Rfc2181", "Section11_AnyOctetsMakeALabel",
         raw_name(followed_by({4, 0, 0x80, 0xff, ' '}, wire_name("bl.example"))), nxdomain()},
        {"Dns0x20", "Section2_TheCaseComesBackAsItWasSent", question("99.2.0.192.bL.eXaMpLe", t::txt),
         records({"99.2.0.192.bL.eXaMpLe. 120 IN TXT \"relay, http: https://bl.example/192.0.2.99\""})},
        {"Dns0x20", "Section2_AlsoInNegativeAnswers", question("98.2.0.192.bL.eXaMpLe", t::txt),
         nxdomain("bL.eXaMpLe. 60 IN SOA ns1.bL.eXaMpLe. hostmaster.bL.eXaMpLe. 77 300 60 1209600 60")},
    };
}

std::vector<Rule> types_and_classes() {
    const Expected version{.answers = {"version.bind. 0 CH TXT \"provenbl\""}};
    const auto chaos = [](const char* name, unsigned type = t::txt) { return question(name, type, 3); };
    return {
        {"Rfc1035", "Section3_2_3_MailbIsNotImplemented", ours(t::mailb), bare(4)},
        {"Rfc1035", "Section3_2_3_MailaIsNotImplemented", ours(t::maila), bare(4)},
        {"Rfc2930", "Section4_TkeyIsNotImplemented", ours(t::tkey), bare(4)},
        {"Rfc1035", "Section3_2_4_OtherClassesAreRefused", question("bl.example", t::soa, 4), bare(5)},
        {"Rfc1035", "Section3_2_5_ClassAnyIsRefused", question("2.0.0.127.bl.example", t::a, 255), bare(5)},
        {"Rfc1034", "Section4_3_2_ANameOutsideIsRefusedWithoutReferral", question("2.0.0.127.org", t::a), bare(5)},
        {"Rfc1034", "Section4_3_2_TheRootIsRefused", question("", t::ns), bare(5)},
        {"Rfc1034", "Section4_3_2_ANameThatOnlyEndsAlikeIsRefused", question("xbl.example", t::a), bare(5)},
        {"Rfc5936", "Section2_2_AxfrIsRefused", question("bl.example", t::axfr), bare(5)},
        {"Rfc1995", "Section3_IxfrBringsItsSoaAndIsRefused",
         with_count(followed_by(question("bl.example", t::ixfr), record({0}, t::soa)), 2, 1), bare(5)},
        {"Rfc3597", "Section3_AnUnknownTypeOfAnEntryHasNoData", ours(65280), nodata()},
        {"Rfc3597", "Section3_AnUnknownTypeOfTheApexHasNoData", question("bl.example", 65280), nodata()},
        {"Rfc3597", "Section3_AnUnknownTypeOfAnEmptyNameHasNoData", question("0.0.127.bl.example", 65280), nodata()},
        {"Rfc3597", "Section3_AnUnknownTypeOfNothingIsNxdomain", question("1.0.0.127.bl.example", 65280), nxdomain()},
        {"Rfc4035", "Section3_1_4_1_DsAtACutOfOursIsTheParents", question("relay.bl.example", t::ds), nodata()},
        {"Chaos", "VersionBind", chaos("version.bind"), version},
        {"Chaos", "VersionServer", chaos("version.server"), records({"version.server. 0 CH TXT \"provenbl\""})},
        {"Chaos", "Rfc4892_Section3_IdServer", chaos("id.server"), records({"id.server. 0 CH TXT \"dns-1\""})},
        {"Chaos", "HostnameBind", chaos("hostname.bind"), records({"hostname.bind. 0 CH TXT \"dns-1\""})},
        {"Chaos", "OtherTypesHaveNoData", chaos("version.bind", t::a), {}},
        {"Chaos", "OtherNamesAreRefused", chaos("authors.bind"), bare(5)},
        {"Chaos", "OurZonesAreNotThere", chaos("2.0.0.127.bl.example"), bare(5)},
    };
}

std::vector<Rule> edns() {
    Bytes opt_with_owner = opt_record({});
    opt_with_owner.erase(opt_with_owner.begin());
    opt_with_owner = followed_by(wire_name("x"), opt_with_owner);
    return {
        {"Rfc6891", "Section7_AnOptAnswersAnOpt", with_opt(ours()), found},
        {"Rfc6891", "Section6_1_1_NoOptAnswersNone", ours(), found},
        {"Rfc6891", "Section6_1_1_TwoOptsAreFormerr", with_opt(with_opt(ours())), bare(1)},
        {"Rfc6891", "Section6_1_1_AnOptInTheAnswerSectionIsFormerr",
         with_count(followed_by(ours(), opt_record({})), 1, 1), bare(1)},
        {"Rfc6891", "Section6_1_2_AnOptWithAnOwnerIsFormerr", with_additional(ours(), opt_with_owner), bare(1)},
        {"Rfc6891", "Section6_1_2_UnknownOptionsAreIgnored", with_opt(ours(), {.options = {0xff, 0xf0, 0, 2, 1, 2}}),
         found},
        {"Rfc6891", "Section6_1_2_AnOptionPastTheRdataIsFormerr", with_opt(ours(), {.options = {0xff, 0xf0, 0, 9, 1}}),
         bare(1)},
        {"Rfc6891", "Section6_1_2_HalfAnOptionIsFormerr", with_opt(ours(), {.options = {0xff, 0xf0, 0}}), bare(1)},
        {"Rfc6891", "Section6_1_3_Version1IsBadvers", with_opt(ours(), {.version = 1}), bare(16)},
        {"Rfc6891", "Section6_1_3_Version255IsBadvers", with_opt(ours(), {.version = 255}), bare(16)},
        {"Rfc6891", "Section6_1_3_BadversAlsoForAnotherOpcode", with_opcode(with_opt(ours(), {.version = 1}), 5),
         bare(16)},
        {"Rfc6891", "Section4_AnOptAsAQuestionIsFormerr", ours(t::opt), bare(1)},
        {"Rfc8945", "Section5_1_ATsigThatIsNotLastIsFormerr", with_opt(with_additional(ours(), tsig("key"))), bare(1)},
        {"Rfc8945", "Section5_2_ATsigWithoutItsDataIsFormerr", with_additional(ours(), tsig("key")), bare(1)},
        {"Rfc8945", "Section4_2_ATsigAsAQuestionIsFormerr", ours(t::tsig), bare(1)},
        {"Rfc8914", "Section4_21_WhatIsNotOursIsNotAuthoritative", with_opt(question("other.example", t::a)),
         bare(5, 20)},
        {"Rfc8914", "Section4_19_ATransferIsProhibited", with_opt(question("bl.example", t::axfr)), bare(5, 18)},
        {"Rfc8914", "Section3_NoneWithoutAnOpt", question("other.example", t::a), bare(5)},
        {"Rfc8914", "Section3_NoneInAnAnswer", with_opt(question("98.2.0.192.bl.example", t::a)), nxdomain()},
    };
}

[[maybe_unused]] const bool registered =
    register_rules(headers(), __FILE__, __LINE__) && register_rules(names(), __FILE__, __LINE__) &&
    register_rules(types_and_classes(), __FILE__, __LINE__) && register_rules(edns(), __FILE__, __LINE__);

// What a row can't say.
class ProtocolTest : public ::testing::Test {
protected:
    zones::Snapshot snapshot_ = served_snapshot();
    ResponderSettings settings_{.edns_size = 1232, .identity = "dns-1"};

    OracleAnswer ask(const Bytes& message, Transport transport = Transport::udp) const {
        const Responder responder(served_zones(), settings_);
        Bytes out(wire::longest_message);
        out.resize(responder.respond(message, {transport, {}}, snapshot_, out).size);
        return read_with_ldns(out);
    }
    bool answered(const Bytes& message) const {
        const Responder responder(served_zones(), settings_);
        Bytes out(wire::longest_message);
        const auto udp = responder.respond(message, {Transport::udp, {}}, snapshot_, out).size;
        const auto tcp = responder.respond(message, {Transport::tcp, {}}, snapshot_, out).size;
        EXPECT_EQ(udp, tcp);
        return udp != 0;
    }
};

TEST_F(ProtocolTest, Rfc1035_Section4_1_1_AResponseIsDropped) {
    auto response = ours();
    response[2] |= 0x80U;
    EXPECT_FALSE(answered(response));
    for (unsigned opcode = 0; opcode < 16; ++opcode) EXPECT_FALSE(answered(with_opcode(response, opcode))) << opcode;
    response.resize(14);
    EXPECT_FALSE(answered(response));
}

TEST_F(ProtocolTest, Rfc1035_Section4_1_1_LessThanAHeaderIsDropped) {
    for (std::size_t size = 0; size < wire::header_size; ++size) EXPECT_FALSE(answered(Bytes(size, 0))) << size;
    EXPECT_TRUE(answered(Bytes(wire::header_size, 0)));
}

TEST_F(ProtocolTest, Rfc1035_Section4_1_1_EveryOpcodeButQueryAndNotifyIsNotImplemented) {
    for (unsigned opcode = 1; opcode < 16; ++opcode) {
        const auto answer = ask(with_opcode(ours(), opcode));
        EXPECT_EQ(answer.rcode, opcode == wire::opcode::notify ? 5U : 4U) << opcode;
        EXPECT_EQ(answer.opcode, opcode);
    }
}

TEST_F(ProtocolTest, Rfc6891_Section6_2_3_OurSizeIsToldAndTheVersionIsZero) {
    for (const unsigned version : {0U, 1U}) {
        const auto answer = ask(with_opt(ours(), {.udp_size = 4096, .version = version}));
        EXPECT_EQ(answer.edns_size, 1232U);
        EXPECT_EQ(answer.edns_version, 0U);
    }
}

TEST_F(ProtocolTest, Rfc3225_Section3_TheDoBitIsCopied) {
    EXPECT_TRUE(ask(with_opt(ours(), {.dnssec_ok = true})).dnssec_ok);
    EXPECT_FALSE(ask(with_opt(ours())).dnssec_ok);
}

TEST_F(ProtocolTest, Rfc5001_Section2_1_NsidOnlyWhenAskedFor) {
    EXPECT_EQ(ask(with_opt(ours(), {.options = {0, 3, 0, 0}})).nsid, "dns-1");
    EXPECT_FALSE(ask(with_opt(ours())).nsid);
}

TEST_F(ProtocolTest, Rfc5001_Section2_2_NoNsidWithoutAnIdentity) {
    settings_.identity.clear();
    EXPECT_FALSE(ask(with_opt(ours(), {.options = {0, 3, 0, 0}})).nsid);
    EXPECT_EQ(ask(question("id.server", t::txt, wire::cls::chaos)).rcode, 5U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
