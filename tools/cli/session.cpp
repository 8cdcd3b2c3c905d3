#include "tools/cli/session.hpp"

#include "tools/api/request_target.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

const json::value* find(const json::object& object, std::string_view name) {
    return object.if_contains({name.data(), name.size()});
}

} // namespace

Exit complain_of(Session& session, const Error& error) {
    session.terminal.complain(printable(error.message));
    return exit_of(error.code);
}

Exit complain_of(Session& session, const Reply& reply) {
    json::error_code code;
    const auto value = json::parse({reply.body.data(), reply.body.size()}, code);
    auto detail = !code && value.is_object() ? text_of(value.get_object(), "detail") : std::string{};
    if (detail.empty())
        detail = fmt::format("the server answered {} without saying why; is it provenbl?", reply.status);
    session.terminal.complain(detail);
    switch (reply.status) {
    case 400:
    case 413:
    case 422:
        return Exit::usage;
    case 401:
    case 403:
    case 429:
        return Exit::refused;
    default:
        return Exit::failed;
    }
}

Asked ask(Session& session, std::string_view method, const std::string& target, const std::string& body) {
    const auto reply = session.client.request(method, target, body);
    if (!reply) return {std::nullopt, complain_of(session, reply.error())};
    if (reply->status < 200 || reply->status > 299) {
        const auto exit = complain_of(session, *reply);
        return {std::nullopt, exit, reply->status};
    }
    json::error_code code;
    auto value = json::parse({reply->body.data(), reply->body.size()}, code);
    if (code || !value.is_object()) {
        session.terminal.complain("the server's answer is not a JSON object; is it provenbl?");
        return {std::nullopt, Exit::failed, reply->status};
    }
    return {std::move(value.get_object()), Exit::done, reply->status};
}

void emit(Session& session, std::string_view event, const json::object& data) {
    json::object line{{"event", event}};
    for (const auto& member : data) line[member.key()] = member.value();
    session.terminal.line(json::serialize(line));
}

std::string host_path(const Address& address, std::string_view rest) {
    return fmt::format("/v1/hosts/{}{}", api::encode_segment(address.to_string()), rest);
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* const value = find(object, name);
    if (value == nullptr || !value->is_string()) return {};
    return printable({value->get_string().data(), value->get_string().size()});
}

std::int64_t number_of(const json::object& object, std::string_view name) {
    const auto* const value = find(object, name);
    json::error_code code;
    return value != nullptr && value->is_number() ? value->to_number<std::int64_t>(code) : 0;
}

bool flag_of(const json::object& object, std::string_view name) {
    const auto* const value = find(object, name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& object_of(const json::object& object, std::string_view name) {
    static const json::object none;
    const auto* const value = find(object, name);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_of(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* const value = find(object, name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string joined(const json::array& names) {
    std::string text;
    for (const auto& name : names) {
        if (!name.is_string()) continue;
        if (!text.empty()) text += ", ";
        text += printable({name.get_string().data(), name.get_string().size()});
    }
    return text;
}

} // namespace provenbl::tools::cli
