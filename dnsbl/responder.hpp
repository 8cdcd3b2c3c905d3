// The responder: a message in, a message out. Pure: no socket, no clock, no store; what it needs of them comes with
// the Asker.
//
// The order in which a message is judged: the client's network (guard/access_list), cookie, signature, question, access
// key (guard/key_table: 2.0.0.127.<key>.bl.example; it costs quota whether or not the name exists), answer, and last,
// when what the answer is is known, the rate limit.
//
// RFC 1035, 2308 (negative answers), 5782 (DNSBL), 6891 (EDNS), 8020 (empty non-terminals), 8482 (ANY is
// answered in full: it is tiny), 8914 (why an answer is refused), 5001 (NSID), 7873 and 9018 (cookies), 7828 (keepalive
// over TCP), 5936 and 1995 (who may have a zone; the rest is transfer/desk.hpp), 8945 (TSIG: a request that a mirror's
// key signed gets a signed answer). Safe to call from many threads at once: it is not changed by answering.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/guard/access_list.hpp"
#include "dnsbl/wire/cookie.hpp"
#include "dnsbl/zone_records.hpp"
#include "zones/definition.hpp"
#include "zones/snapshot.hpp"
#include "zones/zone_table.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace provenbl::zones::statics {
class Library;
}

namespace provenbl::dnsbl {

struct ResponderSettings {
    std::uint16_t edns_size = 1232;          // the largest UDP answer that we send, and what we say we take
    std::string identity;                    // for id.server and NSID; empty: not told
    guard::AccessList access = {};           // who may ask
    wire::CookieSecrets cookie_secrets = {}; // empty: cookies are not spoken
    // Where threads take their views of static zones from (static_view.hpp); null: there are none. Not read here.
    const zones::statics::Library* statics = nullptr;
};

class Responder {
public:
    // Only of a set that zones::validate accepts.
    Responder(const zones::ZoneSet& set, ResponderSettings settings);
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;

    // Writes the answer into `out`, which takes at least smallest_buffer octets; an answer over TCP may fill it.
    static constexpr std::size_t smallest_buffer = 1232;
    [[nodiscard]] Outcome respond(std::span<const std::uint8_t> message, const Asker& asker,
                                  const zones::Snapshot& snapshot, std::span<std::uint8_t> out) const;

    // How large an answer may be, of those that `room` takes.
    [[nodiscard]] std::size_t limit(const wire::Query& query, Transport transport, std::size_t room) const;

    [[nodiscard]] const zones::ZoneTable& zones() const { return table_; }
    [[nodiscard]] std::uint16_t edns_size() const { return settings_.edns_size; }
    [[nodiscard]] const guard::AccessList& access() const { return settings_.access; }
    [[nodiscard]] const zones::statics::Library* statics() const { return settings_.statics; }

private:
    struct Exchange;
    void judge(Exchange& exchange, wire::Response& response) const;
    void answer_query(Exchange& exchange, wire::Response& response) const;
    void answer_name(Exchange& exchange, wire::Response& response) const;
    void answer_transfer(Exchange& exchange, const zones::Zone& zone, wire::Response& response) const;
    [[nodiscard]] static bool take_key(Exchange& exchange, const zones::Zone& zone,
                                       std::span<const std::uint8_t>& relative, wire::Response& response);
    static void answer_static_name(Exchange& exchange, const zones::Zone& zone, std::span<const std::uint8_t> relative,
                                   wire::Response& response);
    void answer_chaos(const wire::Query& query, wire::Response& response) const;

    zones::ZoneTable table_;
    std::vector<ZoneRecords> records_; // as table_.zones()
    ResponderSettings settings_;
};

} // namespace provenbl::dnsbl
