#include "tools/transfer/json_values.hpp"

#include "tools/api/plain_text.hpp"
#include "tools/api/rfc3339.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace provenbl::tools::transfer {
namespace json = boost::json;
namespace {

std::string_view text_of(const json::value& from) {
    if (!from.is_string()) throw WrongValue("is no text");
    return {from.get_string().data(), from.get_string().size()};
}

template <class T> T parsed(const json::value& from) {
    auto value = T::parse(text_of(from));
    if (!value) throw WrongValue(value.error().message);
    return *value;
}

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string from_base64(std::string_view text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    const auto size = text.size() % 4 != 0 ? -1
                                           : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                                             reinterpret_cast<const unsigned char*>(text.data()),
                                                             static_cast<int>(text.size()));
    if (size < 0) throw WrongValue("is no base64");
    const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U; // EVP counts it as zero bytes
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw WrongValue("is no token of 32 hex digits");
}

} // namespace

json::value show(const std::string& text) {
    if (api::is_plain(text)) return json::string(text);
    return json::object{{"base64", to_base64(text)}};
}

void read(const json::value& from, std::string& text) {
    if (!from.is_object()) {
        text = text_of(from);
        return;
    }
    const auto* const packed = from.get_object().if_contains("base64");
    if (packed == nullptr || from.get_object().size() != 1) throw WrongValue("is neither text nor base64");
    text = from_base64(text_of(*packed));
}

json::value show(const Time& time) {
    auto text = to_string(time); // to whole seconds
    const auto milliseconds = (time.time_since_epoch() % std::chrono::seconds(1)).count();
    if (milliseconds != 0) text = fmt::format("{}.{:03}Z", text.substr(0, text.size() - 1), milliseconds);
    return json::string(text);
}

void read(const json::value& from, Time& time) {
    const auto parsed = api::parse_time(text_of(from));
    if (!parsed) throw WrongValue(parsed.error().message);
    time = *parsed;
}

json::value show(const Address& address) {
    return json::string(address.to_string());
}
void read(const json::value& from, Address& address) {
    address = parsed<Address>(from);
}

// The port may be 0 here, where it was not known.
json::value show(const Endpoint& endpoint) {
    return json::object{{"address", endpoint.address.to_string()}, {"port", endpoint.port}};
}
void read(const json::value& from, Endpoint& endpoint) {
    if (!from.is_object()) throw WrongValue("is no address and port");
    for (const auto& member : from.get_object()) {
        if (member.key() == "address")
            read(member.value(), endpoint.address);
        else if (member.key() == "port")
            read(member.value(), endpoint.port);
        else
            throw WrongValue("is no address and port");
    }
}

json::value show(const Prefix& prefix) {
    return json::string(prefix.to_string());
}
void read(const json::value& from, Prefix& prefix) {
    prefix = parsed<Prefix>(from);
}

json::value show(const ClassSet& classes) {
    json::array names;
    for (const auto cls : all_listing_classes) {
        if (classes.contains(cls)) names.emplace_back(json::string(to_string(cls)));
    }
    return names;
}
void read(const json::value& from, ClassSet& classes) {
    if (!from.is_array()) throw WrongValue("is no list of classes");
    classes = {};
    for (const auto& name : from.get_array()) {
        const auto cls = parse_listing_class(text_of(name));
        if (!cls) throw WrongValue("names a class that is not known here");
        classes.insert(*cls);
    }
}

json::value show(const TokenId& token) {
    std::string text;
    for (const auto byte : token) text += fmt::format("{:02x}", byte);
    return json::string(text);
}
void read(const json::value& from, TokenId& token) {
    const auto text = text_of(from);
    if (text.size() != 2 * token.size()) throw WrongValue("is no token of 32 hex digits");
    for (std::size_t i = 0; i < token.size(); ++i)
        token[i] = static_cast<std::uint8_t>(digit(text[2 * i]) * 16 + digit(text[2 * i + 1]));
}

json::value show(const bool& flag) {
    return flag;
}
void read(const json::value& from, bool& flag) {
    if (!from.is_bool()) throw WrongValue("is neither true nor false");
    flag = from.get_bool();
}

} // namespace provenbl::tools::transfer
