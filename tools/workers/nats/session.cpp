#include "tools/workers/nats/session.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace provenbl::tools::workers::nats {

namespace {

constexpr auto system_authorities = "/etc/ssl/certs/ca-certificates.crt"; // Debian's, of ca-certificates

} // namespace

Error trouble(natsStatus status, std::string_view doing) {
    const auto code = status == NATS_TIMEOUT ? Errc::timeout : Errc::unreachable;
    return {code, fmt::format("{}: {}", doing, natsStatus_GetText(status))};
}

Result<Options> options_of(const NatsSettings& settings, const char* name) {
    natsOptions* made = nullptr;
    if (natsOptions_Create(&made) != NATS_OK) return Error{Errc::io, "the NATS client can't start"};
    Options options(made);
    auto status = natsOptions_SetURL(made, settings.url.c_str());
    if (status != NATS_OK) return Error{Errc::invalid, fmt::format("{} is no URL of a NATS server", settings.url)};
    const bool tls = settings.url.starts_with("tls://") || !settings.authorities.empty();
    // The client knows no default of its own.
    const auto authorities =
        settings.authorities.empty() ? std::filesystem::path(system_authorities) : settings.authorities;
    if (tls) status = natsOptions_SetSecure(made, true);
    if (tls && status == NATS_OK) status = natsOptions_LoadCATrustedCertificates(made, authorities.c_str());
    if (status != NATS_OK)
        return Error{Errc::invalid, fmt::format("TLS with the certificates of {} can't be prepared: {}",
                                                authorities.string(), natsStatus_GetText(status))};
    if (!settings.credentials.empty() &&
        natsOptions_SetUserCredentialsFromFiles(made, settings.credentials.c_str(), nullptr) != NATS_OK)
        return Error{Errc::invalid, fmt::format("{} can't be used as credentials", settings.credentials.string())};
    natsOptions_SetName(made, name);
    natsOptions_SetTimeout(made, call_patience);
    natsOptions_SetWriteDeadline(made, write_patience);
    natsOptions_SetAllowReconnect(made, false); // a new session has everything anew
    natsOptions_SetPingInterval(made, 10'000);
    natsOptions_SetMaxPingsOut(made, 2);
    natsOptions_SetNoEcho(made, true);
    return options;
}

Result<> pull_from(Session& session, const char* stream, const char* subject, const char* consumer) {
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = stream;
    options.Consumer = consumer;
    natsSubscription* made = nullptr;
    const auto status = js_PullSubscribe(&made, session.stream.get(), subject, consumer, nullptr, &options, nullptr);
    if (status != NATS_OK) return trouble(status, fmt::format("the queue {} can't be read", stream));
    session.pulled.reset(made);
    return {};
}

Result<std::uint64_t> publish(Session& session, const char* subject, const std::string& data) {
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = call_patience;
    jsPubAck* ack = nullptr;
    jsErrCode code{};
    const auto status =
        js_Publish(&ack, session.stream.get(), subject, data.data(), static_cast<int>(data.size()), &options, &code);
    // 10077: the stream has as many messages as it takes.
    if (status != NATS_OK && code == 10077) return Error{Errc::busy, fmt::format("the queue {} is full", subject)};
    if (status != NATS_OK) return trouble(status, fmt::format("the queue {} took nothing", subject));
    const auto number = ack->Sequence;
    jsPubAck_Destroy(ack);
    return number;
}

} // namespace provenbl::tools::workers::nats
