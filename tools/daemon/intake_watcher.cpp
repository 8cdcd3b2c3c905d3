#include "tools/daemon/intake_watcher.hpp"

#include "store/log.hpp"
#include "store/notices.hpp"
#include "tools/api/router.hpp"

#include <boost/json.hpp>

namespace provenbl::tools {
namespace json = boost::json;

intake::Filed file_as_operator(const api::Context& context, const intake::Entry& entry) {
    using What = intake::Filed::What;
    json::array ports;
    for (const auto port : entry.ports) ports.emplace_back(port);
    json::object body{{"address", entry.address.to_string()}, {"ports", std::move(ports)}};
    if (const auto remark = entry.remark(); !remark.empty()) body["comment"] = remark;
    api::Request request;
    request.method = "POST";
    request.target = "/v1/reports";
    request.body = json::serialize(body);
    request.is_operator = true;
    // Refused for everybody, for a while: no list should fail for that.
    if (context.store.read([](const ReadTxn& txn) { return notices::shutdown(txn).has_value(); }))
        return {What::later, "the list is shut down and takes no reports"};
    auto answer = api::Router{context}.handle(request);
    api::Response response;
    if (auto* const write = std::get_if<api::Write>(&answer)) {
        const auto committed = context.store.write(std::move(write->work));
        response = write->respond(committed);
    } else {
        response = std::get<api::Response>(answer);
    }
    if (response.status < 300) return {};
    json::error_code failed;
    const auto told = json::parse(response.body, failed);
    const auto* const detail = !failed && told.is_object() ? told.get_object().if_contains("detail") : nullptr;
    auto why = response.body;
    if (detail != nullptr && detail->is_string()) why.assign(detail->get_string().data(), detail->get_string().size());
    return {response.status == 429 || response.status >= 500 ? What::later : What::refused, std::move(why)};
}

IntakeWatcher::IntakeWatcher(const api::Context& context)
    : context_(context),
      folder_(
          context.configuration.intake.folder,
          [&context](const intake::Entry& entry) { return file_as_operator(context, entry); },
          [](bool trouble, const std::string& text) {
              log::of("intake")->log(trouble ? spdlog::level::warn : spdlog::level::info, "{}", text);
          }) {}

IntakeWatcher::~IntakeWatcher() = default;

Result<> IntakeWatcher::start() {
    if (auto prepared = folder_.prepare(); !prepared) return prepared;
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
    return {};
}

void IntakeWatcher::run(const std::stop_token& stop) {
    const auto interval = context_.configuration.intake.interval;
    std::unique_lock lock{mutex_};
    do {
        try {
            (void)folder_.look([&] { return stop.stop_requested(); });
        } catch (const std::exception& fault) {
            log::of("intake")->error("{}", fault.what());
        }
    } while (!wake_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); }));
}

} // namespace provenbl::tools
