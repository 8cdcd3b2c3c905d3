#include "tools/cli/keeping.hpp"

#include "store/backup.hpp"
#include "store/check.hpp"
#include "store/lock_file.hpp"
#include "store/restore.hpp"
#include "store/retention.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/publishing.hpp"
#include "tools/cli/static_files.hpp"
#include "tools/cli/store_place.hpp"
#include "tools/transfer/export_lines.hpp"
#include "tools/transfer/import_lines.hpp"
#include "zones/export/format.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

// What the options of these commands write to.
struct Keeping {
    StorePlace place;
    std::string target;
    std::string backup;
    std::string directory;
    std::uint64_t serial_at_least = 0;
    bool advance = false;
    bool allow_back = false;
    bool repair = false;
    bool dry_run = false;
    std::string format = "json"; // of import
    std::vector<std::string> sources;
    std::string type;
    ZoneExport zone; // and of both exports
    VerifyExport verify;
    std::string subject;
    std::uint64_t since = 0;
    bool with_private = false;
    std::uint64_t error_limit = 100;
    std::uint64_t finding_limit = 1000;
};

Exit fail(Terminal& terminal, const Error& error) {
    terminal.complain(printable(error.message));
    return error.code == Errc::invalid ? Exit::usage : exit_of(error.code);
}

json::object manifest_object(const BackupManifest& manifest) {
    json::object entries;
    for (const auto& [name, count] : manifest.entries) entries[name] = count;
    return {{"schema", manifest.schema}, {"serial", manifest.serial}, {"made", to_string(manifest.made)},
            {"bytes", manifest.bytes},   {"sha256", manifest.sha256}, {"entries", std::move(entries)}};
}

