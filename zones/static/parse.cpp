#include "zones/static/parse.hpp"

#include "zones/static/names.hpp"
#include "zones/static/part_reader.hpp"
#include "zones/static/scan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::zones::statics {
namespace {

constexpr std::size_t most_sections = 256; // of a combined set
constexpr std::size_t most_subzones = 4096;

// The lines of several files, one after the other.
class SetReader {
public:
    SetReader(SetType type, const ParseOptions& options, Complaints& complaints)
        : type_(type), options_(options), complaints_(complaints), set_(std::make_shared<DataSet>()) {
        context_.error = [this](std::string what) { complain(Severity::error, std::move(what)); };
        context_.note = [this](std::string what) { complain(Severity::note, std::move(what)); };
        set_->combined = type == SetType::combined;
        if (set_->combined) return;
        sections_.push_back({make_reader(type), {}});
        connect("", 0);
    }

    void read(const SourceText& source) {
        file_ = source.name;
        line_ = 0;
        if (set_->combined)
            current_ = nullptr; // a section ends with its file
        else
            current_ = sections_.front().reader.get();
        if (current_ != nullptr) current_->begin_file();
        auto rest = source.text;
        while (!rest.empty() && !unfit_) {
            const auto end = rest.find('\n');
            ++line_;
            take(rest.substr(0, end));
            if (end == std::string_view::npos) {
                complain(Severity::note, "the last line does not end: is the file complete?");
                break;
            }
            rest.remove_prefix(end + 1);
        }
    }

    // Null when the set is unfit.
    std::shared_ptr<DataSet> finish() {
        line_ = 0;
        const auto errors = complaints_.errors();
        for (auto& section : sections_) {
            set_->entries += section.reader->entries();
            fill_in(section.reader->variables);
            set_->parts.push_back(section.reader->finish(context_));
            auto& ttl = set_->parts.back().ttl;
            if (!ttl) ttl = set_->combined ? section.ttl_before : ttl_;
        }
        std::stable_sort(set_->subzones.begin(), set_->subzones.end(),
                         [](const Subzone& a, const Subzone& b) { return a.labels > b.labels; });
        // What can't be put together is no matter of single lines.
        if (complaints_.errors() > (options_.skip_bad_lines ? errors : 0)) unfit_ = true;
        return unfit_ ? nullptr : set_;
    }

private:
    struct Section {
        std::unique_ptr<PartReader> reader;
        std::optional<std::uint32_t> ttl_before; // $TTL of the combined set when it began
    };

    void complain(Severity severity, std::string what) { complaints_.add({severity, file_, line_, std::move(what)}); }
    void refuse(std::string what) {
        complain(Severity::error, std::move(what));
        unfit_ = true;
    }

    void take(std::string_view text) {
        if (text.size() > options_.longest_line) {
            context_.error(fmt::format("the line is longer than {} octets", options_.longest_line));
            return;
        }
        if (text.ends_with('\r')) text.remove_suffix(1);
        skip_space(text);
        while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
        if (text.find('\0') != std::string_view::npos) {
            context_.error("the line holds a zero octet: is this a text file?");
            return;
        }
        std::string_view special;
        if (is_special(text, special)) {
            take_special(special, text.front() == '$');
            return;
        }
        if (at_line_end(text)) return;
        if (current_ == nullptr) {
            refuse("an entry stands before the first $DATASET of the file; say there whose it is");
            return;
        }
        current_->line(text, context_);
        if (current_->entries() > options_.most_entries)
            refuse(fmt::format("there are more than {} entries; split the file", options_.most_entries));
    }

    // What only looks like one, in a comment, is no more than worth a note.
    void take_special(std::string_view text, bool plain) {
        const auto special = parse_special(text);
        if (special) {
            std::visit([this](const auto& line) { accept(line); }, *special);
            return;
        }
        const bool comment = special.error().code == Errc::not_found && !plain;
        complain(comment ? Severity::note : Severity::error, special.error().message);
    }

