#include "tools/cli/top_frame.hpp"

#include "tools/cli/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

double grown(const json::object& before, const json::object& now, std::string_view member, double seconds) {
    const auto was = number_of(before, member);
    const auto is = number_of(now, member);
    return static_cast<double>(is < was ? is : is - was) / seconds;
}

// Of the answers between the looks: the end of the bucket below which so many of them are.
std::int64_t within(const std::map<std::int64_t, std::int64_t>& buckets, double share) {
    std::int64_t total = 0;
    for (const auto& [end, count] : buckets) total += count;
    std::int64_t seen = 0;
    for (const auto& [end, count] : buckets) {
        seen += count;
        if (seen > 0 && static_cast<double>(seen) >= share * static_cast<double>(total)) return end;
    }
    return 0;
}

json::object latency_between(const json::object& before, const json::object& now) {
    std::map<std::int64_t, std::int64_t> buckets;
    const auto add = [&](const json::object& dns, std::int64_t sign) {
        for (const char* transport : {"udp", "tcp"}) {
            for (const auto& item : array_of(object_of(object_of(dns, "latency"), transport), "buckets")) {
                if (!item.is_object()) continue;
                buckets[number_of(item.get_object(), "below_ns")] += sign * number_of(item.get_object(), "count");
            }
        }
    };
    add(now, 1);
    add(before, -1);
    std::erase_if(buckets, [](const auto& bucket) { return bucket.second <= 0; });
    if (buckets.empty()) return {};
    return {{"p50", within(buckets, 0.5)}, {"p99", within(buckets, 0.99)}};
}

std::string rate(double value) {
    return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
}

double real_of(const json::object& object, std::string_view member) {
    const auto* const value = object.if_contains({member.data(), member.size()});
    json::error_code failed;
    return value != nullptr && value->is_number() ? value->to_number<double>(failed) : 0;
}

std::string span(std::int64_t nanoseconds) {
    const auto value = static_cast<double>(nanoseconds);
    if (nanoseconds < 1'000'000) return fmt::format("{:.0f} µs", value / 1e3);
    return fmt::format("{:.1f} ms", value / 1e6);
}

// As many characters as fit; a character of several bytes is not cut.
std::string cut(std::string text, std::size_t columns) {
    std::size_t shown = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') text[i] = ' ';
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && ++shown > columns) {
            text.resize(i);
            break;
        }
    }
    return text;
}

class Lines {
public:
    explicit Lines(ScreenSize size) : size_(size) {}
    void add(std::string text) {
        if (lines_.size() < size_.rows) lines_.push_back(cut(std::move(text), size_.columns));
    }
    void add(std::string_view title, const std::string& text) { add(fmt::format("{:<12}{}", title, text)); }
    [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

private:
    ScreenSize size_;
    std::vector<std::string> lines_;
};

void show_answers(Lines& lines, const json::object& dns, const json::object& rates) {
    if (const auto why = text_of(dns, "unavailable"); !why.empty()) return lines.add("Answers", why);
    const auto& queries = object_of(rates, "queries");
    lines.add("Queries/s", fmt::format("UDP {}, TCP {}; dropped {}{}", rate(real_of(queries, "udp")),
                                       rate(real_of(queries, "tcp")), rate(real_of(rates, "dropped")),
                                       flag_of(dns, "stale") ? "; OLD FIGURES: does the responder run?" : ""));
    std::string answers;
    for (const auto& member : object_of(rates, "answers")) {
        const std::string_view result{member.key().data(), member.key().size()};
        answers += fmt::format("{}{} {}", answers.empty() ? "" : ", ", printable(result),
                               rate(real_of(object_of(rates, "answers"), result)));
    }
    lines.add("Answers/s", answers.empty() ? "none yet" : answers);
    const auto& latency = object_of(rates, "latency_ns");
    if (!latency.empty())
        lines.add("Time", fmt::format("half answered within {}, 99 % within {}", span(number_of(latency, "p50")),
                                      span(number_of(latency, "p99"))));
}

bool never_asked(const json::object& mirror) {
    return mirror.contains("asked") && mirror.at("asked").is_null();
}

void show_mirrors(Lines& lines, const json::object& mirrors) {
    for (const auto& member : mirrors) {
        if (!member.value().is_object()) continue;
        const auto& mirror = member.value().get_object();
        const auto behind = number_of(mirror, "serials_behind");
        lines.add("Mirror",
                  fmt::format("{}: {}", printable({member.key().data(), member.key().size()}),
                              mirror.contains("answering") && !flag_of(mirror, "answering") ? "DOES NOT ANSWER"
                              : flag_of(mirror, "ahead") ? "HAS A SERIAL THAT WE NEVER HAD"
                              : never_asked(mirror)      ? "not asked yet"
                              : behind == 0              ? "up to date"
                                                         : fmt::format("{} serials, {} s behind", behind,
                                                                       number_of(mirror, "seconds_behind"))));
    }
}

void show_recent(Lines& lines, const json::array& recent) {
    if (recent.empty()) return;
    lines.add("");
    lines.add("Last changes");
    for (const auto& item : recent) {
        if (!item.is_object()) continue;
        const auto& change = item.get_object();
        const auto after = joined(array_of(change, "after"));
        lines.add(fmt::format("  {} {:<24} {} ({})", text_of(change, "at"), text_of(change, "address"),
                              after.empty() ? "delisted" : "listed: " + after, text_of(change, "reason")));
    }
}

} // namespace

