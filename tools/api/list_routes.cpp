// What concerns the list as a whole: notices, its end and return (RFC 6471 3.4), purges (3.9), listings by hand.
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/notices.hpp"
#include "store/purges.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t note_limit = 500;
constexpr std::size_t name_limit = 100;
constexpr std::size_t shown = 100;

struct Said {
    std::string note;
    std::string by;
};

Result<Said> read_said(const json::object& body, std::string_view member, bool required) {
    const auto note = text_member(body, member, note_limit, required);
    if (!note) return note.error();
    const auto by = text_member(body, "by", name_limit, false);
    if (!by) return by.error();
    return Said{*note, by->empty() ? "operator" : *by};
}

json::object describe_purge(const Purge& purge) {
    const auto& filter = purge.filter;
    return {{"purge", purge.id},
            {"note", as_utf8(purge.note)},
            {"by", as_utf8(purge.by)},
            {"since", describe(filter.since)},
            {"until", describe(filter.until)},
            {"technique", as_utf8(filter.technique)},
            {"reporter", as_utf8(filter.reporter)},
            {"actor", as_utf8(filter.actor)},
            {"prefix", filter.everywhere ? json::value{} : json::value(filter.prefix.to_string())},
            {"started", describe(purge.started)},
            {"finished", describe(purge.finished)},
            {"examined", purge.examined},
            {"matched", purge.matched},
            {"delisted", purge.delisted}};
}

const std::vector<std::string_view> purge_members{"since",  "until", "technique", "reporter", "actor",
                                                  "prefix", "note",  "by",        "cursor"};

Result<PurgeFilter> read_filter(const json::object& body) {
    PurgeFilter filter;
    for (const auto& [name, into] : {std::pair{"since", &filter.since}, std::pair{"until", &filter.until}}) {
        const auto time = time_member(body, name);
        if (!time) return time.error();
        *into = *time;
    }
    for (const auto& [name, into] : {std::pair{"technique", &filter.technique}, std::pair{"reporter", &filter.reporter},
                                     std::pair{"actor", &filter.actor}}) {
        const auto text = text_member(body, name, name_limit, false);
        if (!text) return text.error();
        *into = *text;
    }
    const auto prefix_text = text_member(body, "prefix", name_limit, false);
    if (!prefix_text) return prefix_text.error();
    if (!prefix_text->empty()) {
        const auto prefix = Prefix::parse(*prefix_text);
        if (!prefix) return prefix.error();
        filter.prefix = *prefix;
        filter.everywhere = false;
    }
    if (auto good = purges::check(filter); !good) return good.error();
    return filter;
}

// A change that is answered with what it made, described.
template <class T> Write making(std::function<Result<T>(WriteTxn&)> make, std::function<Response(const T&)> respond) {
    auto made = std::make_shared<T>();
    Write write;
    write.work = [make = std::move(make), made](WriteTxn& txn) -> Result<> {
        auto result = make(txn);
        if (!result) return result.error();
        *made = std::move(*result);
        return {};
    };
    write.respond = [respond = std::move(respond), made](const Result<>& committed) {
        return committed ? respond(*made) : problem(committed.error());
    };
    return write;
}

Response show_notice(const Notice& notice) {
    return json_response(describe(notice), 201);
}

Response show_host(const Host& host) {
    return json_response({{"address", host.address.to_string()},
                          {"listed", host.listed()},
                          {"classes", describe(host.classes())},
                          {"manual", describe(host.manual)}});
}

std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

Result<std::string> from_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        unsigned value = 0;
        const auto pair = text.substr(i, 2);
        const auto [end, code] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
        if (code != std::errc{} || end != pair.data() + 2) return Error{Errc::invalid, "'cursor' is not one of ours"};
        bytes += static_cast<char>(value);
    }
    if (!bytes.empty() && bytes.size() != 5 && bytes.size() != 17)
        return Error{Errc::invalid, "'cursor' is not one of ours"};
    return bytes;
}

} // namespace

Response list_notices(const Context& context) {
    json::array rows;
    bool shut = false;
    context.store.read([&](const ReadTxn& txn) {
        for (const auto& notice : notices::newest(txn, shown)) rows.emplace_back(describe(notice));
        shut = notices::shutdown(txn).has_value();
    });
    return json_response({{"shut_down", shut}, {"notices", std::move(rows)}});
}

