// `export --zone`, `verify-export` and `signing-key`, from the command line to the files; and that the export of the
// store, which has the same name, is never taken for them.
#include "store/notices.hpp"
#include "tests/support/store_fixture.hpp"
#include "tools/cli/app.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace provenbl::tools {
namespace {

using test::ip;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Publishing : public test::StoreFixture {
protected:
    Publishing() {
        std::ofstream(config_) << "data_directory: " << directory.path().string() << R"(
zone_defaults:
  page: https://bl.example/{address}
  name_servers: [{name: ns.other.example}]
  soa: {rname: hostmaster@bl.example}
zones:
  - {apex: bl.example, classes: all}
  - {apex: relay.bl.example, classes: [relay]}
)";
        prove(1, ip("192.0.2.1"));
        prove(2, ip("192.0.2.2"));
    }

    // One process opens a store once: the fixture's is closed meanwhile.
    int run(std::vector<std::string> arguments) {
        store.reset();
        out.str("");
        err.str("");
        const auto code = cli::run(arguments, {out, err, false, "", {}});
        reopen();
        return code;
    }
    std::vector<std::string> zone(std::vector<std::string> more) {
        std::vector<std::string> all{"export",     "-c",       config_.string(), "--zone",
                                     "bl.example", "--output", file_.string()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    std::uint64_t serial() {
        return store->read([](const ReadTxn& txn) { return journal::last(txn); });
    }
    static std::string contents(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    const test::TemporaryDirectory place_;
    const std::filesystem::path config_ = place_.path() / "provenbl.yaml";
    const std::filesystem::path file_ = place_.path() / "published";
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(Publishing, AZoneIsWrittenSignedAndVerified) {
    ASSERT_EQ(run(zone({"--format", "cidr"})), 0) << err.str();
    EXPECT_THAT(out.str(),
                HasSubstr("published: bl.example as cidr, serial " + std::to_string(serial()) + ", 2 entries"));
    EXPECT_THAT(contents(file_), HasSubstr("192.0.2.1/32\n192.0.2.2/32\n"));

    ASSERT_EQ(run({"signing-key", "show", "-c", config_.string()}), 0) << err.str();
    EXPECT_THAT(out.str(), StartsWith("-----BEGIN PUBLIC KEY-----\n"));
    const auto pem = place_.path() / "key.pem";
    std::ofstream(pem) << out.str();
    ASSERT_EQ(run({"signing-key", "show", "--data", directory.path().string(), "--json"}), 0);
    const auto base64 = std::string(boost::json::parse(out.str()).at("base64").as_string());

    for (const auto& key : {pem.string(), base64}) {
        EXPECT_EQ(run({"verify-export", file_.string(), "--key", key}), 0) << err.str();
        EXPECT_THAT(out.str(), HasSubstr("bl.example as cidr"));
    }
    EXPECT_EQ(run({"verify-export", file_.string(), "--key", base64, "--json"}), 0);
    EXPECT_EQ(boost::json::parse(out.str()).at("entries"), 2);
    std::ofstream(file_, std::ios::app) << "0.0.0.0/0\n";
    EXPECT_EQ(run({"verify-export", file_.string(), "--key", base64}), 1);
    EXPECT_THAT(err.str(), HasSubstr("is not the file that was signed"));
    EXPECT_EQ(run({"verify-export", file_.string(), "--key", "nonsense"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("--key takes a file with the public key"));
    // Published again, it replaces what is there.
    EXPECT_EQ(run(zone({"--format", "csv", "--json"})), 0);
    EXPECT_EQ(boost::json::parse(out.str()).at("format"), "csv");
    EXPECT_EQ(run({"verify-export", file_.string(), "--key", base64}), 0);
}

TEST_F(Publishing, ChangesAreToldOrTooOld) {
    const auto from = serial();
    prove(3, ip("192.0.2.3"));
    ASSERT_EQ(run(zone({"--format", "ipset", "--delta", std::to_string(from)})), 0) << err.str();
    EXPECT_THAT(contents(file_), HasSubstr("\nadd bl_example_4 192.0.2.3 -exist\n"));
    EXPECT_THAT(out.str(), HasSubstr("1 changes since"));
    EXPECT_EQ(run(zone({"--format", "rbldnsd", "--delta", "1"})), 2);
    EXPECT_THAT(err.str(), HasSubstr("is always whole"));
    EXPECT_EQ(run(zone({"--format", "json", "--delta", "1000000"})), 2);
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        journal::note_configuration(txn, "other");
        return {};
    }));
    const auto before = contents(file_);
    EXPECT_EQ(run(zone({"--format", "json", "--delta", std::to_string(from)})), 7);
    EXPECT_THAT(err.str(), HasSubstr("take the whole file"));
    EXPECT_EQ(contents(file_), before);
}

TEST_F(Publishing, AShutDownListIsPublishedEmptyAndSaysSo) {
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        auto shut = notices::shut_down(txn, "closing", "me");
        if (!shut) return shut.error();
        return {};
    }));
    ASSERT_EQ(run(zone({"--format", "postfix"})), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("0 entries; the list is shut down, so it is empty"));
    EXPECT_THAT(contents(file_), Not(HasSubstr("REJECT")));
    EXPECT_EQ(run(zone({"--format", "json", "--delta", std::to_string(serial()), "--json"})), 0) << err.str();
    EXPECT_EQ(boost::json::parse(out.str()).at("shut_down"), true);
}

TEST_F(Publishing, StoreAndZoneAreNeverMistakenForEachOther) {
    const auto refused = [&](std::vector<std::string> arguments, const char* why) {
        arguments.insert(arguments.begin(), {"export", "-c", config_.string()});
        EXPECT_EQ(run(arguments), 2) << why;
        EXPECT_THAT(err.str(), HasSubstr(why));
        EXPECT_FALSE(std::filesystem::exists(file_));
    };
    refused({}, "name a FILE for the store, or say --zone");
    refused({file_.string(), "--format", "rbldnsd"}, "say with --zone ZONE which zone is published as rbldnsd");
    refused({"--output", file_.string()}, "say with --zone ZONE");
    refused({file_.string(), "--delta", "1"}, "say with --zone ZONE");
    refused({file_.string(), "--zone", "bl.example", "--format", "csv"}, "a zone goes to --output FILE");
    refused({"--zone", "bl.example", "--output", file_.string(), "--format", "csv", "--private"}, "are of the store");
    refused({"--zone", "bl.example", "--output", file_.string(), "--since", "1"}, "are of the store");
    refused({"--zone", "bl.example", "--format", "csv"}, "say with --output FILE");
    refused({"--zone", "bl.example", "--output", file_.string()}, "is no format of a zone; say with --format one of");
    refused({"--zone", "no.example", "--output", file_.string(), "--format", "csv"},
            "'no.example' is no zone of the configuration; known are bl.example, relay.bl.example");
    refused({"--zone", "2.0.0.127.bl.example", "--output", file_.string(), "--format", "csv"}, "is no zone");
    refused({"--zone", "bl.example", "--output", file_.string(), "--format", "nftables", "--set", "a b"},
            "is no name of a set");

    // The store is exported as it ever was.
    EXPECT_EQ(run({"export", file_.string(), "-c", config_.string()}), 0) << err.str();
    EXPECT_THAT(contents(file_), StartsWith(R"({"type":"export")"));
    EXPECT_FALSE(std::filesystem::exists(file_.string() + ".manifest.json"));
    EXPECT_THAT(out.str(), IsEmpty());
}

} // namespace
} // namespace provenbl::tools
