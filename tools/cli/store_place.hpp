// Where a command finds its store, and how it tells of its progress.
#pragma once

#include "store/store.hpp"
#include "tools/cli/terminal.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace provenbl::tools::cli {

struct StorePlace {
    std::string file;      // the configuration, which names the data directory
    std::string directory; // instead of it
};

// Error invalid when the configuration is wrong; it has been complained of then.
[[nodiscard]] Result<std::filesystem::path> directory_of(const StorePlace& place, Terminal& terminal);
// Read-only, beside whoever has it open. Absent after a complaint.
[[nodiscard]] std::optional<std::unique_ptr<Store>> open_to_read(const StorePlace& place, const Clock& clock,
                                                                 Terminal& terminal);

// A line to standard error, every two seconds at most: nothing at all from what is done sooner.
class Progress {
public:
    explicit Progress(Terminal& terminal) : terminal_(terminal) {}
    void say(const std::function<std::string()>& what);

private:
    Terminal& terminal_;
    std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

} // namespace provenbl::tools::cli
