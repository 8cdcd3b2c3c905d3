// Data files of static zones: whatever is in them, reading ends, and what was read answers every question within its
// bounds. The first octet chooses the type of data set, the second whether bad lines are left out; a zero octet in the
// text parts two files.
#include "zones/static/names.hpp"
#include "zones/static/parse.hpp"
#include "zones/static/static_zone.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

namespace {

using namespace provenbl;
using namespace provenbl::zones::statics;

void require(bool holds) {
    if (!holds) std::abort();
}

void ask(const StaticZone& zone, std::string_view wire) {
    const std::vector<std::uint8_t> octets(wire.begin(), wire.end());
    const auto node = zone.find(octets, {true, true, true});
    require(node.a.data.size() + node.txt.data.size() + node.mx.data.size() == 0 ||
            node.kind == zones::NodeKind::entry);
    for (const auto& text : node.txt.data) require(text.size() <= longest_text);
    if (node.kind == zones::NodeKind::nothing || octets.empty()) return;
    // RFC 8020: what is above something exists.
    if (!node.listed) return;
    const auto above = wire.substr(1U + static_cast<std::uint8_t>(wire.front()));
    const std::vector<std::uint8_t> parent(above.begin(), above.end());
    require(above.empty() || zone.find(parent, {}).kind != zones::NodeKind::nothing);
}

// The names that a text speaks of, and those beside them.
void ask_for_words(const StaticZone& zone, std::string_view text) {
    std::size_t asked = 0;
    while (!text.empty() && asked++ < 200) {
        const auto word = text.substr(0, text.find_first_of(" \t\n/!:"));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const auto wire = wire_name(word);
        if (!wire || wire->size() > 150) continue; // as long as the names below our zones may be
        ask(zone, lower_wire(*wire));
        ask(zone, reversed_labels(lower_wire(*wire)));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto type = static_cast<SetType>(data[0] % set_type_names.size());
    ParseOptions options;
    options.skip_bad_lines = data[1] % 2 == 1;
    options.now = 1'764'000'000;
    options.longest_line = 1000;
    options.most_entries = 1000;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto cut = std::min(text.find('\0'), text.size());
    const std::array files{SourceText{"one", text.substr(0, cut)},
                           SourceText{"two", text.substr(std::min(cut + 1, text.size()))}};
    auto parsed = parse(type, files, options);
    require(parsed.set || parsed.complaints.first_error() != nullptr);
    for (const auto& one : parsed.complaints.kept()) require(!one.to_string().empty() && one.to_string().size() < 2000);
    if (!parsed.set) return 0;
    require(options.skip_bad_lines || parsed.complaints.errors() == 0);

    zones::StaticZoneDefinition definition;
    definition.apex = "bl.example";
    definition.fallback.name_servers = {{"ns.example", {}}};
    const auto zone = StaticZone::make(definition, 0, {parsed.set});
    require(zone.has_value());
    ask(**zone, {});
    ask_for_words(**zone, text);
    return 0;
}
