// How long what is remembered.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<retention::Rules>& retention_settings() {
    using T = retention::Rules;
    constexpr auto longest = 36'500 * day;
    static const Table<T> table{
        setting<T>("evidence", duration(0s, longest), PROVENBL_FIELD(evidence),
                   "Transcripts and mails that listed a host, after its delisting; 0s: for ever."),
        setting<T>("scans", duration(0s, longest), PROVENBL_FIELD(scans),
                   "Visits with what the host said, after their end; 0s: for ever."),
        setting<T>("reports", duration(0s, longest), PROVENBL_FIELD(reports),
                   "Reports with their comments, once they are answered; 0s: for ever."),
        setting<T>("hosts", duration(0s, longest), PROVENBL_FIELD(hosts),
                   "What is known of a host that is not listed, since its last visit or delisting, and once nothing of "
                   "the above is left; 0s: for ever."),
        setting<T>("journal", duration(0s, longest), PROVENBL_FIELD(journal),
                   "Entries of the journal; of older ones the line remains that says who was listed, when and why."),
    };
    return table;
}

} // namespace provenbl::tools
