// The record of one conversation with a suspect, as evidence keeps it: who said what, when.
//
// Text lines with a time offset and an arrow; bytes that are not printable ASCII are escaped (\x05), so a
// transcript can be shown anywhere. Bounded: what comes after the limit is counted, not kept. An observer
// sees each line as it happens (`provenbl probe`).
#pragma once

#include "store/clock.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace provenbl::verifier {

class Conversation {
public:
    using Observer = std::function<void(std::string_view line)>;
    static constexpr std::size_t limit = 32'768;

    explicit Conversation(const Clock& clock, Observer observer = {});

    void sent(std::string_view bytes);     // "+0.012 > RCPT TO:<...>"
    void received(std::string_view bytes); // "+0.015 < 250 ok"
    void note(std::string_view what);      // "+0.015 * TLS established"

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    void add(char arrow, std::string_view bytes);
    void keep(std::string_view line);
    const Clock& clock_;
    Observer observer_;
    Time begun_;
    std::string text_;
    std::size_t kept_ = 0;    // of text_; behind it stands the line that counts what was dropped
    std::size_t dropped_ = 0; // bytes
};

} // namespace provenbl::verifier
