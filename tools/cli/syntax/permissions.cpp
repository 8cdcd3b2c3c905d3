#include "tools/cli/syntax/syntax.hpp"

#include <cstdint>

namespace provenbl::tools::cli {

void Syntax::define_reporters() {
    const auto group = begin_group("reporter", "Who may report with a key: add, list, limits, revoke",
                                   "provenbl reporter add alice --per-day 200");
    auto& request = given_.reporter;
    const auto named = [&](CLI::App* sub) {
        sub->add_option("name", request.name, "Its name: a-z, 0-9, '-', '_', '.'")->required();
        return sub;
    };
    const auto limited = [&](CLI::App* sub) {
        sub->add_option("--per-hour", request.per_hour, "Reports in an hour; 0: no limit");
        sub->add_option("--per-day", request.per_day, "Reports in a day; 0: no limit");
        sub->add_option("--note", request.note, "Who it is; not shown to the public");
        sub->add_flag("--trap", request.trap, "A trap of ours: its reports count as our own evidence");
    };
    limited(named(client("add", "Let somebody report, with a key that is shown once",
                         "provenbl reporter add alice --per-day 200 --note 'abuse desk of example.net'",
                         [this](Session& session) { return add_reporter(session, given_.reporter); })));
    client("list", "Show them, with standing and limits", "provenbl reporter list",
           [](Session& session) { return list_reporters(session); });
    auto* const limits =
        named(client("limits", "Change limits, or forgive", "provenbl reporter limits alice --per-hour 20 --forgive",
                     [this](Session& session) { return change_reporter(session, given_.reporter); }));
    limited(limits);
    limits->add_flag("--no-trap", request.no_trap, "No trap any longer")->excludes("--trap");
    limits->add_flag("--forgive", request.forgive, "Set the standing to what it began with");
    named(client("revoke", "Its key is worth nothing from now on", "provenbl reporter revoke alice",
                 [this](Session& session) { return revoke_reporter(session, given_.reporter); }));
}

void Syntax::define_keys() {
    const auto group = begin_group("key", "Access keys: labels that customers ask below, with a quota",
                                   "provenbl key add example-corp --per-day 1000000");
    auto* const add =
        client("add", "Make a key, and show it once", "provenbl key add example-corp --per-second 50 --per-day 1000000",
               [this](Session& session) { return cli::add_key(session, given_.key); });
    add->add_option("name", given_.key.name, "Whose it is: letters, digits, '-', '_' and '.'")->required();
    add->add_option("--per-second", given_.key.per_second, "Questions a second; no limit without")
        ->check(CLI::Range(1, 100'000'000));
    add->add_option("--per-day", given_.key.per_day, "Questions a day (UTC); no limit without")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
    add->add_option("--note", given_.key.note, "What else you want to know of it");
    client("list", "Show the keys, and what they have used today", "provenbl key list", cli::list_keys);
    auto* const revoke =
        client("revoke", "Take a key out of force, within a second", "provenbl key revoke example-corp",
               [this](Session& session) { return cli::revoke_key(session, given_.key.name); });
    revoke->add_option("name", given_.key.name, "Whose it is")->required();
}

void Syntax::define_mirrors() {
    const auto group = begin_group("mirror", "Mirrors: other servers that take whole zones and answer too",
                                   "provenbl mirror add ns2 --kind bind --address 198.51.100.53");
    auto& request = given_.mirror;
    const auto named = [&](CLI::App* sub) {
        sub->add_option("name", request.name, "Its name: a-z, 0-9 and '-'")->required();
        return sub;
    };
    auto* const add = named(client("add", "Make a key for a mirror, and print what belongs into its configuration",
                                   "provenbl mirror add ns2 --kind bind --address 198.51.100.53 > ns2.conf",
                                   [this](Session& session) { return cli::add_mirror(session, given_.mirror); }));
    add->add_option("--kind", request.kind, "What serves there")
        ->required()
        ->check(CLI::IsMember({"bind", "nsd", "knot", "pdns", "rbldnsd"}));
    add->add_option("--address", request.addresses,
                    "Where it listens, such as 198.51.100.53 or [2001:db8::53]:5353 (may be repeated)");
    add->add_option("--from", request.from,
                    "Networks that its transfers must come from; anywhere without: its key will do");
    add->add_option("--zone", request.zones, "Only this zone (may be repeated); every open list without");
    add->add_option("--algorithm", request.algorithm, "Of its key")
        ->check(CLI::IsMember({"hmac-sha256", "hmac-sha384", "hmac-sha512"}));
    add->add_flag("--tls", request.tls,
                  "Its transfers go over TLS (RFC 9103), and no other way; for bind and nsd, with dns.tls.listen");
    add->add_option("--note", request.note, "What else you want to know of it");
    client("list", "Show the mirrors", "provenbl mirror list", cli::list_mirrors);
    named(client("show", "Print a mirror's configuration again, with its key", "provenbl mirror show ns2",
                 [this](Session& session) { return cli::show_mirror(session, given_.mirror.name); }));
    named(client("remove", "Its key is worth nothing within a second", "provenbl mirror remove ns2",
                 [this](Session& session) { return cli::remove_mirror(session, given_.mirror.name); }));
    auto* const status =
        client("status", "Ask each mirror how far it is", "provenbl mirror status --max-lag 60",
               [this](Session& session) { return cli::mirror_status(session, given_.mirror, around_.ask_serial); });
    status->add_option("name", request.name, "Only this one");
    status->add_flag("--known", request.known, "What the daemon found out already, without asking anybody");
    status->add_option("--max-lag", request.most_seconds, "Seconds that a mirror may be behind")->capture_default_str();
}

} // namespace provenbl::tools::cli
