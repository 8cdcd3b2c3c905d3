#include "tools/daemon/statistics_file.hpp"

#include "tools/api/rfc3339.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::tools {
namespace json = boost::json;
namespace {

constexpr std::size_t largest_file = std::size_t{4} << 20U;
constexpr auto interval = std::chrono::seconds{5};
constexpr Duration stale_after = std::chrono::seconds{30};

class File {
public:
    File(const std::filesystem::path& path, int flags, unsigned mode = 0) : fd_(::open(path.c_str(), flags, mode)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

Error can_not(std::string_view what, const std::filesystem::path& file) {
    const int why = errno;
    return {why == ENOENT ? Errc::not_found : Errc::io,
            fmt::format("can't {} {}: {}", what, file.string(), std::strerror(why))};
}

bool write_whole(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

} // namespace

Result<> write_statistics(const std::filesystem::path& file, json::object statistics, Time now) {
    statistics["written"] = to_string(now);
    const auto fresh = std::filesystem::path{file.string() + ".new"};
    {
        const File out{fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644};
        if (out.get() < 0) return can_not("write", fresh);
        if (!write_whole(out.get(), json::serialize(statistics) + "\n")) return can_not("write", fresh);
    }
    if (::rename(fresh.c_str(), file.c_str()) != 0) return can_not("replace", file);
    return {};
}

Result<json::object> read_statistics(const std::filesystem::path& file, Time now) {
    const File in{file, O_RDONLY | O_CLOEXEC | O_NONBLOCK};
    if (in.get() < 0) return can_not("read", file);
    struct stat about {};
    if (::fstat(in.get(), &about) != 0) return can_not("read", file);
    if (!S_ISREG(about.st_mode)) return Error{Errc::invalid, fmt::format("{} is no regular file", file.string())};
    if (static_cast<std::size_t>(about.st_size) > largest_file)
        return Error{Errc::limit, fmt::format("{} is larger than 4 MiB: these are no statistics", file.string())};
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto count = ::read(in.get(), text.data() + have, text.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return can_not("read", file);
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    text.resize(have);
    boost::system::error_code error;
    auto value = json::parse(text, error);
    if (error || !value.is_object())
        return Error{Errc::corrupt,
                     fmt::format("{} holds no statistics: does something else write it?", file.string())};
    auto object = std::move(value.get_object());
    const auto* written = object.if_contains("written");
    const auto time =
        written != nullptr && written->is_string() ? api::parse_time(written->get_string()) : Result<Time>{Time{}};
    if (!time || now - *time > stale_after) object["stale"] = true;
    return object;
}

StatisticsWriter::StatisticsWriter(std::filesystem::path file, const Clock& clock,
                                   std::function<json::object()> statistics)
    : file_(std::move(file)), clock_(clock), statistics_(std::move(statistics)), thread_([this] { run(); }) {}

StatisticsWriter::~StatisticsWriter() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void StatisticsWriter::run() {
    std::unique_lock lock{mutex_};
    do {
        write();
    } while (!wake_.wait_for(lock, interval, [this] { return stopping_; }));
    write();
}

void StatisticsWriter::write() {
    const auto done = write_statistics(file_, statistics_(), clock_.now());
    if (!done && !failing_)
        spdlog::error("{}; statistics are not shown: check dns.statistics_file", done.error().message);
    if (done && failing_) spdlog::info("statistics are written to {} again", file_.string());
    failing_ = !done;
}

} // namespace provenbl::tools
