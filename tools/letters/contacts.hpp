// Whom to write to about a host, in this order:
//   1. the abuse contact that RDAP names                          (RFC 9083)
//   2. the operator's own table: the longest prefix wins
//   3. abuse@ and postmaster@ of the domain that the host's reverse name lies in, where that name leads back (RFC 2142)
//   4. postmaster@[address], where a mail server answers there    (RFC 5321 4.5.1)
//
// Where the questions go is injected; what can't be asked is left out, and never holds the rest up.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/result.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::tools::letters {

// prefix,address lines; '#' begins a comment.
class ContactTable {
public:
    // Errors are "FILE:LINE: ...".
    static Result<ContactTable> parse(std::string_view file, std::string_view text);
    static Result<ContactTable> load(const std::string& path);
    [[nodiscard]] std::vector<std::string> of(const Address& host) const;

private:
    std::vector<std::pair<Prefix, std::string>> rows_; // the longest first
};

struct Sources {
    std::function<Result<std::string>(const Address&)> rdap = {};              // the answer's body
    std::function<std::vector<std::string>(const Address&)> names_of = {};     // reverse names
    std::function<std::vector<Address>(const std::string&)> addresses_of = {}; // of a name
};
// The system's resolver; its timeouts are those of resolv.conf.
[[nodiscard]] std::vector<std::string> system_names_of(const Address& host);
[[nodiscard]] std::vector<Address> system_addresses_of(const std::string& name);

// The domain that somebody has registered: "example.co.uk" of "a.b.example.co.uk" (publicsuffix.org); empty for a
// suffix itself, and for what is under .arpa.
[[nodiscard]] std::string registered_domain(std::string_view name);

class Contacts {
public:
    Contacts(Sources sources, ContactTable table) : sources_(std::move(sources)), table_(std::move(table)) {}

    // Without repetition. `serves_mail`: something of ours was relayed by a mail server there.
    [[nodiscard]] std::vector<std::string> of(const Address& host, bool serves_mail, Time now);

private:
    struct Remembered {
        Address last; // of the network
        std::vector<std::string> contacts;
        Time until{};
    };
    [[nodiscard]] std::vector<std::string> by_rdap(const Address& host, Time now);
    [[nodiscard]] std::vector<std::string> by_name(const Address& host) const;

    Sources sources_;
    ContactTable table_;
    std::map<Address, Remembered> remembered_; // RDAP's answers, by the first address of the network; bounded
};

} // namespace provenbl::tools::letters
