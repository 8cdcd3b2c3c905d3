// `provenbl top`: a running server live. Where no terminal looks on, or with --once, one frame.
#pragma once

#include "store/clock.hpp"
#include "tools/cli/session.hpp"
#include "tools/cli/top_frame.hpp"

#include <memory>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

// Where frames are shown, and time passes.
class TopScreen {
public:
    virtual ~TopScreen() = default;
    [[nodiscard]] virtual bool live() const = 0; // frame after frame; else one
    [[nodiscard]] virtual ScreenSize size() const = 0;
    [[nodiscard]] virtual double seconds() const = 0; // of a clock that never goes back
    virtual void show(const std::vector<std::string>& lines) = 0;
    // False when it is time to leave: q, Ctrl-C, a signal.
    virtual bool wait(Duration span) = 0;
};

[[nodiscard]] Exit top(Session& session, TopScreen& screen);

// The real one. On a terminal (unless `once`): its alternate screen, without echo, until the object goes, whatever ends
// the program short of a kill; else lines to `terminal`.
[[nodiscard]] std::unique_ptr<TopScreen> terminal_screen(Terminal& terminal, bool once);

} // namespace provenbl::tools::cli
