#include "store/backup_file.hpp"

#include "store/durable_file.hpp"
#include "store/keys.hpp"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl {
namespace {

constexpr std::string_view magic = "pblbkup1";
constexpr std::size_t end_size = 16; // length and magic
constexpr std::size_t manifest_limit = 16 * 1024;

Error no_backup(const std::filesystem::path& file) {
    return {Errc::invalid, file.string() + " is no backup of provenbl, or was cut short"};
}

Result<std::string> read_at(int descriptor, const std::filesystem::path& file, std::size_t size, std::uint64_t at) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const auto got = ::pread(descriptor, bytes.data() + have, size - have, static_cast<off_t>(at + have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error(errno, file, "reading");
        if (got == 0) return no_backup(file);
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

} // namespace

std::string trailer_of(const BackupManifest& manifest) {
    std::string text = "provenbl backup\n";
    const auto add = [&](std::string_view name, std::string_view value) {
        text.append(name).append(" ").append(value).append("\n");
    };
    add("schema", std::to_string(manifest.schema));
    add("serial", std::to_string(manifest.serial));
    add("made", std::to_string(manifest.made.time_since_epoch().count()));
    add("bytes", std::to_string(manifest.bytes));
    add("sha256", manifest.sha256);
    for (const auto& [name, count] : manifest.entries) add("entries." + name, std::to_string(count));
    const auto length = keys::number(text.size());
    return text.append(length).append(magic);
}

Result<BackupManifest> parse_manifest(std::string_view text) {
    const Error wrong{Errc::invalid, "the manifest of the backup can't be read"};
    constexpr std::string_view first = "provenbl backup\n";
    if (!text.starts_with(first)) return wrong;
    text.remove_prefix(first.size());
    BackupManifest manifest;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        const auto space = line.find(' ');
        if (end == std::string_view::npos || space == std::string_view::npos) return wrong;
        text.remove_prefix(end + 1);
        const auto name = line.substr(0, space);
        const auto value = line.substr(space + 1);
        if (name == "sha256") {
            manifest.sha256 = value;
            continue;
        }
        std::uint64_t number = 0;
        const auto [stop, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (failed != std::errc{} || stop != value.data() + value.size()) return wrong;
        if (name == "schema") manifest.schema = number;
        if (name == "serial") manifest.serial = number;
        if (name == "made") manifest.made = Time{Duration{static_cast<Duration::rep>(number)}};
        if (name == "bytes") manifest.bytes = number;
        if (name.starts_with("entries.")) manifest.entries.emplace_back(name.substr(8), number);
    }
    if (manifest.schema == 0 || manifest.bytes == 0 || manifest.sha256.size() != 64) return wrong;
    return manifest;
}

Result<BackupManifest> read_manifest(const std::filesystem::path& file) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) return file_error(errno, file, "opening");
    struct stat about {};
    if (::fstat(descriptor.get(), &about) != 0) return file_error(errno, file, "reading");
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (!S_ISREG(about.st_mode) || size < end_size) return no_backup(file);
    const auto end = read_at(descriptor.get(), file, end_size, size - end_size);
    if (!end) return end.error();
    const auto length = keys::to_number(*end);
    if (std::string_view(*end).substr(8) != magic || length > manifest_limit || length > size - end_size)
        return no_backup(file);
    const auto text = read_at(descriptor.get(), file, length, size - end_size - length);
    if (!text) return text.error();
    auto manifest = parse_manifest(*text);
    if (manifest && manifest->bytes != size - end_size - length) return no_backup(file);
    return manifest;
}

} // namespace provenbl
