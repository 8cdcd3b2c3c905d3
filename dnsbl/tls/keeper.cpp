#include "dnsbl/tls/keeper.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

namespace provenbl::dnsbl::tls {
namespace {

// Time enough to notice that whatever renews it does not.
constexpr auto soon = std::chrono::hours{24 * 14};

std::string day_of(Time time) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(
                                                    std::chrono::system_clock::time_point{time.time_since_epoch()})));
}

} // namespace

Keeper::Keeper(TlsSettings settings, std::string name, Tell tell)
    : tell_(std::move(tell)), settings_(std::move(settings)), name_(std::move(name)) {}

Result<> Keeper::load(Time now) {
    const std::scoped_lock looking(look_mutex_);
    return read(now);
}

Result<> Keeper::read(Time now) {
    const auto before = stamps_of(settings_); // where it fails, fresh credentials know none
    auto fresh = Credentials::load(settings_);
    failed_ = !fresh;
    {
        const std::scoped_lock lock(mutex_);
        trouble_ = fresh ? std::string() : fresh.error().message;
    }
    if (!fresh) {
        seen_ = before;
        return fresh.error();
    }
    put_in_force(std::move(*fresh), now);
    return {};
}

void Keeper::put_in_force(std::shared_ptr<const Credentials> fresh, Time now) {
    const bool right_name = name_.empty() || fresh->is_for(name_);
    seen_ = fresh->files();
    failed_ = false;
    {
        const std::scoped_lock lock(mutex_);
        credentials_ = std::move(fresh);
        loaded_ = now;
        trouble_.clear();
    }
    age_ = Age::good;
    if (!right_name)
        tell_(true, fmt::format("the certificate {} is not made out to {}, the name that mirrors insist on: set "
                                "dns.tls.name to a name in it, or have it made anew",
                                settings_.certificate.string(), name_));
    judge_age(now);
}

void Keeper::use(TlsSettings settings, std::shared_ptr<const Credentials> credentials, Time now) {
    const std::scoped_lock looking(look_mutex_);
    settings_ = std::move(settings);
    name_ = settings_.name;
    put_in_force(std::move(credentials), now);
}

void Keeper::look(Time now) {
    const std::scoped_lock looking(look_mutex_);
    const auto known = seen_;
    if (failed_ || stamps_of(settings_) != known) {
        const auto said = statistics().trouble;
        if (auto done = read(now); done)
            tell_(false,
                  fmt::format("the certificate was read anew; it is good until {}", day_of(credentials()->expires())));
        else if (seen_ != known || said != done.error().message)
            tell_(true, fmt::format("{}; the certificate that was read before stays in force", done.error().message));
    }
    judge_age(now);
}

void Keeper::judge_age(Time now) {
    const auto expires = credentials()->expires();
    const auto age = expires <= now ? Age::over : expires - now < soon ? Age::ends_soon : Age::good;
    if (std::exchange(age_, age) == age || age == Age::good) return;
    tell_(true, fmt::format("the certificate {} {} {}: {} until it is renewed", settings_.certificate.string(),
                            age == Age::over ? "has ended, on" : "ends on", day_of(expires),
                            age == Age::over ? "mirrors that check it transfer nothing"
                                             : "look why it was not renewed; "
                                               "nothing is wrong"));
}

std::shared_ptr<const Credentials> Keeper::credentials() const {
    const std::scoped_lock lock(mutex_);
    return credentials_;
}

TlsStatistics Keeper::statistics() const {
    const std::scoped_lock lock(mutex_);
    return {handshakes_.load(std::memory_order_relaxed), broken_off_.load(std::memory_order_relaxed),
            credentials_ ? credentials_->expires() : Time{}, loaded_, trouble_};
}

} // namespace provenbl::dnsbl::tls
