#include "store/listing_class.hpp"

namespace provenbl {

std::string_view to_string(ListingClass cls) {
    switch (cls) {
    case ListingClass::relay:
        return "relay";
    case ListingClass::socks:
        return "socks";
    case ListingClass::http:
        return "http";
    case ListingClass::chain:
        return "chain";
    case ListingClass::wingate:
        return "wingate";
    case ListingClass::router:
        return "router";
    case ListingClass::web:
        return "web";
    }
    return "unknown";
}

std::optional<ListingClass> parse_listing_class(std::string_view text) {
    for (const auto cls : all_listing_classes) {
        if (to_string(cls) == text) return cls;
    }
    return std::nullopt;
}

std::string to_string(ClassSet set) {
    std::string text;
    for (const auto cls : all_listing_classes) {
        if (!set.contains(cls)) continue;
        if (!text.empty()) text += ", ";
        text += to_string(cls);
    }
    return text.empty() ? "none" : text;
}

} // namespace provenbl
