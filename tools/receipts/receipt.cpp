#include "tools/receipts/receipt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace provenbl::tools::receipts {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_receipt = std::size_t{64} * 1024;

std::string_view text_in(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

// With its milliseconds: what is said is said of this very moment.
std::string exact(Time time) {
    auto text = provenbl::to_string(time); // 2026-11-24T22:53:16Z
    const auto part = time - std::chrono::floor<std::chrono::seconds>(time);
    if (part != Duration::zero() && text.ends_with('Z'))
        text.insert(text.size() - 1, fmt::format(".{:03}", part.count()));
    return text;
}

} // namespace

json::object describe(const Statement& statement) {
    const auto& standing = statement.standing;
    json::array classes;
    for (const auto cls : all_listing_classes) {
        if (standing.classes.contains(cls)) classes.emplace_back(to_string(cls));
    }
    json::object object{{"type", receipt_type},
                        {"issuer", statement.issuer},
                        {"address", statement.address.to_string()},
                        {"covers", statement.covers.to_string()},
                        {"at", exact(statement.at)},
                        {"issued", exact(statement.issued)},
                        {"serial", statement.serial},
                        {"entry", standing.entry},
                        {"state", to_string(standing.state)},
                        {"classes", std::move(classes)},
                        {"classes_exact", standing.classes_exact},
                        {"list_shut_down", standing.list_shut_down},
                        {"basis", standing.basis}};
    if (standing.case_id != 0) object["case"] = standing.case_id;
    if (!standing.reason.empty()) object["reason"] = standing.reason;
    return object;
}

std::string canonical(const json::value& value) {
    if (value.is_object()) {
        std::vector<std::string_view> names;
        for (const auto& member : value.get_object()) names.emplace_back(member.key().data(), member.key().size());
        std::sort(names.begin(), names.end());
        std::string text = "{";
        for (const auto& name : names) {
            const json::string_view key{name.data(), name.size()};
            if (text.size() > 1) text += ',';
            text += json::serialize(key) + ":" + canonical(value.get_object().at(key));
        }
        return text + "}";
    }
    if (value.is_array()) {
        std::string text = "[";
        for (const auto& item : value.get_array()) text += (text.size() > 1 ? "," : "") + canonical(item);
        return text + "]";
    }
    return json::serialize(value);
}

json::object make_receipt(const Statement& statement, const signing::SigningKey& key) {
    json::object said = describe(statement);
    const auto signature = key.sign(signing::bytes_of(canonical(said)));
    return {{"receipt", std::move(said)},
            {"signature",
             {{"algorithm", "ed25519"}, {"key", key.public_key().base64()}, {"value", signing::to_base64(signature)}}}};
}

Result<json::object> verify_receipt(std::string_view text, const signing::PublicKey& key) {
    if (text.size() > longest_receipt) return Error{Errc::invalid, "this is longer than any receipt"};
    json::error_code code;
    json::parse_options options;
    options.max_depth = 8;
    const auto value = json::parse({text.data(), text.size()}, code, {}, options);
    const auto* const whole = code ? nullptr : value.if_object();
    const auto* const said = whole != nullptr ? whole->if_contains("receipt") : nullptr;
    const auto* const signature = whole != nullptr ? whole->if_contains("signature") : nullptr;
    if (said == nullptr || signature == nullptr || !said->is_object() || !signature->is_object())
        return Error{Errc::invalid, "this is no receipt: expected JSON with the members 'receipt' and 'signature'"};
    if (text_in(said->get_object(), "type") != receipt_type)
        return Error{Errc::invalid, fmt::format("this is signed, but no receipt of the type {}", receipt_type)};
    const auto bytes = signing::from_base64(text_in(signature->get_object(), "value"));
    signing::Signature raw{};
    if (text_in(signature->get_object(), "algorithm") != "ed25519" || !bytes || bytes->size() != raw.size())
        return Error{Errc::invalid, "the receipt has no Ed25519 signature"};
    std::copy(bytes->begin(), bytes->end(), raw.begin());
    const auto signed_bytes = canonical(*said);
    if (key.verify(signing::bytes_of(signed_bytes), raw)) return said->get_object();
    const auto own = signing::PublicKey::parse(text_in(signature->get_object(), "key"));
    if (own && *own != key && own->verify(signing::bytes_of(signed_bytes), raw))
        return Error{Errc::not_allowed, "the receipt was signed with another key than the one that you gave"};
    return Error{Errc::not_allowed, "the signature does not fit: the receipt was changed, or was never signed"};
}

} // namespace provenbl::tools::receipts
