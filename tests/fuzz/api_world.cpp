#include "tests/fuzz/api_world.hpp"

#include "store/access_keys.hpp"
#include "store/exclusion_requests.hpp"
#include "store/ledger.hpp"
#include "store/letters.hpp"
#include "store/mirrors.hpp"
#include "store/purges.hpp"
#include "store/reporters.hpp"
#include "store/tokens.hpp"
#include "tests/fuzz/api_rules.hpp"
#include "tools/api/reporter_key.hpp"
#include "tools/api/scan_feed.hpp"

#include <algorithm>
#include <filesystem>

namespace provenbl::fuzz {
using namespace tools;
namespace {

// What a suspect, an owner or an operator may say.
const std::string said = "<b>\"'&amp;</b>--><script>alert(1)</script>\x1b[31m\xff\xe2\x80\xae</pre>";
const std::string said_in_short = "<b>\"'</b>";

const Address suspect = Address::v4(5, 6, 7, 8);
const Address exit_of_it = Address::v4(5, 6, 7, 9);
const Address running = Address::v4(5, 6, 7, 12);

Configuration made_configuration() {
    Configuration made;
    zones::ZoneDefinition zone;
    zone.apex = "bl.example";
    for (const auto cls : all_listing_classes) zone.classes.insert(cls);
    zone.codes = zones::default_codes();
    zone.page = "https://bl.example/{address}";
    zone.name_servers = {{"ns.bl.example", {Address::v4(5, 7, 0, 2)}}};
    made.zones.zones.push_back(zone);
    made.verifier.identity.probe_domain = "probes.example";
    made.verifier.identity.contact = "abuse@bl.example";
    made.verifier.policy.anonymous_reports = true;
    made.verifier.policy.manual_listing = true;
    made.letters.enabled = true;
    made.letters.from = "abuse@bl.example";
    made.letters.public_url = "https://bl.example";
    made.api.trusted_proxies = {Prefix::of(Address::v4(10, 0, 0, 0), 8)};
    made.api.limits.table_size = 64;
    return made;
}

template <class T> T sure(Result<T> result) {
    require(result.has_value(), "the list can be made", result ? "" : result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void prove(WriteTxn& txn, const TokenId& token, const Address& target, const Address& exit) {
    PendingProbe probe;
    probe.id = token;
    probe.target = {target, 25};
    probe.technique = "smtp-relay/plain";
    probe.written = txn.now;
    probe.expires = txn.now + std::chrono::hours{24};
    probe.repeat = said;
    probe.software = said;
    sure(tokens::issue(txn, probe));
    const auto evidence = sure(tokens::arrive(txn, token, {txn.now, exit, 25, said + "\r\n\r\n" + said}));
    require(evidence.has_value(), "mail proves");
    tokens::attach_conversation(txn, token, said, said);
    const auto next = txn.now + std::chrono::hours{24};
    sure(ledger::list(txn, *evidence, next));
    if (exit != target) sure(ledger::list_exit(txn, *evidence, next));
}

void visit(WriteTxn& txn, const Address& host, bool to_its_end) {
    sure(ledger::request_scan(txn, host, ScanKind::owner, txn.now, {25}));
    const auto scan = sure(ledger::start_scan(txn, host));
    for (const auto verdict : {Verdict::open, Verdict::refused, Verdict::inconclusive})
        ledger::add_step(txn, host, scan.id, {txn.now, "smtp-relay/plain", host, 25, verdict, said});
    ledger::Finish finish;
    finish.outcome = "still-open";
    finish.software = said;
    if (to_its_end) sure(ledger::finish_scan(txn, host, scan.id, finish));
}

void report(WriteTxn& txn) {
    Reporter reporter;
    reporter.name = "trap";
    reporter.key_hash = api::hash_reporter_key("pbr-key");
    reporter.note = said;
    const auto known = sure(reporters::add(txn, reporter));
    Report report;
    report.host = report.named = suspect;
    report.reporter = known.name;
    report.reporter_id = known.id;
    report.comment = said;
    report.received = report.last = txn.now;
    sure(ledger::file_report(txn, report, txn.now));
}

// A letter that was sent, whose link the owner has.
void write_letter(WriteTxn& txn, const TokenId& mail) {
    const auto letter = sure(provenbl::letters::enqueue(txn, {suspect, txn.now, "", false}));
    sure(
        provenbl::letters::begin(txn, mail, "postmaster@owner.example", "<1@bl.example>", {{suspect, letter.case_id}}));
    sure(provenbl::letters::sent(txn, mail));
}

// What the operator's commands leave behind.
void administrate(WriteTxn& txn) {
    sure(ledger::exclude(txn, {*Prefix::parse("5.9.0.0/16"), said, said, txn.now, {}}));
    ManualListing by_hand;
    by_hand.reason = said;
    by_hand.by = "operator";
    by_hand.since = txn.now;
    by_hand.until = txn.now + std::chrono::hours{24};
    sure(ledger::list_manually(txn, Address::v4(5, 6, 7, 11), by_hand));
    ExclusionRequest request;
    request.code = "abcdefghijklmnop";
    request.prefix = *Prefix::parse("5.8.0.0/24");
    request.requester = Address::v4(5, 8, 0, 1);
    request.contact = "postmaster@owner.example";
    request.text = said_in_short;
    sure(exclusion_requests::add(txn, request));
    AccessKey key;
    key.name = "customer";
    key.hash = {1};
    key.note = said;
    sure(access_keys::add(txn, key));
    Mirror mirror;
    mirror.name = "ns1";
    mirror.addresses = {{Address::v4(5, 7, 0, 1), 53}};
    mirror.key_name = "ns1.bl.example";
    mirror.algorithm = "hmac-sha256";
    mirror.secret = std::string(mirrors::secret_size, 's');
    mirror.note = said;
    sure(mirrors::add(txn, mirror));
    PurgeFilter filter;
    filter.technique = "socks5/connect";
    sure(purges::begin(txn, filter, said_in_short, "operator"));
}

} // namespace

struct World::Service {
    Service(std::unique_ptr<Store> opened, const Clock& clock, const Configuration& configuration,
            const verifier::TokenMint& mint, Entropy& entropy)
        : store(std::move(opened)),
          gate(*store, clock, configuration.verifier.gate), context{*store, clock, configuration,
                                                                    gate,   mint,  [] { return boost::json::object{}; },
                                                                    entropy} {
        context.journal = &journal;
        context.metrics = [] { return std::string{"# nothing\n"}; };
    }

    std::unique_ptr<Store> store;
    verifier::Gate gate;
    api::JournalReader journal{*store, {}};
    api::Context context;
    std::optional<api::Router> router;
};

std::unique_ptr<World::Service> World::open(const std::filesystem::path& directory) {
    auto store = sure(Store::open({directory, false, std::size_t{1} << 20}, clock_));
    auto made = std::make_unique<Service>(std::move(store), clock_, configuration, mint_, entropy_);
    made->context.signer = &signer_;
    made->context.letters = &desk_;
    return made;
}

World::World() : configuration(made_configuration()), desk_(sure(tools::letters::Desk::open(configuration, mint_))) {
    fill_store();
    clock_.advance(std::chrono::hours{1}); // a visit may be asked for again
}

World::~World() = default;

void World::fill_store() {
    const auto service = open(made_.path());
    const auto done = service->store->write([&](WriteTxn& txn) -> Result<> {
        prove(txn, mint_.make().id, suspect, exit_of_it);
        prove(txn, mint_.make().id, *Address::parse("2a02:1::1"), *Address::parse("2a02:1::1"));
        visit(txn, suspect, true);
        visit(txn, running, false);
        report(txn);
        write_letter(txn, mint_.make().id);
        administrate(txn);
        return {};
    });
    require(done.has_value(), "the list can be made", done ? "" : done.error().message);
}

void World::renew() {
    if (changed_) {
        service_.reset(); // LMDB's environment is open once
        for (const auto& file : std::filesystem::directory_iterator{made_.path()})
            std::filesystem::copy_file(file.path(), used_.path() / file.path().filename(),
                                       std::filesystem::copy_options::overwrite_existing);
        service_ = open(used_.path());
        service_->journal.catch_up();
        changed_ = false;
    }
    entropy_.begin_anew();
    service_->router.emplace(service_->context);
}

api::Response World::answer(api::Answer what) {
    if (auto* const write = std::get_if<api::Write>(&what)) {
        const auto committed = service_->store->write(std::move(write->work));
        changed_ = true;
        return write->respond(committed);
    }
    if (const auto* const follow = std::get_if<api::Follow>(&what)) {
        api::ScanFeed feed{service_->context, *follow};
        check_events(feed.next());
        check_events(feed.next());
        return {};
    }
    return std::get<api::Response>(what);
}

void World::ask(const api::Request& request) {
    auto what = service_->router->handle(request);
    if (std::holds_alternative<api::Follow>(what)) {
        (void)answer(std::move(what));
        return;
    }
    const auto response = answer(std::move(what));
    check(response, request);
    // Who has it already is not sent it again (RFC 9110 13.1.2).
    if (request.method != "GET" || response.status != 200) return;
    const auto tag = std::find_if(response.headers.begin(), response.headers.end(),
                                  [](const auto& one) { return one.first == "ETag"; });
    if (tag == response.headers.end()) return;
    auto again = request;
    again.headers = {{"if-none-match", tag->second}};
    const auto second = answer(service_->router->handle(again));
    require(second.status == 304 && second.body.empty(), "what is known is not sent again", request.target);
}

} // namespace provenbl::fuzz
