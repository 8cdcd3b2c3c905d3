// `receipt` and `verify-receipt`: signed statements of how an address stood.
#include "tools/receipts/receipt.hpp"

#include "tools/api/request_target.hpp"
#include "tools/cli/commands.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

std::string sentence(const json::object& said) {
    const auto state = text_of(said, "state");
    const auto address = text_of(said, "address");
    const auto at = text_of(said, "at");
    if (state == "unknown") return fmt::format("{} at {}: {}", address, at, text_of(said, "reason"));
    std::string text = fmt::format("{} was {} at {}", address, state == "listed" ? "listed" : "not listed", at);
    if (state == "listed")
        text += fmt::format(
            " ({}{})", flag_of(said, "classes_exact") ? "" : "at least one of: ", joined(array_of(said, "classes")));
    text += fmt::format(", says {}", text_of(said, "issuer"));
    if (flag_of(said, "list_shut_down")) text += "; the list was shut down then, and nothing of it in DNS";
    return text;
}

Result<std::string> contents_of(const std::string& path) {
    constexpr std::size_t most = std::size_t{256} * 1024;
    std::ifstream stream{path, std::ios::binary};
    if (!stream) return Error{Errc::io, fmt::format("can't read {}: {}", path, std::strerror(errno))};
    std::string text(most + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > most) return Error{Errc::limit, fmt::format("{} is too long for a receipt or a key", path)};
    return text;
}

} // namespace

Exit receipt(Session& session, const ReceiptRequest& request) {
    const auto query = request.at.empty() ? std::string{} : "?at=" + api::encode_segment(request.at);
    const auto asked = ask(session, "GET", host_path(request.address, "/receipt" + query));
    if (!asked.value) return asked.exit;
    const auto text = json::serialize(*asked.value);
    if (request.out.empty()) {
        session.terminal.line(text);
        return Exit::done;
    }
    std::ofstream stream{request.out, std::ios::binary | std::ios::trunc};
    stream << text << '\n';
    stream.close();
    if (!stream) {
        session.terminal.complain(fmt::format("can't write {}: {}", request.out, std::strerror(errno)));
        return Exit::failed;
    }
    session.terminal.line(sentence(object_of(*asked.value, "receipt")));
    return Exit::done;
}

Exit verify_receipt(Terminal& terminal, const VerifyRequest& request, bool as_json) {
    const auto fail = [&](const Error& error) {
        terminal.complain(printable(error.message));
        return error.code == Errc::not_allowed ? Exit::refused : Exit::failed;
    };
    const auto text = contents_of(request.file);
    if (!text) return fail(text.error());
    // The key itself, or the file that it is in.
    auto key = signing::PublicKey::parse(request.key);
    if (!key) {
        const auto file = contents_of(request.key);
        if (!file) return fail(key.error());
        key = signing::PublicKey::parse(*file);
        if (!key) return fail(key.error());
    }
    const auto said = receipts::verify_receipt(*text, *key);
    if (!said) return fail(said.error());
    if (as_json)
        terminal.line(json::serialize(*said));
    else
        terminal.line(fmt::format("Good signature. {}.", sentence(*said)));
    return Exit::done;
}

} // namespace provenbl::tools::cli
