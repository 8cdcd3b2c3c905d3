// The serial that an IXFR question brings: RFC 1995 section 3, one SOA of the zone that is asked for, and nothing else.
#include "dnsbl/transfer/ixfr_request.hpp"
#include "ixfr_question.hpp"

#include <gtest/gtest.h>

namespace provenbl::dnsbl::testing {
namespace {

std::optional<std::uint32_t> serial_in(const Bytes& message) {
    wire::Query query;
    if (wire::read_query(message, query) != wire::Reading::query) return std::nullopt;
    return transfer::client_serial(message, query);
}

TEST(IxfrRequest, BringsTheClientsSerial) {
    EXPECT_EQ(serial_in(ixfr("bl.example", 0x89abcdef)), 0x89abcdefU);
    EXPECT_EQ(serial_in(with_opt(ixfr("bl.example", 7))), 7U);
    EXPECT_EQ(serial_in(ixfr("bl.example", 7, wire_name("BL.Example"))), 7U) << "whatever its case";
    EXPECT_EQ(serial_in(ixfr("bl.example", 7, {0xc0, 0x0c})), 7U) << "compressed";
    // RFC 1995 3: names in the data may be compressed as well; they point to the question.
    auto data = Bytes{0xc0, 0x0c, 1, 'h', 0xc0, 0x0f};
    append(data, soa_numbers(7));
    EXPECT_EQ(serial_in(with_authority(question("bl.example", wire::type::ixfr),
                                       record({0xc0, 0x0c}, wire::type::soa, wire::cls::in, data))),
              7U);
}

TEST(IxfrRequest, OfAnythingElseNothingIsRead) {
    const auto asked = question("bl.example", wire::type::ixfr);
    const auto good = soa_data(7);
    struct Row {
        const char* what;
        Bytes message;
    };
    auto cut = good;
    cut.pop_back();
    auto longer = good;
    longer.push_back(0);
    auto pointing = Bytes{0xc0, 0x0c};
    append(pointing, Bytes{0xc0, 0xff});
    append(pointing, soa_numbers(7));
    const auto with = [&](const Bytes& owner, unsigned type, unsigned cls, const Bytes& data) {
        return with_authority(asked, record(owner, type, cls, data));
    };
    const auto owner = wire_name("bl.example");
    const std::vector<Row> rows{
        {"no SOA", asked},
        {"two SOAs", with_authority(ixfr("bl.example", 7), record(owner, wire::type::soa, wire::cls::in, good))},
        {"another owner", ixfr("bl.example", 7, wire_name("relay.bl.example"))},
        {"the root", ixfr("bl.example", 7, {0})},
        {"a name that the question's begins with", ixfr("bl.example", 7, wire_name("bl"))},
        {"another type", with(owner, wire::type::ns, wire::cls::in, good)},
        {"another class", with(owner, wire::type::soa, wire::cls::chaos, good)},
        {"data cut short", with(owner, wire::type::soa, wire::cls::in, cut)},
        {"data with something behind", with(owner, wire::type::soa, wire::cls::in, longer)},
        {"no data", with(owner, wire::type::soa, wire::cls::in, {})},
        {"a pointer that points on", with(owner, wire::type::soa, wire::cls::in, pointing)},
        {"an owner that points into the header", with({0xc0, 0x00}, wire::type::soa, wire::cls::in, good)},
    };
    for (const auto& row : rows) EXPECT_EQ(serial_in(row.message), std::nullopt) << row.what;
}

} // namespace
} // namespace provenbl::dnsbl::testing
