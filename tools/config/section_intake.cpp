// Ways in for reports that are files.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<intake::Settings>& intake_settings() {
    using T = intake::Settings;
    static const Table<T> table{
        setting<T>("folder", absolute_path(), PROVENBL_FIELD(folder),
                   "A folder whose files are lists of hosts to report; they end in done/ or failed/ below it. Whoever "
                   "can write there reports as the operator. Default: none."),
        setting<T>("interval", duration(1s, 1h), PROVENBL_FIELD(interval),
                   "Between two looks; a list is taken when it has not changed between them."),
    };
    return table;
}

} // namespace provenbl::tools
