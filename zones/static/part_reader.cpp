#include "zones/static/part_reader.hpp"

#include "zones/static/names.hpp"
#include "zones/static/range_layout.hpp"
#include "zones/static/scan.hpp"

#include <fmt/format.h>

namespace provenbl::zones::statics {
namespace {

// Keys of a domain set are found by 32 bits.
constexpr std::size_t most_key_bytes = 0xffffffff;
constexpr std::string_view too_many_values =
    "holds more texts and combinations of values than 16 million; give fewer of them";

// What all sets but generic have in common: default values, exclusions, values behind an entry.
class ValuedReader : public PartReader {
public:
    void begin_file() override {
        if (!one_default_) default_ = plain_;
    }

protected:
    // `one_default`: the first default of all files is everybody's (ip4tset, ip6tset).
    explicit ValuedReader(bool one_default) : one_default_(one_default) {}

    // Takes the line when it sets the default.
    bool take_default(std::string_view text, const LineContext& context) {
        if (!text.starts_with(':')) return false;
        const auto value = read_value(text, context);
        if (!value || (one_default_ && has_default_)) return true;
        default_ = values_.value(*value, plain_);
        has_default_ = true;
        return true;
    }
    // What stands behind an entry; absent when the line is bad, nothing for an exclusion.
    std::optional<Ref> entry_value(bool excluded, std::string_view text, const LineContext& context) {
        if (excluded) return nothing;
        skip_space(text);
        if (at_line_end(text)) return default_;
        const auto value = read_value(text, context);
        if (!value) return std::nullopt;
        return values_.value(*value, default_);
    }
    static bool take_exclusion(std::string_view& text) {
        if (!text.starts_with('!')) return false;
        text.remove_prefix(1);
        skip_space(text);
        return true;
    }
    [[nodiscard]] Ref everybodys_value() const { return default_; }
    template <class Contents> Part made(Contents contents, const LineContext& context) {
        if (values_.too_many()) context.error(std::string{too_many_values});
        return {std::move(contents), values_.finish(variables), ttl};
    }

    ValueMaker values_;

private:
    static std::optional<WrittenValue> read_value(std::string_view text, const LineContext& context) {
        const auto value = parse_value(text);
        if (!value) {
            context.error(fmt::format("'{:.40}' {}", text, value.error().message));
            return std::nullopt;
        }
        if (value->text && value->text->size() > longest_text)
            context.note(fmt::format("the text is longer than {} octets and is cut", longest_text));
        if (value->a && *value->a >> 24U != 127)
            context.note(fmt::format("the A value {} is outside 127.0.0.0/8: many mail servers don't take it for a "
                                     "listing (RFC 5782 2.3)",
                                     text_of(*value->a)));
        return *value;
    }

    const bool one_default_;
    bool has_default_ = false;
    const Ref plain_ = values_.plain();
    Ref default_ = plain_;
};

class Reader4 final : public ValuedReader {
public:
    explicit Reader4(SetType type) : ValuedReader(type == SetType::ip4tset), type_(type) {}

    void line(std::string_view text, const LineContext& context) override {
        if (take_default(text, context)) return;
        const bool excluded = type_ != SetType::ip4tset && take_exclusion(text);
        const auto whole = text;
        const auto range = type_ == SetType::ip4set ? take_range4(text) : take_prefix4(text);
        if (!range || !at_entry_end(text)) {
            context.error(fmt::format("'{:.40}' is no {}", whole,
                                      type_ == SetType::ip4set    ? "IPv4 address, prefix or range"
                                      : type_ == SetType::ip4trie ? "IPv4 address or prefix"
                                                                  : "IPv4 address"));
            return;
        }
        if (type_ == SetType::ip4tset && range->first != range->last) {
            context.error(fmt::format("'{:.40}' is no single address; ip4tset has nothing else, ip4set has", whole));
            return;
        }
        if ((range->first & ~mask4(range->bits)) != 0) {
            context.error(fmt::format("'{:.40}' has host bits set; did you mean {}/{}?", whole,
                                      text_of(range->first & mask4(range->bits)), range->bits));
            return;
        }
        const auto addresses = std::uint64_t{range->last} - range->first + 1;
        if (context.most_addresses && addresses > *context.most_addresses) {
            context.note(
                fmt::format("covers {} addresses, $MAXRANGE4 allows {}: left out", addresses, *context.most_addresses));
            return;
        }
        const auto value = entry_value(excluded, type_ == SetType::ip4tset ? std::string_view{} : text, context);
        if (!value) return;
        ++entries_;
        if (type_ == SetType::ip4set)
            cut_into_octets(range->first, range->last, [&](Key4 first, Key4 last, std::uint8_t level) {
                ranges_.push_back({first, last, *value, level});
            });
        else
            ranges_.push_back({range->first, range->last, *value, static_cast<std::uint8_t>(range->bits)});
    }

