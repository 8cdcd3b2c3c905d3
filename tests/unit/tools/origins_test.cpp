// Countries and networks of what is listed: the files, the count, what the API and the page tell of it.
#include "tests/unit/tools/api_fixture.hpp"
#include "tests/unit/tools/pages_document.hpp"
#include "tests/unit/tools/tiny_mmdb.hpp"
#include "tools/api/journal_reader.hpp"
#include "tools/origins/counter.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace provenbl::tools {
namespace {

using origins::Counter;
using origins::LocationFile;
using origins::OriginTally;
using test::ip;
using test::Mmdb;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OriginsTest : public ApiFixture {
protected:
    std::filesystem::path write(const char* name, const std::string& bytes) {
        const auto path = directory.path() / name;
        std::ofstream{path, std::ios::binary} << bytes;
        return path;
    }
    static origins::Settings files(const std::filesystem::path& country, const std::filesystem::path& network = {}) {
        origins::Settings settings;
        settings.country_file = country;
        settings.network_file = network;
        settings.credit = "Data: <Example>";
        return settings;
    }
    static std::string countries() {
        Mmdb file;
        file.add("5.6.0.0/16", test::country_entry("DE", "Germany"));
        file.add("5.7.0.0/16", test::country_entry("FR", "France"));
        file.add("2a00::/16", test::country_entry("DE", "Germany"));
        file.add("9.0.0.0/8", Mmdb::map({{"country_code", Mmdb::text("US")}}));
        file.add("8.0.0.0/8", test::country_entry("<b>", "not a code"));
        file.add("7.0.0.0/8", Mmdb::number(7));
        return file.bytes("Test-Country");
    }
    static std::string networks() {
        Mmdb file;
        file.add("5.6.7.0/24", test::network_entry(64500, "Example <b>Net</b>"));
        file.add("5.7.0.0/16", test::network_entry(64501, std::string(200, 'x')));
        file.add("9.0.0.0/8", Mmdb::map({{"asn", Mmdb::text("AS64502")}, {"as_name", Mmdb::text("Other")}}));
        file.add("8.0.0.0/8", Mmdb::map({{"asn", Mmdb::text("ASx")}}));
        return file.bytes("Test-ASN");
    }
};

TEST_F(OriginsTest, FilesTellCountriesAndNetworks) {
    const auto country = LocationFile::open(write("c.mmdb", countries()));
    ASSERT_TRUE(country) << country.error().message;
    EXPECT_EQ(country->country(ip("5.6.1.1"))->code, "DE");
    EXPECT_EQ(country->country(ip("5.6.1.1"))->name, "Germany");
    EXPECT_EQ(country->country(ip("5.7.255.255"))->code, "FR");
    EXPECT_EQ(country->country(ip("2a00::1"))->code, "DE");
    EXPECT_EQ(country->country(ip("9.9.9.9"))->code, "US");
    for (const char* unknown : {"5.8.0.0", "2b00::1", "8.8.8.8", "7.7.7.7"})
        EXPECT_FALSE(country->country(ip(unknown)));
    const auto network = LocationFile::open(write("n.mmdb", networks()));
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ(network->network(ip("5.6.7.8"))->number, 64500U);
    EXPECT_EQ(network->network(ip("5.7.7.8"))->name.size(), 80U);
    EXPECT_EQ(network->network(ip("9.9.9.9"))->number, 64502U);
    EXPECT_EQ(network->network(ip("9.9.9.9"))->name, "Other");
    EXPECT_FALSE(network->network(ip("8.8.8.8")));
    EXPECT_FALSE(network->country(ip("5.6.7.8"))) << "the wrong file says nothing";
}

TEST_F(OriginsTest, AFileThatIsCutOrDamagedIsAnErrorOrSaysNothing) {
    const auto good = countries();
    for (const auto& bad : {std::string{}, std::string(1000, 'x'), good.substr(0, good.size() / 2)}) {
        const auto opened = LocationFile::open(write("bad.mmdb", bad));
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Errc::invalid);
        EXPECT_THAT(opened.error().message, HasSubstr("bad.mmdb"));
        EXPECT_THAT(opened.error().message, HasSubstr("MaxMind"));
    }
    EXPECT_EQ(LocationFile::open("/nonexistent/c.mmdb").error().code, Errc::io);
    EXPECT_EQ(LocationFile::open(directory.path()).error().code, Errc::io);
    // Each byte of it, and each length.
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto damaged = good;
        damaged[i] = static_cast<char>(damaged[i] ^ static_cast<char>(0xff >> i % 8));
        const auto opened = LocationFile::open(write("damaged.mmdb", damaged));
        if (!opened) continue;
        for (const char* address : {"5.6.1.1", "5.7.1.1", "2a00::1", "9.9.9.9", "7.7.7.7"}) {
            const auto country = opened->country(ip(address));
            if (country) {
                EXPECT_EQ(country->code.size(), 2U);
            }
        }
    }
}

TEST_F(OriginsTest, AFileMayBeTruncatedWhileItIsRead) {
    const auto path = write("c.mmdb", countries());
    const auto file = LocationFile::open(path);
    ASSERT_TRUE(file);
    std::filesystem::resize_file(path, 0);
    EXPECT_EQ(file->country(ip("5.6.1.1"))->code, "DE");
}