Answer shut_down(const Request& request) {
    const auto body = parse_body(request.body, {"note", "by"});
    if (!body) return problem(body.error());
    const auto said = read_said(*body, "note", true);
    if (!said) return problem(said.error());
    return making<Notice>([said = *said](WriteTxn& txn) { return notices::shut_down(txn, said.note, said.by); },
                          show_notice);
}

Answer resume(const Request& request) {
    const auto body = parse_body(request.body, {"note", "by"});
    if (!body) return problem(body.error());
    const auto said = read_said(*body, "note", false);
    if (!said) return problem(said.error());
    return making<Notice>([said = *said](WriteTxn& txn) { return notices::resume(txn, said.note, said.by); },
                          show_notice);
}

Response list_purges(const Context& context) {
    json::array rows;
    context.store.read([&](const ReadTxn& txn) {
        for (const auto& purge : purges::newest(txn, shown)) rows.emplace_back(describe_purge(purge));
    });
    return json_response({{"purges", std::move(rows)}});
}

Answer begin_purge(const Request& request) {
    const auto body = parse_body(request.body, purge_members);
    if (!body) return problem(body.error());
    const auto filter = read_filter(*body);
    if (!filter) return problem(filter.error());
    const auto said = read_said(*body, "note", true);
    if (!said) return problem(said.error());
    return making<Purge>(
        [filter = *filter, said = *said](WriteTxn& txn) { return purges::begin(txn, filter, said.note, said.by); },
        [](const Purge& purge) { return json_response(describe_purge(purge), 201); });
}

Answer step_purge(const std::string& number) {
    std::uint64_t id = 0;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), id);
    if (code != std::errc{} || end != number.data() + number.size())
        return problem(400, "invalid", fmt::format("'{}' is not the number of a purge", number.substr(0, 40)));
    return making<Purge>([id](WriteTxn& txn) { return purges::step(txn, id); },
                         [](const Purge& purge) { return json_response(describe_purge(purge)); });
}

Response preview_purge(const Context& context, const Request& request) {
    const auto body = parse_body(request.body, purge_members);
    if (!body) return problem(body.error());
    const auto filter = read_filter(*body);
    if (!filter) return problem(filter.error());
    const auto text = text_member(*body, "cursor", 64, false);
    if (!text) return problem(text.error());
    const auto cursor = from_hex(*text);
    if (!cursor) return problem(cursor.error());
    const auto seen = context.store.read([&](const ReadTxn& txn) { return purges::preview(txn, *filter, *cursor); });
    json::array matched;
    for (const auto& address : seen.matched) matched.emplace_back(address.to_string());
    return json_response(
        {{"examined", seen.examined}, {"matched", std::move(matched)}, {"cursor", to_hex(seen.cursor)}});
}

Answer list_manually(const Context& context, const Request& request) {
    if (!context.configuration.verifier.policy.manual_listing)
        return problem(403, "not-allowed",
                       "listing by hand is off (policy.manual_listing); report the host, and it is "
                       "listed when something is proven");
    const auto body = parse_body(request.body, {"address", "class", "reason", "until", "by"});
    if (!body) return problem(body.error());
    const auto text = text_member(*body, "address", 64, true);
    if (!text) return problem(text.error());
    const auto address = Address::parse(*text);
    if (!address) return problem(address.error());
    const auto cls_text = text_member(*body, "class", 20, true);
    if (!cls_text) return problem(cls_text.error());
    const auto cls = parse_listing_class(*cls_text);
    if (!cls) return problem(400, "invalid", fmt::format("'{}' is no class", *cls_text));
    const auto said = read_said(*body, "reason", true);
    if (!said) return problem(said.error());
    const auto until = time_member(*body, "until", context.clock.now());
    if (!until) return problem(until.error());
    ManualListing entry;
    entry.cls = *cls;
    entry.reason = said->note;
    entry.by = said->by;
    entry.until = *until;
    return making<Host>(
        [&context, address = *address, entry](WriteTxn& txn) -> Result<Host> {
            if (const auto allowed = context.gate.check(txn, address); !allowed) return allowed.error();
            return ledger::list_manually(txn, address, entry);
        },
        [](const Host& host) {
            auto response = show_host(host);
            response.status = 201;
            return response;
        });
}

Answer end_manual(const Request& request, const Address& address) {
    const auto body = parse_body(request.body, {"note", "by"});
    if (!body) return problem(body.error());
    const auto said = read_said(*body, "note", true);
    if (!said) return problem(said.error());
    return making<Host>(
        [address, said = *said](WriteTxn& txn) { return ledger::end_manual(txn, address, said.note, said.by); },
        show_host);
}

} // namespace provenbl::tools::api::routes
