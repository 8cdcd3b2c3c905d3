// Many addresses at once.
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/notices.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"

#include <fmt/format.h>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t most_addresses = 1000;
constexpr std::uint32_t addresses_for_one = 10; // look-ups of ten addresses cost as much as one request

Result<std::vector<Address>> read_addresses(std::string_view text) {
    const auto body = parse_body(text, {"addresses"});
    if (!body) return body.error();
    const auto* const list = body->if_contains("addresses");
    if (list == nullptr || !list->is_array() || list->get_array().empty() || list->get_array().size() > most_addresses)
        return Error{Errc::invalid, fmt::format("'addresses' is not a list of 1 to {} addresses", most_addresses)};
    std::vector<Address> addresses;
    for (const auto& item : list->get_array()) {
        const auto number = addresses.size() + 1;
        if (!item.is_string()) return Error{Errc::invalid, fmt::format("'addresses': number {} is no text", number)};
        const auto address = Address::parse({item.get_string().data(), item.get_string().size()});
        if (!address)
            return Error{Errc::invalid, fmt::format("'addresses': number {}: {}", number, address.error().message)};
        addresses.push_back(*address);
    }
    return addresses;
}

json::object short_form(const ReadTxn& txn, const Address& address, const Context& context) {
    const auto host = hosts::find(txn, address);
    const bool listed = host && host->listed();
    return {{"address", address.to_string()},
            {"listed", listed},
            {"classes", describe(host ? host->classes() : ClassSet{})},
            {"since", listed ? describe(host->listed_since) : json::value{}},
            {"case", host && host->case_id != 0 ? json::value(host->case_id) : json::value{}},
            {"test_entry", is_test_entry(address, context)}};
}

} // namespace

Response lookup(const Context& context, const Request& request, RouterState& state) {
    const auto addresses = read_addresses(request.body);
    if (!addresses) return problem(addresses.error());
    const auto now = context.clock.now();
    const auto more = (addresses->size() - 1) / addresses_for_one; // one was charged for the request
    if (more > 0 && !request.is_operator && request.client) {
        const auto price = static_cast<std::uint32_t>(more);
        if (auto refusal = refusal_of(state.limiter.take(Limited::lookups, *request.client, {}, now, price)))
            return std::move(*refusal);
    }
    json::array rows;
    json::object object{{"now", describe(now)}};
    context.store.read([&](const ReadTxn& txn) {
        for (const auto& address : *addresses) rows.emplace_back(short_form(txn, address, context));
        object["serial"] = static_cast<std::uint32_t>(journal::last(txn));
        object["shut_down"] = notices::shutdown(txn).has_value();
    });
    object["hosts"] = std::move(rows);
    return json_response(object);
}

} // namespace provenbl::tools::api::routes
