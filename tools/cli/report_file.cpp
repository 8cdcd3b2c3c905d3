#include "tools/cli/report_file.hpp"

#include "tools/intake/place.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <fstream>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

constexpr auto between_words = std::chrono::seconds{2};

volatile std::sig_atomic_t stop_asked = 0;

intake::Filed file_one(Client& client, const intake::Entry& entry) {
    using What = intake::Filed::What;
    json::array ports;
    for (const auto port : entry.ports) ports.emplace_back(port);
    json::object body{{"address", entry.address.to_string()}, {"ports", std::move(ports)}};
    if (const auto remark = entry.remark(); !remark.empty()) body["comment"] = remark;
    const auto reply = client.request("POST", "/v1/reports", json::serialize(body));
    if (!reply) return {What::later, reply.error().message};
    if (reply->status >= 200 && reply->status < 300) return {};
    json::error_code failed;
    const auto told = json::parse({reply->body.data(), reply->body.size()}, failed);
    auto why = !failed && told.is_object() ? text_of(told.get_object(), "detail") : std::string{};
    if (why.empty()) why = fmt::format("the server answered {} without saying why", reply->status);
    // Who may not report at all need not try each line.
    const bool later = reply->status == 401 || reply->status == 429 || reply->status >= 500;
    return {later ? What::later : What::refused, std::move(why)};
}

json::object described(const intake::Progress& progress) {
    return {{"lines", progress.lines}, {"taken", progress.taken}, {"refused", progress.refused}, {"bad", progress.bad}};
}

std::string words(const intake::Progress& progress) {
    return fmt::format("{} lines: {} reports taken, {} refused, {} could not be read", progress.lines, progress.taken,
                       progress.refused, progress.bad);
}

// Says how far it is, every two seconds.
class Words {
public:
    explicit Words(Session& session) : session_(session) {}
    void operator()(const intake::Progress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return;
        if (next_ != std::chrono::steady_clock::time_point{}) {
            if (session_.json)
                emit(session_, "progress", described(progress));
            else
                session_.terminal.complain(words(progress));
        }
        next_ = now + between_words;
    }

private:
    Session& session_;
    std::chrono::steady_clock::time_point next_{};
};

Exit conclude(Session& session, const Result<>& fed, const intake::Progress& progress, bool stopped,
              const std::string& resume) {
    if (session.json) {
        auto object = described(progress);
        object["complete"] = fed.has_value() && !stopped;
        emit(session, "result", object);
    } else {
        session.terminal.line(words(progress));
    }
    if (!fed) {
        session.terminal.complain(
            fmt::format("stopped before line {}: {}{}", progress.lines + 1, printable(fed.error().message), resume));
        return Exit::failed;
    }
    if (stopped) {
        session.terminal.complain(fmt::format("stopped before line {}{}", progress.lines + 1, resume));
        return Exit::failed;
    }
    return progress.bad + progress.refused == 0 ? Exit::done : Exit::failed;
}

} // namespace

StopOnSignal::StopOnSignal() {
    stop_asked = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { stop_asked = 1; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

StopOnSignal::~StopOnSignal() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool StopOnSignal::asked() {
    return stop_asked != 0;
}

Exit report_stream(Session& session, std::istream& list, const std::function<bool()>& stop) {
    intake::EntryReader reader;
    intake::Progress progress;
    Words say{session};
    intake::Feeding how;
    how.file = [&](const intake::Entry& entry) { return file_one(session.client, entry); };
    how.after_line = [&](const intake::Progress& at) { say(at); };
    how.complain = [&](std::uint64_t number, std::string_view why) {
        session.terminal.complain(fmt::format("line {}: {}", number, printable(why)));
    };
    how.stop = stop;
    const auto fed = intake::feed(list, reader, progress, how);
    return conclude(session, fed, progress, stop(), "");
}

Exit report_file(Session& session, const std::filesystem::path& list, const std::function<bool()>& stop) {
    std::ifstream in{list, std::ios::binary};
    if (!in) {
        session.terminal.complain(fmt::format("{} can't be read", list.string()));
        return Exit::usage;
    }
    intake::Place place{list};
    intake::EntryReader reader;
    intake::Progress progress;
    if (auto known = place.read()) {
        progress = known->progress;
        reader.resume(std::move(known->state));
        in.seekg(static_cast<std::streamoff>(progress.offset));
        session.terminal.complain(fmt::format("going on with line {}", progress.lines + 1));
    }
    const std::filesystem::path errors = list.string() + ".errors";
    std::ofstream complaints{errors, progress.lines > 0 ? std::ios::app : std::ios::trunc};
    if (!complaints) {
        session.terminal.complain(fmt::format("can't write {}", errors.string()));
        return Exit::failed;
    }
    Words say{session};
    Result<> kept;
    intake::Feeding how;
    how.file = [&](const intake::Entry& entry) { return file_one(session.client, entry); };
    how.after_line = [&](const intake::Progress& at) {
        complaints.flush();
        kept = place.write(at, reader.state());
        say(at);
    };
    how.complain = [&](std::uint64_t number, std::string_view why) {
        complaints << "line " << number << ": " << printable(why) << '\n';
    };
    how.stop = [&] { return stop() || !kept; };
    auto fed = intake::feed(in, reader, progress, how);
    if (fed && !kept) fed = kept;
    const bool stopped = stop();
    if (fed && !stopped) place.forget();
    complaints.close();
    std::error_code ignored;
    if (progress.bad + progress.refused == 0)
        std::filesystem::remove(errors, ignored);
    else
        session.terminal.complain(fmt::format("{} says which lines made no report, and why", errors.string()));
    return conclude(session, fed, progress, stopped, "; the same command goes on from there");
}

} // namespace provenbl::tools::cli
