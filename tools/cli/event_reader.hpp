// Server-sent events out of a byte stream (WHATWG HTML 9.2.6), as much of it as our server speaks. Bounded.
#pragma once

#include "store/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::cli {

struct Event {
    std::string name = "message";
    std::string data;
    bool operator==(const Event&) const = default;
};

class EventReader {
public:
    // Events that these bytes complete. Error limit for an event of more than 1 MiB.
    [[nodiscard]] Result<std::vector<Event>> feed(std::string_view bytes);

private:
    void take_line(std::string_view line, std::vector<Event>& done);
    std::string pending_;
    Event event_;
    bool has_data_ = false;
};

} // namespace provenbl::tools::cli
