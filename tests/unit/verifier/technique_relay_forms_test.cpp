// The catalogue of relay forms, written out.
#include "verifier/techniques/smtp_relay_forms.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace provenbl::verifier::techniques {
namespace {

struct Row {
    std::string_view technique;
    Stage stage;
    std::string_view sender, recipient;
};

constexpr auto always = Stage::always;
constexpr auto suspicion = Stage::suspicion;
constexpr auto thorough = Stage::thorough;

constexpr Row catalogue[]{
    {"smtp-relay/plain", always, "probe@v.example", "u@v.example"},
    {"smtp-relay/unqualified-sender", always, "probe", "u@v.example"},
    {"smtp-relay/null-sender", always, "", "u@v.example"},
    {"smtp-relay/local-sender", always, "probe@h.example", "u@v.example"},
    {"smtp-relay/literal-sender", always, "probe@[192.0.2.1]", "u@v.example"},
    {"smtp-relay/percent", always, "probe@h.example", "u%v.example@h.example"},
    {"smtp-relay/percent-literal", always, "probe@h.example", "u%v.example@[192.0.2.1]"},
    {"smtp-relay/quoted", always, "probe@h.example", "\"u@v.example\"@h.example"},
    {"smtp-relay/source-route", always, "probe@h.example", "@h.example:u@v.example"},
    {"smtp-relay/bang", always, "probe@h.example", "v.example!u@h.example"},
    {"smtp-relay/localhost-sender", always, "probe@localhost", "u@v.example"},
    {"smtp-relay/quoted-address", suspicion, "probe@h.example", "\"u@v.example\""},
    {"smtp-relay/bang-bare", suspicion, "probe@h.example", "v.example!u"},
    {"smtp-relay/bang-literal", suspicion, "probe@h.example", "v.example!u@[192.0.2.1]"},
    {"smtp-relay/postmaster-sender", suspicion, "postmaster@h.example", "u@v.example"},
    {"smtp-relay/trailing-dot", suspicion, "probe@v.example", "u@v.example."},
    {"smtp-relay/sink-literal", suspicion, "probe@v.example", "u@[192.0.2.25]"},
    {"smtp-relay/self-send", suspicion, "u@v.example", "u@v.example"},
    {"smtp-relay/quoted-percent", thorough, "probe@h.example", "\"u%v.example\""},
    {"smtp-relay/double-at", thorough, "probe@h.example", "u@v.example@h.example"},
    {"smtp-relay/double-at-literal", thorough, "probe@h.example", "u@v.example@[192.0.2.1]"},
    {"smtp-relay/source-route-literal", thorough, "probe@h.example", "@[192.0.2.1]:u@v.example"},
    {"smtp-relay/source-route-two-hops", thorough, "probe@h.example", "@h.example,@[192.0.2.1]:u@v.example"},
    {"smtp-relay/loopback-sender", thorough, "probe@[127.0.0.1]", "u@v.example"},
    {"smtp-relay/quoted-local", thorough, "probe@v.example", "\"u\"@v.example"},
    {"smtp-relay/empty-domain", thorough, "probe@v.example", "u%v.example@"},
    {"smtp-relay/percent-bare", thorough, "probe@v.example", "u%v.example"},
    {"smtp-relay/bang-two-hops", thorough, "probe@v.example", "h.example!v.example!u"},
    {"smtp-relay/subdomain", thorough, "probe@v.example", "u@mx.v.example"},
};

const RelayNames names{"u", "v.example", "h.example", "[192.0.2.1]", "mx.v.example", "[192.0.2.25]"};

TEST(RelayForms, AreThoseOfTheCatalogue) {
    EXPECT_EQ(relay_forms().size(), std::size(catalogue));
    for (const auto& row : catalogue) {
        const auto* form = find_relay_form(row.technique);
        ASSERT_NE(form, nullptr) << row.technique;
        EXPECT_EQ(form->stage, row.stage) << row.technique;
        EXPECT_EQ(form->sender(names), row.sender) << row.technique;
        EXPECT_EQ(form->recipient(names), row.recipient) << row.technique;
    }
}

// The plan fills sessions in this order.
TEST(RelayForms, StandByStage) {
    const auto forms = relay_forms();
    EXPECT_TRUE(std::is_sorted(forms.begin(), forms.end(),
                               [](const RelayForm& a, const RelayForm& b) { return a.stage < b.stage; }));
    EXPECT_EQ(std::count_if(forms.begin(), forms.end(), [](const RelayForm& f) { return f.stage == always; }), 11);
}

TEST(RelayForms, ThatTakeTheSinksOtherNamesAreEmptyWithoutThem) {
    RelayNames without = names;
    without.exchanger.clear();
    without.sink_literal.clear();
    for (const auto& form : relay_forms()) {
        const bool needs = form.technique == "smtp-relay/sink-literal" || form.technique == "smtp-relay/subdomain";
        EXPECT_EQ(form.recipient(without).empty(), needs) << form.technique;
    }
}

TEST(RelayForms, TheCommandThatRepeatsIsQuotedForAShell) {
    const auto command = repeat_relay(*find_relay_form("smtp-relay/quoted-address"), names,
                                      {Address::v4(192, 0, 2, 1), 587}, "scan.example");
    EXPECT_EQ(command, "swaks --server '192.0.2.1' --port 587 --ehlo 'scan.example' --from '<probe@h.example>' "
                       "--to '<\"TOKEN@v.example\">'");
}

} // namespace
} // namespace provenbl::verifier::techniques
