// The registry: every technique is whole, and can be found by its name.
#include "verifier/technique.hpp"

#include <gtest/gtest.h>

#include <set>

namespace provenbl::verifier {
namespace {

TEST(TechniqueRegistry, holds_the_techniques_of_the_main_job) {
    for (const auto* name : {"smtp-relay/plain", "smtp-relay/null-sender", "smtp-relay/percent", "smtp-relay/quoted",
                             "smtp-relay/bang", "smtp-relay/source-route", "socks4/connect", "socks4a/connect",
                             "socks5/connect", "http/connect", "http/get"}) {
        ASSERT_NE(find_technique(name), nullptr) << name;
        EXPECT_EQ(find_technique(name)->name, name);
    }
    EXPECT_EQ(find_technique("smtp-relay"), nullptr);
    EXPECT_EQ(find_technique(""), nullptr);
}

TEST(TechniqueRegistry, names_are_unique_and_entries_whole) {
    std::set<std::string_view> names;
    for (const auto* technique : all_techniques()) {
        EXPECT_TRUE(names.insert(technique->name).second) << technique->name;
        EXPECT_FALSE(technique->ports.empty()) << technique->name;
        EXPECT_GT(technique->explanation.size(), 20U) << technique->name;
        EXPECT_GE(technique->per_session, 1U);
        EXPECT_LE(technique->per_session, 8U) << "more forms than eight end a session of Exim";
        EXPECT_NE(technique->run, nullptr);
    }
}

TEST(TechniqueRegistry, mail_is_looked_at_first) {
    EXPECT_EQ(all_techniques().front()->name, "smtp-relay/plain");
}

} // namespace
} // namespace provenbl::verifier
