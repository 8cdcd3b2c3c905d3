// A rule of the protocol as a test of its own: what is sent, and what has to come back.
//
// A row becomes the test "<suite>.<name>", named after RFC and section (docs/dns-protocol.md lists them all). It is
// asked over UDP and TCP, and the answer is read by ldns; where the hot path takes it, that must say the same. Every
// row also checks what holds for all answers: id, opcode and RD as they came, RA, Z, AD and CD clear, the question
// octet for octet, an OPT for an OPT.
#pragma once

#include "dnsbl/fast_path.hpp"
#include "dnsbl/responder.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace provenbl::dnsbl::testing {

using Lines = std::vector<std::string>;

inline constexpr auto served_soa = "bl.example. 60 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60";

struct Expected {
    unsigned rcode = 0;
    Lines answers = {};
    Lines authorities = {};
    Lines additionals = {};
    const char* flags = "qr aa rd";
    std::optional<unsigned> extended_error = {};
    bool question = true; // is repeated
};

inline Expected records(Lines answers) {
    return {.answers = std::move(answers)};
}
inline Expected nodata(const char* soa = served_soa) {
    return {.authorities = {soa}};
}
inline Expected nxdomain(const char* soa = served_soa) {
    return {.rcode = 3, .authorities = {soa}};
}
// Not an answer from a zone: nothing but the code.
inline Expected bare(unsigned rcode, std::optional<unsigned> extended_error = {}, bool question = true) {
    return {.rcode = rcode, .flags = "qr rd", .extended_error = extended_error, .question = question};
}

struct Rule {
    const char* suite;
    const char* name;
    Bytes message;
    Expected expected;
};

class RuleTest : public ::testing::Test {
public:
    explicit RuleTest(Rule rule) : rule_(std::move(rule)) {}
    void TestBody() override {
        const Responder responder(served_zones(), {.edns_size = 1232, .identity = "dns-1"});
        const auto snapshot = served_snapshot();
        for (const auto transport : {Transport::udp, Transport::tcp}) {
            Bytes out(wire::longest_message);
            out.resize(responder.respond(rule_.message, {transport, {}}, snapshot, out).size);
            check(out);
            if (transport == Transport::udp) check_fast(responder, snapshot, out);
        }
    }

private:
    void check_fast(const Responder& responder, const zones::Snapshot& snapshot, const Bytes& truth) const {
        Bytes out(Responder::smallest_buffer);
        Outcome outcome;
        if (!FastPath(responder).try_respond(rule_.message, snapshot, out, outcome)) return;
        out.resize(outcome.size);
        EXPECT_EQ(out, truth);
    }
    void check(const Bytes& out) const {
        const auto& sent = rule_.message;
        const auto& expected = rule_.expected;
        ASSERT_GE(out.size(), wire::header_size);
        const auto answer = read_with_ldns(out);
        EXPECT_EQ(answer.rcode, expected.rcode);
        EXPECT_EQ(answer.answers, expected.answers);
        EXPECT_EQ(answer.authorities, expected.authorities);
        EXPECT_EQ(answer.additionals, expected.additionals);
        EXPECT_EQ(answer.flags(), expected.flags);
        EXPECT_EQ(answer.extended_error, expected.extended_error);
        EXPECT_EQ(answer.id, static_cast<unsigned>(sent[0] << 8U | sent[1]));
        EXPECT_EQ(answer.opcode, sent[2] >> 3U & 0xfU);
        EXPECT_EQ(out[3] & 0xf0U, 0U) << "RA, Z, AD, CD";
        EXPECT_EQ(answer.questions.size(), expected.question ? 1U : 0U);
        wire::Query query;
        static_cast<void>(wire::read_query(sent, query));
        EXPECT_EQ(answer.edns, query.edns.has_value());
        if (!expected.question) return;
        ASSERT_GE(out.size(), wire::header_size + query.question.size());
        EXPECT_TRUE(std::equal(query.question.begin(), query.question.end(), out.begin() + wire::header_size));
    }

    const Rule rule_;
};

inline bool register_rules(const std::vector<Rule>& rules, const char* file, int line) {
    for (const auto& rule : rules) {
        ::testing::RegisterTest(rule.suite, rule.name, nullptr, nullptr, file, line,
                                [rule]() -> RuleTest* { return new RuleTest(rule); });
    }
    return true;
}

} // namespace provenbl::dnsbl::testing
