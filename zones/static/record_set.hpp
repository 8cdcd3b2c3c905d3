// Single records of a zone: A, TXT and MX at names of their own (rbldnsd(8), "generic Dataset"). Immutable.
#pragma once

#include "zones/static/asked_name.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones::statics {

struct Record {
    std::string key; // of the name it stands at (names.hpp); empty: the zone's own
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;        // 0: the set's
    std::uint16_t preference = 0; // of an MX
    std::string data; // A: four octets; TXT: its only string; MX: the name as labels in wire form, without a root label
};

class RecordSet {
public:
    RecordSet() = default;
    explicit RecordSet(std::vector<Record> records);

    // All that stand at the name.
    [[nodiscard]] std::span<const Record> find(std::string_view key) const;
    [[nodiscard]] bool any_below(const AskedName& name) const;
    [[nodiscard]] std::size_t size() const { return records_.size(); }

private:
    std::vector<Record> records_; // by key
};

} // namespace provenbl::zones::statics
