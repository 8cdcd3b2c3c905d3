#include "tools/letters/credentials.hpp"

#include "store/durable_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::tools::letters {
namespace {

Error wrong(Errc code, const Settings& settings, std::string_view what) {
    return {code, fmt::format("letters.password_file {}: {}", settings.password_file.string(), what)};
}

} // namespace

Result<std::optional<Credentials>> credentials_of(const Settings& settings) {
    if (settings.user.empty()) return std::optional<Credentials>{};
    const Descriptor file{::open(settings.password_file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat about {};
    if (!file || ::fstat(file.get(), &about) != 0)
        return wrong(Errc::io, settings, fmt::format("{}; it has to be there for our user", std::strerror(errno)));
    if (!S_ISREG(about.st_mode)) return wrong(Errc::invalid, settings, "it is no file");
    if ((about.st_mode & 07U) != 0)
        return wrong(Errc::not_allowed, settings,
                     "others can reach it: chmod o= it, and if anybody else was on this machine, change the password");
    std::array<char, longest_credential + 2> bytes{}; // with a line end, and what shows that there is more
    const auto size = ::read(file.get(), bytes.data(), bytes.size());
    if (size < 0) return wrong(Errc::io, settings, std::strerror(errno));
    std::string_view line{bytes.data(), static_cast<std::size_t>(size)};
    line = line.substr(0, line.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return wrong(Errc::invalid, settings, "its first line is empty; expected the password there");
    if (line.size() > longest_credential)
        return wrong(Errc::invalid, settings, fmt::format("a password has at most {} bytes", longest_credential));
    if (line.find('\0') != std::string_view::npos) return wrong(Errc::invalid, settings, "a password has no zero byte");
    return std::optional{Credentials{settings.user, std::string{line}}};
}

} // namespace provenbl::tools::letters