json::object rates(const json::object& before, const json::object& now, double seconds) {
    if (seconds <= 0 || before.empty()) return {};
    const auto& old_dns = object_of(before, "dns");
    const auto& dns = object_of(now, "dns");
    json::object all;
    all["queries"] = json::object{{"udp", grown(old_dns, dns, "udp_queries", seconds)},
                                  {"tcp", grown(old_dns, dns, "tcp_queries", seconds)}};
    auto& answers = all["answers"].emplace_object();
    const auto& results = object_of(dns, "results");
    for (const auto& member : results) {
        const std::string_view name{member.key().data(), member.key().size()};
        answers[member.key()] = grown(object_of(old_dns, "results"), results, name, seconds);
    }
    all["dropped"] = grown(old_dns, dns, "dropped", seconds);
    all["latency_ns"] = latency_between(old_dns, dns);
    all["visits"] = grown(object_of(before, "verifier"), object_of(now, "verifier"), "scans_finished", seconds);
    all["commits"] = grown(object_of(before, "store"), object_of(now, "store"), "commits", seconds);
    return all;
}

std::vector<std::string> top_frame(const json::object& status, const json::object& rates, ScreenSize size) {
    Lines lines{size};
    lines.add(fmt::format("provenbl {}, serial {}, {}", text_of(status, "version"), number_of(status, "serial"),
                          text_of(status, "now")));
    const auto trouble = text_of(status, "trouble");
    const auto& shut = object_of(status, "shutdown");
    lines.add(!trouble.empty() ? "TROUBLE: " + trouble
              : !shut.empty()  ? "The list is SHUT DOWN: " + text_of(shut, "text")
                               : std::string{"All is well"});
    lines.add("");
    show_answers(lines, object_of(status, "dns"), rates);
    const auto& listed = object_of(status, "listed");
    std::string classes;
    const auto& by_class = object_of(listed, "classes");
    for (const auto& member : by_class) {
        const std::string_view cls{member.key().data(), member.key().size()};
        classes += fmt::format(", {} {}", printable(cls), number_of(by_class, cls));
    }
    lines.add("Listed",
              fmt::format("{} IPv4, {} IPv6{}", number_of(listed, "ipv4"), number_of(listed, "ipv6"), classes));
    const auto& queue = object_of(status, "queue");
    const auto& verifier = object_of(status, "verifier");
    const auto next = text_of(queue, "next");
    lines.add("Visits", fmt::format("{} running, {} queued, {} ended a second{}", number_of(verifier, "running_scans"),
                                    number_of(queue, "due"), rate(real_of(rates, "visits")),
                                    next.empty() ? "" : "; the next is due at " + next));
    const auto& store = object_of(status, "store");
    const auto map = number_of(store, "map_size");
    lines.add("Store",
              fmt::format("{} commits a second, {} waiting; map {} % used", rate(real_of(rates, "commits")),
                          number_of(store, "queued"), map == 0 ? 0 : 100 * number_of(store, "map_used") / map));
    show_mirrors(lines, object_of(status, "mirrors"));
    show_recent(lines, array_of(status, "recent"));
    return lines.take();
}

} // namespace provenbl::tools::cli