TEST_F(OriginsTest, ListedHostsAreCountedInPieces) {
    for (const char* host : {"5.6.7.8", "5.6.8.8", "5.7.1.1", "6.6.6.6", "2a00::1"})
        prove_with_token(ip(host), ip(host));
    Counter counter{*store, clock, files(write("c.mmdb", countries()), write("n.mmdb", networks())), {2, Duration{0}}};
    EXPECT_FALSE(counter.last());
    ASSERT_TRUE(counter.count());
    const auto last = counter.last().value();
    EXPECT_EQ(last.hosts, 5U);
    EXPECT_EQ(last.counted, clock.now());
    ASSERT_EQ(last.countries.size(), 2U);
    EXPECT_EQ(last.countries[0].country.code, "DE");
    EXPECT_EQ(last.countries[0].hosts, 3U);
    EXPECT_EQ(last.countries[1].hosts, 1U);
    EXPECT_EQ(last.no_country, 1U);
    ASSERT_EQ(last.networks.size(), 2U);
    EXPECT_EQ(last.networks[0].network.number, 64500U);
    EXPECT_EQ(last.no_network, 3U);
}

TEST_F(OriginsTest, ANewerFileIsTakenAndABrokenOneLeavesTheLastCount) {
    prove_with_token(suspect, suspect);
    const auto path = write("c.mmdb", countries());
    Counter counter{*store, clock, files(path), {1, Duration{0}}};
    ASSERT_TRUE(counter.count());
    EXPECT_EQ(counter.last()->countries.at(0).country.code, "DE");
    Mmdb newer;
    newer.add("5.0.0.0/8", test::country_entry("AT", "Austria"));
    write("c.mmdb", newer.bytes("Test-Country"));
    ASSERT_TRUE(counter.count());
    EXPECT_EQ(counter.last()->countries.at(0).country.code, "AT");
    EXPECT_FALSE(counter.last()->by_network);
    write("c.mmdb", "broken");
    const auto broken = counter.count();
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().message, HasSubstr("statistics.country_file"));
    EXPECT_EQ(counter.last()->countries.at(0).country.code, "AT");
    EXPECT_FALSE(counter.start()) << "at the start it is an error";
}

TEST_F(OriginsTest, OnlyTheMostAreShownAndTheRestIsCounted) {
    OriginTally tally{true, true};
    for (std::uint32_t network = 0; network < 60; ++network) {
        const std::string code{static_cast<char>('A' + network / 26), static_cast<char>('A' + network % 26)};
        for (std::uint32_t i = 0; i <= network; ++i)
            tally.add(origins::Country{code, ""}, origins::Network{network, ""});
    }
    const auto all = tally.result({});
    ASSERT_EQ(all.networks.size(), OriginTally::shown);
    EXPECT_EQ(all.networks[0].network.number, 59U);
    EXPECT_EQ(all.networks[0].hosts, 60U);
    EXPECT_EQ(all.other_networks, 55U) << "1 and 2 ... and 10";
    EXPECT_EQ(all.other_countries, 55U);
    OriginTally many{false, true};
    for (std::uint32_t network = 0; network < OriginTally::most_networks + 7; ++network)
        many.add({}, origins::Network{network, ""});
    EXPECT_EQ(many.result({}).other_networks, OriginTally::most_networks - OriginTally::shown + 7);
}

TEST_F(OriginsTest, TheApiAndThePageTellThem) {
    prove_with_token(suspect, suspect);
    const auto page = [&] {
        const auto found = as_public("GET", "/statistics");
        EXPECT_THAT(faults_of(found.body), IsEmpty()) << found.body;
        return found.body;
    };
    EXPECT_EQ(json(as_public("GET", "/v1/statistics")).at("origins"), nullptr);
    api::JournalReader reader{*store, {1, Duration{0}, Duration{0}}};
    reader.catch_up();
    context.journal = &reader;
    Counter counter{*store, clock, files(write("c.mmdb", countries()), write("n.mmdb", networks())), Counter::Pace{}};
    context.origins = &counter;
    EXPECT_EQ(json(as_public("GET", "/v1/statistics")).at("origins"), nullptr) << "not yet";
    EXPECT_THAT(page(), Not(HasSubstr("Countries and networks")));
    ASSERT_TRUE(counter.count());
    const auto told = json(as_public("GET", "/v1/statistics")).at("origins").as_object();
    EXPECT_EQ(told.at("hosts"), 1);
    EXPECT_EQ(told.at("countries").at("most").at(0).at("country"), "DE");
    EXPECT_EQ(told.at("countries").at("unknown"), 0);
    EXPECT_EQ(told.at("networks").at("most").at(0).at("asn"), 64500);
    EXPECT_EQ(told.at("credit"), "Data: <Example>");
    const auto shown = page();
    EXPECT_THAT(shown, HasSubstr("Countries and networks"));
    EXPECT_THAT(shown, HasSubstr("<code>DE</code>"));
    EXPECT_THAT(shown, HasSubstr("Example &lt;b&gt;Net&lt;/b&gt;"));
    EXPECT_THAT(shown, HasSubstr("Data: &lt;Example&gt;"));
}

} // namespace
} // namespace provenbl::tools
