// How mirrors are watched: mirrors.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<MirrorWatchSettings>& mirror_watch_settings() {
    using T = MirrorWatchSettings;
    static const Table<T> table{
        setting<T>("interval", duration(1s, 1h), PROVENBL_FIELD(interval),
                   "How often each mirror is asked how far it is (its SOA, over UDP), a quarter more or less."),
        setting<T>("alert_after", duration(1s, 14 * day), PROVENBL_FIELD(alert_after),
                   "A mirror that is behind, or silent, for longer is told in the log, and when it is back."),
        setting<T>("public", boolean(), PROVENBL_FIELD(is_public),
                   "Everybody may see how far the mirrors are (GET /v1/mirrors/lag): their names, no addresses."),
    };
    return table;
}

} // namespace provenbl::tools
