// Ways in for reports that are files or mails.
#include "store/ascii.hpp"
#include "tools/config/sections.hpp"

#include <algorithm>

namespace provenbl::tools {

using namespace types;

namespace {

// store/reporters.hpp: what a reporter can be called.
Type<std::string> reporter_name() {
    return scalar<std::string>(
        "a reporter's name such as mail (a-z, 0-9, '-', '_' and '.')",
        [](std::string_view text) -> Result<std::string> {
            const auto good = [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
            };
            if (text.empty() || text.size() > 64 || !std::all_of(text.begin(), text.end(), good))
                return Error{Errc::invalid, fmt::format("'{}' is no name of a reporter", text)};
            if (text == "operator" || text == "anonymous")
                return Error{Errc::invalid, fmt::format("'{}' can't be spoken for by mail", text)};
            return std::string{text};
        },
        [](const std::string& value) { return value; });
}

Type<std::string> lower_mail_address() {
    return scalar<std::string>(
        "a mail address such as spam@bl.example",
        [](std::string_view text) -> Result<std::string> {
            const auto address = parse_mail_address(text);
            if (!address) return address.error();
            return lower(*address);
        },
        [](const std::string& value) { return value; });
}

Type<std::string> trap_address() {
    return scalar<std::string>(
        "a mail address such as old-name@example.net, or @example.net for a whole domain",
        [](std::string_view text) -> Result<std::string> {
            // Any name will do for the check of the domain.
            const auto address =
                parse_mail_address(text.starts_with('@') ? "x" + std::string{text} : std::string{text});
            if (!address) return address.error();
            const auto folded = lower(*address);
            return text.starts_with('@') ? folded.substr(1) : folded;
        },
        [](const std::string& value) { return value; });
}

const Table<intake::MailAddress>& mail_address_settings() {
    using T = intake::MailAddress;
    static const Table<T> table{
        setting<T>("address", lower_mail_address(), PROVENBL_FIELD(address), "Where reports are mailed to."),
        setting<T>("reporter", reporter_name(), PROVENBL_FIELD(reporter),
                   "Whose word they are, with limits and standing of his own (`provenbl reporter`); one that does not "
                   "exist is made."),
        setting<T>("spam", boolean(), PROVENBL_FIELD(spam),
                   "What is mailed there is the spam itself, and no report of it."),
    };
    return table;
}

const Table<intake::MailSettings>& mail_settings() {
    using T = intake::MailSettings;
    static const Table<T> table{
        setting<T>(
            "socket", absolute_path(), PROVENBL_FIELD(socket),
            "A Unix socket where reports are taken by LMTP (RFC 2033), from mail servers of this machine and from "
            "`provenbl report --mail`. Default: none."),
        setting<T>("socket_mode", mode(), PROVENBL_FIELD(socket_mode), "Who may connect to it."),
        setting<T>("listen", list(endpoint(), 16), PROVENBL_FIELD(listen),
                   "The same over TCP, on loopback alone, such as 127.0.0.1:24. Default: none."),
        setting<T>("addresses", list(group(mail_address_settings()), 100), PROVENBL_FIELD(addresses),
                   "The addresses that it takes mail for."),
        setting<T>(
            "trusted_names", list(host_name(), 100), PROVENBL_FIELD(trusted_names),
            "The names of your own mail servers, as they stand in their Received lines: the host that handed the "
            "mail to the first of them is the one that is reported."),
        setting<T>("trusted_networks", list(prefix(), 100, Prefix::of(Address{}, 32)), PROVENBL_FIELD(trusted_networks),
                   "... and their addresses: a mail that comes from there is followed further back."),
        setting<T>("message_limit", types::size(4096, 64ULL << 20U), PROVENBL_FIELD(message_limit), "Largest mail."),
        setting<T>("connection_limit", number<std::size_t>(1, 1000), PROVENBL_FIELD(connection_limit),
                   "Connections at once."),
        setting<T>("timeout", duration(1s, 10min), PROVENBL_FIELD(timeout), "For the next line."),
        setting<T>("session_timeout", duration(1s, 1h), PROVENBL_FIELD(session_timeout), "For a whole connection."),
        setting<T>("bounce", boolean(), PROVENBL_FIELD(bounce),
                   "Refuse mail that makes no report, so that its sender is told. false: take it and log why; for "
                   "addresses that anybody can write to, in anybody's name."),
    };
    return table;
}

bool is_loopback(const Address& address) {
    static const auto loopback4 = *Prefix::parse("127.0.0.0/8");
    return loopback4.contains(address) || address.to_string() == "::1";
}

} // namespace

const Table<Configuration>& intake_settings() {
    using T = Configuration;
    static const Table<T> table{
        setting<T>("folder", absolute_path(), PROVENBL_FIELD(intake.folder),
                   "A folder whose files are lists of hosts to report; they end in done/ or failed/ below it. Whoever "
                   "can write there reports as the operator. Default: none."),
        setting<T>("interval", duration(1s, 1h), PROVENBL_FIELD(intake.interval),
                   "Between two looks; a list is taken when it has not changed between them."),
        setting<T>("mail", group(mail_settings()), PROVENBL_FIELD(intake_mail), "Reports by mail."),
    };
    return table;
}

const Table<verifier::TrapSettings>& trap_settings() {
    using T = verifier::TrapSettings;
    static const Table<T> table{
        setting<T>(
            "addresses", list(trap_address(), 10'000), PROVENBL_FIELD(addresses),
            "Addresses that nobody was ever given, and whose mail comes to the mail sink: it reports the host that "
            "brings it, and proves nothing. Default: none."),
        setting<T>("reporter", reporter_name(), PROVENBL_FIELD(reporter),
                   "Whose word that is (`provenbl reporter`); one that does not exist is made as a trap, which counts "
                   "alone."),
    };
    return table;
}

void check_intake(const Configuration& configuration, Reading& reading) {
    const auto& mail = configuration.intake_mail;
    if (mail.on() && mail.addresses.empty())
        reading.refuse_setting("intake.mail.addresses",
                               "names no address; expected '- {address: spam@bl.example}' for each that takes reports");
    for (std::size_t i = 0; i < mail.addresses.size(); ++i) {
        if (mail.addresses[i].address.empty())
            reading.refuse_setting(fmt::format("intake.mail.addresses[{}]", i),
                                   "has no address; expected '{address: spam@bl.example}'");
        if (mail.addresses[i].reporter == configuration.traps.reporter)
            reading.refuse_setting(fmt::format("intake.mail.addresses[{}].reporter", i),
                                   fmt::format("is '{}', whose word is that of the traps (traps.reporter), and anybody "
                                               "can write a mail; expected another name",
                                               mail.addresses[i].reporter));
    }
    for (std::size_t i = 0; i < mail.listen.size(); ++i) {
        if (!is_loopback(mail.listen[i].address))
            reading.refuse_setting(fmt::format("intake.mail.listen[{}]", i),
                                   "can be reached from other machines, and LMTP asks nobody who he is; expected "
                                   "127.0.0.1 or [::1] with a port");
    }
    const auto& identity = configuration.verifier.identity;
    const auto& traps = configuration.traps.addresses;
    for (std::size_t i = 0; i < traps.size(); ++i) {
        if (traps[i] == "@" + lower(identity.probe_domain) || traps[i] == "@" + lower(identity.mail_exchanger))
            reading.refuse_setting(fmt::format("traps.addresses[{}]", i),
                                   "is where tokens are mailed to; expected single addresses there, or another domain");
    }
}

} // namespace provenbl::tools