    Part finish(const LineContext& context) override {
        if (type_ == SetType::ip4tset) {
            for (auto& range : ranges_) range.value = everybodys_value();
        }
        std::size_t repeated = 0;
        auto map = lay_out(std::move(ranges_), values_, type_ == SetType::ip4trie ? &repeated : nullptr);
        if (repeated > 0)
            context.note(fmt::format("{} prefixes are given more than once; the first of each counts", repeated));
        return made(std::move(map), context);
    }

private:
    const SetType type_;
    std::vector<Range<Key4>> ranges_;
};

class Reader6 final : public ValuedReader {
public:
    explicit Reader6(SetType type) : ValuedReader(type == SetType::ip6tset), trivial_(type == SetType::ip6tset) {}

    void line(std::string_view text, const LineContext& context) override {
        // "::1" is an address.
        if (!text.starts_with("::") && take_default(text, context)) return;
        const bool excluded = take_exclusion(text);
        const auto whole = text;
        const auto prefix = trivial_ ? take_words6(text) : take_prefix6(text);
        if (!prefix || !at_entry_end(text)) {
            context.error(fmt::format("'{:.60}' is no IPv6 address or prefix", whole));
            return;
        }
        if (trivial_ && prefix->bits != (excluded ? 128U : 64U)) {
            context.error(fmt::format("'{:.60}' has {} bits; ip6tset takes a /64 as four groups, and excludes single "
                                      "addresses",
                                      whole, prefix->bits));
            return;
        }
        const auto mask = mask6(prefix->bits);
        if ((prefix->address & ~mask) != 0) {
            context.error(fmt::format("'{:.60}' has host bits set; did you mean {}/{}?", whole,
                                      text_of(prefix->address & mask), prefix->bits));
            return;
        }
        const auto value = entry_value(excluded, trivial_ ? std::string_view{} : text, context);
        if (!value) return;
        ++entries_;
        ranges_.push_back({prefix->address, prefix->address | ~mask, *value, static_cast<std::uint8_t>(prefix->bits)});
    }

    Part finish(const LineContext& context) override {
        if (trivial_) {
            for (auto& range : ranges_) {
                if (range.value != nothing) range.value = everybodys_value();
            }
        }
        std::size_t repeated = 0;
        auto map = lay_out(std::move(ranges_), values_, trivial_ ? nullptr : &repeated);
        if (repeated > 0)
            context.note(fmt::format("{} prefixes are given more than once; the first of each counts", repeated));
        return made(std::move(map), context);
    }

private:
    const bool trivial_;
    std::vector<Range<Key6>> ranges_;
};

class DomainReader final : public ValuedReader {
public:
    DomainReader() : ValuedReader(false) {}

    void line(std::string_view text, const LineContext& context) override {
        if (take_default(text, context)) return;
        const bool excluded = take_exclusion(text);
        const bool dot = text.starts_with('.');
        const bool star = text.starts_with("*.");
        if (dot || star) text.remove_prefix(dot ? 1 : 2);
        const auto word = take_word(text);
        const auto wire = wire_name(word);
        if (!wire || wire->empty()) {
            context.error(fmt::format("'{:.80}' is no domain name", word));
            return;
        }
        const auto value = entry_value(excluded, text, context);
        if (!value) return;
        if (keys_.size() + wire->size() > most_key_bytes) {
            context.error("there are more names than fit in memory; split the file into two data sets");
            return;
        }
        ++entries_;
        DomainEntry entry{static_cast<std::uint32_t>(keys_.size()), static_cast<std::uint8_t>(wire->size()), false,
                          *value};
        keys_ += reversed_labels(lower_wire(*wire));
        if (!star) listed_.push_back(entry);
        entry.wildcard = true;
        if (star || dot) listed_.push_back(entry);
    }

    Part finish(const LineContext& context) override {
        return made(DomainSet(std::move(listed_), keys_, values_), context);
    }

private:
    std::vector<DomainEntry> listed_;
    std::string keys_;
};

} // namespace

std::unique_ptr<PartReader> make_reader(SetType type) {
    switch (type) {
    case SetType::ip6trie:
    case SetType::ip6tset:
        return std::make_unique<Reader6>(type);
    case SetType::dnset:
        return std::make_unique<DomainReader>();
    case SetType::generic:
        return make_record_reader();
    default:
        return std::make_unique<Reader4>(type);
    }
}

} // namespace provenbl::zones::statics
