// What static zones are answered from: the shelf of one moment, and each zone's own records in wire form.
//
// A thread makes its own view when the shelf has changed, which costs little; the data are shared. Old ones are freed
// by the library.
#pragma once

#include "dnsbl/zone_records.hpp"
#include "zones/snapshot.hpp"
#include "zones/static/library.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace provenbl::dnsbl {

class StaticView {
public:
    explicit StaticView(std::shared_ptr<const zones::statics::Shelf> shelf);

    struct Entry {
        const zones::statics::StaticZone* zone;
        ZoneRecords records;
        zones::Snapshot snapshot; // lists nothing; for its serial
    };
    // As they are configured. Null for a place that there is not.
    [[nodiscard]] const Entry* find(std::size_t place) const {
        return place < entries_.size() ? &entries_[place] : nullptr;
    }

private:
    std::shared_ptr<const zones::statics::Shelf> shelf_; // holds what the entries point to
    std::vector<Entry> entries_;
};

// A thread's own view, made anew when the generation has moved. Without a library there are no static zones.
class StaticReader {
public:
    explicit StaticReader(const zones::statics::Library* library) : library_(library) {}
    [[nodiscard]] const StaticView* get() {
        if (library_ == nullptr) return nullptr;
        if (const auto now = library_->generation(); now != seen_ || !view_) {
            seen_ = now;
            view_ = std::make_unique<const StaticView>(library_->shelf());
        }
        return view_.get();
    }

private:
    const zones::statics::Library* library_;
    std::uint64_t seen_ = 0;
    std::unique_ptr<const StaticView> view_;
};

} // namespace provenbl::dnsbl
