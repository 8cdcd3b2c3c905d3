// Mirrors and zone transfers: transfers.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<dnsbl::transfer::TransferSettings>& transfer_settings() {
    using T = dnsbl::transfer::TransferSettings;
    static const Table<T> table{
        setting<T>("allow_unsigned", list(prefix(), 1000, Prefix::of(Address{}, 32)), PROVENBL_FIELD(allow_unsigned),
                   "Networks that may transfer open zones without a key. Default: none; mirrors have a key each "
                   "(`provenbl mirror add`)."),
        setting<T>(
            "require_tls", boolean(), PROVENBL_FIELD(require_tls),
            "No transfer but over TLS (RFC 9103, dns.tls), whoever asks. Mirrors that were added with --tls have "
            "no other way in any case."),
        setting<T>("notify_interval", duration(50ms, 1h), PROVENBL_FIELD(notify_interval),
                   "One mirror is told of changes this often at most (NOTIFY, RFC 1996)."),
        setting<T>("notify_source", list(address(), 2), PROVENBL_FIELD(notify_source),
                   "Where NOTIFY comes from: the address that mirrors know as primary, one of each family. Default: "
                   "the first of dns.listen."),
        setting<T>("concurrent", number<std::size_t>(1, 1000), PROVENBL_FIELD(limits.total),
                   "Transfers that go on at once; more are told to come later."),
        setting<T>("per_client", number<std::size_t>(1, 1000), PROVENBL_FIELD(limits.per_client),
                   "The same, to one client: it asks for each of its zones."),
        setting<T>("message_timeout", duration(100ms, 1h), PROVENBL_FIELD(limits.message_timeout),
                   "How long a client may take for one message, of 16 KiB at most."),
        setting<T>("timeout", duration(1s, 24h), PROVENBL_FIELD(limits.timeout), "How long a whole transfer may take."),
    };
    return table;
}

} // namespace provenbl::tools
