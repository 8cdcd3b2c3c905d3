#include "zones/static/domain_set.hpp"

#include "zones/static/names.hpp"

#include <algorithm>
#include <set>

namespace provenbl::zones::statics {
namespace {

Ref joined(const std::set<Ref>& values, ValueMaker& maker) {
    if (*values.begin() == nothing) return nothing; // excluded
    if (values.size() == 1) return *values.begin();
    std::vector<Ref> all(values.begin(), values.end());
    all.resize(std::min(all.size(), ValueMaker::most_at_one_place));
    return maker.list(all);
}

} // namespace

DomainSet::DomainSet(std::vector<DomainEntry> entries, std::string_view keys, ValueMaker& values) {
    const auto key_of = [keys](const DomainEntry& entry) { return keys.substr(entry.key_at, entry.key_size); };
    std::sort(entries.begin(), entries.end(), [&](const DomainEntry& a, const DomainEntry& b) {
        const auto order = key_of(a).compare(key_of(b));
        return order != 0 ? order < 0 : a.wildcard < b.wildcard;
    });
    for (auto at = entries.begin(); at != entries.end() && !values.too_many();) {
        const auto name = key_of(*at);
        if (nodes_.empty() || key(nodes_.back()) != name) {
            nodes_.push_back({static_cast<std::uint32_t>(keys_.size()), listed_, absent, absent, at->key_size});
            keys_ += name;
        }
        auto& node = nodes_.back();
        const bool wildcard = at->wildcard;
        std::set<Ref> all;
        for (; at != entries.end() && at->wildcard == wildcard && key_of(*at) == name; ++at) all.insert(at->value);
        auto& ref = wildcard ? node.below : node.exact;
        ref = joined(all, values);
        if (listed(ref)) ++listed_;
        if (wildcard) longest_wildcard_ = std::max(longest_wildcard_, label_count(name));
    }
    keys_.shrink_to_fit();
    nodes_.shrink_to_fit();
}

const DomainSet::Node* DomainSet::find_key(std::string_view wanted) const {
    const auto at = std::lower_bound(nodes_.begin(), nodes_.end(), wanted,
                                     [this](const Node& node, std::string_view name) { return key(node) < name; });
    return at != nodes_.end() && key(*at) == wanted ? &*at : nullptr;
}

DomainSet::Found DomainSet::find(const AskedName& name) const {
    if (name.labels() == 0 || nodes_.empty()) return {};
    const auto* node = find_key(name.key());
    if (node != nullptr && node->exact != absent) return {node->exact, key(*node)};
    for (auto labels = std::min(name.labels() - 1, longest_wildcard_); labels > 0; --labels) {
        node = find_key(name.key(labels));
        if (node != nullptr && node->below != absent) return {node->below, key(*node)};
    }
    return {};
}

bool DomainSet::any_below(const AskedName& name) const {
    const auto above = name.key();
    const auto first =
        std::lower_bound(nodes_.begin(), nodes_.end(), above,
                         [this](const Node& node, std::string_view wanted) { return key(node) < wanted; });
    const auto last = std::partition_point(
        first, nodes_.end(), [&](const Node& node) { return key(node).substr(0, above.size()) <= above; });
    const auto before = [&](auto at) { return at == nodes_.end() ? listed_ : at->listed_before; };
    if (before(last) != before(first)) return true;
    // Where the name alone is excluded, a wildcard above it still lists what is below.
    for (auto labels = std::min(name.labels(), longest_wildcard_); labels > 0; --labels) {
        const auto* node = find_key(name.key(labels));
        if (node != nullptr && node->below != absent) return listed(node->below);
    }
    return false;
}

} // namespace provenbl::zones::statics
