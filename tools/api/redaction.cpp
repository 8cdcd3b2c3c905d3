#include "tools/api/redaction.hpp"

#include "store/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace provenbl::tools::api {
namespace {

using verifier::TokenMint;

constexpr std::string_view token_mark = "[token]";
constexpr std::string_view answer_mark = "[answer]";
constexpr std::size_t mac_budget = 5000; // MACs computed for one text

bool is_base32(char c) {
    const auto l = lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '2' && l <= '7');
}

// Of base64, and so of base32, too.
bool is_base64(char c) {
    return is_base32(c) || c == '0' || c == '1' || c == '8' || c == '9' || c == '+' || c == '/';
}

// How many characters at the front are a line break that mail systems put into the middle of a word: a soft
// line break of quoted-printable (RFC 2045 6.7), a fold (RFC 5322 2.2.3), or a plain break of base64.
std::size_t break_at(std::string_view text) {
    std::size_t n = 0;
    if (n < text.size() && text[n] == '=') ++n;
    // Transcripts escape what is not printable: a break may stand as four characters.
    bool broken = false;
    for (int i = 0; i < 2; ++i) {
        if (n < text.size() && (text[n] == '\r' || text[n] == '\n')) {
            ++n;
            broken = true;
        } else if (text.substr(n).starts_with("\\x0d") || text.substr(n).starts_with("\\x0a")) {
            n += 4;
            broken = true;
        }
    }
    if (!broken) return 0;
    while (n < text.size() && (text[n] == ' ' || text[n] == '\t')) ++n;
    return n;
}

// The length of `pattern` at the front of `text`, breaks included; 0 when it is not there.
std::size_t match(std::string_view text, std::string_view pattern, bool fold_case) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (i > 0 && n < text.size()) n += break_at(text.substr(n));
        if (n >= text.size()) return 0;
        if (text[n] != pattern[i] && !(fold_case && lower(text[n]) == lower(pattern[i]))) return 0;
        ++n;
    }
    return n;
}

std::string replace(std::string_view text, std::string_view pattern, std::string_view mark, bool fold_case) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (const auto n = match(text.substr(i), pattern, fold_case); n > 0) {
            result += mark;
            i += n;
        } else {
            result += text[i++];
        }
    }
    return result;
}

// What `text` looks like inside base64 when it begins `shift` bytes into a group of three: the characters that
// depend on nothing but the text.
std::string base64_core(std::string_view text, std::size_t shift) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string padded(shift, '\0');
    padded += text;
    const auto whole_bits = padded.size() * 8;
    const auto first = (shift * 8 + 5) / 6; // the first character without a bit of what stands before
    std::string core;
    for (std::size_t c = first; (c + 1) * 6 <= whole_bits; ++c) {
        unsigned value = 0;
        for (std::size_t bit = c * 6; bit < c * 6 + 6; ++bit)
            value = value << 1U | (static_cast<unsigned char>(padded[bit / 8]) >> (7 - bit % 8) & 1U);
        core += alphabet[value];
    }
    return core;
}

std::string redact_word(std::string text, const std::string& word, std::string_view mark) {
    text = replace(text, word, mark, true);
    for (std::size_t shift = 0; shift < 3; ++shift) text = replace(text, base64_core(word, shift), mark, false);
    return text;
}

// Every other token of ours, found by its MAC.
std::string redact_unknown(std::string_view text, const TokenMint& mint) {
    std::string result;
    result.reserve(text.size());
    std::size_t budget = mac_budget;
    for (std::size_t i = 0; i < text.size();) {
        // The base32 run at i, joined across breaks, with where each of its characters stands.
        std::string run;
        std::vector<std::size_t> places;
        auto end = i;
        while (end < text.size()) {
            if (const auto n = run.empty() ? 0 : break_at(text.substr(end));
                n > 0 && end + n < text.size() && is_base32(text[end + n])) {
                end += n;
                continue;
            }
            if (!is_base32(text[end])) break;
            run += text[end];
            places.push_back(end++);
        }
        if (run.size() < TokenMint::text_size) {
            const auto stop = std::max(end, i + 1);
            result += text.substr(i, stop - i);
            i = stop;
            continue;
        }
        std::size_t shown = i;
        for (std::size_t k = 0; k + TokenMint::text_size <= run.size();) {
            if (budget == 0) { // nobody's prose: hide the rest of the run
                result += text.substr(shown, places[k] - shown);
                result += token_mark;
                shown = end;
                break;
            }
            --budget;
            if (!mint.check(std::string_view{run}.substr(k, TokenMint::text_size))) {
                ++k;
                continue;
            }
            result += text.substr(shown, places[k] - shown);
            result += token_mark;
            k += TokenMint::text_size;
            shown = places[k - 1] + 1;
        }
        result += text.substr(shown, end - shown);
        i = end;
    }
    return result;
}

} // namespace

std::string_view front_of(std::string_view text, std::size_t at_most) {
    if (text.size() <= at_most) return text;
    std::size_t run = 0; // where the run of the present character begins
    for (std::size_t i = 0; i < at_most;) {
        if (is_base64(text[i])) {
            ++i;
        } else if (const auto n = break_at(text.substr(i)); n > 0) {
            if (i + n > at_most) break; // the cut would be inside the break
            i += n;
        } else {
            run = ++i;
        }
    }
    return text.substr(0, run);
}

std::string redact(std::string_view text, const TokenMint& mint) {
    return redact_unknown(text, mint);
}

std::string redact(std::string_view text, const TokenId& known, const TokenMint& mint) {
    auto result = redact_word(std::string{text}, mint.text_of(known), token_mark);
    result = redact_word(std::move(result), mint.answer_to(known), answer_mark);
    return redact_unknown(result, mint);
}

CaseEvidence redact(CaseEvidence evidence, const TokenMint& mint) {
    for (auto* text : {&evidence.transcript, &evidence.message, &evidence.repeat, &evidence.software})
        *text = redact(*text, evidence.token, mint);
    evidence.token = {};
    return evidence;
}

} // namespace provenbl::tools::api
