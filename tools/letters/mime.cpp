#include "tools/letters/mime.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

namespace provenbl::tools::letters::mime {
namespace {

constexpr std::size_t line_limit = 76;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string without_controls(std::string_view text, std::string_view instead) {
    std::string clean;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f')
            clean += instead;
        else
            clean += c;
    }
    return clean;
}

// Bytes of the character that begins here.
std::size_t character_size(std::string_view utf8) {
    std::size_t size = 1;
    while (size < utf8.size() && (static_cast<unsigned char>(utf8[size]) & 0xc0U) == 0x80) ++size;
    return size;
}

// RFC 2047 2 and 5: whole characters in each word, lines of at most 76 characters, apart by a folded blank.
// `used` characters stand before the first word already.
std::string encoded_words(std::string_view utf8, std::size_t used) {
    constexpr std::size_t around = 12; // =?utf-8?b?...?=
    std::string words;
    while (!utf8.empty()) {
        const auto before = words.empty() ? std::min<std::size_t>(used, 40) : 1;
        const std::size_t room = (line_limit - before - around) / 4 * 3;
        std::size_t size = 0;
        while (size < utf8.size()) {
            const auto next = character_size(utf8.substr(size));
            if (size + next > room && size > 0) break;
            size += next;
        }
        words += fmt::format("{}=?utf-8?b?{}?=", words.empty() ? "" : "\r\n ", base64(utf8.substr(0, size)));
        utf8.remove_prefix(size);
    }
    return words;
}

// Folds at blanks.
std::string folded(std::string_view name, std::string_view value) {
    std::string line = fmt::format("{}:", name);
    std::string out;
    while (!value.empty()) {
        const auto blank = value.find(' ');
        const auto word = value.substr(0, blank);
        if (line.size() + 1 + word.size() > line_limit && line.find_first_not_of(' ') != std::string::npos &&
            line.back() != ':') {
            out += line + "\r\n";
            line.clear();
        }
        line += ' ';
        line += word;
        value.remove_prefix(blank == std::string_view::npos ? value.size() : blank + 1);
    }
    return out + line + "\r\n";
}

} // namespace

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string base64_lines(std::string_view bytes) {
    const auto all = base64(bytes);
    std::string lines;
    for (std::size_t at = 0; at < all.size(); at += line_limit) lines += all.substr(at, line_limit) + "\r\n";
    return lines;
}

std::string quoted_printable(std::string_view utf8) {
    std::string out;
    std::string line;
    const auto add = [&](std::string_view piece) {
        if (line.size() + piece.size() > line_limit - 1) { // room for the soft break
            out += line + "=\r\n";
            line.clear();
        }
        line += piece;
    };
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte == '\n') {
            out += line + "\r\n";
            line.clear();
            continue;
        }
        const bool at_end = i + 1 == utf8.size() || utf8[i + 1] == '\n';
        const bool dot_alone = byte == '.' && line.empty(); // never for SMTP to stuff
        const bool plain = byte > 0x20 && byte < 0x7f && byte != '=' && !dot_alone;
        if (plain || ((byte == ' ' || byte == '\t') && !at_end))
            add(utf8.substr(i, 1));
        else
            add(fmt::format("={:02X}", byte));
    }
    if (!line.empty()) out += line + "\r\n";
    return out;
}

std::string header(std::string_view name, std::string_view utf8) {
    const auto clean = without_controls(utf8, " ");
    if (is_ascii(clean)) return folded(name, clean);
    return fmt::format("{}: {}\r\n", name, encoded_words(clean, name.size() + 2));
}

std::string raw_header(std::string_view name, std::string_view ascii) {
    return folded(name, without_controls(ascii, ""));
}

std::string text_part(std::string_view utf8) {
    const auto beyond = static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
    const bool mostly_ascii = beyond * 6 < utf8.size();
    std::string crlf;
    if (!mostly_ascii) {
        for (const char c : utf8) crlf += c == '\n' ? std::string{"\r\n"} : std::string(1, c);
    }
    return fmt::format("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n{}",
                       mostly_ascii ? "quoted-printable" : "base64",
                       mostly_ascii ? quoted_printable(utf8) : base64_lines(crlf));
}

std::string attachment(std::string_view type, std::string_view file_name, std::string_view bytes) {
    return fmt::format("Content-Type: {}; name=\"{}\"\r\nContent-Transfer-Encoding: base64\r\n"
                       "Content-Disposition: attachment; filename=\"{}\"\r\n\r\n{}",
                       type, file_name, file_name, base64_lines(bytes));
}

std::string multipart(std::string_view type_and_parameters, std::string_view boundary,
                      const std::vector<std::string>& parts) {
    std::string text = fmt::format("Content-Type: {};\r\n boundary=\"{}\"\r\n\r\n", type_and_parameters, boundary);
    for (const auto& part : parts) text += fmt::format("--{}\r\n{}\r\n", boundary, part);
    return text + fmt::format("--{}--\r\n", boundary);
}

} // namespace provenbl::tools::letters::mime
