// What is read and what is refused of received messages: a row for each rule.
#include "dnsbl/wire/query.hpp"
#include "question.hpp"

#include <gtest/gtest.h>

#include <random>

namespace provenbl::dnsbl::testing {
namespace {

using wire::Query;
using wire::Reading;

Reading read(const Bytes& bytes) {
    Query query;
    return wire::read_query(bytes, query);
}

Bytes plain() {
    return question("2.0.0.127.bl.example", wire::type::a);
}

Bytes changed(Bytes bytes, std::size_t at, std::uint8_t value) {
    bytes.at(at) = value;
    return bytes;
}

Bytes with_tail(Bytes bytes, const Bytes& tail) {
    append(bytes, tail);
    return bytes;
}

Bytes shortened(Bytes bytes, std::size_t by) {
    bytes.resize(bytes.size() - by);
    return bytes;
}

// A question whose name is these octets.
Bytes raw_name(const Bytes& name) {
    Bytes bytes{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
    append(bytes, name);
    append(bytes, {0, 1, 0, 1});
    return bytes;
}

// Labels of 63 octets and a last one, so that the whole name has `size` octets.
Bytes name_of_size(std::size_t size) {
    Bytes name;
    while (name.size() + 1 < size) {
        const auto label = std::min<std::size_t>(63, size - name.size() - 2);
        name.push_back(static_cast<std::uint8_t>(label));
        name.insert(name.end(), label, 'a');
    }
    name.push_back(0);
    return name;
}

Bytes tsig_record() {
    Bytes bytes = wire_name("key");
    put16(bytes, wire::type::tsig);
    append(bytes, {0, 255, 0, 0, 0, 0, 0, 0});
    return bytes;
}

struct Row {
    const char* rule;
    Bytes message;
    Reading expected;
};

TEST(Query, EachRule) {
    using enum Reading;
    Bytes opt_with_owner = wire_name("x");
    append(opt_with_owner, shortened(opt_record({}), 0));
    opt_with_owner.erase(opt_with_owner.begin() + 3); // the root that opt_record begins with
    const auto root_record = [](unsigned type, const Bytes& rdata) {
        Bytes bytes{0};
        put16(bytes, type);
        append(bytes, {0, 1, 0, 0, 0, 0});
        put16(bytes, static_cast<unsigned>(rdata.size()));
        append(bytes, rdata);
        return bytes;
    };
    const auto pointing_record = [](unsigned target) {
        Bytes bytes;
        put16(bytes, 0xc000 | target);
        append(bytes, {0, 1, 0, 1, 0, 0, 0, 0, 0, 0});
        return bytes;
    };
    const auto counted = [](Bytes bytes, std::size_t section, const Bytes& record) {
        append(bytes, record);
        ++bytes.at(section);
        return bytes;
    };
    const std::vector<Row> table{
        {"a plain question", plain(), query},
        {"RFC 6891: with an OPT", with_opt(plain()), query},
        {"unknown options are passed over", with_opt(plain(), {.options = {0xff, 0xf0, 0, 3, 1, 2, 3}}), query},
        {"an empty option", with_opt(plain(), {.options = {0, 3, 0, 0}}), query},
        {"unknown types and classes are read (RFC 3597)", question("bl.example", 65280, 77), query},
        {"the root", question("", wire::type::ns), query},
        // no answer at all
        {"nothing", {}, drop},
        {"less than a header", Bytes(11, 0), drop},
        {"QR=1: a response", changed(plain(), 2, 0x81), drop},
        {"QR=1 whatever else is wrong", changed(shortened(plain(), 3), 2, 0x80), drop},
        // counts
        {"RFC 9619: no question", changed(shortened(plain(), plain().size() - 12), 5, 0), malformed},
        {"no question counted, but there", changed(plain(), 5, 0), malformed},
        {"RFC 9619: two questions", with_tail(changed(plain(), 5, 2), {0, 0, 1, 0, 1}), malformed},
        {"256 questions", changed(plain(), 4, 1), malformed},
        {"an answer in a query", counted(plain(), 7, root_record(1, {127, 0, 0, 2})), malformed},
        {"an authority record in a query", counted(plain(), 9, root_record(1, {127, 0, 0, 2})), malformed},
        {"RFC 1995: IXFR brings its SOA", counted(question("bl.example", wire::type::ixfr), 9, root_record(6, {})),
         query},
        {"IXFR with two",
         counted(counted(question("bl.example", wire::type::ixfr), 9, root_record(6, {})), 9, root_record(6, {})),
         malformed},
        {"an additional record that is counted and missing", changed(plain(), 11, 1), malformed},
        {"65535 additional records that are missing", changed(changed(plain(), 10, 0xff), 11, 0xff), malformed},
        {"octets behind the last record", with_tail(plain(), {0}), malformed},
        {"octets behind the OPT", with_tail(with_opt(plain()), {0, 0}), malformed},
        {"another additional record is passed over", with_additional(plain(), root_record(1, {1, 2, 3, 4})), query},
        // the name
        {"a pointer to itself", raw_name({0xc0, 12}), malformed},
        {"a pointer into the header", raw_name({0xc0, 0}), malformed},
        {"a pointer after a label", raw_name({1, 'a', 0xc0, 12}), malformed},
        {"a pointer forward", raw_name({0xc0, 20}), malformed},
        {"a label type 0x40", raw_name({0x41, 'a', 0}), malformed},
        {"a label type 0x80", raw_name({0x81, 'a', 0}), malformed},
        {"a label of 63 octets", raw_name(name_of_size(65)), query},
        {"a name of 255 octets", raw_name(name_of_size(255)), query},
        {"a name of 256 octets", raw_name(name_of_size(256)), malformed},
        {"a name of 300 octets", raw_name(name_of_size(300)), malformed},
        {"any octets in a label", raw_name({3, 0, '.', 0xff, 0}), query},
        {"a name without an end", Bytes{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'a', 'b', 'c'}, malformed},
        {"a label past the end", Bytes{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 'a', 'b', 'c'}, malformed},
        {"no type", shortened(plain(), 4), malformed},
        {"half a class", shortened(plain(), 1), malformed},
        // OPT
        {"RFC 6891 6.1.1: two OPTs", with_opt(with_opt(plain())), malformed},
        {"an OPT with an owner", with_additional(plain(), opt_with_owner), malformed},
        {"an OPT in the answer section", counted(plain(), 7, opt_record({})), malformed},
        {"an option past the RDATA", with_opt(plain(), {.options = {0, 10, 0, 9, 1, 2}}), malformed},
        {"half an option header", with_opt(plain(), {.options = {0, 10, 0}}), malformed},
        {"an OPT cut short", shortened(with_opt(plain(), {.options = {0, 3, 0, 0}}), 2), malformed},
        {"RDLENGTH past the end", with_additional(plain(), shortened(root_record(1, {1, 2, 3, 4}), 1)), malformed},
        // names of additional records
        {"a pointer back to the question", with_additional(plain(), pointing_record(12)), query},
        {"an owner pointing into the header", with_additional(plain(), pointing_record(4)), malformed},
        {"an owner pointing at itself",
         with_additional(plain(), pointing_record(static_cast<unsigned>(plain().size()))), malformed},
        {"an owner pointing forward", with_additional(plain(), pointing_record(0x3fff)), malformed},
        // TSIG
        {"RFC 8945: a TSIG at the end", with_additional(plain(), tsig_record()), query},
        {"a TSIG after the OPT", with_additional(with_opt(plain()), tsig_record()), query},
        {"RFC 8945 5.1: a TSIG that is not last", with_opt(with_additional(plain(), tsig_record())), malformed},
        {"three TSIGs",
         with_additional(with_additional(with_additional(plain(), tsig_record()), tsig_record()), tsig_record()),
         malformed},
        // other opcodes
        {"IQUERY", changed(plain(), 2, 0x08), other},
        {"STATUS", changed(plain(), 2, 0x10), other},
        {"NOTIFY", changed(plain(), 2, 0x20), other},
        {"UPDATE", changed(plain(), 2, 0x28), other},
        {"opcode 15", changed(plain(), 2, 0x78), other},
        {"another opcode with garbage", with_tail(changed(plain(), 2, 0x78), {1, 2, 3}), other},
    };
    for (const auto& row : table) {
        EXPECT_EQ(static_cast<int>(read(row.message)), static_cast<int>(row.expected)) << row.rule;
    }
}

TEST(Query, KeepsWhatWasSent) {
    const auto bytes = with_opt(question("2.0.0.127.Bl.ExAmPlE", wire::type::txt),
                                {.udp_size = 4096, .version = 1, .dnssec_ok = true, .options = {0, 3, 0, 0}});
    Query query;
    ASSERT_EQ(wire::read_query(bytes, query), Reading::query);
    EXPECT_EQ(query.id, 0x1234);
    EXPECT_TRUE(query.recursion_desired);
    EXPECT_EQ(query.type, wire::type::txt);
    EXPECT_EQ(query.cls, wire::cls::in);
    EXPECT_EQ(Bytes(query.name().begin(), query.name().end()), wire_name("2.0.0.127.Bl.ExAmPlE"));
    EXPECT_EQ(Bytes(query.lower_name().begin(), query.lower_name().end()), wire_name("2.0.0.127.bl.example"));
    ASSERT_TRUE(query.edns);
    EXPECT_EQ(query.edns->udp_size, 4096);
    EXPECT_EQ(query.edns->version, 1);
    EXPECT_TRUE(query.edns->dnssec_ok);
    EXPECT_TRUE(query.edns->wants_nsid);
    EXPECT_FALSE(query.tsig);
}

TEST(Query, AnOptOfAMessageThatCannotBeReadIsForgotten) {
    auto bytes = with_opt(plain());
    bytes.push_back(0);
    Query query;
    EXPECT_EQ(wire::read_query(bytes, query), Reading::malformed);
    EXPECT_FALSE(query.edns);
    EXPECT_TRUE(query.has_question());
}

// Every prefix of a valid message is read without harm, and none but the whole is a query.
TEST(Query, NoPrefixOfAQueryIsAQuery) {
    const auto whole = with_opt(plain(), {.options = {0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}});
    ASSERT_EQ(read(whole), Reading::query);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(read(part), size < 12 ? Reading::drop : Reading::malformed) << size;
    }
}

} // namespace
} // namespace provenbl::dnsbl::testing
