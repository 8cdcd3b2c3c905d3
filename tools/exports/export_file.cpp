#include "tools/exports/export_file.hpp"

#include "store/durable_file.hpp"
#include "store/sha256.hpp"

namespace provenbl::tools::exports {
namespace {

using zones::exports::Output;
using zones::exports::Written;

constexpr unsigned readable_by_all = 0666; // less the umask

using WriteTo = std::function<Result<Written>(const Output::Take&)>;

Result<> write_whole(const std::filesystem::path& file, std::string_view text) {
    auto made = DurableFile::create(file, readable_by_all);
    if (!made) return made.error();
    if (auto written = made->write(text); !written) return written;
    return made->publish(file, true);
}

Result<Manifest> publish(const zones::exports::View& view, const Target& target, const signing::SigningKey& key,
                         Time now, const GoesOn& goes_on, std::optional<std::uint64_t> since, const WriteTo& write_to) {
    const auto directory = target.file.parent_path();
    if (std::error_code unknown; !directory.empty() && !std::filesystem::is_directory(directory, unknown))
        return Error{Errc::not_found,
                     "there is no directory " + directory.string() + "; make it, or name another place"};
    auto made = DurableFile::create(target.file, readable_by_all);
    if (!made) return made.error();
    Sha256 digest;
    const auto written = write_to([&](std::string_view piece) -> Result<> {
        if (goes_on && !goes_on()) return Error{Errc::closed, "stopped before it was whole; the old file stays"};
        digest.update(piece);
        return made->write(piece);
    });
    if (!written) return written.error();
    if (auto published = made->publish(target.file, true); !published) return published.error();
    Manifest manifest;
    manifest.zone = view.zone.apex().to_string();
    manifest.format = target.format;
    manifest.serial = view.snapshot.serial();
    manifest.since = since;
    manifest.made = now;
    manifest.shut_down = view.snapshot.index.is_shut_down();
    manifest.entries = written->entries;
    manifest.bytes = written->bytes;
    manifest.sha256 = digest.hex();
    if (auto done = write_whole(manifest_of(target.file), write_manifest(manifest, key)); !done) return done.error();
    return manifest;
}

} // namespace

Result<Manifest> export_zone(const zones::exports::View& view, const Target& target, const signing::SigningKey& key,
                             Time now, const GoesOn& goes_on) {
    return publish(view, target, key, now, goes_on, std::nullopt, [&](const Output::Take& take) {
        return zones::exports::write(view, target.format, target.options, take);
    });
}

Result<Manifest> export_changes(const zones::exports::View& view, const zones::exports::Changes& changes,
                                const Target& target, const signing::SigningKey& key, Time now, const GoesOn& goes_on) {
    return publish(view, target, key, now, goes_on, changes.from, [&](const Output::Take& take) {
        return zones::exports::write_changes(view, changes, target.format, target.options, take);
    });
}

} // namespace provenbl::tools::exports
