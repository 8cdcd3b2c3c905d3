#include "store/backup.hpp"

#include "store/durable_file.hpp"
#include "store/journal.hpp"
#include "store/migrate.hpp"
#include "store/sha256.hpp"
#include "store/tables.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace provenbl::backup {
namespace {

constexpr std::uint64_t progress_every = std::uint64_t{64} << 20U;

// LMDB writes into a pipe on a thread of its own; what comes out of it goes on to `each`. After an error of `each` the
// pipe is emptied all the same, because nothing else can stop the copy.
Result<> stream(const Store& store, const std::function<Result<>(std::string_view)>& each) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return Error{Errc::io, std::string("making a pipe: ") + std::strerror(errno)};
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    (void)::fcntl(out.get(), F_SETPIPE_SZ, 1 << 20); // fewer switches between the two; not needed to be right
    Result<> copied;
    std::thread copier([&] {
        copied = store.copy(in.get());
        in.reset();
    });
    Result<> taken;
    std::vector<char> buffer(std::size_t{1} << 20U);
    for (;;) {
        const auto got = ::read(out.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) taken = Error{Errc::io, std::string("reading from a pipe: ") + std::strerror(errno)};
        if (got <= 0) break;
        if (taken) taken = each({buffer.data(), static_cast<std::size_t>(got)});
    }
    copier.join();
    return taken ? copied : taken;
}

// What the copy itself says of itself: it is opened as the restore will open it.
Result<> describe_copy(const std::filesystem::path& file, const Clock& clock, BackupManifest& manifest) {
    StoreOptions options;
    options.directory = file;
    options.single_file = true;
    options.initial_map_size = 0;
    const auto copy = Store::open(options, clock);
    if (!copy) return copy.error();
    (*copy)->read([&](const ReadTxn& txn) {
        manifest.schema = keys::to_number(*txn.txn.get(txn.tables.meta, "schema"));
        manifest.serial = journal::last(txn);
        for (const auto& [name, table] : all_tables(txn.tables))
            manifest.entries.emplace_back(name, txn.txn.entries(table));
    });
    return {};
}

std::string name_for(Time now, std::uint64_t serial) {
    auto text = to_string(now); // 2026-11-24T22:53:16Z, without what file names should not hold
    std::erase(text, ':');
    std::erase(text, '-');
    return "provenbl-" + text + "-serial" + std::to_string(serial) + ".backup";
}

} // namespace

Result<Done> make(const Store& store, const std::filesystem::path& target, const Clock& clock,
                  const Progress& progress) {
    std::error_code unknown;
    const bool into_directory = std::filesystem::is_directory(target, unknown);
    if (!into_directory && std::filesystem::exists(target, unknown))
        return Error{Errc::conflict,
                     target.string() + " is there already; name another file: a backup replaces nothing"};
    auto file = DurableFile::create(into_directory ? target / "provenbl" : target);
    if (!file) return file.error();

    Done done;
    done.manifest.made = clock.now();
    const auto before = store.statistics().map_used;
    std::uint64_t told = 0;
    Sha256 digest;
    auto copied = stream(store, [&](std::string_view bytes) -> Result<> {
        if (auto written = file->write(bytes); !written) return written;
        digest.update(bytes);
        done.manifest.bytes += bytes.size();
        if (progress && done.manifest.bytes - told >= progress_every) {
            told = done.manifest.bytes;
            progress(told, before);
        }
        return {};
    });
    if (!copied) return copied.error();
    done.manifest.sha256 = digest.hex();
    if (auto described = describe_copy(file->path(), clock, done.manifest); !described) return described.error();
    if (auto written = file->write(trailer_of(done.manifest)); !written) return written.error();
    done.file = into_directory ? target / name_for(done.manifest.made, done.manifest.serial) : target;
    if (auto published = file->publish(done.file, false); !published) return published.error();
    const auto after = store.statistics().map_used;
    done.grown = after > before ? after - before : 0;
    return done;
}

Result<BackupManifest> verify(const std::filesystem::path& file,
                              const std::function<Result<>(std::string_view)>& each) {
    auto manifest = read_manifest(file);
    if (!manifest) return manifest;
    if (manifest->schema > schema_version)
        return Error{Errc::newer_version, file.string() + " was made by a newer provenbl (schema " +
                                              std::to_string(manifest->schema) + ", this program knows " +
                                              std::to_string(schema_version) + "); restore it with that version"};
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) return file_error(errno, file, "opening");
    Sha256 digest;
    std::vector<char> buffer(std::size_t{1} << 20U);
    for (auto left = manifest->bytes; left > 0;) {
        const auto got = ::read(descriptor.get(), buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error(errno, file, "reading");
        if (got == 0) return Error{Errc::invalid, file.string() + " was cut short"};
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        digest.update(bytes);
        if (each) {
            if (auto taken = each(bytes); !taken) return taken.error();
        }
        left -= bytes.size();
    }
    if (digest.hex() != manifest->sha256)
        return Error{Errc::corrupt, file.string() + " was altered or damaged: its digest is not that of its manifest; "
                                                    "take another backup"};
    return manifest;
}

} // namespace provenbl::backup
