// Takes tokens out of what is shown to the public.
//
// A token tells a suspect's owner nothing and would let others recognise our probes; the answer word is only
// our sinks' to give. Wherever a valid token stands in a transcript or message (folded, upper-cased, broken
// by a soft line break, or inside base64) "[token]" is shown. A long run of base32 is tried at every place,
// up to a bound: then the rest of the run is not shown at all.
#pragma once

#include "store/records.hpp"
#include "verifier/token.hpp"

#include <string>
#include <string_view>

namespace provenbl::tools::api {

// The front of a text, of at most so many bytes, for whoever shows no more: cut where no token can be cut in two,
// before the run of characters in which one may stand. So what is redacted after it holds whole tokens or none.
[[nodiscard]] std::string_view front_of(std::string_view text, std::size_t at_most);

// Every text of the evidence without tokens.
[[nodiscard]] CaseEvidence redact(CaseEvidence evidence, const verifier::TokenMint& mint);

// `known` is the token that certainly belongs to the text; others of ours are found by their MAC.
[[nodiscard]] std::string redact(std::string_view text, const TokenId& known, const verifier::TokenMint& mint);
// Of texts whose token is unknown (details of a scan's steps).
[[nodiscard]] std::string redact(std::string_view text, const verifier::TokenMint& mint);

} // namespace provenbl::tools::api
