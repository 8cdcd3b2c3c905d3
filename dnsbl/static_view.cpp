#include "dnsbl/static_view.hpp"

namespace provenbl::dnsbl {

StaticView::StaticView(std::shared_ptr<const zones::statics::Shelf> shelf) : shelf_(std::move(shelf)) {
    entries_.reserve(shelf_->zones.size());
    for (const auto& zone : shelf_->zones)
        entries_.push_back({zone.get(), ZoneRecords(zone->authority()), {zones::Index{}, zone->serial()}});
}

} // namespace provenbl::dnsbl