std::string mebibytes(std::uint64_t bytes) {
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

Exit run_backup(const Keeping& given, Terminal& terminal, bool json) {
    const SystemClock clock;
    const auto store = open_to_read(given.place, clock, terminal);
    if (!store) return Exit::usage;
    Progress progress{terminal};
    const auto done = backup::make(**store, given.target, clock, [&](std::uint64_t at, std::uint64_t of) {
        progress.say([&] { return fmt::format("{} written, of at most {}", mebibytes(at), mebibytes(of)); });
    });
    if (!done) return fail(terminal, done.error());
    if (json) {
        auto object = manifest_object(done->manifest);
        object["file"] = done->file.string();
        object["grown"] = done->grown;
        terminal.line(json::serialize(object));
        return Exit::done;
    }
    terminal.line(Colour::green, fmt::format("{}: {}, serial {}", done->file.string(), mebibytes(done->manifest.bytes),
                                             done->manifest.serial));
    if (done->grown > 0)
        terminal.line(
            fmt::format("The live file grew by {} meanwhile; that space is used again.", mebibytes(done->grown)));
    return Exit::done;
}

Exit run_restore(const Keeping& given, Terminal& terminal, bool json) {
    const SystemClock clock;
    backup::RestoreOptions options;
    options.file = given.backup;
    options.directory = given.directory;
    options.serial_at_least = given.serial_at_least;
    options.rule = given.advance      ? backup::SerialRule::advance
                   : given.allow_back ? backup::SerialRule::allow_back
                                      : backup::SerialRule::refuse;
    Progress progress{terminal};
    const auto done = backup::restore(options, clock, [&](std::uint64_t at, std::uint64_t of) {
        progress.say([&] { return fmt::format("{} of {} unpacked", mebibytes(at), mebibytes(of)); });
    });
    if (!done) return fail(terminal, done.error());
    if (json) {
        json::object object{{"directory", given.directory}, {"serial", done->serial}, {"kept", done->kept.string()}};
        object["manifest"] = manifest_object(done->manifest);
        if (done->serial_before) object["serial_before"] = *done->serial_before;
        terminal.line(json::serialize(object));
        return Exit::done;
    }
    terminal.line(Colour::green, fmt::format("{} holds the backup of {}, serial {}", given.directory,
                                             to_string(done->manifest.made), done->serial));
    if (!done->kept.empty()) terminal.line(fmt::format("What was there is kept in {}.", done->kept.string()));
    if (done->serial != done->manifest.serial)
        terminal.line("The serial was moved on: secondaries fetch the whole list.");
    return Exit::done;
}

Result<std::unique_ptr<Store>> open_to_check(const Keeping& given, const Clock& clock, LockFile& api,
                                             Terminal& terminal) {
    StoreOptions options;
    if (!given.backup.empty()) {
        // A backup's own digest first: what LMDB would stumble over is told as what it is.
        if (auto whole = backup::verify(given.backup); !whole) return whole.error();
        options.directory = given.backup;
        options.single_file = true;
        options.initial_map_size = 0;
        return Store::open(options, clock);
    }
    const auto directory = directory_of(given.place, terminal);
    if (!directory) return directory.error();
    options.directory = *directory;
    options.read_only = !given.repair;
    if (!given.repair) return Store::open(options, clock);
    auto lock = LockFile::take(*directory, "api");
    if (!lock) return lock.error();
    api = std::move(*lock);
    return Store::open(options, clock, "verifier");
}

Exit run_check(const Keeping& given, Terminal& terminal, bool json) {
    if (given.repair && !given.backup.empty()) {
        terminal.complain("a backup is not repaired; restore it, then check --repair the data directory");
        return Exit::usage;
    }
    const SystemClock clock;
    LockFile api;
    const auto store = open_to_check(given, clock, api, terminal);
    if (!store) return fail(terminal, store.error());
    Progress progress{terminal};
    std::uint64_t told = 0;
    check::Options options;
    options.repair = given.repair;
    options.progress = [&](std::string_view table, std::uint64_t done, std::uint64_t of) {
        progress.say([&] { return fmt::format("{}: {} of {}", table, done, of); });
    };
    options.finding = [&](const check::Finding& finding) {
        if (++told > given.finding_limit) return;
        if (json) {
            terminal.line(json::serialize(json::object{{"event", "finding"},
                                                       {"table", finding.table},
                                                       {"key", finding.key},
                                                       {"what", printable(finding.what)},
                                                       {"repairable", finding.repairable}}));
        } else {
            terminal.line(finding.repairable ? Colour::yellow : Colour::red,
                          fmt::format("{}{}{}: {}", finding.table, finding.key.empty() ? "" : " ", finding.key,
                                      printable(finding.what)));
        }
    };
    const auto summary = check::run(**store, options, clock.now());
    if (!summary) return fail(terminal, summary.error());
    if (json) {
        terminal.line(json::serialize(json::object{{"event", "summary"},
                                                   {"records", summary->records},
                                                   {"serial", summary->serial},
                                                   {"findings", summary->findings},
                                                   {"repairable", summary->repairable},
                                                   {"repaired", summary->repaired},
                                                   {"unfinished", summary->unfinished}}));
    } else if (summary->findings == 0) {
        terminal.line(Colour::green,
                      fmt::format("{} records, serial {}: all is well", summary->records, summary->serial));
    } else {
        if (told > given.finding_limit) terminal.line(fmt::format("... and {} more", told - given.finding_limit));
        terminal.line(Colour::bold,
                      fmt::format("{} records, serial {}: {} findings, {} of them repairable, {} repaired",
                                  summary->records, summary->serial, summary->findings, summary->repairable,
                                  summary->repaired));
        if (summary->unfinished) terminal.line("More is to be repaired than fits one run: run it again.");
        if (!given.repair && summary->repairable > 0)
            terminal.line("Stop the server and run `provenbl check --repair` to make the derived tables again.");
        if (summary->findings > summary->repairable)
            terminal.line("What can't be repaired is a reason to restore a backup.");
    }
    return summary->findings == summary->repaired ? Exit::done : Exit::failed;
}

Exit run_prune(const Keeping& given, Terminal& terminal, bool json) {
    constexpr std::size_t at_once = 1000;
    const SystemClock clock;
    const auto configuration = configuration_or_complaints(terminal, given.place.file, Role::api);
    if (!configuration) return Exit::usage;
    auto options = configuration->store;
    if (!given.place.directory.empty()) options.directory = given.place.directory;
    options.read_only = given.dry_run;
    // Beside a server that runs: LMDB lets one write at a time, and a piece is short.
    const auto store = Store::open(options, clock);
    if (!store) return fail(terminal, store.error());
    if (!given.dry_run && (*store)->read(provenbl::transfer::unfinished))
        return fail(terminal, provenbl::transfer::unfinished_error());
    Progress progress{terminal};
    retention::Round round;
    const auto& rules = configuration->retention;
    for (bool more = true; more;) {
        if (given.dry_run) {
            more = (*store)->read([&](const ReadTxn& txn) { return round.count(txn, rules, clock.now(), at_once); });
        } else {
            auto next = round;
            const auto written = (*store)->write([&](WriteTxn& txn) -> Result<> {
                next = round; // a piece may run twice
                more = next.forget(txn, rules, at_once);
                return {};
            });
            if (!written) return fail(terminal, written.error());
            round = next;
        }
        progress.say([&] { return fmt::format("{} records so far", round.counts().all()); });
    }
    const auto& counts = round.counts();
    if (json) {
        terminal.line(json::serialize(json::object{{"dry_run", given.dry_run},
                                                   {"evidence", counts.evidence},
                                                   {"scans", counts.scans},
                                                   {"reports", counts.reports},
                                                   {"hosts", counts.hosts},
                                                   {"journal", counts.journal}}));
    } else {
        terminal.line(fmt::format(
            "{}: {} evidence, {} visits, {} reports, {} hosts; {} entries of the journal became audit lines",
            given.dry_run ? "Would be forgotten" : "Forgotten", counts.evidence, counts.scans, counts.reports,
            counts.hosts, counts.journal));
    }
    return Exit::done;
}

// One command for two things: the operator's data, which are his alone, and a zone, which is published. What is meant
// is said by --zone and nothing else; whatever belongs to the other one is refused.
Exit run_export(const Keeping& given, Terminal& terminal, bool json) {
    const auto wrong = [&](std::string_view what) {
        terminal.complain(what);
        return Exit::usage;
    };
    const auto& zone = given.zone;
    if (!zone.zone.empty()) {
        if (!given.target.empty()) return wrong("a zone goes to --output FILE; FILE alone is for the store");
        if (given.since != 0 || given.with_private)
            return wrong("--since and --private are of the store, not of a zone");
        if (zone.output.empty()) return wrong("say with --output FILE where the zone goes; - for standard output");
        return export_zone(given.place, zone, terminal, json);
    }
    if (!zone.output.empty() || zone.delta || !zone.set.empty() || !zone.rpz_action.empty() ||
        !zone.rpz_trigger.empty())
        return wrong("say with --zone ZONE which zone is published");
    if (!zone.format.empty() && zone.format != "json")
        return wrong("the store is written as json only; say with --zone ZONE which zone is published as " +
                     zone.format);
    if (given.target.empty()) return wrong("name a FILE for the store, or say --zone ZONE and --output FILE");
    const SystemClock clock;
    const auto store = open_to_read(given.place, clock, terminal);
    if (!store) return Exit::usage;
    std::ofstream file;
    if (given.target != "-") {
        // Not over another export: half of this one in its place would be worse than none.
        if (std::filesystem::exists(given.target))
            return fail(terminal, {Errc::conflict, given.target + " is there already; name another file"});
        file.open(given.target, std::ios::binary);
        if (!file) return fail(terminal, {Errc::io, given.target + " can't be written; name another file"});
    }
    Progress progress{terminal};
    transfer::LineSink sink(given.target == "-" ? std::cout : file, given.with_private, [&](std::uint64_t records) {
        progress.say([&] { return fmt::format("{} records", records); });
    });
    const auto sent = provenbl::transfer::send(**store, given.since, clock.now(), sink);
    if (!sent) return fail(terminal, sent.error());
    terminal.complain(fmt::format("{} records exported", sink.records()));
    return Exit::done;
}

Exit run_import(const Keeping& given, Terminal& terminal, bool json) {
    std::ifstream file;
    if (given.target != "-") {
        file.open(given.target, std::ios::binary);
        if (!file) return fail(terminal, {Errc::not_found, given.target + " can't be read"});
    }
    const SystemClock clock;
    const auto directory = directory_of(given.place, terminal);
    if (!directory) return fail(terminal, directory.error());
    std::error_code failed;
    std::filesystem::create_directories(*directory, failed); // Store::open says what is wrong with it
    const auto lock = LockFile::take(*directory, "api");
    if (!lock) return fail(terminal, lock.error());
    StoreOptions options;
    options.directory = *directory;
    const auto store = Store::open(options, clock, "verifier");
    if (!store) return fail(terminal, store.error());
    Progress progress{terminal};
    transfer::ImportOptions how;
    how.error_limit = given.error_limit;
    how.refused = [&](std::uint64_t line, const std::string& reason) {
        terminal.complain(fmt::format("line {}: {}", line, printable(reason)));
    };
    how.progress = [&](std::uint64_t records) { progress.say([&] { return fmt::format("{} records", records); }); };
    const auto done = transfer::import_lines(**store, given.target == "-" ? std::cin : file, how);
    if (!done) return fail(terminal, done.error());
    if (json) {
        terminal.line(json::serialize(json::object{{"records", done->records},
                                                   {"skipped", done->skipped},
                                                   {"refused", done->refused},
                                                   {"serial", done->serial},
                                                   {"complete", done->complete}}));
    } else {
        terminal.line(fmt::format("{} records imported{}, serial {}", done->records,
                                  done->skipped > 0 ? fmt::format(" ({} were there already)", done->skipped) : "",
                                  done->serial));
        if (!done->complete)
            terminal.line(
                fmt::format("{} lines were refused: correct them and import the same file again; the store is "
                            "not complete before.",
                            done->refused));
    }
    return done->complete ? Exit::done : Exit::failed;
}

Exit run_import_of(const Keeping& given, Terminal& terminal, bool json) {
    if (given.format == "rbldnsd")
        return import_rbldnsd({given.type, given.sources, given.error_limit}, terminal, json);
    if (given.sources.size() != 1 || !given.type.empty()) {
        terminal.complain("JSON lines come from one file, and have no --type");
        return Exit::usage;
    }
    auto one = given;
    one.target = given.sources.front();
    return run_import(one, terminal, json);
}

template <class Enum, std::size_t count> std::vector<std::string> names_of(const std::array<Enum, count>& all) {
    std::vector<std::string> names;
    for (const auto one : all) names.emplace_back(to_string(one));
    return names;
}

} // namespace

