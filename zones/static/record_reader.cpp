// Single records: "name [ttl] [IN] type data" (rbldnsd(8), "generic Dataset").
#include "store/ascii.hpp"
#include "zones/static/names.hpp"
#include "zones/static/part_reader.hpp"
#include "zones/static/scan.hpp"

#include <fmt/format.h>

namespace provenbl::zones::statics {
namespace {

// "name [ttl] [IN] type data", complete names only.
class RecordReader final : public PartReader {
public:
    void line(std::string_view text, const LineContext& context) override {
        auto record = read(text);
        if (!record) {
            context.error(record.error().message);
            return;
        }
        if (record->data.size() > longest_text) {
            context.note(fmt::format("the text is longer than {} octets and is cut", longest_text));
            record->data.resize(longest_text);
        }
        ++entries_;
        records_.push_back(std::move(*record));
    }

    Part finish(const LineContext&) override { return {RecordSet(std::move(records_)), {}, ttl}; }

private:
    static constexpr std::uint16_t type_a = 1;
    static constexpr std::uint16_t type_mx = 15;
    static constexpr std::uint16_t type_txt = 16;

    static Error wrong(std::string what) { return {Errc::invalid, std::move(what)}; }

    static Result<Record> read(std::string_view text) {
        Record record;
        const auto name = take_word(text);
        if (name != "@") {
            const auto wire = wire_name(name);
            if (!wire || wire->empty()) return wrong(fmt::format("'{:.80}' is no domain name", name));
            record.key = reversed_labels(lower_wire(*wire));
        }
        if (!text.empty() && is_digit(text.front())) {
            const auto ttl = take_time(text);
            if (!ttl || *ttl > 0x7fffffff) return wrong("the ttl is no time, such as 3000 or 1h");
            record.ttl = *ttl;
        }
        auto type = lower(take_word(text));
        if (type == "in" && !text.empty()) type = lower(take_word(text));
        return read_data(record, type, text);
    }

    static Result<Record> read_data(Record& record, const std::string& type, std::string_view text) {
        if (type == "a") {
            unsigned octets = 0;
            const auto address = take_a_value(text, octets);
            if (!address || !(text.empty() || is_space(text.front()) || is_comment(text.front())))
                return wrong(fmt::format("'{:.40}' is no IPv4 address", text));
            record.type = type_a;
            for (unsigned shift = 32; shift > 0; shift -= 8)
                record.data += static_cast<char>(*address >> (shift - 8) & 0xffU);
        } else if (type == "txt") {
            record.type = type_txt;
            if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
            record.data = std::string{text};
        } else if (type == "mx") {
            record.type = type_mx;
            const auto preference = take_number(text, 0xffff);
            if (!preference || text.empty() || !is_space(text.front()))
                return wrong("an MX record is 'preference name'");
            skip_space(text);
            const auto wire = wire_name(take_word(text));
            if (!wire || !text.empty()) return wrong("an MX record is 'preference name', and nothing behind them");
            record.preference = static_cast<std::uint16_t>(*preference);
            record.data = *wire;
        } else {
            return wrong(fmt::format("'{:.20}' is no type that a generic data set has: A, TXT, MX", type));
        }
        return record;
    }

    std::vector<Record> records_;
};

} // namespace

std::unique_ptr<PartReader> make_record_reader() {
    return std::make_unique<RecordReader>();
}

} // namespace provenbl::zones::statics
