// What is said of a published file, beside it as FILE.manifest.json, and signed.
//
// One field a line; the signature is the second line, and what is signed is the file without that line:
//
//   {
//     "signature": "...",            base64 of 64 octets, Ed25519
//     "key": "0123456789abcdef",     the signer (PublicKey::id)
//     "zone": "bl.example",
//     "format": "rbldnsd",
//     "serial": 81723,
//     "since": 81000,                only of a file of changes
//     "made": "2026-11-24T22:53:16Z",
//     "shut_down": false,
//     "entries": 3,
//     "bytes": 412,
//     "sha256": "..."
//   }
//
// So `grep -v '"signature"'` and openssl can check it without provenbl (docs/exports.md).
#pragma once

#include "store/clock.hpp"
#include "tools/signing/signing_key.hpp"
#include "zones/export/format.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::exports {

struct Manifest {
    std::string zone;
    zones::exports::Format format = zones::exports::Format::json;
    std::uint64_t serial = 0;
    std::optional<std::uint64_t> since;
    Time made{};
    bool shut_down = false;
    std::uint64_t entries = 0; // zones::exports::Written
    std::uint64_t bytes = 0;
    std::string sha256; // in lower-case hexadecimal
    bool operator==(const Manifest&) const = default;
};

// The whole text, signed.
[[nodiscard]] std::string write_manifest(const Manifest& manifest, const signing::SigningKey& key);

struct SignedManifest {
    Manifest manifest;
    std::string key; // id
    signing::Signature signature{};
    std::string signed_text;
};
// Reads the text; whether the signature is good is another question. Error invalid.
[[nodiscard]] Result<SignedManifest> read_manifest(std::string_view text);

[[nodiscard]] std::filesystem::path manifest_of(const std::filesystem::path& file);

// Whether `file` is what its manifest says and the manifest what this key has signed. Errors say which of them is not
// so: not_found, invalid (no manifest), not_allowed (signed by another key, or altered), corrupt (the file is another
// one).
[[nodiscard]] Result<Manifest> verify(const std::filesystem::path& file, const std::filesystem::path& manifest,
                                      const signing::PublicKey& key);

} // namespace provenbl::tools::exports
