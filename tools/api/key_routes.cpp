// Access keys: made, listed and revoked by the operator. A key's label is in the answer to the request that makes it,
// and nowhere else.
#include "store/access_keys.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t name_limit = 64;
constexpr std::size_t note_limit = 1000;
constexpr std::size_t shown_keys = 20'000;
constexpr std::int64_t highest_per_second = 100'000'000;
constexpr std::int64_t highest_per_day = 1'000'000'000'000;

// Names stand in paths, logs and counters.
bool is_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
}

Result<std::uint64_t> quota_member(const json::object& body, std::string_view name, std::int64_t at_most) {
    const auto* const value = body.if_contains({name.data(), name.size()});
    if (value == nullptr) return std::uint64_t{0};
    json::error_code code;
    const auto number = value->is_number() ? value->to_number<std::int64_t>(code) : -1;
    if (code || number < 0 || number > at_most)
        return Error{Errc::invalid, fmt::format("'{}' is no quota; expected a whole number from 1 to {}, or 0 for none",
                                                name, at_most)};
    return static_cast<std::uint64_t>(number);
}

Result<AccessKey> read_key(const Request& request) {
    const auto body = parse_body(request.body, {"name", "per_second", "per_day", "note"});
    if (!body) return body.error();
    AccessKey key;
    const auto name = text_member(*body, "name", name_limit, true);
    if (!name) return name.error();
    if (!is_name(*name))
        return Error{Errc::invalid,
                     fmt::format("'{}' is no name for a key; expected letters, digits, '-', '_' and '.'", *name)};
    key.name = *name;
    const auto per_second = quota_member(*body, "per_second", highest_per_second);
    if (!per_second) return per_second.error();
    key.per_second = static_cast<std::uint32_t>(*per_second);
    const auto per_day = quota_member(*body, "per_day", highest_per_day);
    if (!per_day) return per_day.error();
    key.per_day = *per_day;
    const auto note = text_member(*body, "note", note_limit, false);
    if (!note) return note.error();
    key.note = *note;
    return key;
}

json::object describe_key(const AccessKey& key) {
    return {{"id", key.id},
            {"name", as_utf8(key.name)},
            {"per_second", key.per_second},
            {"per_day", key.per_day},
            {"created", describe(key.created)},
            {"revoked", describe(key.revoked)},
            {"note", as_utf8(key.note)}};
}

} // namespace

Response list_keys(const Context& context) {
    json::array rows;
    context.store.read([&](const ReadTxn& txn) {
        access_keys::walk(txn, [&](const AccessKey& key) {
            auto row = describe_key(key);
            const auto use = context.key_use ? context.key_use(key.id) : std::nullopt;
            // Null: DNS is served by another process, or the key is revoked.
            row["today"] = use ? json::value(use->today) : json::value();
            row["answered"] = use ? json::value(use->answered) : json::value();
            row["refused"] = use ? json::value(use->refused) : json::value();
            rows.emplace_back(std::move(row));
            return rows.size() < shown_keys;
        });
    });
    return json_response({{"keys", std::move(rows)}});
}

Answer add_key(const Context& context, const Request& request) {
    auto read = read_key(request);
    if (!read) return problem(read.error());
    const auto label = access_keys::make_label(context.entropy);
    read->hash = access_keys::hash_label({reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
    auto added = std::make_shared<AccessKey>();
    Write write;
    write.work = [key = *read, added](WriteTxn& txn) -> Result<> {
        auto result = access_keys::add(txn, key);
        if (!result) return result.error();
        *added = std::move(*result);
        return {};
    };
    write.respond = [added, label](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        auto object = describe_key(*added);
        object["key"] = label;
        return json_response(object, 201);
    };
    return write;
}

Answer revoke_key(const std::string& name) {
    auto revoked = std::make_shared<AccessKey>();
    Write write;
    write.work = [name, revoked](WriteTxn& txn) -> Result<> {
        auto result = access_keys::revoke(txn, name);
        if (!result) return result.error();
        *revoked = std::move(*result);
        return {};
    };
    write.respond = [revoked](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        return json_response(describe_key(*revoked));
    };
    return write;
}

} // namespace provenbl::tools::api::routes
