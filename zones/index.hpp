// The resident index: which classes each listed address has. What every query asks.
//
// Immutable and pure (no LMDB). A frozen base, about 3.3 bytes an IPv4 entry and 17.3 an IPv6 entry, plus a
// small sorted overlay of recent changes; snapshots share both, so a change costs a copy of the overlay only.
// The overlay is bounded: past `overlay_limit` with_changes merges it into a new base itself; the follower
// merges earlier, in the background, and takes the result over with rebased_on.
// The store stays the truth: an Index can be thrown away and compiled anew at any moment.
#pragma once

#include "store/address.hpp"
#include "store/listing_class.hpp"

#include <functional>
#include <memory>
#include <span>

namespace provenbl::zones {

struct IndexChange {
    Address address;
    ClassSet after; // empty: no longer listed
};

class Index {
public:
    static constexpr std::size_t overlay_limit = 32768;

    Index(); // empty
    // Of a list that is shut down (RFC 6471 3.4): empty, and a zone has not even its test entries.
    [[nodiscard]] static Index shut_down();
    [[nodiscard]] bool is_shut_down() const;
    // 64: an IPv6 entry is the base of a /64 and stands for every address in it; else 128.
    [[nodiscard]] unsigned ipv6_bits() const;

    // The empty set when the address is not listed.
    [[nodiscard]] ClassSet find(const Address& address) const;

    // The same by number, in host order.
    [[nodiscard]] ClassSet find4(std::uint32_t address) const;
    [[nodiscard]] ClassSet find6(std::uint64_t high, std::uint64_t low) const;

    // Does any listed address inside the prefix have a class of the mask? Costs the same however many it holds. A
    // prefix inside a listed /64 has.
    [[nodiscard]] bool any_within(const Prefix& prefix, ClassSet mask) const;

    // In any order; of several changes of one address the last one counts. Addresses as the store keeps them.
    [[nodiscard]] Index with_changes(std::span<const IndexChange> changes) const;

    // The same contents in one base, with an empty overlay. Walks everything.
    [[nodiscard]] Index merged() const;
    // The same contents as this index, on the base of `newer`, which is `earlier.merged()` of an earlier state of
    // this index that shares_base with it (else the overlay does not hold all that happened since).
    [[nodiscard]] Index rebased_on(const Index& newer) const;
    [[nodiscard]] bool shares_base(const Index& other) const;

    // Every listed address in order (IPv4, then IPv6), until visit returns false.
    void walk(const std::function<bool(const Address&, ClassSet)>& visit) const;

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t size(ListingClass cls) const;
    [[nodiscard]] std::size_t overlay_size() const;
    [[nodiscard]] std::size_t memory() const; // bytes

    class Builder;

private:
    struct Parts;
    explicit Index(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
    std::shared_ptr<const Parts> parts_;
};

// Compiles an index from a stream in order (IPv4, then IPv6, each ascending), as hosts::walk_listed gives it.
class Index::Builder {
public:
    explicit Builder(std::size_t expected4 = 0, std::size_t expected6 = 0, unsigned ipv6_bits = 128);
    ~Builder();
    // Throws std::invalid_argument when the address does not follow the one before.
    void add(const Address& address, ClassSet classes);
    [[nodiscard]] Index build();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace provenbl::zones
