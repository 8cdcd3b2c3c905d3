#include "tools/letters/rdap.hpp"

#include "tools/config/values.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace provenbl::tools::letters {
namespace json = boost::json;
namespace {

constexpr int deepest = 4; // entities within entities
constexpr std::size_t most_entities = 500;
constexpr std::size_t most_contacts = 8;
constexpr std::size_t longest_answer = std::size_t{1} << 20U;

std::string_view text_of(const json::value& value) {
    if (!value.is_string()) return {};
    return {value.get_string().data(), value.get_string().size()};
}

class Reader {
public:
    std::vector<std::string> contacts;

    void entities(const json::object& object, int depth) {
        const auto* const list = object.if_contains("entities");
        if (depth > deepest || list == nullptr || !list->is_array()) return;
        for (const auto& item : list->get_array()) {
            if (!item.is_object() || ++seen_ > most_entities) continue;
            if (has_role(item.get_object())) card(item.get_object());
            entities(item.get_object(), depth + 1);
        }
    }

private:
    static bool has_role(const json::object& entity) {
        const auto* const roles = entity.if_contains("roles");
        if (roles == nullptr || !roles->is_array()) return false;
        const auto& list = roles->get_array();
        return std::any_of(list.begin(), list.end(), [](const json::value& role) { return text_of(role) == "abuse"; });
    }

    // jCard (RFC 7095): ["vcard", [["email", {}, "text", "abuse@example.net"], ...]]
    void card(const json::object& entity) {
        const auto* const card = entity.if_contains("vcardArray");
        if (card == nullptr || !card->is_array() || card->get_array().size() < 2) return;
        const auto& properties = card->get_array()[1];
        if (!properties.is_array()) return;
        for (const auto& property : properties.get_array()) {
            if (!property.is_array() || property.get_array().size() < 4) continue;
            if (text_of(property.get_array()[0]) != "email") continue;
            const auto address = parse_mail_address(text_of(property.get_array()[3]));
            if (!address || contacts.size() == most_contacts) continue;
            if (std::find(contacts.begin(), contacts.end(), *address) == contacts.end()) contacts.push_back(*address);
        }
    }

    std::size_t seen_ = 0;
};

Result<json::object> parse_answer(std::string_view text) {
    if (text.size() > longest_answer) return Error{Errc::limit, "the RDAP server's answer is too long"};
    json::error_code code;
    json::parse_options options;
    options.max_depth = 32;
    const auto value = json::parse({text.data(), text.size()}, code, {}, options);
    if (code || !value.is_object()) return Error{Errc::protocol, "the RDAP server's answer is no JSON object"};
    return value.get_object();
}

} // namespace

Result<std::vector<std::string>> abuse_contacts(std::string_view text) {
    const auto answer = parse_answer(text);
    if (!answer) return answer.error();
    Reader reader;
    reader.entities(*answer, 1);
    return std::move(reader.contacts);
}

std::optional<std::pair<Address, Address>> answered_network(std::string_view text, const Address& host) {
    const auto answer = parse_answer(text);
    if (!answer) return std::nullopt;
    const auto address = [&](const char* name) -> std::optional<Address> {
        const auto* const value = answer->if_contains(name);
        const auto parsed = Address::parse(value == nullptr ? std::string_view{} : text_of(*value));
        return parsed ? std::optional{*parsed} : std::nullopt;
    };
    const auto first = address("startAddress");
    const auto last = address("endAddress");
    if (!first || !last || host < *first || *last < host) return std::nullopt;
    const auto widest = Prefix::of(*first, first->is_v4() ? 16 : 32);
    return widest.contains(*last) ? std::optional{std::pair{*first, *last}} : std::nullopt;
}

} // namespace provenbl::tools::letters
