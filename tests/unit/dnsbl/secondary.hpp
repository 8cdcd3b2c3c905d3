// A secondary that believes nothing: it reads each message with ldns and keeps what RFC 5936 and RFC 1995 say it has
// then. What they forbid (a removal of what is not there, an addition of what is, a SOA in the wrong place) fails the
// test.
#pragma once

#include "ldns_oracle.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace provenbl::dnsbl::testing {

class Secondary {
public:
    explicit Secondary(std::string apex) : apex_(std::move(apex)) {}

    // All messages of one answer, as they came.
    void take(std::span<const std::vector<std::uint8_t>> messages);

    [[nodiscard]] std::uint32_t serial() const { return serial_; }
    // "owner. ttl IN TYPE data" of all records but the SOA; and those of one name.
    [[nodiscard]] const std::set<std::string>& records() const { return records_; }
    [[nodiscard]] std::vector<std::string> at(const std::string& name) const;
    // What the last answer was, and how large.
    [[nodiscard]] bool was_incremental() const { return incremental_; }
    [[nodiscard]] bool was_current() const { return current_; }
    [[nodiscard]] std::size_t octets() const { return octets_; }
    [[nodiscard]] std::size_t record_count() const { return count_; }

private:
    [[nodiscard]] bool is_soa(const std::string& record) const;
    [[nodiscard]] static std::uint32_t serial_of(const std::string& soa);
    void take_whole(std::span<const std::string> records);
    void take_difference(std::span<const std::string> records);

    std::string apex_; // without a dot at the end
    std::uint32_t serial_ = 0;
    std::string soa_; // without its serial
    std::set<std::string> records_;
    bool incremental_ = false;
    bool current_ = false;
    std::size_t octets_ = 0;
    std::size_t count_ = 0;
};

} // namespace provenbl::dnsbl::testing
