// Listed domain names, with and without what is below them (rbldnsd(8), "dnset Dataset"). Immutable, compact: the keys
// (names.hpp) in one text, in order.
//
// An exact name outweighs every wildcard, the longest wildcard all others; an exclusion is an answer of its own: not
// listed.
#pragma once

#include "zones/static/asked_name.hpp"
#include "zones/static/values.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones::statics {

struct DomainEntry {
    std::uint32_t key_at = 0; // in a text that holds all of them
    std::uint8_t key_size = 0;
    bool wildcard = false; // what is below the name, not the name itself
    Ref value = nothing;   // nothing: an exclusion
};

class DomainSet {
public:
    DomainSet() = default;
    // `keys` is the text of the entries' keys.
    DomainSet(std::vector<DomainEntry> entries, std::string_view keys, ValueMaker& values);

    struct Found {
        Ref value = nothing;
        std::string_view key; // of the entry that decided
    };
    [[nodiscard]] Found find(const AskedName& name) const;
    // Whether anything is listed below the name.
    [[nodiscard]] bool any_below(const AskedName& name) const;
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

private:
    static constexpr Ref absent = 0x7fffffff;
    struct Node {
        std::uint32_t key_at = 0;
        std::uint32_t listed_before = 0; // how many listed nodes stand before it
        Ref exact = absent;
        Ref below = absent;
        std::uint8_t key_size = 0;
    };
    [[nodiscard]] std::string_view key(const Node& node) const {
        return std::string_view{keys_}.substr(node.key_at, node.key_size);
    }
    [[nodiscard]] const Node* find_key(std::string_view wanted) const;
    [[nodiscard]] static bool listed(Ref ref) { return ref != absent && ref != nothing; }

    std::string keys_;
    std::vector<Node> nodes_; // by key
    std::uint32_t listed_ = 0;
    std::size_t longest_wildcard_ = 0; // labels
};

} // namespace provenbl::zones::statics