void define_keeping(const AddCommand& add, const std::string& default_configuration, const bool& json) {
    const auto given = std::make_shared<Keeping>();
    given->place.file = default_configuration;
    const auto command = [&](const std::string& name, const std::string& purpose, const std::string& example,
                             Exit (*action)(const Keeping&, Terminal&, bool)) {
        return add(name, purpose, example,
                   [given, action, &json](Terminal& terminal) { return action(*given, terminal, json); });
    };
    const auto add_place = [&](CLI::App* sub) {
        sub->add_option("-c,--config", given->place.file, "The configuration file, for its data_directory")
            ->capture_default_str();
        sub->add_option("--data", given->place.directory, "The data directory, instead");
    };

    auto* const backup = command("backup", "Copy the whole store, while the server runs",
                                 "provenbl backup /var/backups/provenbl", run_backup);
    backup->add_option("target", given->target, "A file that is not there yet, or a directory")->required();
    add_place(backup);

    auto* const restore = command("restore", "Put a backup in the place of a store; the server is stopped",
                                  "provenbl restore bl.backup --to /var/lib/provenbl", run_restore);
    restore->add_option("file", given->backup, "The backup")->required();
    restore->add_option("--to", given->directory, "The data directory; what is there is kept as data.mdb.before")
        ->required();
    restore->add_option("--serial-at-least", given->serial_at_least, "The serial that secondaries have seen");
    auto* const advance =
        restore->add_flag("--advance-serial", given->advance, "Move the serial on past what was seen");
    restore->add_flag("--allow-serial-back", given->allow_back, "Nobody has seen the later serials")->excludes(advance);

    auto* const check = command("check", "Verify every table against every other; also while the server runs",
                                "provenbl check --data /var/lib/provenbl", run_check);
    check->add_flag("--repair", given->repair, "Make the derived tables again; the server is stopped");
    check->add_option("--backup", given->backup, "Check this backup, not the data directory");
    check->add_option("--findings", given->finding_limit, "Show at most so many")->capture_default_str();
    add_place(check);

    auto* const out = command("export", "Write the store as JSON lines, or publish a zone (--zone); the server may run",
                              "provenbl export provenbl.jsonl --private\n  "
                              "provenbl export --zone bl.example --format rbldnsd --output bl.example.rbldnsd",
                              run_export);
    out->add_option("file", given->target, "The store: a file that is not there yet, or - for standard output");
    out->add_option("--format", given->zone.format, "The store: json, one object a line. A zone: one of these")
        ->check(CLI::IsMember(names_of(zones::exports::all_formats)));
    out->add_option("--zone", given->zone.zone, "Publish this zone, with a signed manifest, instead of the store");
    out->add_option("--output", given->zone.output,
                    "A zone: the file, replaced when the new one is whole; - without "
                    "manifest to standard output");
    out->add_option("--delta", given->zone.delta, "A zone: only what has changed since this serial");
    out->add_option("--rpz-action", given->zone.rpz_action, "Format rpz: what the resolver does")
        ->check(CLI::IsMember(names_of(zones::rpz::all_actions)));
    out->add_option("--rpz-trigger", given->zone.rpz_trigger, "Format rpz: whose address is looked for in the list")
        ->check(CLI::IsMember(names_of(zones::rpz::all_triggers)));
    out->add_option("--set", given->zone.set, "Formats nftables and ipset: the sets are NAME_4 and NAME_6");
    out->add_option("--since", given->since, "The store: only what has changed after this serial");
    out->add_flag("--private", given->with_private,
                  "The store: also tokens, transcripts and mails, who reported, what they said, and which operator "
                  "acted: a secret");
    add_place(out);

    auto* const in =
        command("import",
                "Read JSON lines into a store, the server stopped; or check rbldnsd's files and say how to "
                "serve them",
                "provenbl import provenbl.jsonl --data /var/lib/provenbl\n"
                "  provenbl import --format rbldnsd --type ip4set /var/lib/rbldns/list\n"
                "  provenbl import --format rbldnsd bl.example:ip4set:list,more bl.example:generic:names",
                run_import_of);
    in->add_option("file", given->sources,
                   "What export wrote, or - for standard input; of rbldnsd files, or zone:type:file,file")
        ->required();
    in->add_option("--format", given->format, "json: one object a line; rbldnsd: data files of rbldnsd")
        ->check(CLI::IsMember({"json", "rbldnsd"}))
        ->capture_default_str();
    in->add_option("--type", given->type, "Of rbldnsd's files: ip4set, ip4trie, ip6trie, dnset, ...; they are one set");
    in->add_option("--errors", given->error_limit, "Stop after so many refused lines")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
        ->capture_default_str();
    add_place(in);

    auto* const verify =
        command("verify-export", "Check a published file against its signed manifest, without a server",
                "provenbl verify-export bl.example.rbldnsd --key bl.example.pem",
                [](const Keeping& what, Terminal& terminal, bool as_json) {
                    return verify_export(what.verify, terminal, as_json);
                });
    verify->add_option("file", given->verify.file, "The file")->required();
    verify->add_option("--manifest", given->verify.manifest, "Its manifest; FILE.manifest.json without");
    verify->add_option("--key", given->verify.key, "The list's public key: a file, or the key itself in base64")
        ->required();

    auto* const signing_key = command("signing-key", "Show the public key that exports are signed with",
                                      "provenbl signing-key show > bl.example.pem",
                                      [](const Keeping& what, Terminal& terminal, bool as_json) {
                                          return show_signing_key(what.place, terminal, as_json);
                                      });
    signing_key->add_option("what", given->subject, "show")->required()->check(CLI::IsMember({"show"}));
    add_place(signing_key);

    auto* const prune = command("prune", "Forget now what the retention rules say, as the server does by itself",
                                "provenbl prune --dry-run", run_prune);
    prune->add_flag("--dry-run", given->dry_run, "Only count");
    add_place(prune);
}

} // namespace provenbl::tools::cli
