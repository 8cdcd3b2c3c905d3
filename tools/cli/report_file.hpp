// `provenbl report --file`: a whole list, through the API.
#pragma once

#include "tools/cli/session.hpp"

#include <filesystem>
#include <functional>
#include <istream>

namespace provenbl::tools::cli {

// A file's place is kept beside it until the list is done, so that the same command goes on where it was cut short.
// What made no report is written to FILE.errors. `stop`: Ctrl-C.
[[nodiscard]] Exit report_file(Session& session, const std::filesystem::path& list, const std::function<bool()>& stop);
// The same from a stream, which can't be taken up again; what made no report is complained of.
[[nodiscard]] Exit report_stream(Session& session, std::istream& list, const std::function<bool()>& stop);

// Until it goes, SIGINT and SIGTERM say stop, instead of ending the program.
class StopOnSignal {
public:
    StopOnSignal();
    ~StopOnSignal();
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;
    [[nodiscard]] static bool asked();
};

} // namespace provenbl::tools::cli
