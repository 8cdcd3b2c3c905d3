#include "tools/letters/contacts.hpp"

#include "store/log.hpp"
#include "tools/config/values.hpp"
#include "tools/letters/rdap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <libpsl.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <tuple>

namespace provenbl::tools::letters {
namespace {

constexpr Duration answer_life = std::chrono::hours(24);
constexpr Duration trouble_life = std::chrono::minutes(30);
constexpr std::size_t most_remembered = 10'000;
constexpr std::size_t most_names = 4;
constexpr std::size_t most_rows = 1'000'000;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

void add(std::vector<std::string>& all, std::string address) {
    if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(std::move(address));
}

} // namespace

Result<ContactTable> ContactTable::parse(std::string_view file, std::string_view text) {
    ContactTable table;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        line = trimmed(line.substr(0, line.find('#')));
        if (line.empty()) continue;
        const auto comma = line.find(',');
        const auto wrong = [&](std::string_view what) {
            return Error{Errc::invalid, fmt::format("{}:{}: {}", file, number, what)};
        };
        if (comma == std::string_view::npos)
            return wrong("expected prefix,address such as 192.0.2.0/24,abuse@example.net");
        const auto prefix = Prefix::parse(trimmed(line.substr(0, comma)));
        if (!prefix) return wrong(prefix.error().message);
        const auto address = parse_mail_address(trimmed(line.substr(comma + 1)));
        if (!address) return wrong(address.error().message);
        table.rows_.emplace_back(*prefix, *address);
        if (table.rows_.size() > most_rows) return wrong("the table is too long");
    }
    std::stable_sort(table.rows_.begin(), table.rows_.end(),
                     [](const auto& a, const auto& b) { return a.first.length() > b.first.length(); });
    return table;
}

Result<ContactTable> ContactTable::load(const std::string& path) {
    std::ifstream stream{path, std::ios::binary};
    if (!stream)
        return Error{Errc::io, fmt::format("can't read the table of contacts {}: {}", path, std::strerror(errno))};
    const std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
    return parse(path, text);
}

std::vector<std::string> ContactTable::of(const Address& host) const {
    std::vector<std::string> all;
    unsigned length = 0;
    for (const auto& [prefix, address] : rows_) {
        if (!prefix.contains(host) || (!all.empty() && prefix.length() < length)) continue;
        length = prefix.length();
        add(all, address);
    }
    return all;
}

std::string registered_domain(std::string_view name) {
    const auto host = parse_host_name(name);
    if (!host || host->ends_with(".arpa")) return {};
    const auto* const suffixes = psl_builtin();
    if (suffixes == nullptr) return {};
    const char* const domain = psl_registrable_domain(suffixes, host->c_str());
    return domain == nullptr ? std::string{} : std::string{domain};
}

std::vector<std::string> system_names_of(const Address& host) {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const auto bytes = host.bytes();
    if (host.is_v4()) {
        auto* const v4 = reinterpret_cast<sockaddr_in*>(&storage);
        v4->sin_family = AF_INET;
        std::memcpy(&v4->sin_addr, bytes.data(), bytes.size());
        size = sizeof *v4;
    } else {
        auto* const v6 = reinterpret_cast<sockaddr_in6*>(&storage);
        v6->sin6_family = AF_INET6;
        std::memcpy(&v6->sin6_addr, bytes.data(), bytes.size());
        size = sizeof *v6;
    }
    std::array<char, NI_MAXHOST> name{};
    if (::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, name.data(), name.size(), nullptr, 0,
                      NI_NAMEREQD) != 0)
        return {};
    return {std::string{name.data()}};
}

std::vector<Address> system_addresses_of(const std::string& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, ::freeaddrinfo);
    std::vector<Address> all;
    for (const auto* at = list; at != nullptr && all.size() < 64; at = at->ai_next) {
        if (at->ai_family == AF_INET) {
            const auto* const v4 = reinterpret_cast<const sockaddr_in*>(at->ai_addr);
            all.push_back(Address::from_bytes({reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4}));
        } else if (at->ai_family == AF_INET6) {
            const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(at->ai_addr);
            all.push_back(Address::from_bytes({reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16}));
        }
    }
    return all;
}

std::vector<std::string> Contacts::by_rdap(const Address& host, Time now) {
    if (!sources_.rdap) return {};
    auto known = remembered_.upper_bound(host);
    if (known != remembered_.begin() && host <= (--known)->second.last && known->second.until > now)
        return known->second.contacts;
    if (remembered_.size() >= most_remembered) remembered_.clear();
    Address first = host;
    Remembered fresh{host, {}, now + trouble_life};
    const auto answer = sources_.rdap(host);
    const auto contacts = answer ? abuse_contacts(*answer) : Result<std::vector<std::string>>{answer.error()};
    if (contacts) {
        fresh = {host, *contacts, now + answer_life};
        if (const auto network = answered_network(*answer, host)) std::tie(first, fresh.last) = *network;
    } else {
        if (contacts.error().code == Errc::not_found) fresh.until = now + answer_life;
        log::of("letters")->info("RDAP has no contact for {}: {}", host.to_string(), contacts.error().message);
    }
    remembered_.insert_or_assign(first, fresh);
    return fresh.contacts;
}

std::vector<std::string> Contacts::by_name(const Address& host) const {
    std::vector<std::string> all;
    if (!sources_.names_of || !sources_.addresses_of) return all;
    auto names = sources_.names_of(host);
    if (names.size() > most_names) names.resize(most_names);
    for (const auto& name : names) {
        const auto domain = registered_domain(name);
        if (domain.empty()) continue;
        // Whoever has the reverse zone can write any name into it: it counts when the name leads back.
        const auto addresses = sources_.addresses_of(name);
        if (std::find(addresses.begin(), addresses.end(), host) == addresses.end()) continue;
        add(all, "abuse@" + domain);
        add(all, "postmaster@" + domain);
    }
    return all;
}

std::vector<std::string> Contacts::of(const Address& host, bool serves_mail, Time now) {
    std::vector<std::string> all;
    for (auto& address : by_rdap(host, now)) add(all, std::move(address));
    for (auto& address : table_.of(host)) add(all, std::move(address));
    for (auto& address : by_name(host)) add(all, std::move(address));
    if (serves_mail) add(all, fmt::format("postmaster@[{}{}]", host.is_v4() ? "" : "IPv6:", host.to_string()));
    return all;
}

} // namespace provenbl::tools::letters
