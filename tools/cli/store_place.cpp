#include "tools/cli/store_place.hpp"

#include "tools/cli/commands.hpp"

namespace provenbl::tools::cli {

Result<std::filesystem::path> directory_of(const StorePlace& place, Terminal& terminal) {
    if (!place.directory.empty()) return std::filesystem::path{place.directory};
    const auto configuration = configuration_or_complaints(terminal, place.file, Role::api);
    if (!configuration)
        return Error{Errc::invalid, "no data directory is known: correct " + place.file + ", or say --data DIRECTORY"};
    return configuration->store.directory;
}

std::optional<std::unique_ptr<Store>> open_to_read(const StorePlace& place, const Clock& clock, Terminal& terminal) {
    const auto directory = directory_of(place, terminal);
    if (!directory) {
        terminal.complain(directory.error().message);
        return std::nullopt;
    }
    StoreOptions options;
    options.directory = *directory;
    options.read_only = true;
    options.initial_map_size = 0;
    auto store = Store::open(options, clock);
    if (store) return std::move(*store);
    terminal.complain(printable(store.error().message));
    return std::nullopt;
}

void Progress::say(const std::function<std::string()>& what) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < std::chrono::seconds{2}) return;
    told_ = now;
    terminal_.complain(what());
}

} // namespace provenbl::tools::cli
