#include "dnsbl/guard/cookie_secrets.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

namespace provenbl::dnsbl::guard {
namespace {

constexpr std::size_t most = 16;
constexpr std::size_t longest_file = 4096;

std::optional<unsigned> digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

std::optional<wire::SipKey> read_secret(std::string_view text) {
    wire::SipKey secret{};
    if (text.size() != 2 * secret.size()) return std::nullopt;
    for (std::size_t i = 0; i < secret.size(); ++i) {
        const auto high = digit(text[2 * i]);
        const auto low = digit(text[2 * i + 1]);
        if (!high || !low) return std::nullopt;
        secret[i] = static_cast<std::uint8_t>(*high << 4U | *low);
    }
    return secret;
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view space = " \t\r";
    const auto first = line.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(space) - first + 1);
}

} // namespace

Result<wire::CookieSecrets> parse_cookie_secrets(std::string_view text) {
    wire::CookieSecrets secrets;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (line.empty() || line.front() == '#') continue;
        const auto secret = read_secret(line);
        if (!secret)
            return Error{Errc::invalid, fmt::format("line {} is no secret; expected 32 hexadecimal digits, as `openssl "
                                                    "rand -hex 16` prints them",
                                                    number)};
        if (secrets.size() == most)
            return Error{Errc::invalid, fmt::format("there are more than {} secrets; remove the oldest", most)};
        secrets.push_back(*secret);
    }
    if (secrets.empty()) return Error{Errc::invalid, "there is no secret in it; write one with `openssl rand -hex 16`"};
    return secrets;
}

Result<wire::CookieSecrets> load_cookie_secrets(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(longest_file + 1, '\0');
    if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream.is_open() || stream.bad())
        return Error{Errc::io, fmt::format("can't read dns.cookie_secret_file {}: {}; correct the path or make it "
                                           "readable for the user that runs provenbl",
                                           file.string(), std::strerror(errno))};
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > longest_file)
        return Error{Errc::limit, fmt::format("dns.cookie_secret_file {} is longer than {} bytes; expected a secret of "
                                              "32 hexadecimal digits a line",
                                              file.string(), longest_file)};
    auto secrets = parse_cookie_secrets(text);
    if (!secrets)
        return Error{secrets.error().code,
                     fmt::format("dns.cookie_secret_file {}: {}", file.string(), secrets.error().message)};
    return secrets;
}

wire::CookieSecrets random_cookie_secrets(Entropy& entropy) {
    wire::CookieSecrets secrets(1);
    entropy.fill(secrets[0]);
    return secrets;
}

} // namespace provenbl::dnsbl::guard
