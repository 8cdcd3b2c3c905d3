#include "tools/cli/syntax/syntax.hpp"

namespace provenbl::tools::cli {

void Syntax::define_letters() {
    const auto group = begin_group("letter", "Letters to the owners of listed hosts",
                                   "provenbl letter preview 198.51.100.7 --language de");
    auto* const preview =
        about_host("preview", "Show the letter about a host, without sending it",
                   "provenbl letter preview 198.51.100.7 --language de", with_address(given_.letter, preview_letter));
    preview->add_option("--language", given_.letter.language, "en, de, fr, es, pt, zh, ja, ko, ru");
    preview->add_option("--contact", given_.letter.contact, "As if it went there");
    preview->add_flag("--message", given_.letter.whole, "The whole message, as it would be sent");
    auto* const send = about_host("send", "Queue the letter about a host: it leaves at once",
                                  "provenbl letter send 198.51.100.7", with_address(given_.letter, send_letter));
    send->add_option("--language", given_.letter.language, "Instead of what the contact's domain suggests");
    send->add_flag("--again", given_.letter.again, "Although it was sent, or may have been when a crash came");
    client("list", "Show the outbox, and who wants no letters", "provenbl letter list", list_letters);
    auto* const out = client("opt-out", "No more letters to an address or a domain",
                             "provenbl letter opt-out @example.net --note 'asked on the telephone'",
                             [this](Session& session) { return opt_out(session, given_.opt_out); });
    out->add_option("contact", given_.opt_out.contact, "abuse@example.net, or @example.net for all of a domain")
        ->required();
    out->add_option("--note", given_.opt_out.note, "Who asked for it, and how");
    out->add_flag("--remove", given_.opt_out.remove, "Letters are welcome again");
}

} // namespace provenbl::tools::cli
