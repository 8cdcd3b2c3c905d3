// Which scheduled export is due, and what became of it.
//
// One after the other, never two at once. An export is written when its interval has passed and the serial has moved;
// after a start once in any case, because its settings may be others. Trouble is told when it begins, when it becomes
// another one, and when it is over; it is tried again after a minute at most. Time and snapshot are arguments.
#pragma once

#include "tools/config/configuration.hpp"
#include "tools/exports/export_file.hpp"
#include "tools/signing/signing_key.hpp"
#include "zones/snapshot.hpp"
#include "zones/zone_table.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::exports {

class Rounds {
public:
    enum class Level : std::uint8_t { detail, news, trouble };
    using Tell = std::function<void(Level, const std::string&)>;
    using OpenKey = std::function<Result<signing::SigningKey>()>;

    // `open_key` is asked before the first export, and again after it has failed.
    Rounds(const zones::ZoneSet& zones, const std::vector<ExportSettings>& exports, OpenKey open_key, Tell tell);
    Rounds(const Rounds&) = delete; // jobs point into the table
    Rounds& operator=(const Rounds&) = delete;

    // Writes what is due. Between two exports and between the pieces of one it asks `goes_on`.
    void run(const zones::Snapshot& snapshot, Time now, const GoesOn& goes_on);
    // When the next one may be due.
    [[nodiscard]] Time next(Time now) const;

private:
    struct Job {
        ExportSettings settings;
        Target target;
        const zones::Zone* zone = nullptr;
        std::optional<std::uint64_t> written; // the serial
        Time due{};
        bool told = false; // of its first success
        std::string trouble;
    };
    Result<Manifest> write(const Job& job, const zones::Snapshot& snapshot, Time now, const GoesOn& goes_on);
    void tell_of(Job& job, const Result<Manifest>& outcome);

    zones::ZoneTable table_;
    OpenKey open_key_;
    Tell tell_;
    std::optional<signing::SigningKey> key_;
    std::vector<Job> jobs_;
};

} // namespace provenbl::tools::exports
