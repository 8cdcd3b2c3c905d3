#include "store/restore.hpp"

#include "store/durable_file.hpp"
#include "store/journal.hpp"
#include "store/journal_append.hpp"
#include "store/lock_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::backup {
namespace {

constexpr std::uint64_t progress_every = std::uint64_t{64} << 20U;

// Every process that has the data open, the responder too, holds LMDB's lock on the first byte of lock.mdb. One that
// goes on would answer from the old data for ever.
Result<> nobody_reads(const std::filesystem::path& directory) {
    const Descriptor file(::open((directory / "lock.mdb").c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return {};
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_len = 1;
    if (::fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return {};
    return Error{Errc::conflict, "process " + std::to_string(lock.l_pid) + " has the data in " + directory.string() +
                                     " open; stop every provenbl on this directory first"};
}

struct Present {
    bool any = false;
    std::optional<std::uint64_t> serial;
    std::string trouble; // why the serial is not known
};

Present look_at(const std::filesystem::path& directory, const Clock& clock) {
    Present present;
    std::error_code unknown;
    present.any = std::filesystem::exists(directory / "data.mdb", unknown);
    if (!present.any) return present;
    StoreOptions options;
    options.directory = directory;
    options.read_only = true;
    options.initial_map_size = 0;
    try {
        const auto store = Store::open(options, clock);
        if (store)
            present.serial = (*store)->read([](const ReadTxn& txn) { return journal::last(txn); });
        else
            present.trouble = store.error().message;
    } catch (const std::exception& fault) {
        present.trouble = fault.what();
    }
    return present;
}

// The serial that the restored store must have; its own when nothing has to move.
Result<std::uint64_t> target_serial(const RestoreOptions& options, const Present& present, std::uint64_t serial) {
    if (options.rule == SerialRule::allow_back) return serial;
    if (present.any && !present.serial && options.serial_at_least == 0)
        return Error{Errc::conflict,
                     "the last serial of the data in " + options.directory.string() + " is not known (" +
                         present.trouble +
                         "); ask a secondary for its SOA, then say --serial-at-least N --advance-serial"};
    const auto seen = std::max(present.serial.value_or(0), options.serial_at_least);
    if (serial >= seen) return serial;
    if (options.rule == SerialRule::advance) return seen + 1;
    return Error{Errc::conflict, "the backup ends at serial " + std::to_string(serial) + ", but " +
                                     std::to_string(seen) +
                                     " has been seen: secondaries would keep what they have. Say --advance-serial to "
                                     "go on at " +
                                     std::to_string(seen + 1) + " (or --allow-serial-back, if nobody has seen it)"};
}

Result<BackupManifest> unpack(const std::filesystem::path& file, const std::filesystem::path& to,
                              const Progress& progress) {
    const auto known = read_manifest(file);
    if (!known) return known.error();
    auto data = DurableFile::create(to);
    if (!data) return data.error();
    std::uint64_t done = 0;
    std::uint64_t told = 0;
    auto manifest = verify(file, [&](std::string_view bytes) -> Result<> {
        done += bytes.size();
        if (progress && done - told >= progress_every) progress(told = done, known->bytes);
        return data->write(bytes);
    });
    if (!manifest) return manifest;
    if (auto published = data->publish(to, false); !published) return published.error();
    return manifest;
}

// Opens what was unpacked as a writer would, so that what can't be used is found out before the swap; moves the serial.
Result<> prepare(const std::filesystem::path& directory, const BackupManifest& manifest, std::uint64_t serial,
                 const Clock& clock) {
    StoreOptions options;
    options.directory = directory;
    options.initial_map_size = 0;
    const auto store = Store::open(options, clock);
    if (!store) return store.error();
    const auto last = (*store)->read([](const ReadTxn& txn) { return journal::last(txn); });
    if (last != manifest.serial)
        return Error{Errc::corrupt, "the journal of the backup ends at " + std::to_string(last) +
                                        ", its manifest says " + std::to_string(manifest.serial)};
    if (serial == last) return {};
    return (*store)->write([&](WriteTxn& txn) -> Result<> {
        journal::advance(txn, serial, "restored from a backup that ended at " + std::to_string(last));
        return {};
    });
}

// Root restores; the user of the service must be able to open it.
Result<> hand_over(const std::filesystem::path& directory, const std::filesystem::path& file) {
    const Descriptor data(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!data || ::fchmod(data.get(), 0640) != 0) return file_error(errno, file, "handing over");
    give_to_owner_of(directory, data.get());
    return {};
}

// The old file gets a second name and loses its first to the new one: at every moment there is a data.mdb, old or new.
Result<> swap(const std::filesystem::path& fresh, const std::filesystem::path& data,
              const std::filesystem::path& kept) {
    if (!kept.empty() && ::link(data.c_str(), kept.c_str()) != 0) return file_error(errno, kept, "naming");
    if (::rename(fresh.c_str(), data.c_str()) != 0) return file_error(errno, data, "naming");
    return sync_directory(data.parent_path());
}

} // namespace

Result<Restored> restore(const RestoreOptions& options, const Clock& clock, const Progress& progress) {
    const auto known = read_manifest(options.file);
    if (!known) return known.error();
    std::error_code failed;
    std::filesystem::create_directories(options.directory, failed);
    if (failed) return Error{Errc::io, "making " + options.directory.string() + ": " + failed.message()};
    std::array<LockFile, 2> writers; // held to the end
    for (std::size_t i = 0; i < writers.size(); ++i) {
        auto lock = LockFile::take(options.directory, i == 0 ? "verifier" : "api");
        if (!lock) return lock.error();
        writers[i] = std::move(*lock);
    }
    if (auto alone = nobody_reads(options.directory); !alone) return alone.error();

    const auto present = look_at(options.directory, clock);
    Restored restored;
    restored.serial_before = present.serial;
    const auto data = options.directory / "data.mdb";
    if (present.any) {
        restored.kept = options.directory / "data.mdb.before";
        if (std::filesystem::exists(restored.kept, failed))
            return Error{Errc::conflict, restored.kept.string() +
                                             " is there already, from an earlier restore; move it away or remove it"};
    }
    const auto serial = target_serial(options, present, known->serial);
    if (!serial) return serial.error();

    const auto room = options.directory / "restoring"; // what a restore that was killed has left in it is of no use
    std::filesystem::remove_all(room, failed);
    std::filesystem::create_directory(room, failed);
    if (failed) return Error{Errc::io, "making " + room.string() + ": " + failed.message()};
    const auto fresh = room / "data.mdb";
    const auto in_place = [&]() -> Result<> {
        const auto manifest = unpack(options.file, fresh, progress);
        if (!manifest) return manifest.error();
        restored.manifest = *manifest;
        if (auto prepared = prepare(room, *manifest, *serial, clock); !prepared) return prepared;
        if (auto given = hand_over(options.directory, fresh); !given) return given;
        if (auto alone = nobody_reads(options.directory); !alone) return alone;
        return swap(fresh, data, restored.kept);
    }();
    std::filesystem::remove_all(room, failed);
    if (!in_place) return in_place.error();
    restored.serial = *serial;
    return restored;
}

} // namespace provenbl::backup
