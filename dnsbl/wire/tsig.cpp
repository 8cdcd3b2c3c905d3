#include "dnsbl/wire/tsig.hpp"

#include "dnsbl/wire/tsig_record.hpp"

#include <algorithm>
#include <stdexcept>

namespace provenbl::dnsbl::wire {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::uint16_t class_any = 255;
constexpr std::size_t shortest_mac = 10; // RFC 8945 5.2.2.1: or half of the hash, if that is more
constexpr std::size_t time_size = 6;

// RFC 8945 section 3.
enum class TsigError : std::uint16_t { none = 0, badsig = 16, badkey = 17, badtime = 18, badtrunc = 22 };

constexpr std::array<std::string_view, 3> algorithm_names{"hmac-sha256", "hmac-sha384", "hmac-sha512"};

void put(Octets& out, std::uint64_t value, unsigned octets) {
    while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

void put(Octets& out, std::span<const std::uint8_t> octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

Octets wire_of(TsigAlgorithm algorithm) {
    const auto name = to_string(algorithm);
    Octets wire{static_cast<std::uint8_t>(name.size())};
    wire.insert(wire.end(), name.begin(), name.end());
    wire.push_back(0);
    return wire;
}

std::optional<TsigAlgorithm> algorithm_of(std::span<const std::uint8_t> wire) {
    for (const auto algorithm : {TsigAlgorithm::hmac_sha256, TsigAlgorithm::hmac_sha384, TsigAlgorithm::hmac_sha512}) {
        const auto known = wire_of(algorithm);
        if (std::equal(wire.begin(), wire.end(), known.begin(), known.end())) return algorithm;
    }
    return std::nullopt;
}

std::uint64_t seconds(Time now) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
}

bool in_time(std::uint64_t signed_at, std::uint16_t fudge, Time now) {
    const auto at = seconds(now);
    return (at > signed_at ? at - signed_at : signed_at - at) <= fudge;
}

// What a record says beside its owner.
struct Fields {
    std::uint64_t time = 0;
    std::uint16_t fudge = tsig_fudge;
    TsigError error = TsigError::none;
    std::uint64_t server_time = 0; // for badtime

    [[nodiscard]] std::size_t other_size() const { return error == TsigError::badtime ? time_size : 0; }
};

// A code that is covered by the next: RFC 8945 4.3.1, 5.3.1.
void add_mac(Hmac& hmac, const Mac& mac) {
    const std::array size{std::uint8_t{0}, mac.size};
    hmac.add(size);
    hmac.add(mac.bytes());
}

// RFC 8945 4.3.2: without the record, and as it was when it was signed.
void add_message(Hmac& hmac, std::span<const std::uint8_t> message, std::uint16_t original_id) {
    Octets header(message.begin(), message.begin() + header_size);
    header[0] = static_cast<std::uint8_t>(original_id >> 8U);
    header[1] = static_cast<std::uint8_t>(original_id);
    hmac.add(header);
    hmac.add(message.subspan(header_size));
}

// RFC 8945 4.3.3.
void add_variables(Hmac& hmac, std::span<const std::uint8_t> key_name, std::span<const std::uint8_t> algorithm,
                   std::uint64_t time, std::uint16_t fudge, std::uint16_t error, std::span<const std::uint8_t> other) {
    Octets variables(key_name.begin(), key_name.end());
    put(variables, class_any, 2);
    put(variables, 0, 4);
    put(variables, algorithm);
    put(variables, time, time_size);
    put(variables, fudge, 2);
    put(variables, error, 2);
    put(variables, other.size(), 2);
    put(variables, other);
    hmac.add(variables);
}

// RFC 8945 5.3.1: of a later message of a stream.
void add_timers(Hmac& hmac, std::uint64_t time, std::uint16_t fudge) {
    Octets timers;
    put(timers, time, time_size);
    put(timers, fudge, 2);
    hmac.add(timers);
}

// The message that `record` was taken from, as its code covers it: its ARCOUNT counts the record, which was not there.
void add_signed(Hmac& hmac, std::span<const std::uint8_t> message, const TsigRecord& record) {
    Octets unsigned_message(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(record.start));
    const auto additionals = static_cast<std::uint16_t>((message[10] << 8U | message[11]) - 1);
    unsigned_message[10] = static_cast<std::uint8_t>(additionals >> 8U);
    unsigned_message[11] = static_cast<std::uint8_t>(additionals);
    add_message(hmac, unsigned_message, record.original_id);
    add_variables(hmac, record.key.bytes(), record.algorithm.bytes(), record.time_signed, record.fudge, record.error,
                  record.other);
}

// RFC 8945 5.2.2 and 5.2.3: the code first, then the time.
TsigState judge(const Mac& expected, const TsigRecord& record, Time now) {
    const auto size = record.mac.size();
    const auto least = std::max<std::size_t>(shortest_mac, expected.size / 2U);
    if (size > expected.size || size < least) return TsigState::malformed;
    if (!same_octets(expected.bytes().first(size), record.mac)) return TsigState::badsig;
    if (size < expected.size) return TsigState::badtrunc;
    return in_time(record.time_signed, record.fudge, now) ? TsigState::valid : TsigState::badtime;
}

Octets written(std::span<const std::uint8_t> key_name, std::span<const std::uint8_t> algorithm, const Fields& fields,
               const Mac& mac, std::uint16_t original_id) {
    Octets record(key_name.begin(), key_name.end());
    put(record, type::tsig, 2);
    put(record, class_any, 2);
    put(record, 0, 4);
    put(record, algorithm.size() + time_size + 2 + 2 + mac.size + 2 + 2 + 2 + fields.other_size(), 2);
    put(record, algorithm);
    put(record, fields.time, time_size);
    put(record, fields.fudge, 2);
    put(record, mac.size, 2);
    put(record, mac.bytes());
    put(record, original_id, 2);
    put(record, static_cast<std::uint16_t>(fields.error), 2);
    put(record, fields.other_size(), 2);
    if (fields.other_size() != 0) put(record, fields.server_time, time_size);
    return record;
}

void count_one_more(std::span<std::uint8_t> message) {
    const auto additionals = static_cast<std::uint16_t>((message[10] << 8U | message[11]) + 1);
    message[10] = static_cast<std::uint8_t>(additionals >> 8U);
    message[11] = static_cast<std::uint8_t>(additionals);
}

std::uint16_t id_of(std::span<const std::uint8_t> message) {
    return static_cast<std::uint16_t>(message[0] << 8U | message[1]);
}

TsigError error_of(TsigState state) {
    switch (state) {
    case TsigState::badkey:
        return TsigError::badkey;
    case TsigState::badsig:
        return TsigError::badsig;
    case TsigState::badtrunc:
        return TsigError::badtrunc;
    case TsigState::badtime:
        return TsigError::badtime;
    default:
        return TsigError::none;
    }
}

} // namespace

std::string_view to_string(TsigAlgorithm algorithm) {
    return algorithm_names[static_cast<std::size_t>(algorithm)];
}

std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view name) {
    const auto found = std::find(algorithm_names.begin(), algorithm_names.end(), name);
    if (found == algorithm_names.end()) return std::nullopt;
    return static_cast<TsigAlgorithm>(found - algorithm_names.begin());
}

