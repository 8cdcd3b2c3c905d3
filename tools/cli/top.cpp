#include "tools/cli/top.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;
constexpr Duration between_frames = 1s;

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Lines, once.
class OneFrame final : public TopScreen {
public:
    explicit OneFrame(Terminal& terminal) : terminal_(terminal) {}
    [[nodiscard]] bool live() const override { return false; }
    [[nodiscard]] ScreenSize size() const override { return {1000, 200}; }
    [[nodiscard]] double seconds() const override { return steady_seconds(); }
    void show(const std::vector<std::string>& lines) override {
        for (const auto& line : lines) terminal_.line(line);
    }
    bool wait(Duration span) override {
        std::this_thread::sleep_for(span);
        return true;
    }

private:
    Terminal& terminal_;
};

volatile std::sig_atomic_t leaving = 0;

// A terminal of ours for a while. Ctrl-C arrives as a byte, so that nothing ends us with the terminal as it is.
class LiveScreen final : public TopScreen {
public:
    LiveScreen() {
        ::tcgetattr(STDIN_FILENO, &before_);
        for (std::size_t i = 0; i < signals.size(); ++i) {
            struct sigaction action {};
            action.sa_handler = [](int) { leaving = 1; };
            ::sigaction(signals[i], &action, &actions_[i]);
        }
        auto raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        write("\x1b[?1049h\x1b[?25l"); // the alternate screen, no cursor
    }
    ~LiveScreen() override {
        write("\x1b[?25h\x1b[?1049l");
        ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &actions_[i], nullptr);
    }
    LiveScreen(const LiveScreen&) = delete;
    LiveScreen& operator=(const LiveScreen&) = delete;

    [[nodiscard]] bool live() const override { return true; }
    [[nodiscard]] ScreenSize size() const override {
        winsize window{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0) return {};
        return {window.ws_row, window.ws_col};
    }
    [[nodiscard]] double seconds() const override { return steady_seconds(); }
    void show(const std::vector<std::string>& lines) override {
        std::string frame = "\x1b[H";
        for (std::size_t i = 0; i < lines.size(); ++i) frame += (i == 0 ? "" : "\r\n") + lines[i] + "\x1b[K";
        write(frame + "\x1b[J");
    }
    bool wait(Duration span) override {
        const auto end = steady_seconds() + std::chrono::duration<double>(span).count();
        for (;;) {
            const auto left = end - steady_seconds();
            if (leaving != 0) return false;
            if (left <= 0) return true;
            pollfd key{STDIN_FILENO, POLLIN, 0};
            const int ready = ::poll(&key, 1, static_cast<int>(left * 1000) + 1);
            if (ready < 0 && errno != EINTR) return false;
            if (ready <= 0) continue;
            char byte = 0;
            const auto count = ::read(STDIN_FILENO, &byte, 1);
            if (count == 0 || (count < 0 && errno != EINTR)) return false; // the terminal is gone
            if (count == 1 && (byte == 'q' || byte == 'Q' || byte == '\x03')) return false;
        }
    }

private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};
    static void write(std::string_view text) {
        while (!text.empty()) {
            const auto count = ::write(STDOUT_FILENO, text.data(), text.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    termios before_{};
    std::array<struct sigaction, signals.size()> actions_{};
};

Result<json::object> look(Client& client) {
    const auto reply = client.request("GET", "/v1/status", "");
    if (!reply) return reply.error();
    json::error_code failed;
    auto value = json::parse({reply->body.data(), reply->body.size()}, failed);
    if (failed || !value.is_object())
        return Error{Errc::corrupt, "the server's answer is not a JSON object; is it provenbl?"};
    if (reply->status != 200) {
        const auto detail = text_of(value.get_object(), "detail");
        return Error{reply->status == 403 ? Errc::not_allowed : Errc::io,
                     detail.empty() ? "the server does not say how it is" : detail};
    }
    return std::move(value.get_object());
}

} // namespace

Exit top(Session& session, TopScreen& screen) {
    auto before = look(session.client);
    if (!before) return complain_of(session, before.error());
    auto then = screen.seconds();
    for (;;) {
        if (!screen.wait(between_frames)) return Exit::done;
        auto now = look(session.client);
        const auto at = screen.seconds();
        if (!now) {
            if (!screen.live()) return complain_of(session, now.error());
            // It may be restarted: what comes next is counted from there.
            screen.show({printable(now.error().message), "", "Asked again each second; q leaves."});
            before = json::object{};
            continue;
        }
        const auto moved = rates(*before, *now, at - then);
        if (session.json)
            session.terminal.line(json::serialize(json::object{{"status", *now}, {"per_second", moved}}));
        else
            screen.show(top_frame(*now, moved, screen.size()));
        if (!screen.live()) return Exit::done;
        before = std::move(now);
        then = at;
    }
}

std::unique_ptr<TopScreen> terminal_screen(Terminal& terminal, bool once) {
    if (!once && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) return std::make_unique<LiveScreen>();
    return std::make_unique<OneFrame>(terminal);
}

} // namespace provenbl::tools::cli
