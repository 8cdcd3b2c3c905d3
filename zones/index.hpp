// The resident index: which classes each listed address has. What every query asks.
//
// Immutable and pure (no LMDB): two trees, whose unchanged parts a new index shares with the old one. So a change costs
// microseconds however long the list is, and old and new index together little more than one of them. About 3.3
// bytes an IPv4 entry and 18 an IPv6 entry.
// A miss ends as early as a hit: the trees are the filter. Nothing here reads the store.
// The store stays the truth: an Index can be thrown away and compiled anew at any moment.
#pragma once

#include "store/address.hpp"
#include "store/listing_class.hpp"
#include "zones/tree4.hpp"
#include "zones/tree6.hpp"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::zones {

struct IndexChange {
    Address address;
    ClassSet after; // empty: no longer listed
};

class Index {
public:
    Index() = default; // empty
    // Of a list that is shut down (RFC 6471 3.4): empty, and a zone has not even its test entries.
    [[nodiscard]] static Index shut_down();
    [[nodiscard]] bool is_shut_down() const { return shut_down_; }
    // 64: an IPv6 entry is the base of a /64 and stands for every address in it; else 128.
    [[nodiscard]] unsigned ipv6_bits() const { return ipv6_bits_; }

    // The empty set when the address is not listed.
    [[nodiscard]] ClassSet find(const Address& address) const;

    // The same of an IPv6 address by number, in host order; for IPv4 there is v4().
    [[nodiscard]] SetBits find6(std::uint64_t high, std::uint64_t low) const { return v6_.find(entry({high, low})); }

    // Does any listed address inside the prefix have a class of the mask? A prefix inside a listed /64 has.
    [[nodiscard]] bool any_within(const Prefix& prefix, ClassSet mask) const;

    // In any order; of several changes of one address the last one counts. Addresses as the store keeps them.
    [[nodiscard]] Index with_changes(std::span<const IndexChange> changes) const;

    // Every listed address in order (IPv4, then IPv6), until visit returns false.
    void walk(const std::function<bool(const Address&, ClassSet)>& visit) const;
    // The same of what has a class of `mask`, and from behind an address on (none: from the beginning), which costs no
    // more than a look-up. Returns whether visit was called for all.
    bool walk_after(const std::optional<Address>& after, ClassSet mask,
                    const std::function<bool(const Address&, ClassSet)>& visit) const;

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t size(ListingClass cls) const;
    [[nodiscard]] std::size_t memory() const; // bytes

    // For a look-up by number, in steps, of a whole batch.
    [[nodiscard]] const Tree4& v4() const { return v4_; }

    class Builder;

private:
    // Where the entry of this key is kept.
    [[nodiscard]] Key6 entry(Key6 key) const {
        if (ipv6_bits_ == 64) key.low = 0;
        return key;
    }
    Tree4 v4_;
    Tree6 v6_;
    unsigned ipv6_bits_ = 128;
    bool shut_down_ = false;
};

// Compiles an index from a stream in order (IPv4, then IPv6, each ascending), as hosts::walk_listed gives it.
class Index::Builder {
public:
    explicit Builder(unsigned ipv6_bits = 128) { index_.ipv6_bits_ = ipv6_bits; }
    // Throws std::invalid_argument when the address does not follow the one before.
    void add(const Address& address, ClassSet classes);
    [[nodiscard]] Index build();

private:
    void take();
    Index index_;
    std::vector<Tree4::Change> v4_; // not yet in the index
    std::vector<Tree6::Change> v6_;
    std::optional<Address> last_;
};

} // namespace provenbl::zones
