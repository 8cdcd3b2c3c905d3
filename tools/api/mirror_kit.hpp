// What a mirror's operator pastes into his server: complete, with the settings that a list of millions of names needs
// there. Pure.
#pragma once

#include "store/mirror.hpp"
#include "tools/config/configuration.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::api {

// What a mirror needs to know of us.
struct KitFacts {
    std::vector<Endpoint> primaries; // where it asks, and what NOTIFY comes from
    std::vector<std::string> zones;  // that it takes
    std::string contact;
    std::string catalog = {}; // names these zones (RFC 9432), for servers that read it; empty: there is none
    std::vector<Endpoint> tls_primaries = {}; // the same, over TLS; empty: we don't listen there
    std::string tls_name = {};                // that our certificate is made out to
    bool tls_clients = false;                 // it has to show a certificate of its own
};

// Of a mirror in force.
[[nodiscard]] std::string mirror_kit(const Mirror& mirror, const KitFacts& facts);

// Why a mirror of this kind can't transfer over TLS, if it can't.
[[nodiscard]] Result<> can_use_tls(MirrorKind kind, const KitFacts& facts);

[[nodiscard]] KitFacts kit_facts(const Mirror& mirror, const Configuration& configuration);
// The zones that a mirror takes: those it names, or every list that is open to all, and the policy
// zones of these (dnsbl/transfer/access.hpp).
[[nodiscard]] std::vector<std::string> zones_of(const Mirror& mirror, const Configuration& configuration);
// The catalog, where the mirror reads it and tells its serial to who asks; else empty. Knot reads it, but answers no
// questions for it without a signature.
[[nodiscard]] std::string watched_catalog(const Mirror& mirror, const Configuration& configuration);

[[nodiscard]] std::string to_base64(std::string_view octets);

} // namespace provenbl::tools::api
