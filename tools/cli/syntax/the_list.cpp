#include "tools/cli/syntax/syntax.hpp"

namespace provenbl::tools::cli {

void Syntax::define_for_the_list() {
    auto* const list =
        about_host("list", "List a host by hand, without proof, where policy.manual_listing allows it",
                   "provenbl list 198.51.100.7 --class relay --reason 'sends spam, answers nobody' --expires 7d",
                   with_address(given_.manual, list_manually));
    list->add_option("--class", given_.manual.cls, "What it is listed as: relay, socks, http ...")->required();
    list->add_option("--reason", given_.manual.reason, "Why, in words that everybody may read")->required();
    list->add_option("--expires", given_.manual.expires, "When it ends: 7d, or a time (RFC 3339)")->required();
    list->add_option("--by", given_.manual.by, "Who answers for it; not shown to the public");

    auto* const unlist =
        about_host("unlist", "Take back what was listed by hand", "provenbl unlist 198.51.100.7 --note 'a mistake'",
                   with_address(given_.manual, end_manual));
    unlist->add_option("--note", given_.manual.reason, "Why, in words that everybody may read")->required();
    unlist->add_option("--by", given_.manual.by, "Who decided it; not shown to the public");

    auto* const purge = client("purge", "Take back a bad batch of listings, with a public note",
                               "provenbl purge --since 2026-11-01 --technique smtp-relay/ --note 'our sink "
                               "accepted what it should not' --dry-run",
                               [this](Session& session) { return run_purge(session); });
    auto& batch = given_.purge;
    purge->add_option("--since", batch.since, "Proven, or listed by hand, from this time on (RFC 3339)");
    purge->add_option("--until", batch.until, "... up to this time; now without");
    purge->add_option("--technique", batch.technique, "Proven by this technique; smtp-relay/ is all that begin so");
    purge->add_option("--reporter", batch.reporter, "Hosts that this reporter named");
    purge->add_option("--actor", batch.actor, "Listed by hand by this person; 'verifier' for what was proven");
    purge->add_option("--prefix", batch.prefix, "Inside this prefix");
    purge->add_option("--note", batch.note, "What went wrong: everybody can read it");
    purge->add_option("--by", batch.by, "Who decided it; not shown to the public");
    purge->add_option("--resume", batch.resume, "Go on with the purge of this number, and nothing else");
    purge->add_flag("--dry-run", batch.dry_run, "Say what would be purged, and change nothing");

    auto* const shut = client("shutdown-list", "Empty the zones and take no more reports (RFC 6471 3.4)",
                              "provenbl shutdown-list --note 'We close on 1 May; please take us out of your "
                              "configuration'",
                              [this](Session& session) { return shut_down_list(session, given_.note); });
    shut->add_option("--note", given_.note.note, "Why: everybody can read it")->required();
    shut->add_option("--by", given_.note.by, "Who decided it; not shown to the public");
    auto* const resume =
        client("resume-list", "Open the list again after shutdown-list", "provenbl resume-list --note 'back again'",
               [this](Session& session) { return resume_list(session, given_.note); });
    resume->add_option("--note", given_.note.note, "What everybody can read about it");
    resume->add_option("--by", given_.note.by, "Who decided it; not shown to the public");
    client("notices", "Show what was told to everybody: purges, the list's end and return", "provenbl notices",
           show_notices);
}

Exit Syntax::run_purge(Session& session) {
    const auto& batch = given_.purge;
    if (batch.resume == 0 && !batch.dry_run && batch.note.empty()) {
        session.terminal.complain("say with --note what went wrong: it is shown to everybody");
        return Exit::usage;
    }
    return purge(session, batch);
}

void Syntax::define_exclusion_requests() {
    const auto group =
        begin_group("exclusion", "Requests of owners and networks to be left alone", "provenbl exclusion requests");
    auto& request = given_.decide;
    const auto decides = [&](CLI::App* sub) {
        sub->add_option("id", request.id, "Its number, as `provenbl exclusion requests` shows it")->required();
        sub->add_option("--by", request.by, "Who decided it; not shown to the public");
        return sub;
    };
    auto* const requests =
        client("requests", "Show the requests that wait for an answer", "provenbl exclusion requests",
               [this](Session& session) { return list_exclusion_requests(session, given_.list); });
    requests->add_flag("--all", given_.list, "Those that were answered, too");
    auto* const accept = decides(client("accept", "Exclude what was asked for, at once",
                                        "provenbl exclusion accept 17 --until 2027-01-01T00:00:00Z",
                                        [this](Session& session) { return accept_exclusion(session, given_.decide); }));
    accept->add_option("--until", request.until, "When it ends (RFC 3339, or 90d); for good without");
    accept->add_option("--reason", request.reason, "Why, in words that may be published");
    auto* const refuse = decides(client("refuse", "Refuse it, and say why",
                                        "provenbl exclusion refuse 17 --reason 'it is an open relay'",
                                        [this](Session& session) { return refuse_exclusion(session, given_.decide); }));
    refuse->add_option("--reason", request.reason, "Why; the requester reads it")->required();
}

} // namespace provenbl::tools::cli
