#include "store/codec.hpp"

#include <gtest/gtest.h>

namespace provenbl {
namespace {

const Time when{Duration{1'700'000'000'123}};

Host sample_host() {
    Host host;
    host.address = Address::parse("2001:db8::9").value();
    host.holes = {{"smtp-relay/plain", host.address, 25, ListingClass::relay, 0, when, when + Duration{5}},
                  {"socks5/connect", Address::v4(192, 0, 2, 1), 1080, ListingClass::chain, 1, when, when}};
    host.case_id = 77;
    host.listed_since = when;
    host.scans = 300;
    host.clean_streak = 2;
    host.software = "Postfix";
    host.queued_scan = 12;
    host.due_kind = ScanKind::owner;
    host.due = when;
    return host;
}

Scan scan_of_closed_host() {
    Scan scan;
    scan.id = 5;
    scan.host = Address::v4(192, 0, 2, 1);
    for (std::uint16_t port = 1000; port < 1050; ++port)
        scan.steps.push_back({when, "http/connect", scan.host, port, Verdict::closed_port,
                              "192.0.2.1:" + std::to_string(port) + " refused the connection"});
    return scan;
}

// A page of the data file has 4096 bytes, and what is longer than half of one takes pages of its own.
TEST(Codec, TheStepsOfAClosedHostTakeLittle) {
    const auto scan = scan_of_closed_host();
    const auto bytes = codec::encode(scan);
    EXPECT_LT(bytes.size(), 1000U);
    EXPECT_EQ(codec::decode<Scan>(bytes), scan);
    const auto numbers = codec::decode_numbers<Scan>(bytes);
    EXPECT_EQ(numbers.id, scan.id);
    EXPECT_TRUE(numbers.steps.empty());
}

TEST(Codec, StepsThatLieUnpackedAreReadAsWell) {
    Scan scan;
    scan.id = 5;
    scan.host = Address::v4(192, 0, 2, 1);
    scan.steps = {{when, "socks4/connect", scan.host, 1080, Verdict::refused, "no"}};
    const auto packed = codec::encode(scan); // the list's field: tag, length, '-', format, and the members as they were
    const auto at = packed.find(std::string("\x0d"));
    ASSERT_NE(at, std::string::npos);
    auto older = packed.substr(0, at) + packed.substr(at + 4);
    EXPECT_EQ(older[at], '\x0a');
    EXPECT_EQ(codec::decode<Scan>(older), scan);
    EXPECT_TRUE(codec::decode_numbers<Scan>(older).steps.empty());
}

TEST(Codec, RecordsGoBothWays) {
    EXPECT_EQ(codec::decode<Host>(codec::encode(sample_host())), sample_host());

    Scan scan;
    scan.id = 5;
    scan.host = Address::v4(192, 0, 2, 1);
    scan.kind = ScanKind::rescan;
    scan.state = ScanState::running;
    scan.ports = {25, 8080};
    scan.steps = {{when, "http/connect", scan.host, 8080, Verdict::open, "200 ok"},
                  {when, "x", scan.host, 0, Verdict::refused, ""}};
    scan.outcome = "open";
    EXPECT_EQ(codec::decode<Scan>(codec::encode(scan)), scan);

    PendingProbe probe;
    probe.id[15] = 9;
    probe.target = {Address::parse("2001:db8::1").value(), 65535};
    probe.technique = "socks4/connect";
    probe.cls = ListingClass::socks;
    probe.sink = SinkKind::callback;
    probe.expires = when;
    probe.transcript = std::string(100'000, 'x');
    probe.arrived = true;
    probe.message = std::string("\0\r\n\xff", 4);
    probe.carrier = "frankfurt";
    EXPECT_EQ(codec::decode<PendingProbe>(codec::encode(probe)), probe);
    EXPECT_LT(codec::encode(probe).size(), 1000U); // compressed

    CaseEvidence evidence;
    evidence.host = scan.host;
    evidence.case_id = 8;
    evidence.entry = {scan.host, 25};
    evidence.exit = Address::parse("2001:db8::2").value();
    evidence.token[0] = 1;
    EXPECT_EQ(codec::decode<CaseEvidence>(codec::encode(evidence)), evidence);

    Report report;
    report.id = 1;
    report.host = scan.host;
    report.ports = {1, 2, 3};
    report.comment = "seen \"sending\" spam";
    report.reporter_id = 7;
    report.count = 3;
    report.last = when;
    report.state = ReportState::wrong;
    report.named = Address::v4(5, 6, 7, 8);
    EXPECT_EQ(codec::decode<Report>(codec::encode(report)), report);
    Reporter reporter;
    reporter.id = 7;
    reporter.name = "alice";
    reporter.key_hash = std::string(32, '\xfe');
    reporter.standing = -35;
    reporter.trap = true;
    reporter.hour_begun = when;
    reporter.in_hour = 4;
    EXPECT_EQ(codec::decode<Reporter>(codec::encode(reporter)), reporter);
    Notice notice;
    notice.id = 3;
    notice.kind = NoticeKind::resumed;
    notice.text = "open again";
    EXPECT_EQ(codec::decode<Notice>(codec::encode(notice)), notice);
    Purge purge;
    purge.id = 4;
    purge.filter.technique = "socks5/";
    purge.filter.everywhere = false;
    purge.filter.prefix = Prefix::of(Address::v4(5, 6, 0, 0), 16);
    purge.cursor = std::string("\4\5\6\0\1", 5);
    purge.matched = 9;
    EXPECT_EQ(codec::decode<Purge>(codec::encode(purge)), purge);

    Exclusion exclusion;
    exclusion.prefix = Prefix::parse("2001:db8::/32").value();
    exclusion.reason = "asked";
    EXPECT_EQ(codec::decode<Exclusion>(codec::encode(exclusion)), exclusion);

    Change change;
    change.sequence = 1ULL << 40U;
    change.before = {ListingClass::relay};
    change.after = {ListingClass::relay, ListingClass::web};
    change.reason = ChangeReason::secured;
    EXPECT_EQ(codec::decode<Change>(codec::encode(change)), change);

    const Listing listing{{ListingClass::relay, ListingClass::http}, 1'700'000'000, (1ULL << 48U) - 1};
    EXPECT_EQ(codec::encode(listing).size(), 12U);
    EXPECT_EQ(codec::decode<Listing>(codec::encode(listing)), listing);
}

// A host as the first version wrote it, when it knew an address, one hole and a case: bytes spelled out, so that
// no change of today's writer can make this test agree with itself.
TEST(Codec, ARecordOfAnOlderVersionIsRead) {
    using namespace std::string_literals;
    const auto hole =
        "\x01\x01\x10smtp-relay/plain\x02\x04\x05\x06\x07\x08\x03\x01\x19"s; // format, technique, entry, port
    auto bytes = "\x01\x01\x04\x05\x06\x07\x08\x02"s;                        // format, address, hole
    bytes.push_back(static_cast<char>(hole.size()));
    bytes.append(hole);
    bytes.append("\x03\x01\x2a"s); // case
    const auto host = codec::decode<Host>(bytes);
    EXPECT_EQ(host.address, Address::v4(5, 6, 7, 8));
    ASSERT_EQ(host.holes.size(), 1U);
    EXPECT_EQ(host.holes[0].technique, "smtp-relay/plain");
    EXPECT_EQ(host.holes[0].port, 25);
    EXPECT_EQ(host.holes[0].last_proven, Time{}); // did not exist then
    EXPECT_EQ(host.case_id, 42U);
    EXPECT_EQ(host.scans, 0U);
    EXPECT_TRUE(host.software.empty());
}

TEST(Codec, NumbersAloneAreReadAsTheyAre) {
    auto wanted = sample_host();
    wanted.manual = {{ListingClass::web, "seen", "bob", when, when}};
    const auto bytes = codec::encode(wanted);
    for (auto& hole : wanted.holes) hole.technique.clear();
    for (auto& entry : wanted.manual) entry.reason = entry.by = "";
    wanted.software.clear();
    EXPECT_EQ(codec::decode_numbers<Host>(bytes), wanted);

    Change change;
    change.sequence = 9;
    change.at = when;
    change.address = Address::parse("2001:db8::9").value();
    change.after = {ListingClass::relay};
    change.case_id = 9;
    auto with_texts = change;
    with_texts.actor = "verifier";
    with_texts.note = "smtp-relay/plain";
    with_texts.by = "bob";
    EXPECT_EQ(codec::decode_numbers<Change>(codec::encode(with_texts)), change);
    // What is damaged is found all the same.
    EXPECT_THROW((void)codec::decode_numbers<Host>(bytes.substr(0, bytes.size() - 1)), codec::CorruptRecord);
}

// Damage to the long texts of an evidence does not hide what it says in short.
TEST(Codec, OfAnEvidenceTheHeaderAloneIsRead) {
    CaseEvidence evidence;
    evidence.host = Address::v4(192, 0, 2, 1);
    evidence.case_id = 8;
    evidence.technique = "smtp-relay/plain";
    evidence.entry = {evidence.host, 25};
    evidence.arrived = when;
    evidence.software = "Postfix";
    evidence.repeat = "swaks --to TOKEN";
    auto header = evidence;
    evidence.transcript = std::string(4000, 't');
    evidence.message = std::string(4000, 'm');
    auto bytes = codec::encode(evidence);
    EXPECT_EQ(codec::decode_without_texts(bytes), header);
    EXPECT_EQ(codec::decode<CaseEvidence>(bytes), evidence);
    bytes.back() = static_cast<char>(bytes.back() ^ 0x55); // within the packed message
    EXPECT_EQ(codec::decode_without_texts(bytes), header);
    EXPECT_THROW((void)codec::decode<CaseEvidence>(bytes), codec::CorruptRecord);
    EXPECT_THROW((void)codec::decode_without_texts(bytes.substr(0, 12)), codec::CorruptRecord);
}

TEST(Codec, FieldsOutOfTheirOrderAreRead) {
    using namespace std::string_literals;
    const auto host = codec::decode<Host>("\x01\x08\x01\x07\x03\x01\x2a\x01\x04\x05\x06\x07\x08\x03\x01\x2b"s);
    EXPECT_EQ(host.address, Address::v4(5, 6, 7, 8));
    EXPECT_EQ(host.case_id, 43U) << "of two the last counts";
    EXPECT_EQ(host.scans, 7U);
}

TEST(Codec, FieldsOfANewerVersionAreSkipped) {
    auto bytes = codec::encode(sample_host());
    bytes += std::string("\xf0\x03new", 5);
    EXPECT_EQ(codec::decode<Host>(bytes), sample_host());
}

TEST(Codec, AnotherFormatIsRefused) {
    auto bytes = codec::encode(sample_host());
    bytes[0] = 2;
    EXPECT_THROW((void)codec::decode<Host>(bytes), codec::CorruptRecord);
}

TEST(Codec, DamagedBytesThrowAndNothingElse) {
    const auto bytes = codec::encode(sample_host());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        try {
            (void)codec::decode<Host>(bytes.substr(0, cut));
        } catch (const codec::CorruptRecord&) {
        }
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            auto damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            try {
                (void)codec::decode<Host>(damaged);
            } catch (const codec::CorruptRecord&) {
            }
        }
    }
    EXPECT_THROW((void)codec::decode<Host>(""), codec::CorruptRecord);
    EXPECT_THROW((void)codec::decode<Listing>("short"), codec::CorruptRecord);
}

} // namespace
} // namespace provenbl
