#include "tools/cli/report_file.hpp"
#include "tools/cli/syntax/syntax.hpp"
#include "tools/cli/top.hpp"

#include <iostream>
#include <string_view>

namespace provenbl::tools::cli {

void Syntax::define_for_operators() {
    auto* const report = client("report", "Report a host, or a list of hosts: they will be visited",
                                "provenbl report 198.51.100.7 --port 25 --comment 'spam run' --follow",
                                [this](Session& session) { return run_report(session); });
    auto* const one = report->add_option("address", given_.address, "An IPv4 or IPv6 address");
    report->add_option("--file", given_.list_file, "A list instead: addresses, CSV or JSON lines; - for standard input")
        ->excludes(one);
    report->add_option("--port", given_.report.ports, "A port to try first (may be repeated)")
        ->check(CLI::Range(1, 65535));
    report->add_option("--comment", given_.report.comment, "Why; never shown to the public");
    report->add_flag("--follow", given_.report.follow, "Follow the visit to its end");
    auto* const mail = report->add_flag("--mail", given_.by_mail,
                                        "A mail on standard input instead, for aliases and pipes of mail servers; the "
                                        "exit status is one of sysexits.h (75: try again)");
    mail->excludes(one)->excludes("--file");
    report
        ->add_option("--to", given_.mail.to,
                     "Of the mail: its address (intake.mail.addresses); without, RECIPIENT of the environment")
        ->needs(mail);
    report
        ->add_option("--lmtp", given_.mail.lmtp,
                     "Of the mail: intake.mail.socket (unix:/path) or .listen (address:port)")
        ->needs(mail)
        ->capture_default_str();

    auto* const exclude =
        client("exclude", "Never probe and never list a prefix; list or remove what is excluded",
               "provenbl exclude 198.51.100.0/24 --reason 'asked by its owner' --until 2027-01-01T00:00:00Z",
               [this](Session& session) { return run_exclude(session); });
    exclude->add_option("prefix", given_.exclude.prefix, "An address or a prefix");
    exclude->add_option("--reason", given_.exclude.reason, "Why, in words that may be published");
    exclude->add_option("--until", given_.exclude.until, "When it ends (RFC 3339); for good without");
    exclude->add_option("--by", given_.exclude.by, "Who decided it");
    exclude->add_flag("--list", given_.list, "List what is excluded");
    exclude->add_flag("--remove", given_.exclude.remove, "Exclude it no longer");

    define_keys();
    define_mirrors();

    client("status", "Say how the server is", "provenbl status --json", cli::status);
    auto* const top = client("top", "Show a running server live; q leaves", "provenbl top", [this](Session& session) {
        const auto screen = terminal_screen(session.terminal, given_.once || session.json);
        return cli::top(session, *screen);
    });
    top->add_flag("--once", given_.once, "One frame, of one second, as plain lines");
}

Exit Syntax::run_report(Session& session) {
    if (given_.by_mail) return report_mail(session.terminal, given_.mail, std::cin, given_.json);
    if (given_.address.empty() == given_.list_file.empty()) {
        session.terminal.complain("name an address, a list with --file, or --mail");
        return Exit::usage;
    }
    if (given_.list_file.empty()) {
        const auto address = read_address(session.terminal);
        if (!address) return Exit::usage;
        given_.report.address = *address;
        return cli::report(session, given_.report);
    }
    if (!given_.report.ports.empty() || !given_.report.comment.empty() || given_.report.follow) {
        session.terminal.complain("--port, --comment and --follow are of one address; a list says its own");
        return Exit::usage;
    }
    const StopOnSignal signals;
    if (given_.list_file == "-") return report_stream(session, std::cin, StopOnSignal::asked);
    return report_file(session, given_.list_file, StopOnSignal::asked);
}

Exit Syntax::run_exclude(Session& session) {
    auto& request = given_.exclude;
    const auto wrong = [&](std::string_view what) {
        session.terminal.complain(what);
        return Exit::usage;
    };
    if (given_.list) {
        if (!request.prefix.empty()) return wrong("--list takes no prefix");
        return cli::exclude(session, request);
    }
    if (request.prefix.empty()) return wrong("name a prefix such as 198.51.100.0/24, or ask with --list");
    if (const auto prefix = Prefix::parse(request.prefix); !prefix) return wrong(prefix.error().message);
    if (!request.remove && request.reason.empty()) return wrong("say why with --reason: it is shown to those who ask");
    return cli::exclude(session, request);
}

} // namespace provenbl::tools::cli
