// What is written of the answers: dns.query_log and dns.dnstap.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;
using dnsbl::watch::DnstapMessages;
using dnsbl::watch::DnstapSettings;
using dnsbl::watch::Only;
using dnsbl::watch::QueryLogSettings;

namespace {

constexpr std::uint64_t rarest = 1'000'000'000;
constexpr std::size_t longest_socket_path = 107;

Type<std::uint32_t> sample() {
    return scalar<std::uint32_t>(
        "1/N, such as 1/1000, or 1 for all",
        [](std::string_view text) -> Result<std::uint32_t> {
            const auto wrong = Error{Errc::invalid, fmt::format("'{}' is no such share", text)};
            if (text == "1") return 1U;
            if (!text.starts_with("1/")) return wrong;
            const auto value = parse_number(text.substr(2));
            if (!value || *value < 1 || *value > rarest) return wrong;
            return static_cast<std::uint32_t>(*value);
        },
        [](const std::uint32_t& value) { return fmt::format("1/{}", value); });
}

// One of the names; its place is the value.
template <class Enum> Type<Enum> named(std::vector<std::string> names) {
    return scalar<Enum>(
        fmt::format("one of {}", fmt::join(names, ", ")),
        [names](std::string_view text) -> Result<Enum> {
            const auto found = std::find(names.begin(), names.end(), text);
            if (found == names.end()) return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
            return static_cast<Enum>(found - names.begin());
        },
        [names](const Enum& value) { return names.at(static_cast<std::size_t>(value)); });
}

Type<std::string> log_place() {
    return scalar<std::string>(
        "an absolute path, or stderr",
        [](std::string_view text) -> Result<std::string> {
            if (text != "stderr" && !text.starts_with('/'))
                return Error{Errc::invalid, fmt::format("'{}' is neither", text)};
            return std::string{text};
        },
        [](const std::string& value) { return value; });
}

Type<std::filesystem::path> socket_path() {
    return scalar<std::filesystem::path>(
        "an absolute path of at most 107 bytes",
        [](std::string_view text) -> Result<std::filesystem::path> {
            if (!text.starts_with('/')) return Error{Errc::invalid, fmt::format("'{}' is not absolute", text)};
            if (text.size() > longest_socket_path)
                return Error{Errc::invalid, "the path is too long for a Unix socket"};
            return std::filesystem::path{text};
        },
        [](const std::filesystem::path& value) { return value.string(); });
}

} // namespace

const Table<QueryLogSettings>& query_log_settings() {
    using T = QueryLogSettings;
    static const Table<T> table{
        setting<T>("file", log_place(), PROVENBL_FIELD(file),
                   "Where a line for each sampled query goes, in the format of log.format. Default: nowhere."),
        setting<T>("sample", sample(), PROVENBL_FIELD(sample), "How many of them: one in N, at random."),
        setting<T>("only", named<Only>({"all", "listed", "refused", "errors", "dropped"}), PROVENBL_FIELD(only),
                   "Which of them; the sample is taken of these."),
        setting<T>("anonymize", boolean(), PROVENBL_FIELD(anonymize),
                   "Log a client's network (/24, /48), not its address."),
        setting<T>("queue", number<std::size_t>(16, 65536), PROVENBL_FIELD(queue),
                   "Records of one thread that may wait to be written; more are dropped and counted."),
    };
    return table;
}

const Table<DnstapSettings>& dnstap_settings() {
    using T = DnstapSettings;
    static const Table<T> table{
        setting<T>("socket", socket_path(), PROVENBL_FIELD(socket),
                   "The Unix socket of a dnstap collector. Default: none."),
        setting<T>("file", absolute_path(), PROVENBL_FIELD(file),
                   "A Frame Streams file instead; what is there is renamed to FILE.old at the start."),
        setting<T>("sample", sample(), PROVENBL_FIELD(sample), "How many queries: one in N, at random."),
        setting<T>("messages", named<DnstapMessages>({"all", "queries", "responses"}), PROVENBL_FIELD(messages),
                   "AUTH_QUERY, AUTH_RESPONSE (which holds the query, too), or both."),
        setting<T>("identity", text("a name"), PROVENBL_FIELD(identity), "Who sends it. Default: dns.identity."),
        setting<T>("version", text("a text"), PROVENBL_FIELD(version), "Of the server. Default: provenbl's."),
    };
    return table;
}

} // namespace provenbl::tools
