// Statistics by country and network.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<origins::Settings>& statistics_settings() {
    using T = origins::Settings;
    static const Table<T> table{
        setting<T>("country_file", absolute_path(), PROVENBL_FIELD(country_file),
                   "A database in MaxMind's format that tells countries, such as GeoLite2-Country.mmdb. Default: none, "
                   "and nothing is counted."),
        setting<T>("network_file", absolute_path(), PROVENBL_FIELD(network_file),
                   "... that tells networks (autonomous systems), such as GeoLite2-ASN.mmdb."),
        setting<T>("interval", duration(1min, 30 * day), PROVENBL_FIELD(interval),
                   "Between two counts; each takes the files as they are then."),
        setting<T>("credit", plain_text("a text of at most 300 bytes", 300), PROVENBL_FIELD(credit),
                   "Shown below the tables: whose data they are."),
    };
    return table;
}

} // namespace provenbl::tools
