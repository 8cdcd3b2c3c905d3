// Publishes a zone as a file: whole under its name or not at all, and then its signed manifest.
//
// Both are written beside their names and renamed, so a reader, a crash or a full disk meets the old ones or the new
// ones. The file is first: for a moment it is newer than its manifest, which a verifier notices. They are readable as
// the umask allows.
#pragma once

#include "store/clock.hpp"
#include "tools/exports/manifest.hpp"
#include "tools/signing/signing_key.hpp"
#include "zones/export/format.hpp"

#include <filesystem>
#include <functional>

namespace provenbl::tools::exports {

struct Target {
    zones::exports::Format format = zones::exports::Format::json;
    zones::exports::Options options;
    std::filesystem::path file;
};

// `goes_on` is asked between pieces; false ends it with Errc::closed, and the old file stays.
using GoesOn = std::function<bool()>;

Result<Manifest> export_zone(const zones::exports::View& view, const Target& target, const signing::SigningKey& key,
                             Time now, const GoesOn& goes_on = {});
// What has changed since `changes.from`; the view is of the snapshot that they lead to.
Result<Manifest> export_changes(const zones::exports::View& view, const zones::exports::Changes& changes,
                                const Target& target, const signing::SigningKey& key, Time now,
                                const GoesOn& goes_on = {});

} // namespace provenbl::tools::exports
