#include "zones/rpz.hpp"

#include <fmt/format.h>

#include <iterator>

namespace provenbl::zones::rpz {
namespace {

constexpr std::size_t word_count = 8;

struct Run {
    std::size_t first = 0;
    std::size_t length = 0;
};

Run longest_zeros(const std::array<unsigned, word_count>& words) {
    Run best;
    Run now;
    for (std::size_t i = 0; i < word_count; ++i) {
        if (words[i] != 0) {
            now = {};
            continue;
        }
        if (now.length == 0) now.first = i;
        ++now.length;
        if (now.length > best.length) best = now;
    }
    return best.length > 1 ? best : Run{};
}

} // namespace

std::string_view to_string(Trigger trigger) {
    switch (trigger) {
    case Trigger::client_ip:
        return "client-ip";
    case Trigger::response_ip:
        return "response-ip";
    case Trigger::ns_ip:
        return "ns-ip";
    }
    return "unknown";
}

std::string_view to_string(Action action) {
    switch (action) {
    case Action::nxdomain:
        return "nxdomain";
    case Action::nodata:
        return "nodata";
    case Action::passthru:
        return "passthru";
    case Action::drop:
        return "drop";
    case Action::tcp_only:
        return "tcp-only";
    }
    return "unknown";
}

std::optional<Trigger> parse_trigger(std::string_view text) {
    for (const auto trigger : all_triggers) {
        if (to_string(trigger) == text) return trigger;
    }
    return std::nullopt;
}

std::optional<Action> parse_action(std::string_view text) {
    for (const auto action : all_actions) {
        if (to_string(action) == text) return action;
    }
    return std::nullopt;
}

std::string owner(const Prefix& prefix, Trigger trigger) {
    auto name = std::to_string(prefix.length());
    const auto bytes = prefix.base().bytes();
    if (prefix.base().is_v4()) {
        for (std::size_t i = bytes.size(); i-- > 0;) fmt::format_to(std::back_inserter(name), ".{}", bytes[i]);
    } else {
        std::array<unsigned, word_count> words{};
        for (std::size_t i = 0; i < word_count; ++i) words[i] = unsigned{bytes[2 * i]} << 8U | bytes[2 * i + 1];
        const auto zeros = longest_zeros(words);
        for (std::size_t i = word_count; i-- > 0;) {
            if (i >= zeros.first && i < zeros.first + zeros.length) {
                if (i == zeros.first) name += ".zz";
            } else {
                fmt::format_to(std::back_inserter(name), ".{:x}", words[i]);
            }
        }
    }
    return name + "." + std::string(label(trigger));
}

std::string_view label(Trigger trigger) {
    switch (trigger) {
    case Trigger::client_ip:
        return "rpz-client-ip";
    case Trigger::response_ip:
        return "rpz-ip";
    case Trigger::ns_ip:
        return "rpz-nsip";
    }
    return "rpz-ip";
}

DomainName target_name(Action action) {
    if (action == Action::nxdomain) return {};
    return action == Action::nodata ? DomainName::root_wildcard() : DomainName::parse(target(action)).value();
}

std::string_view target(Action action) {
    switch (action) {
    case Action::nxdomain:
        return ".";
    case Action::nodata:
        return "*.";
    case Action::passthru:
        return "rpz-passthru.";
    case Action::drop:
        return "rpz-drop.";
    case Action::tcp_only:
        return "rpz-tcp-only.";
    }
    return ".";
}

} // namespace provenbl::zones::rpz
