#include "zones/static/record_set.hpp"

#include <algorithm>

namespace provenbl::zones::statics {

RecordSet::RecordSet(std::vector<Record> records) : records_(std::move(records)) {
    std::stable_sort(records_.begin(), records_.end(),
                     [](const Record& a, const Record& b) { return a.key != b.key ? a.key < b.key : a.type < b.type; });
    records_.shrink_to_fit();
}

std::span<const Record> RecordSet::find(std::string_view key) const {
    const auto first =
        std::lower_bound(records_.begin(), records_.end(), key,
                         [](const Record& record, std::string_view wanted) { return record.key < wanted; });
    const auto last = std::find_if(first, records_.end(), [&](const Record& record) { return record.key != key; });
    return {first, last};
}

bool RecordSet::any_below(const AskedName& name) const {
    const auto above = name.key();
    const auto next =
        std::upper_bound(records_.begin(), records_.end(), above,
                         [](std::string_view wanted, const Record& record) { return wanted < record.key; });
    return next != records_.end() && next->key.starts_with(above);
}

} // namespace provenbl::zones::statics
