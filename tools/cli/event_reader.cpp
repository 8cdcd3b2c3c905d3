#include "tools/cli/event_reader.hpp"

namespace provenbl::tools::cli {

Result<std::vector<Event>> EventReader::feed(std::string_view bytes) {
    constexpr std::size_t limit = 1U << 20U;
    std::vector<Event> done;
    pending_ += bytes;
    std::size_t begin = 0;
    for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', begin)) {
        auto line = std::string_view{pending_}.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        take_line(line, done);
        begin = end + 1;
    }
    pending_.erase(0, begin);
    if (pending_.size() + event_.data.size() > limit)
        return Error{Errc::limit, "the server sent an event of more than 1 MiB; is it provenbl?"};
    return done;
}

void EventReader::take_line(std::string_view line, std::vector<Event>& done) {
    if (line.empty()) {
        if (has_data_) done.push_back(std::move(event_));
        event_ = {};
        has_data_ = false;
        return;
    }
    const auto colon = line.find(':');
    if (colon == 0) return; // a comment: the server is still there
    const auto field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
        event_.name = value;
    } else if (field == "data") {
        if (has_data_) event_.data += '\n';
        event_.data += value;
        has_data_ = true;
    }
}

} // namespace provenbl::tools::cli
