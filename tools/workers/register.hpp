// The workers that the coordinator believes: a name and a public key each, in the file `workers` of the data directory.
//
// One line each, as `NAME KEY ADDED`; lines that begin with # are passed over. The commands of `provenbl worker` write
// it, the coordinator reads it anew when it has changed. Like the signing key, it is no part of the store.
#pragma once

#include "store/clock.hpp"
#include "store/file_stamp.hpp"
#include "tools/signing/signing_key.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::workers {

inline constexpr auto register_name = "workers";
inline constexpr std::size_t most_workers = 1000;

struct Member {
    std::string name; // a-z, 0-9 and '-' inside; at most 63
    signing::PublicKey key;
    std::string added; // RFC 3339
};

[[nodiscard]] Result<std::vector<Member>> read_register(const std::filesystem::path& directory);
// Errors: invalid (name or key), conflict (name or key is there already), limit.
[[nodiscard]] Result<Member> add_member(const std::filesystem::path& directory, std::string_view name,
                                        std::string_view key, Time now);
// Error not_found.
[[nodiscard]] Result<Member> remove_member(const std::filesystem::path& directory, std::string_view name);

// The register as a running coordinator asks it. Any thread.
class Register {
public:
    explicit Register(std::filesystem::path directory) : directory_(std::move(directory)) {}
    // Who has this key, now. A file that can't be read leaves nobody, and says so in the log once.
    [[nodiscard]] std::optional<std::string> name_of(const signing::PublicKey& key);
    [[nodiscard]] std::size_t size();

private:
    void refresh(); // with the mutex
    std::filesystem::path directory_;
    std::mutex mutex_;
    FileStamp read_;
    std::vector<Member> members_;
};

} // namespace provenbl::tools::workers
