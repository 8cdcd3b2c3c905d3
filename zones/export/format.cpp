#include "zones/export/format.hpp"

#include "zones/export/writers.hpp"

#include <algorithm>

namespace provenbl::zones::exports {
namespace {

constexpr std::size_t longest_ipset = 31 - 6;      // IPSET_MAXNAMELEN, less "_4.new"
constexpr std::size_t longest_nft = 200;           // NFT_NAME_MAXLEN is 256
constexpr std::uint64_t most_of_a_set = 1U << 24U; // what ipset.cpp asks for

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_set_character(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

std::string set_name(const Zone& zone, const Options& options) {
    if (!options.set.empty()) return options.set;
    auto name = zone.apex().to_string();
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_set_character(c); }, '_');
    return is_letter(name.front()) ? name : "bl_" + name;
}

Result<> check_set(const Zone& zone, Format format, const Options& options) {
    const auto name = set_name(zone, options);
    if (!is_letter(name.front()) || !std::all_of(name.begin(), name.end(), is_set_character))
        return Error{Errc::invalid,
                     fmt::format("'{}' is no name of a set: expected a letter, then letters, digits and '_'", name)};
    const auto longest = format == Format::ipset ? longest_ipset : longest_nft;
    if (name.size() > longest)
        return Error{Errc::invalid, fmt::format("'{}' is too long for the name of a set in {}: give the sets a name of "
                                                "at most {} characters",
                                                name, to_string(format), longest)};
    return {};
}

} // namespace

std::string_view to_string(Format format) {
    switch (format) {
    case Format::rbldnsd:
        return "rbldnsd";
    case Format::bind:
        return "bind";
    case Format::rpz:
        return "rpz";
    case Format::cidr:
        return "cidr";
    case Format::postfix:
        return "postfix";
    case Format::nftables:
        return "nftables";
    case Format::ipset:
        return "ipset";
    case Format::json:
        return "json";
    case Format::csv:
        return "csv";
    }
    return "unknown";
}

std::optional<Format> parse_format(std::string_view text) {
    for (const auto format : all_formats) {
        if (to_string(format) == text) return format;
    }
    return std::nullopt;
}

bool tells_changes(Format format) {
    return format == Format::nftables || format == Format::ipset || format == Format::json || format == Format::csv;
}

Result<> check(const Zone& zone, Format format, const Options& options) {
    if (zone.classes().empty())
        return Error{Errc::invalid, zone.apex().to_string() + " lists nothing; name a zone that does"};
    if (format == Format::nftables || format == Format::ipset) return check_set(zone, format, options);
    return {};
}

std::string headline(const View& view) {
    return fmt::format("{}, serial {}{}", view.zone.apex().to_string(), view.snapshot.serial(),
                       view.snapshot.index.is_shut_down() ? ": the list is shut down, so this is empty" : "");
}

std::uint64_t walk_changes(const View& view, const Changes& changes,
                           const std::function<bool(const ChangedEntry&)>& visit) {
    std::uint64_t count = 0;
    for (const auto& one : changes.list) {
        if (is_reserved(view.zone, one.address)) continue;
        const auto before = view.zone.entry(one.address, one.before);
        const auto after = view.zone.entry(one.address, one.after);
        const bool was = before.kind == NodeKind::entry;
        const bool is = after.kind == NodeKind::entry;
        const auto length = one.address.is_v4() ? one.address.bits() : changes.ipv6_bits;
        ++count;
        if (!visit(ChangedEntry{Entry{is ? after : before, length, false}, was, is})) break;
    }
    return count;
}

Result<Written> write(const View& view, Format format, const Options& options, const Output::Take& take) {
    if (auto fits = check(view.zone, format, options); !fits) return fits.error();
    Output out(take);
    Written written;
    switch (format) {
    case Format::rbldnsd:
        written.entries = write_rbldnsd(view, out);
        break;
    case Format::bind:
        written.entries = write_bind(view, out);
        break;
    case Format::rpz:
        written.entries = write_rpz(view, options, out);
        break;
    case Format::cidr:
        written.entries = write_cidr(view, out);
        break;
    case Format::postfix:
        written.entries = write_postfix(view, out);
        break;
    case Format::nftables:
        written.entries = write_nftables(view, set_name(view.zone, options), out);
        break;
    case Format::ipset:
        if (view.snapshot.index.size() > most_of_a_set)
            return Error{Errc::limit,
                         fmt::format("a set of ipset takes at most {} entries; use nftables", most_of_a_set)};
        written.entries = write_ipset(view, set_name(view.zone, options), out);
        break;
    case Format::json:
        written.entries = write_json(view, out);
        break;
    case Format::csv:
        written.entries = write_csv(view, out);
        break;
    }
    if (auto done = out.finish(); !done) return done.error();
    written.bytes = out.bytes();
    return written;
}

Result<Written> write_changes(const View& view, const Changes& changes, Format format, const Options& options,
                              const Output::Take& take) {
    if (auto fits = check(view.zone, format, options); !fits) return fits.error();
    Output out(take);
    Written written;
    switch (format) {
    case Format::nftables:
        written.entries = write_nftables_changes(view, changes, set_name(view.zone, options), out);
        break;
    case Format::ipset:
        written.entries = write_ipset_changes(view, changes, set_name(view.zone, options), out);
        break;
    case Format::json:
        written.entries = write_json_changes(view, changes, out);
        break;
    case Format::csv:
        written.entries = write_csv_changes(view, changes, out);
        break;
    case Format::rbldnsd:
    case Format::bind:
    case Format::rpz:
    case Format::cidr:
    case Format::postfix:
        return Error{
            Errc::invalid,
            fmt::format("{} is always whole; changes can be had as nftables, ipset, json or csv", to_string(format))};
    }
    if (auto done = out.finish(); !done) return done.error();
    written.bytes = out.bytes();
    return written;
}

} // namespace provenbl::zones::exports
