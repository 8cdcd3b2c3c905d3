// Keeps the credentials of DNS over TLS equal to their files, and counts what handshakes come to.
//
// Whoever renews a certificate only replaces the files. They are looked at every second; what has changed is read, and
// what can't be read (half a file, a key that belongs to another certificate: the other file may be on its way) leaves
// the old in force, is told once, and is read again at each look until it can be. A certificate that is about to end is
// told, too.
// For any thread. Who shakes hands takes the credentials of that moment, and keeps them as long as he is there.
#pragma once

#include "dnsbl/tls/credentials.hpp"
#include "dnsbl/tls/settings.hpp"
#include "dnsbl/watch/statistics.hpp"
#include "store/clock.hpp"
#include "store/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace provenbl::dnsbl::tls {

class Keeper {
public:
    using Tell = std::function<void(bool trouble, std::string_view text)>;

    // `name`: that the certificate should be made out to; a complaint where it is not.
    Keeper(TlsSettings settings, std::string name, Tell tell);

    // Reads the files. The error names the file and what to do.
    Result<> load(Time now);
    // Reads what has changed since, and what could not be read then.
    void look(Time now);
    // Other files, or another name, from now on; what was read of them.
    void use(TlsSettings settings, std::shared_ptr<const Credentials> credentials, Time now);

    // After load; never null.
    [[nodiscard]] std::shared_ptr<const Credentials> credentials() const;
    void handshake(bool succeeded) { (succeeded ? handshakes_ : broken_off_).fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] TlsStatistics statistics() const;

private:
    enum class Age : std::uint8_t { good, ends_soon, over };
    Result<> read(Time now);
    void put_in_force(std::shared_ptr<const Credentials> fresh, Time now);
    void judge_age(Time now);

    const Tell tell_;
    std::mutex look_mutex_; // one look at a time; guards what follows, up to the counters
    TlsSettings settings_;
    std::string name_;
    FileStamps seen_;     // the files, before they were read last
    bool failed_ = false; // ... and could not be
    Age age_ = Age::good;
    std::atomic<std::uint64_t> handshakes_{0};
    std::atomic<std::uint64_t> broken_off_{0};
    mutable std::mutex mutex_; // guards all that follows
    std::shared_ptr<const Credentials> credentials_;
    Time loaded_{};
    std::string trouble_;
};

} // namespace provenbl::dnsbl::tls
