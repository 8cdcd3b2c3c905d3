#include "tools/cli/syntax/syntax.hpp"

#include <vector>

namespace provenbl::tools::cli {

void Syntax::define_for_owners() {
    auto* const lookup = client("lookup", "Say whether a host is listed, and for what; of many hosts, in a line each",
                                "provenbl lookup 198.51.100.7", [this](Session& session) { return look_up(session); });
    lookup->add_option("address", given_.addresses, "IPv4 or IPv6 addresses")->required();
    auto* const evidence =
        about_host("evidence", "Show what was proven of a host: the conversation, and what arrived",
                   "provenbl evidence 198.51.100.7 --message", [this](Session& session, const Address& address) {
                       return show_evidence(session, address, given_.with_message);
                   });
    evidence->add_flag("--message", given_.with_message, "Show the messages that arrived, too");
    about_host("why", "Say why a host is listed or not, and what would end it", "provenbl why 198.51.100.7", cli::why);
    about_host("history", "Tell a host's life in order, with journal numbers", "provenbl history 198.51.100.7",
               show_history);
    auto* const fix =
        about_host("fix", "Say how to close what was proven of a host, for the software seen there",
                   "provenbl fix 198.51.100.7 --server http://bl.example:80", with_address(given_.fix, cli::fix));
    fix->add_option("--software", given_.fix.software, "What really runs there: squid, postfix ...");
    fix->add_option("--language", given_.fix.language, "Of the guide, where it is translated; English without");
    auto* const receipt = about_host("receipt", "A signed statement of how a host stood at a time",
                                     "provenbl receipt 198.51.100.7 --at 2026-11-01T12:00:00Z -o receipt.json",
                                     with_address(given_.receipt, cli::receipt));
    receipt->add_option("--at", given_.receipt.at, "When (RFC 3339); now without");
    receipt->add_option("-o,--out", given_.receipt.out, "Write it to this file");
    auto* const verify = command("verify-receipt", "Check a receipt with the issuer's public key; asks nobody",
                                 "provenbl verify-receipt receipt.json --key BASE64", [this](Terminal& terminal) {
                                     return cli::verify_receipt(terminal, given_.verify, given_.json);
                                 });
    verify->add_option("file", given_.verify.file, "The receipt")->required();
    verify->add_option("--key", given_.verify.key, "The issuer's public key, or a file with it")->required();
    about_host("delist", "Ask for a look at a listed host now, and follow it to its end",
               "provenbl delist 198.51.100.7 --server http://bl.example:80", cli::delist);
    client("selftest", "Have the address that you ask from looked at, listed or not, and follow it to its end",
           "provenbl selftest --server https://bl.example", cli::self_test);
}

Exit Syntax::look_up(Session& session) const {
    std::vector<Address> addresses;
    for (const auto& text : given_.addresses) {
        const auto address = Address::parse(text);
        if (!address) {
            session.terminal.complain(address.error().message);
            return Exit::usage;
        }
        addresses.push_back(*address);
    }
    return addresses.size() == 1 ? cli::lookup(session, addresses.front()) : cli::lookup_many(session, addresses);
}

} // namespace provenbl::tools::cli
