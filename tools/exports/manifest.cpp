#include "tools/exports/manifest.hpp"

#include "store/sha256.hpp"
#include "tools/api/rfc3339.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace provenbl::tools::exports {
namespace json = boost::json;
namespace {

constexpr std::string_view opening = "{\n";
constexpr std::string_view before_signature = "  \"signature\": \"";
constexpr std::string_view after_signature = "\",\n";
constexpr std::size_t largest_manifest = std::size_t{64} * 1024;

// All but the signature; valid JSON of its own.
std::string text_to_sign(const Manifest& manifest, const std::string& key) {
    std::string text(opening);
    text += fmt::format("  \"key\": \"{}\",\n  \"zone\": \"{}\",\n  \"format\": \"{}\",\n  \"serial\": {},\n", key,
                        manifest.zone, to_string(manifest.format), manifest.serial);
    if (manifest.since) text += fmt::format("  \"since\": {},\n", *manifest.since);
    text +=
        fmt::format("  \"made\": \"{}\",\n  \"shut_down\": {},\n  \"entries\": {},\n  \"bytes\": {},\n"
                    "  \"sha256\": \"{}\"\n}}\n",
                    to_string(manifest.made), manifest.shut_down, manifest.entries, manifest.bytes, manifest.sha256);
    return text;
}

Error no_manifest(std::string_view why) {
    return {Errc::invalid, fmt::format("this is no manifest of an export: {}", why)};
}

std::optional<std::uint64_t> number(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code failed;
    const auto read = value->to_number<std::uint64_t>(failed);
    if (failed) return std::nullopt;
    return read;
}

std::string text(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

Result<Manifest> fields_of(const json::object& object) {
    Manifest manifest;
    manifest.zone = text(object, "zone");
    const auto format = zones::exports::parse_format(text(object, "format"));
    const auto serial = number(object, "serial");
    const auto made = api::parse_time(text(object, "made"));
    const auto* const shut_down = object.if_contains("shut_down");
    const auto entries = number(object, "entries");
    const auto bytes = number(object, "bytes");
    manifest.sha256 = text(object, "sha256");
    if (manifest.zone.empty() || !format || !serial || !made || shut_down == nullptr || !shut_down->is_bool() ||
        !entries || !bytes || manifest.sha256.size() != 64)
        return no_manifest("a field is missing, or has no value that this version knows");
    manifest.format = *format;
    manifest.serial = *serial;
    manifest.since = number(object, "since");
    manifest.made = *made;
    manifest.shut_down = shut_down->get_bool();
    manifest.entries = *entries;
    manifest.bytes = *bytes;
    return manifest;
}

Result<std::string> read_all(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return Error{Errc::not_found, file.string() + " can't be read; it is published beside the file"};
    std::string text(largest_manifest, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

struct Measured {
    std::uint64_t bytes = 0;
    std::string sha256;
};

Result<Measured> measure(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return Error{Errc::not_found, file.string() + " can't be read"};
    Measured measured;
    Sha256 digest;
    std::array<char, 65536> piece{};
    while (stream) {
        stream.read(piece.data(), piece.size());
        const auto got = static_cast<std::size_t>(stream.gcount());
        digest.update({piece.data(), got});
        measured.bytes += got;
    }
    if (stream.bad()) return Error{Errc::io, file.string() + " can't be read to its end"};
    measured.sha256 = digest.hex();
    return measured;
}

} // namespace

std::string write_manifest(const Manifest& manifest, const signing::SigningKey& key) {
    auto text = text_to_sign(manifest, key.public_key().id());
    const auto signature = key.sign(signing::bytes_of(text));
    return text.insert(opening.size(),
                       fmt::format("{}{}{}", before_signature, signing::to_base64(signature), after_signature));
}

Result<SignedManifest> read_manifest(std::string_view text) {
    const auto head = std::string(opening).append(before_signature);
    if (!text.starts_with(head)) return no_manifest("its second line is not the signature");
    const auto end = text.find(after_signature, head.size());
    if (end == std::string_view::npos) return no_manifest("its second line is not the signature");
    SignedManifest read;
    const auto signature = signing::from_base64(text.substr(head.size(), end - head.size()));
    if (!signature || signature->size() != read.signature.size()) return no_manifest("its signature is none");
    std::copy(signature->begin(), signature->end(), read.signature.begin());
    read.signed_text = std::string(opening).append(text.substr(end + after_signature.size()));
    boost::system::error_code failed;
    const auto value = json::parse(read.signed_text, failed);
    if (failed || !value.is_object()) return no_manifest("it is no JSON");
    const auto& object = value.get_object();
    read.key = exports::text(object, "key");
    auto manifest = fields_of(object);
    if (!manifest) return manifest.error();
    read.manifest = std::move(*manifest);
    return read;
}

std::filesystem::path manifest_of(const std::filesystem::path& file) {
    auto path = file;
    path += ".manifest.json";
    return path;
}

Result<Manifest> verify(const std::filesystem::path& file, const std::filesystem::path& manifest,
                        const signing::PublicKey& key) {
    const auto text = read_all(manifest);
    if (!text) return text.error();
    auto read = read_manifest(*text);
    if (!read) return Error{read.error().code, manifest.string() + ": " + read.error().message};
    if (!key.verify(signing::bytes_of(read->signed_text), read->signature)) {
        if (read->key != key.id())
            return Error{Errc::not_allowed,
                         fmt::format("{} was signed by the key {}, yours is {}; ask the list's operator "
                                     "which one is right",
                                     manifest.string(), read->key.substr(0, 64), key.id())};
        return Error{Errc::not_allowed,
                     manifest.string() + " was altered after it was signed; don't use the file, fetch both again"};
    }
    const auto measured = measure(file);
    if (!measured) return measured.error();
    if (measured->bytes != read->manifest.bytes || measured->sha256 != read->manifest.sha256)
        return Error{
            Errc::corrupt,
            fmt::format("{} is not the file that was signed ({} bytes, the manifest says {}); fetch both again: "
                        "a newer file is there a moment before its manifest",
                        file.string(), measured->bytes, read->manifest.bytes)};
    return std::move(read->manifest);
}

} // namespace provenbl::tools::exports