TsigKeys::TsigKeys(std::vector<TsigKey> keys) : keys_(std::move(keys)) {
    std::sort(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const auto& key : keys_) {
        if (key.secret.empty()) throw std::logic_error("a TSIG key needs a secret");
    }
}

const TsigKey* TsigKeys::find(std::span<const std::uint8_t> name, TsigAlgorithm algorithm) const {
    const auto less = [](const TsigKey& key, std::span<const std::uint8_t> wanted) {
        const auto have = key.name.wire();
        return std::lexicographical_compare(have.begin(), have.end(), wanted.begin(), wanted.end());
    };
    for (auto at = std::lower_bound(keys_.begin(), keys_.end(), name, less); at != keys_.end(); ++at) {
        const auto have = at->name.wire();
        if (!std::equal(have.begin(), have.end(), name.begin(), name.end())) break;
        if (at->algorithm == algorithm) return &*at;
    }
    return nullptr;
}

Rcode rcode_of(TsigState state) {
    switch (state) {
    case TsigState::none:
    case TsigState::valid:
        return Rcode::noerror;
    case TsigState::malformed:
        return Rcode::formerr;
    default:
        return Rcode::notauth;
    }
}

TsigCheck check_tsig(std::span<const std::uint8_t> message, const TsigKeys& keys, Time now) {
    TsigCheck check;
    TsigRecord record;
    const auto search = find_tsig(message, record);
    if (search != TsigSearch::found) {
        check.state = search == TsigSearch::absent ? TsigState::none : TsigState::malformed;
        return check;
    }
    check.original_id = record.original_id;
    check.time_signed = record.time_signed;
    check.fudge = record.fudge;
    check.key_name = record.key.octets;
    check.key_name_size = record.key.size;
    check.algorithm_name = record.algorithm.octets;
    check.algorithm_name_size = record.algorithm.size;
    const auto algorithm = algorithm_of(record.algorithm.bytes());
    check.key = algorithm ? keys.find(record.key.bytes(), *algorithm) : nullptr;
    if (check.key == nullptr) {
        check.state = TsigState::badkey;
        return check;
    }
    Hmac hmac(check.key->algorithm, check.key->secret);
    add_signed(hmac, message, record);
    check.state = judge(hmac.finish(), record, now);
    // The answer covers the code as it was sent.
    check.mac.size = static_cast<std::uint8_t>(std::min(record.mac.size(), longest_mac));
    std::copy_n(record.mac.begin(), check.mac.size, check.mac.octets.begin());
    return check;
}

