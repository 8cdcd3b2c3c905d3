#include "tools/cli/publishing.hpp"

#include "store/notices.hpp"
#include "tools/cli/commands.hpp"
#include "tools/exports/export_file.hpp"
#include "zones/follower.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

using exports::Manifest;
using zones::exports::Changes;
using zones::exports::Format;

Exit fail(Terminal& terminal, const Error& error) {
    terminal.complain(printable(error.message));
    return error.code == Errc::invalid ? Exit::usage : exit_of(error.code);
}

json::object manifest_object(const Manifest& manifest, const std::string& file) {
    json::object object{{"file", file},
                        {"zone", manifest.zone},
                        {"format", to_string(manifest.format)},
                        {"serial", manifest.serial},
                        {"made", to_string(manifest.made)},
                        {"shut_down", manifest.shut_down},
                        {"entries", manifest.entries},
                        {"bytes", manifest.bytes},
                        {"sha256", manifest.sha256}};
    if (manifest.since) object["since"] = *manifest.since;
    return object;
}

std::string summary(const Manifest& manifest, const std::string& file) {
    return fmt::format("{}: {} as {}, serial {}, {} {}{}", file, manifest.zone, to_string(manifest.format),
                       manifest.serial, manifest.entries,
                       manifest.since ? fmt::format("changes since {}", *manifest.since) : "entries",
                       manifest.shut_down ? "; the list is shut down, so it is empty" : "");
}

Result<exports::Target> target_of(const ZoneExport& request) {
    exports::Target target;
    target.file = request.output;
    const auto format = zones::exports::parse_format(request.format);
    if (!format) {
        std::vector<std::string_view> known;
        for (const auto one : zones::exports::all_formats) known.push_back(to_string(one));
        return Error{Errc::invalid, fmt::format("'{}' is no format of a zone; say with --format one of {}",
                                                request.format, fmt::join(known, ", "))};
    }
    target.format = *format;
    target.options.set = request.set;
    // What CLI11 let pass is one of them.
    if (const auto action = zones::rpz::parse_action(request.rpz_action)) target.options.rpz_action = *action;
    if (const auto trigger = zones::rpz::parse_trigger(request.rpz_trigger)) target.options.rpz_trigger = *trigger;
    if (request.delta && !zones::exports::tells_changes(*format))
        return Error{
            Errc::invalid,
            fmt::format("{} is always whole; changes can be had as nftables, ipset, json or csv", request.format)};
    return target;
}

const zones::Zone* find_zone(const zones::ZoneTable& table, const std::string& name) {
    const auto parsed = zones::DomainName::parse(name);
    if (!parsed) return nullptr;
    const auto* const zone = table.find(parsed->wire());
    return zone != nullptr && zone->apex() == *parsed ? zone : nullptr;
}

Error unknown_zone(const std::string& name, const zones::ZoneTable& table) {
    std::vector<std::string> known;
    for (const auto& zone : table.zones()) {
        if (!zone.classes().empty()) known.push_back(zone.apex().to_string());
    }
    return {Errc::invalid,
            fmt::format("'{}' is no zone of the configuration; known are {}", name, fmt::join(known, ", "))};
}

// What is to be written: the whole, or what has changed.
struct Source {
    zones::Snapshot snapshot; // for changes without its index
    std::optional<Changes> changes;
};

Result<Source> read_source(const Store& store, ClassSet classes, std::optional<std::uint64_t> since) {
    if (!since) {
        zones::Follower follower(store);
        follower.catch_up();
        return Source{*follower.snapshot(), std::nullopt};
    }
    return store.read([&](const ReadTxn& txn) -> Result<Source> {
        auto changes = zones::exports::changes_since(txn, classes, *since);
        if (!changes) return changes.error();
        Source source;
        if (notices::shutdown(txn)) source.snapshot.index = zones::Index::shut_down();
        source.snapshot.sequence = changes->to;
        source.changes = std::move(*changes);
        return source;
    });
}

// To standard output: nothing is signed that has no name.
Result<zones::exports::Written> write_out(const zones::exports::View& view, const Source& source,
                                          const exports::Target& target) {
    const auto take = [](std::string_view piece) -> Result<> {
        std::cout << piece << std::flush;
        if (!std::cout) return Error{Errc::io, "standard output takes no more; was it a pipe that ended?"};
        return {};
    };
    if (source.changes)
        return zones::exports::write_changes(view, *source.changes, target.format, target.options, take);
    return zones::exports::write(view, target.format, target.options, take);
}

