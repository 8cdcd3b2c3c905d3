#include "zones/static/values.hpp"

#include "zones/static/scan.hpp"

#include <algorithm>

namespace provenbl::zones::statics {
namespace {

constexpr std::uint32_t loopback = 0x7f000000;

// A text with its variables in place; single `$` become `open`.
std::string put_together(std::string_view text, const Variables& variables, char open) {
    std::string made;
    const auto put = [&](std::string_view more) {
        made += more.substr(0, std::min(more.size(), longest_text - made.size()));
    };
    const std::string subject(1, open);
    // What `$=` stands for.
    std::string_view own = text;
    const auto& base = variables.text[Variables::base];
    if (text.starts_with('=')) {
        text.remove_prefix(1);
        own = text;
    } else if (base && !base->empty()) {
        if (text.empty()) own = subject;
        text = *base;
    }
    while (made.size() < longest_text) {
        const auto dollar = text.find('$');
        put(text.substr(0, dollar));
        if (dollar == std::string_view::npos) break;
        text.remove_prefix(dollar + 1);
        const char kind = text.empty() ? '\0' : text.front();
        if (kind == '$') {
            put("$");
        } else if (is_digit(kind)) {
            const auto& variable = variables.text[static_cast<std::size_t>(kind - '0')];
            put(variable ? std::string_view{*variable} : std::string{'$', kind});
        } else if (kind == '=') {
            put(own);
        } else {
            put(subject);
            continue; // the character belongs to the text
        }
        text.remove_prefix(1);
    }
    return made;
}

} // namespace

std::optional<std::uint32_t> take_a_value(std::string_view& text, unsigned& octets) {
    std::uint32_t address = 0;
    const auto written = take_octets(text, address);
    if (!written) return std::nullopt;
    octets = *written;
    // As inet_aton: the last number fills what is left.
    if (octets == 1) address >>= 24U;
    if (octets == 2) address = (address & 0xff000000U) | (address >> 16U & 0xffU);
    if (octets == 3) address = (address & 0xffff0000U) | (address >> 8U & 0xffU);
    return address;
}

Result<WrittenValue> parse_value(std::string_view text) {
    WrittenValue value;
    if (text.empty()) return value;
    if (!text.starts_with(':')) {
        value.text = text;
        return value;
    }
    text.remove_prefix(1);
    unsigned octets = 0;
    const auto a = take_a_value(text, octets);
    if (!a || *a == 0) return Error{Errc::invalid, "is no A value; expected such as ':2:why' or ':127.0.0.2:why'"};
    value.a = octets == 1 ? *a | loopback : *a;
    skip_space(text);
    if (text.empty()) return value;
    if (!text.starts_with(':'))
        return Error{Errc::invalid, "has something behind its A value; expected ':127.0.0.2:why' with a second colon"};
    text.remove_prefix(1);
    skip_space(text);
    value.text = text;
    return value;
}

std::span<const ValueTable::Value> ValueTable::at(const Ref& ref) const {
    if (ref == nothing) return {};
    if ((ref & list_bit) == 0) return {&values_[ref - 1], 1};
    const auto list = ref & ~list_bit;
    const auto begin = list == 0 ? 0 : list_ends_[list - 1];
    return std::span(listed_).subspan(begin, list_ends_[list] - begin);
}

std::string ValueTable::text(const Value& value, std::string_view entry) const {
    const auto begin = value.text == 0 ? 0 : text_ends_[value.text - 1];
    const auto made = std::string_view{texts_}.substr(begin, text_ends_[value.text] - begin);
    std::string whole;
    for (const char c : made) {
        if (c == open_place)
            whole += entry;
        else
            whole += c;
    }
    whole.resize(std::min(whole.size(), longest_text));
    return whole;
}

Ref ValueMaker::value(std::uint32_t a, std::string_view text) {
    const auto [place, fresh] = known_texts_.try_emplace(std::string{text}, static_cast<std::uint32_t>(texts_.size()));
    if (fresh) {
        texts_.push_back(&place->first);
        text_bytes_ += text.size();
    }
    const auto [known, added] =
        known_values_.try_emplace(std::uint64_t{a} << 32U | place->second, static_cast<Ref>(values_.size() + 1));
    if (added) values_.push_back({a, place->second});
    return known->second;
}

Ref ValueMaker::value(const WrittenValue& written, Ref by_default) {
    if (!written.a && !written.text) return by_default;
    const auto base = values_[by_default - 1];
    const auto text = written.text ? written.text->substr(0, longest_text) : std::string_view{*texts_[base.text]};
    return value(written.a.value_or(base.a), text);
}

Ref ValueMaker::list(const std::vector<Ref>& refs) {
    const auto [place, fresh] = lists_.try_emplace(refs, static_cast<std::uint32_t>(lists_.size()));
    if (fresh) {
        list_order_.push_back(&place->first);
        in_lists_ += refs.size();
    }
    return place->second | ValueTable::list_bit;
}

ValueTable ValueMaker::finish(const Variables& variables) const {
    ValueTable table;
    table.values_.reserve(values_.size());
    for (const auto& made : values_) table.values_.push_back({made.a, made.text});
    table.text_ends_.reserve(texts_.size());
    for (const auto* text : texts_) {
        table.texts_ += put_together(*text, variables, ValueTable::open_place);
        table.text_ends_.push_back(static_cast<std::uint32_t>(table.texts_.size()));
    }
    table.texts_.shrink_to_fit();
    table.listed_.reserve(in_lists_);
    for (const auto* refs : list_order_) {
        for (const auto ref : *refs) table.listed_.push_back(table.values_[ref - 1]);
        table.list_ends_.push_back(static_cast<std::uint32_t>(table.listed_.size()));
    }
    return table;
}

} // namespace provenbl::zones::statics
