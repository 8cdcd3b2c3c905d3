#include "tools/origins/location_file.hpp"

#include "store/durable_file.hpp"
#include "tools/api/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <unistd.h>

namespace provenbl::tools::origins {
namespace {

constexpr std::size_t longest_name = 80;

Error failure(const std::filesystem::path& path, std::string_view what) {
    return {Errc::io, fmt::format("{}: {}", path.string(), what)};
}

// 0, or the error.
int write_all(int to, const char* bytes, std::size_t size) {
    while (size > 0) {
        const auto written = ::write(to, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
    return 0;
}

Result<Descriptor> copy_of(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return failure(path, std::strerror(errno));
    Descriptor copy(::memfd_create("provenbl-locations", MFD_CLOEXEC));
    if (!copy) return failure(path, std::strerror(errno));
    std::array<char, 65536> piece{};
    std::uintmax_t total = 0;
    for (;;) {
        const auto size = ::read(file.get(), piece.data(), piece.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure(path, std::strerror(errno));
        if (size == 0) return copy;
        total += static_cast<std::uintmax_t>(size);
        if (total > LocationFile::largest)
            return Error{Errc::limit, fmt::format("{}: is larger than 1 GiB", path.string())};
        if (const int code = write_all(copy.get(), piece.data(), static_cast<std::size_t>(size)))
            return failure(path, std::strerror(code));
    }
}

// Foreign text: cut, and shown as what it is.
std::string name_of(const MMDB_entry_data_s& data) {
    return api::as_utf8({data.utf8_string, std::min<std::size_t>(data.data_size, longest_name)});
}

bool is_code(std::string_view text) {
    return text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

} // namespace

struct LocationFile::Impl {
    MMDB_s file{};
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { MMDB_close(&file); }

    [[nodiscard]] std::optional<MMDB_entry_s> find(const Address& address) const {
        int failed = MMDB_SUCCESS;
        MMDB_lookup_result_s found{};
        if (address.is_v4()) {
            sockaddr_in where{};
            where.sin_family = AF_INET;
            where.sin_addr.s_addr = htonl(address.to_v4());
            found = MMDB_lookup_sockaddr(&file, reinterpret_cast<const sockaddr*>(&where), &failed);
        } else {
            sockaddr_in6 where{};
            where.sin6_family = AF_INET6;
            std::copy(address.bytes().begin(), address.bytes().end(), where.sin6_addr.s6_addr);
            found = MMDB_lookup_sockaddr(&file, reinterpret_cast<const sockaddr*>(&where), &failed);
        }
        if (failed != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
        return found.entry;
    }

    static std::optional<MMDB_entry_data_s> value(MMDB_entry_s entry, const std::vector<const char*>& path,
                                                  std::uint32_t type) {
        auto ended = path;
        ended.push_back(nullptr);
        MMDB_entry_data_s data{};
        if (MMDB_aget_value(&entry, &data, ended.data()) != MMDB_SUCCESS || !data.has_data || data.type != type)
            return std::nullopt;
        return data;
    }
    static std::optional<MMDB_entry_data_s> text(const MMDB_entry_s& entry, const std::vector<const char*>& path) {
        return value(entry, path, MMDB_DATA_TYPE_UTF8_STRING);
    }
};

LocationFile::LocationFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocationFile::~LocationFile() = default;
LocationFile::LocationFile(LocationFile&&) noexcept = default;

Result<LocationFile> LocationFile::open(const std::filesystem::path& path) {
    const auto copy = copy_of(path);
    if (!copy) return copy.error();
    const auto place = fmt::format("/proc/self/fd/{}", copy->get());
    auto impl = std::make_unique<Impl>();
    if (const int failed = MMDB_open(place.c_str(), MMDB_MODE_MMAP, &impl->file); failed != MMDB_SUCCESS) {
        impl->file = {}; // nothing was opened
        return Error{Errc::invalid, fmt::format("{}: {}; expected a database in MaxMind's format (.mmdb)",
                                                path.string(), MMDB_strerror(failed))};
    }
    return LocationFile{std::move(impl)};
}

std::optional<Country> LocationFile::country(const Address& address) const {
    const auto entry = impl_->find(address);
    if (!entry) return std::nullopt;
    // MaxMind's own files and those of others who keep to their names, then flat ones.
    for (const char* const whose : {"country", "registered_country"}) {
        const auto code = Impl::text(*entry, {whose, "iso_code"});
        if (!code || !is_code({code->utf8_string, code->data_size})) continue;
        const auto name = Impl::text(*entry, {whose, "names", "en"});
        return Country{{code->utf8_string, code->data_size}, name ? name_of(*name) : std::string{}};
    }
    for (const char* const flat : {"country_code", "country"}) {
        const auto code = Impl::text(*entry, {flat});
        if (code && is_code({code->utf8_string, code->data_size}))
            return Country{{code->utf8_string, code->data_size}, {}};
    }
    return std::nullopt;
}

std::optional<Network> LocationFile::network(const Address& address) const {
    const auto entry = impl_->find(address);
    if (!entry) return std::nullopt;
    if (const auto number = Impl::value(*entry, {"autonomous_system_number"}, MMDB_DATA_TYPE_UINT32)) {
        const auto name = Impl::text(*entry, {"autonomous_system_organization"});
        return Network{number->uint32, name ? name_of(*name) : std::string{}};
    }
    const auto number = Impl::text(*entry, {"asn"}); // "AS64500"
    if (!number) return std::nullopt;
    std::string_view digits{number->utf8_string, number->data_size};
    if (digits.starts_with("AS")) digits.remove_prefix(2);
    Network network;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), network.number);
    if (failed != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (const auto name = Impl::text(*entry, {"as_name"})) network.name = name_of(*name);
    return network;
}

} // namespace provenbl::tools::origins
