// Files that appear whole or not at all: written under another name, synced, then given their own.
#pragma once

#include "store/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace provenbl {

// What errno means to an operator, with the file's name in front and what to do behind.
[[nodiscard]] Error file_error(int error_number, const std::filesystem::path& file, std::string_view doing);

// A descriptor that closes itself. -1: none.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept;
    void reset();
    [[nodiscard]] int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_;
};

// A file in the making. Removed by its end unless it was given its name.
class DurableFile {
public:
    // Beside `target`, with the mode that the umask leaves of this one; a process makes one of a name at a time. What a
    // process that was killed has left of the same target is removed.
    static Result<DurableFile> create(const std::filesystem::path& target, unsigned mode = 0600);
    DurableFile(DurableFile&&) = default;
    DurableFile& operator=(DurableFile&&) = default;
    ~DurableFile();

    Result<> write(std::string_view bytes);
    Result<> sync();
    // Syncs, then names it `name` (in the same directory), and syncs the directory. Error conflict when there is a file
    // of that name and `replace` is not set.
    Result<> publish(const std::filesystem::path& name, bool replace);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] int descriptor() const { return descriptor_.get(); }

private:
    DurableFile(Descriptor descriptor, std::filesystem::path path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}
    Descriptor descriptor_;
    std::filesystem::path path_;
};

// A file that root made in a directory of the service's user becomes that user's: what he can't open locks him out.
// Does nothing for who is not root. Only for files that the caller has made: another's is not given away.
void give_to_owner_of(const std::filesystem::path& directory, int descriptor);

// Makes the names in a directory durable.
Result<> sync_directory(const std::filesystem::path& directory);

} // namespace provenbl