    void accept(const SoaLine& line) {
        if (set_->soa) return;
        set_->soa = line;
        if (line.soa.ttl == 0 && ttl_) set_->soa->soa.ttl = *ttl_;
    }
    void accept(const NsLine& line) {
        if (set_->name_servers) return;
        set_->name_servers = line;
        if (line.ttl == 0 && ttl_) set_->name_servers->ttl = *ttl_;
    }
    void accept(const TtlLine& line) {
        const auto ttl = line.ttl == 0 ? std::optional<std::uint32_t>{} : line.ttl;
        if (set_->combined && current_ != nullptr)
            current_->ttl = ttl;
        else
            ttl_ = ttl;
    }
    void accept(const TimestampLine& line) {
        if (line.made > options_.now) {
            refuse(fmt::format("the data are {} s from the future; is the clock right?", line.made - options_.now));
            return;
        }
        if (line.expires != 0 && (set_->expires == 0 || line.expires < set_->expires)) set_->expires = line.expires;
    }
    void accept(const MaxRange4Line& line) {
        auto& most = context_.most_addresses;
        if (most && line.addresses > *most)
            context_.note(fmt::format("$MAXRANGE4 was {} already and is never widened", *most));
        else
            most = line.addresses;
    }
    void accept(const VariableLine& line) {
        auto& variables = set_->combined && current_ != nullptr ? current_->variables : variables_;
        auto& variable = variables.text.at(line.place);
        if (!variable) variable = line.text; // the first counts
    }
    void accept(const DataSetLine& line) {
        if (!set_->combined) {
            context_.error("$DATASET belongs into a combined data set; this one is " + std::string{to_string(type_)});
            return;
        }
        const auto type = parse_set_type(line.type);
        if (!type || *type == SetType::combined) {
            refuse(type ? "a combined data set holds no other combined one" : type.error().message);
            return;
        }
        if (sections_.size() >= most_sections) {
            refuse(fmt::format("more than {} sections", most_sections));
            return;
        }
        if (line.subzones.empty()) context_.note("$DATASET names no subzone: what follows is never asked for");
        sections_.push_back({make_reader(*type), ttl_});
        current_ = sections_.back().reader.get();
        current_->variables = variables_;
        current_->begin_file();
        for (const auto& name : line.subzones) {
            const auto wire = name == "@" ? std::string{} : wire_name(name);
            if (wire && (name == "@" || !wire->empty()))
                connect(reversed_labels(lower_wire(*wire)), label_count(*wire));
            else
                context_.error(fmt::format("'{:.80}' is no name of a subzone", name));
        }
    }

    // The newest section is looked up in the subzone.
    void connect(const std::string& key, std::size_t labels) {
        auto at = std::find_if(set_->subzones.begin(), set_->subzones.end(),
                               [&](const Subzone& subzone) { return subzone.key == key; });
        if (at == set_->subzones.end()) {
            if (set_->subzones.size() >= most_subzones) {
                refuse(fmt::format("more than {} subzones", most_subzones));
                return;
            }
            at = set_->subzones.insert(at, Subzone{key, labels, {}});
        }
        const auto part = sections_.size() - 1;
        if (at->parts.empty() || at->parts.back() != part) at->parts.push_back(part);
    }

    // Variables of the set as a whole hold where a section has none of its own.
    void fill_in(Variables& variables) const {
        if (set_->combined) return; // they were copied when the section began
        variables = variables_;
    }

    const SetType type_;
    const ParseOptions& options_;
    Complaints& complaints_;
    std::shared_ptr<DataSet> set_;
    std::vector<Section> sections_;
    PartReader* current_ = nullptr; // whose lines these are; null before the first section of a combined file
    LineContext context_;
    Variables variables_;
    std::optional<std::uint32_t> ttl_;
    std::string file_;
    std::size_t line_ = 0;
    bool unfit_ = false;
};

} // namespace

Result<SetType> parse_set_type(std::string_view text) {
    for (std::size_t i = 0; i < set_type_names.size(); ++i) {
        if (set_type_names.at(i) == text) return static_cast<SetType>(i);
    }
    if (text == "acl")
        return Error{Errc::invalid, "acl is not taken: who may ask is said in dns.access of the configuration"};
    return Error{Errc::invalid,
                 fmt::format("'{:.20}' is no data set type; known are {}", text, fmt::join(set_type_names, ", "))};
}

Parsed parse(SetType type, std::span<const SourceText> files, const ParseOptions& options) {
    Parsed parsed;
    SetReader reader(type, options, parsed.complaints);
    for (const auto& file : files) reader.read(file);
    parsed.set = reader.finish();
    return parsed;
}

} // namespace provenbl::zones::statics
