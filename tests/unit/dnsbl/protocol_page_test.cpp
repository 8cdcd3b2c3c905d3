// docs/dns-protocol.md names tests: each of them exists, and every test of a rule is named.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace provenbl::dnsbl::testing {
namespace {

std::string read(const std::string& path) {
    std::ifstream file(PROVENBL_SOURCE_DIR "/" + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// What stands in backquotes and has the form of a test's name.
std::set<std::string> named(const std::string& page, const char* form) {
    std::set<std::string> names;
    const std::regex name(form);
    for (std::sregex_iterator found(page.begin(), page.end(), name), end; found != end; ++found)
        names.insert((*found)[1]);
    return names;
}

std::set<std::string> registered() {
    std::set<std::string> names;
    const auto& all = *::testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const auto& suite = *all.GetTestSuite(i);
        for (int j = 0; j < suite.total_test_count(); ++j)
            names.insert(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
    }
    return names;
}

bool is_of_a_rule(const std::string& name) {
    static const std::regex rule(
        "(Rfc[0-9]+|Dns0x20|Chaos|Rspamd|Haraka|Maddy|Hopm|Postscreen)\\..*|.*ProtocolTest\\..*");
    return std::regex_match(name, rule);
}

TEST(ProtocolPage, EveryTestThatItNamesExists) {
    const auto known = registered();
    const auto names = named(read("docs/dns-protocol.md"), "`([A-Z][A-Za-z0-9]*\\.[A-Z][A-Za-z0-9_]*)`");
    EXPECT_GT(names.size(), 150U);
    for (const auto& name : names) EXPECT_TRUE(known.contains(name)) << name << " is no test of unit_dnsbl";
}

TEST(ProtocolPage, EveryTestOfARuleIsNamed) {
    const auto page = read("docs/dns-protocol.md");
    for (const auto& name : registered()) {
        if (!is_of_a_rule(name)) continue;
        EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name << " is not in docs/dns-protocol.md";
    }
}

// "dns_flood_test.Flood.test_garbage": a method of a class in tests/interop.
TEST(ProtocolPage, EveryInteropTestThatItNamesExists) {
    const auto page = read("docs/dns-protocol.md");
    for (const auto& name : named(page, "`([a-z_]+_test\\.[A-Z][A-Za-z0-9]*\\.test_[a-z0-9_]+)`")) {
        const auto file = name.substr(0, name.find('.'));
        const auto method = name.substr(name.rfind('.') + 1);
        const auto cls = name.substr(file.size() + 1, name.size() - file.size() - method.size() - 2);
        const auto text = read("tests/interop/" + file + ".py");
        EXPECT_NE(text.find("class " + cls + "("), std::string::npos) << name;
        EXPECT_NE(text.find("def " + method + "("), std::string::npos) << name;
    }
}

} // namespace
} // namespace provenbl::dnsbl::testing
