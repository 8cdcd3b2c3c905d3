// Who may report: the operator's register of keys.
#include "store/reporters.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/reporter_key.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"

#include <memory>
#include <optional>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::uint32_t default_per_hour = 60;
constexpr std::uint32_t default_per_day = 500;
constexpr std::uint32_t highest_limit = 10'000'000;
constexpr std::size_t note_limit = 300;

json::object describe_reporter(const Reporter& reporter) {
    return {{"id", reporter.id},
            {"name", as_utf8(reporter.name)},
            {"note", as_utf8(reporter.note)},
            {"trap", reporter.trap},
            {"per_hour", reporter.per_hour},
            {"per_day", reporter.per_day},
            {"standing", reporter.standing},
            {"trust", reporters::to_string(reporters::trust_of(reporter))},
            {"received", reporter.received},
            {"right", reporter.right},
            {"wrong", reporter.wrong},
            {"created", describe(reporter.created)},
            {"revoked", describe(reporter.revoked)}};
}

// What may be set of a reporter; what is absent stays as it is.
struct Wishes {
    std::optional<std::uint32_t> per_hour;
    std::optional<std::uint32_t> per_day;
    std::optional<bool> trap;
    std::optional<bool> forgive;
    std::string note;

    void apply(Reporter& reporter) const {
        if (per_hour) reporter.per_hour = *per_hour;
        if (per_day) reporter.per_day = *per_day;
        if (trap) reporter.trap = *trap;
        if (forgive.value_or(false)) reporter.standing = 0;
        if (!note.empty()) reporter.note = note;
    }
};

Result<Wishes> read_wishes(const json::object& body) {
    Wishes wishes;
    for (const auto& [name, into] : {std::pair{"per_hour", &wishes.per_hour}, std::pair{"per_day", &wishes.per_day}}) {
        const auto value = number_member(body, name, highest_limit);
        if (!value) return value.error();
        *into = *value;
    }
    for (const auto& [name, into] : {std::pair{"trap", &wishes.trap}, std::pair{"forgive", &wishes.forgive}}) {
        const auto value = bool_member(body, name);
        if (!value) return value.error();
        *into = *value;
    }
    const auto note = text_member(body, "note", note_limit, false);
    if (!note) return note.error();
    wishes.note = *note;
    return wishes;
}

// A change of the register, answered with the reporter as he is now.
Write changing(std::function<Result<Reporter>(WriteTxn&)> change, unsigned status = 200, json::object also = {}) {
    auto changed = std::make_shared<Reporter>();
    Write write;
    write.work = [change = std::move(change), changed](WriteTxn& txn) -> Result<> {
        auto result = change(txn);
        if (!result) return result.error();
        *changed = std::move(*result);
        return {};
    };
    write.respond = [changed, status, also = std::move(also)](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        auto object = describe_reporter(*changed);
        for (const auto& member : also) object[member.key()] = member.value();
        return json_response(object, status);
    };
    return write;
}

} // namespace

Response list_reporters(const Context& context) {
    json::array rows;
    context.store.read([&](const ReadTxn& txn) {
        reporters::walk(txn, [&](const Reporter& reporter) {
            rows.emplace_back(describe_reporter(reporter));
            return rows.size() < reporters::most;
        });
    });
    return json_response({{"reporters", std::move(rows)}});
}

Answer add_reporter(const Context& context, const Request& request) {
    const auto body = parse_body(request.body, {"name", "per_hour", "per_day", "trap", "note"});
    if (!body) return problem(body.error());
    const auto name = text_member(*body, "name", 64, true);
    if (!name) return problem(name.error());
    const auto wishes = read_wishes(*body);
    if (!wishes) return problem(wishes.error());
    const auto key = make_reporter_key(context.entropy);
    Reporter reporter;
    reporter.name = *name;
    reporter.per_hour = default_per_hour;
    reporter.per_day = default_per_day;
    reporter.key_hash = hash_reporter_key(key);
    wishes->apply(reporter);
    return changing([reporter](WriteTxn& txn) { return reporters::add(txn, reporter); }, 201, {{"key", key}});
}

Answer change_reporter(const Context& /*context*/, const Request& request, const std::string& name) {
    const auto body = parse_body(request.body, {"per_hour", "per_day", "trap", "note", "forgive"});
    if (!body) return problem(body.error());
    const auto wishes = read_wishes(*body);
    if (!wishes) return problem(wishes.error());
    return changing([name, wishes = *wishes](WriteTxn& txn) {
        return reporters::change(txn, name, [&](Reporter& reporter) { wishes.apply(reporter); });
    });
}

Answer revoke_reporter(const std::string& name) {
    return changing([name](WriteTxn& txn) { return reporters::revoke(txn, name); });
}

} // namespace provenbl::tools::api::routes