TsigSigner::TsigSigner(const TsigCheck& request)
    : state_(request.state), before_(request.mac), client_time_(request.time_signed) {
    if (state_ == TsigState::none || state_ == TsigState::malformed) return;
    key_name_.assign(request.key_name.begin(), request.key_name.begin() + request.key_name_size);
    algorithm_name_.assign(request.algorithm_name.begin(),
                           request.algorithm_name.begin() + request.algorithm_name_size);
    // RFC 8945 5.3.2: what is wrong with key or code is told unsigned.
    std::size_t mac = 0;
    if (state_ != TsigState::badkey && state_ != TsigState::badsig) {
        hmac_.emplace(request.key->algorithm, request.key->secret);
        mac = mac_size(request.key->algorithm);
    }
    constexpr std::size_t fixed = 10 + time_size + 2 + 2 + 2 + 2 + 2;
    room_ = key_name_.size() + fixed + algorithm_name_.size() + mac + (state_ == TsigState::badtime ? time_size : 0);
}

Octets TsigSigner::record(std::span<const std::uint8_t> message, Time now) {
    Fields fields;
    fields.error = error_of(state_);
    fields.time = fields.server_time = seconds(now);
    // RFC 8945 5.2.3: his time as he signed it, ours beside it.
    if (state_ == TsigState::badtime) fields.time = client_time_;
    const auto id = id_of(message);
    Mac mac;
    if (hmac_) {
        add_mac(*hmac_, before_);
        add_message(*hmac_, message, id);
        if (first_) {
            Octets other;
            if (fields.other_size() != 0) put(other, fields.server_time, time_size);
            add_variables(*hmac_, key_name_, algorithm_name_, fields.time, fields.fudge,
                          static_cast<std::uint16_t>(fields.error), other);
        } else {
            add_timers(*hmac_, fields.time, fields.fudge);
        }
        mac = hmac_->finish();
        before_ = mac;
        first_ = false;
    }
    return written(key_name_, algorithm_name_, fields, mac, id);
}

void TsigSigner::sign(std::vector<std::uint8_t>& message, Time now) {
    if (room_ == 0) return;
    const auto added = record(message, now);
    put(message, added);
    count_one_more(message);
}

std::size_t TsigSigner::sign(std::span<std::uint8_t> buffer, std::size_t size, Time now) {
    if (room_ == 0) return size;
    const auto added = record(buffer.first(size), now);
    if (added.size() > buffer.size() - size) throw std::logic_error("no room was kept for the TSIG");
    std::copy(added.begin(), added.end(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    count_one_more(buffer);
    return size + added.size();
}

Mac sign_request(std::vector<std::uint8_t>& message, const TsigKey& key, Time now) {
    const auto algorithm = wire_of(key.algorithm);
    Fields fields;
    fields.time = seconds(now);
    const auto id = id_of(message);
    Hmac hmac(key.algorithm, key.secret);
    add_message(hmac, message, id);
    add_variables(hmac, key.name.wire(), algorithm, fields.time, fields.fudge, 0, {});
    const auto mac = hmac.finish();
    put(message, written(key.name.wire(), algorithm, fields, mac, id));
    count_one_more(message);
    return mac;
}

TsigState check_tsig_answer(std::span<const std::uint8_t> message, const TsigKey& key, const Mac& request, Time now) {
    TsigRecord record;
    const auto search = find_tsig(message, record);
    if (search != TsigSearch::found) return search == TsigSearch::absent ? TsigState::none : TsigState::malformed;
    const auto name = key.name.wire();
    const auto same_key = std::equal(name.begin(), name.end(), record.key.bytes().begin(), record.key.bytes().end());
    if (!same_key || algorithm_of(record.algorithm.bytes()) != key.algorithm) return TsigState::badkey;
    // RFC 8945 5.4.1: an error about key or code comes unsigned, and proves nothing.
    if (record.mac.empty()) return TsigState::badsig;
    Hmac hmac(key.algorithm, key.secret);
    add_mac(hmac, request);
    add_signed(hmac, message, record);
    return judge(hmac.finish(), record, now);
}

} // namespace provenbl::dnsbl::wire
