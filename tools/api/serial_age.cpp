#include "tools/api/serial_age.hpp"

#include "store/journal.hpp"

#include <algorithm>

namespace provenbl::tools::api {
namespace {

// The position of the journal that a serial of 32 bits stands for: the newest that is not ahead of us, unless it is so
// little ahead that it must be (RFC 1982).
std::uint64_t position_of(std::uint32_t serial, std::uint64_t last) {
    const auto behind = static_cast<std::uint32_t>(static_cast<std::uint32_t>(last) - serial);
    constexpr std::uint32_t half = 0x80000000U;
    if (behind < half) return behind > last ? 0 : last - behind;
    return last + static_cast<std::uint32_t>(serial - static_cast<std::uint32_t>(last));
}

// What happened first behind this position.
void note_first(const ReadTxn& txn, std::uint64_t position, Time now, SerialAge& age) {
    age.at_least = position < journal::floor(txn);
    journal::walk(txn, position, [&](const Change& change) {
        age.since = change.at;
        return false;
    });
    if (age.since != Time{}) age.age = std::max(now - age.since, Duration{0});
}

} // namespace

SerialAge age_of(const ReadTxn& txn, std::uint32_t serial, Time now) {
    SerialAge age;
    age.last = journal::last(txn);
    const auto position = position_of(serial, age.last);
    age.ahead = position > age.last;
    age.behind = position < age.last ? age.last - position : 0;
    note_first(txn, position, now, age);
    return age;
}

SerialAge catalog_age_of(const ReadTxn& txn, std::uint32_t serial, Time now) {
    SerialAge age;
    age.last = journal::configuration(txn).sequence;
    const auto position = position_of(serial, age.last);
    age.ahead = position > age.last;
    if (position >= age.last) return age;
    age.behind = 1;
    note_first(txn, age.last - 1, now, age);
    return age;
}

} // namespace provenbl::tools::api
