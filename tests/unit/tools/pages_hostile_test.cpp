// What came from outside goes through every page: it is text there, the page stays well formed, and small.
#include "tests/unit/tools/pages_document.hpp"
#include "tools/config/load.hpp"
#include "tools/pages/case_page.hpp"
#include "tools/pages/criteria_page.hpp"
#include "tools/pages/exclusion_page.hpp"
#include "tools/pages/front_page.hpp"
#include "tools/pages/mirrors_page.hpp"
#include "tools/pages/statistics_page.hpp"
#include "tools/pages/use_page.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace provenbl::tools::pages {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<std::string>& evils() {
    static const std::vector<std::string> all{
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "</pre></p></main></body></html><script src=//evil.example></script>",
        "<!-- --><![CDATA[ ]]> &copy; &#x3c;",
        std::string("\x00\x01\x1b[31m\x7f\r\n\t", 9),
        "\xff\xfe\xc0\xaf\xed\xa0\x80\xf8",
        "\u202e\u2066 abc \u2069",
        "javascript:alert(1)",
        std::string(300'000, '"'),
        std::string(300'000, '\x80'),
        std::string(100'000, '<') + std::string(100'000, '\n'),
    };
    return all;
}

Site site_with(const std::string& evil) {
    // The operator's own texts are no longer than a line.
    const auto line = evil.substr(0, 200);
    return {line, line, line, line, line, line, line};
}

Configuration shipped() {
    auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all);
    if (!loaded.configuration) throw std::runtime_error(loaded.problems.at(0).to_string("provenbl.yaml"));
    return *loaded.configuration;
}

CaseView case_with(const std::string& evil) {
    const Time now{std::chrono::hours{24 * 365 * 50}};
    const auto address = Address::parse("5.6.7.8").value();
    CaseView view;
    view.facts.address = address;
    view.facts.now = now;
    view.facts.covers = Prefix::of(address, 32);
    Host host;
    host.address = address;
    host.case_id = 7;
    host.listed_since = now;
    for (std::uint16_t i = 0; i < 64; ++i) {
        host.holes.push_back({evil, address, 25, ListingClass::relay, i, now, now});
        CaseEvidence item;
        item.ordinal = i;
        item.technique = evil;
        item.software = evil;
        item.repeat = evil;
        item.transcript = evil;
        item.message = evil;
        view.evidence.push_back(item);
    }
    ManualListing manual;
    manual.reason = evil.substr(0, 2000);
    manual.until = now;
    host.manual = {manual};
    view.facts.host = host;
    view.why = {evil, evil};
    view.software = evil;
    view.zones = {{"8.7.6.5.bl.example", {"127.0.0.2"}, evil.substr(0, 255), 120, 60}};
    for (int i = 0; i < 600; ++i) view.history.push_back({now, 1, "proven", evil.substr(0, 64), evil});
    Scan visit;
    visit.id = 3;
    visit.host = address;
    visit.kind = ScanKind::owner;
    visit.state = ScanState::running;
    visit.outcome = evil;
    for (int i = 0; i < 512; ++i) visit.steps.push_back({now, evil, address, 25, Verdict::open, evil});
    view.visit = visit;
    view.receipts = true;
    view.notice = evil;
    fixes::Advice advice;
    advice.guide.title = evil.substr(0, 200);
    advice.guide.sections = {{fixes::SectionKind::change, evil.substr(0, 200), {"- " + evil.substr(0, 200)}}};
    view.advice = {advice};
    return view;
}

class HostilePages : public testing::TestWithParam<std::size_t> {
protected:
    void check(const Page& page, const char* which) {
        const auto document = render(site_with(evil), page);
        EXPECT_THAT(faults_of(document), IsEmpty()) << which << ": " << document.substr(0, 3000);
        EXPECT_LT(document.size(), std::size_t{100} * 1024) << which;
        for (const char* bad : {"<script>", "<img", "<!--", "href=\"javascript:", "\x1b", "evil.example></script>"})
            EXPECT_THAT(document, Not(HasSubstr(bad))) << which;
    }
    const std::string& evil = evils().at(GetParam());
};

TEST_P(HostilePages, TheCasePage) {
    check(case_page(case_with(evil)), "listed");
    auto view = case_with(evil);
    view.facts.host->holes.clear();
    check(case_page(view), "by hand");
    view.facts.host->manual.clear();
    view.facts.host->delisted_at = view.facts.now;
    check(case_page(view), "delisted");
    view.refusal = evil.substr(0, 2000);
    view.visit->state = ScanState::finished;
    check(case_page(view), "excluded");
}

TEST_P(HostilePages, TheFrontPage) {
    FrontView view;
    view.asked = evil;
    view.mistake = evil;
    view.visitor = Address::parse("2001:db8::1").value();
    check(front_page(site_with(evil), shipped(), view), "front");
}

TEST_P(HostilePages, AllOthers) {
    auto configuration = shipped();
    const auto line = evil.substr(0, 200);
    configuration.verifier.identity.contact = line;
    configuration.verifier.identity.helo = line;
    for (auto& zone : configuration.zones.zones) {
        zone.apex = line;
        for (auto& server : zone.name_servers) server.name = line;
    }
    const auto site = site_with(evil);
    check(criteria_page(site, configuration), "criteria");
    check(use_page(site, configuration), "use");
    check(exclusion_form_page({evil, evil, evil, evil}), "the form to be left alone");
    ExclusionRequest request;
    request.answer = evil;
    request.state = ExclusionRequestState::refused;
    check(exclusion_state_page(request, "1-abc", Time{}), "a request to be left alone");
    MirrorsView of_mirrors;
    of_mirrors.standings.emplace_back();
    of_mirrors.standings.back().name = line;
    check(mirrors_page(site, configuration, of_mirrors), "mirrors");
    check(statistics_page(site, configuration, {}), "statistics, not counted");
    StatisticsView view;
    view.tally.emplace();
    check(statistics_page(site, configuration, view), "statistics");
    check(error_page(404, "Not Found", evil.substr(0, 2000)), "error");
}

INSTANTIATE_TEST_SUITE_P(Evils, HostilePages, testing::Range(std::size_t{0}, evils().size()));

} // namespace
} // namespace provenbl::tools::pages