Result<std::string> read_text(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(4096, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad() || (!stream && stream.gcount() == 0))
        return Error{Errc::not_found,
                     file + " can't be read; --key takes a file with the public key, or the key in base64"};
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

Result<signing::PublicKey> key_of(const std::string& text_or_file) {
    if (auto key = signing::PublicKey::parse(text_or_file)) return key;
    const auto text = read_text(text_or_file);
    if (!text) return text.error();
    return signing::PublicKey::parse(*text);
}

} // namespace

Exit export_zone(const StorePlace& place, const ZoneExport& request, Terminal& terminal, bool json) {
    const auto target = target_of(request);
    if (!target) return fail(terminal, target.error());
    const auto configuration = configuration_or_complaints(terminal, place.file, Role::api);
    if (!configuration) return Exit::usage;
    const zones::ZoneTable table(configuration->zones);
    const auto* const zone = find_zone(table, request.zone);
    if (zone == nullptr) return fail(terminal, unknown_zone(request.zone, table));
    if (const auto fits = zones::exports::check(*zone, target->format, target->options); !fits)
        return fail(terminal, fits.error());
    const std::filesystem::path directory =
        place.directory.empty() ? configuration->store.directory : std::filesystem::path{place.directory};
    const SystemClock clock;
    const auto store = open_to_read({place.file, directory.string()}, clock, terminal);
    if (!store) return Exit::usage;
    const auto source = read_source(**store, zone->classes(), request.delta);
    if (!source) {
        terminal.complain(source.error().message);
        return source.error().code == Errc::expired ? Exit::too_old : exit_of(source.error().code);
    }
    const zones::exports::View view{table, *zone, source->snapshot};
    if (request.output == "-") {
        const auto written = write_out(view, *source, *target);
        if (!written) return fail(terminal, written.error());
        terminal.complain(fmt::format("serial {}, {} entries", source->snapshot.serial(), written->entries));
        return Exit::done;
    }
    const auto key = signing::SigningKey::of(directory);
    if (!key) return fail(terminal, key.error());
    const auto done = source->changes ? exports::export_changes(view, *source->changes, *target, *key, clock.now())
                                      : exports::export_zone(view, *target, *key, clock.now());
    if (!done) return fail(terminal, done.error());
    if (json)
        terminal.line(json::serialize(manifest_object(*done, request.output)));
    else
        terminal.line(Colour::green, summary(*done, request.output));
    return Exit::done;
}

Exit verify_export(const VerifyExport& request, Terminal& terminal, bool json) {
    const auto key = key_of(request.key);
    if (!key) return fail(terminal, key.error());
    const auto manifest =
        request.manifest.empty() ? exports::manifest_of(request.file) : std::filesystem::path{request.manifest};
    const auto verified = exports::verify(request.file, manifest, *key);
    if (!verified) {
        terminal.complain(printable(verified.error().message));
        return Exit::failed;
    }
    if (json) {
        auto object = manifest_object(*verified, request.file);
        object["key"] = key->id();
        terminal.line(json::serialize(object));
        return Exit::done;
    }
    terminal.line(Colour::green, fmt::format("{}, made {}, signed by {}", summary(*verified, request.file),
                                             to_string(verified->made), key->id()));
    return Exit::done;
}

Exit show_signing_key(const StorePlace& place, Terminal& terminal, bool json) {
    const auto directory = directory_of(place, terminal);
    if (!directory) return fail(terminal, directory.error());
    const auto key = signing::SigningKey::of(*directory);
    if (!key) return fail(terminal, key.error());
    const auto& of = key->public_key();
    if (json) {
        terminal.line(json::serialize(
            json::object{{"algorithm", "Ed25519"}, {"id", of.id()}, {"base64", of.base64()}, {"pem", of.pem()}}));
        return Exit::done;
    }
    auto pem = of.pem();
    if (pem.ends_with('\n')) pem.pop_back();
    terminal.line(pem);
    terminal.complain(fmt::format("Ed25519, key {}, in base64 {}", of.id(), of.base64()));
    return Exit::done;
}

} // namespace provenbl::tools::cli
