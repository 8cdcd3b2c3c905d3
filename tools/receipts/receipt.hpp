// A receipt: a signed statement of how an address stood at a time, for whoever has to show it to others.
//
//   {"receipt": {"address": "198.51.100.7", "at": "...", "classes": ["relay"], "state": "listed", ...},
//    "signature": {"algorithm": "ed25519", "key": "BASE64", "value": "BASE64"}}
//
// What is signed (RFC 8032) are the bytes of the member `receipt` in the canonical form of RFC 8785: members in order,
// no blanks. Everything in it is printable ASCII and whole numbers, so the form is what any JSON library writes with
// sorted keys. Verifying needs the issuer's public key and nothing else. Pure.
#pragma once

#include "store/address.hpp"
#include "tools/receipts/standing.hpp"
#include "tools/signing/signing_key.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace provenbl::tools::receipts {

inline constexpr std::string_view receipt_type = "provenbl-receipt/1";

struct Statement {
    std::string issuer; // the list: its first zone's name
    Address address;
    Prefix covers = Prefix::of(Address{}, 32); // what a listing of the address is a listing of
    Time at{};
    Time issued{};
    std::uint64_t serial = 0; // the journal's end when it was issued
    Standing standing;
};

[[nodiscard]] boost::json::object describe(const Statement& statement);
// RFC 8785 of what receipts consist of.
[[nodiscard]] std::string canonical(const boost::json::value& value);
[[nodiscard]] boost::json::object make_receipt(const Statement& statement, const signing::SigningKey& key);

// The statement of a receipt that the key's holder has signed. Errors: invalid (no receipt, or of another type),
// not_allowed (another key, or the signature does not fit what is said).
[[nodiscard]] Result<boost::json::object> verify_receipt(std::string_view text, const signing::PublicKey& key);

} // namespace provenbl::tools::receipts
