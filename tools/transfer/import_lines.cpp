#include "tools/transfer/import_lines.hpp"

#include "tools/transfer/record_json.hpp"

#include <fmt/format.h>

#include <istream>
#include <optional>
#include <vector>

namespace provenbl::tools::transfer {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_line = std::size_t{32} << 20U;
constexpr std::size_t records_at_once = 1000; // in one transaction
constexpr std::size_t bytes_at_once = std::size_t{8} << 20U;

struct Line {
    std::uint64_t number = 0;
    provenbl::transfer::Record record;
};

class Import {
public:
    Import(Store& store, std::istream& in, const ImportOptions& options) : store_(store), in_(in), options_(options) {}

    Result<Imported> run() {
        if (auto begun = begin(); !begun) return begun.error();
        for (;;) {
            auto object = next_object();
            if (!object) return object.error();
            const auto* const type = (*object)->if_contains("type");
            if (type != nullptr && *type == "end") {
                if (auto flushed = flush(); !flushed) return flushed.error();
                return end(**object);
            }
            ++seen_;
            if (seen_ <= skip_) continue; // is in the store
            auto record = from_json(**object);
            if (!record) {
                if (auto told = refuse(number_, record.error().message); !told) return told.error();
                continue;
            }
            batch_.push_back({number_, std::move(*record)});
            if (batch_.size() < records_at_once && batch_bytes_ < bytes_at_once) continue;
            if (auto flushed = flush(); !flushed) return flushed.error();
        }
    }

private:
    Result<> begin() {
        auto first = next_object();
        if (!first) return first.error();
        auto header = header_from_json(**first);
        if (!header) return header.error();
        header_ = *header;
        return store_.write([&](WriteTxn& txn) -> Result<> {
            const auto taken = provenbl::transfer::receive(txn, header_);
            if (!taken) return taken.error();
            skip_ = imported_.skipped = *taken;
            return {};
        });
    }

    // The next line that is an object; what is none is refused and passed over.
    Result<std::optional<json::object>> next_object() {
        for (;;) {
            std::string text;
            if (auto read = next_line(text); !read) return read.error();
            batch_bytes_ += text.size();
            json::error_code failed;
            auto value = json::parse(text, failed);
            if (!failed && value.is_object()) return std::optional<json::object>(std::move(value.get_object()));
            if (number_ == 1) return Error{Errc::invalid, "the first line is no JSON object; is this an export?"};
            ++seen_;
            if (seen_ <= skip_) continue;
            if (auto told = refuse(number_, failed ? "is no JSON: " + failed.message() : "is no JSON object"); !told)
                return told.error();
        }
    }

    Result<> next_line(std::string& text) {
        std::streambuf* const from = in_.rdbuf();
        for (int c = from->sbumpc(); c != '\n'; c = from->sbumpc()) {
            if (c == std::char_traits<char>::eof()) {
                (void)flush(); // what came is kept: the whole file then goes on from here
                return Error{Errc::invalid, fmt::format("the input ends after line {} without its end line: it was cut "
                                                        "short; import the whole of it, and it goes on from here",
                                                        number_)};
            }
            if (text.size() == longest_line)
                return Error{Errc::limit, fmt::format("line {} is longer than {} bytes", number_ + 1, longest_line)};
            text += static_cast<char>(c);
        }
        ++number_;
        return {};
    }

    Result<> refuse(std::uint64_t line, const std::string& reason) {
        ++imported_.refused;
        if (options_.refused) options_.refused(line, reason);
        if (imported_.refused < options_.error_limit) return {};
        (void)flush();
        return Error{Errc::invalid, fmt::format("{} lines were refused, which is the limit; {} records are in the "
                                                "store, and the import can go on from there",
                                                imported_.refused, imported_.skipped + imported_.records)};
    }

    Result<> flush() {
        std::vector<std::pair<std::uint64_t, std::string>> refused;
        auto written = store_.write([&](WriteTxn& txn) -> Result<> {
            refused.clear();
            for (const auto& line : batch_) {
                if (auto taken = provenbl::transfer::take(txn, line.record); !taken)
                    refused.emplace_back(line.number, taken.error().message);
            }
            // After the first refusal the place stays where it is: the line can be corrected, and what followed it is
            // taken again, which changes nothing.
            if (imported_.refused == 0 && refused.empty()) provenbl::transfer::mark(txn, seen_);
            return {};
        });
        if (!written) return written;
        imported_.records += batch_.size() - refused.size();
        batch_.clear();
        batch_bytes_ = 0;
        for (const auto& [line, reason] : refused) {
            if (auto told = refuse(line, reason); !told) return told;
        }
        if (options_.progress) options_.progress(imported_.records);
        return {};
    }

    Result<Imported> end(const json::object& object) {
        const auto* const records = object.if_contains("records");
        if (records == nullptr || *records != seen_)
            return Error{Errc::invalid, fmt::format("the end line does not speak of the {} records that came", seen_)};
        if (imported_.refused == 0) {
            auto done = store_.write([&](WriteTxn& txn) { return provenbl::transfer::complete(txn, header_); });
            if (!done) return done.error();
            imported_.complete = true;
        }
        imported_.serial = header_.serial;
        return imported_;
    }

    Store& store_;
    std::istream& in_;
    const ImportOptions& options_;
    provenbl::transfer::Header header_;
    Imported imported_;
    std::vector<Line> batch_;
    std::size_t batch_bytes_ = 0;
    std::uint64_t number_ = 0; // of the line read last
    std::uint64_t seen_ = 0;   // records so far
    std::uint64_t skip_ = 0;
};

} // namespace

Result<Imported> import_lines(Store& store, std::istream& in, const ImportOptions& options) {
    return Import(store, in, options).run();
}

} // namespace provenbl::tools::transfer
