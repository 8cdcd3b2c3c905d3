// What is wrong with a file of a static zone: where, what, and what to do about it.
//
// An error makes a file unfit where bad lines are refused; a note never does. However bad a file is, only the first
// complaints are kept and the others counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace provenbl::zones::statics {

enum class Severity : std::uint8_t {
    note,  // the line counts, or was to be left out
    error, // the line says nothing that could be served
};

struct Complaint {
    Severity severity = Severity::error;
    std::string file;
    std::size_t line = 0; // from 1; 0: the file as a whole
    std::string what;
    // "FILE:LINE: WHAT"
    [[nodiscard]] std::string to_string() const {
        return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " + what;
    }
};

class Complaints {
public:
    static constexpr std::size_t most_kept = 100; // of each severity

    void add(Complaint complaint) {
        auto& count = complaint.severity == Severity::error ? errors_ : notes_;
        if (count++ < most_kept) kept_.push_back(std::move(complaint));
    }
    [[nodiscard]] const std::vector<Complaint>& kept() const { return kept_; }
    [[nodiscard]] std::size_t errors() const { return errors_; }
    [[nodiscard]] std::size_t notes() const { return notes_; }
    // Null when there is none.
    [[nodiscard]] const Complaint* first_error() const {
        for (const auto& one : kept_) {
            if (one.severity == Severity::error) return &one;
        }
        return nullptr;
    }

private:
    std::vector<Complaint> kept_;
    std::size_t errors_ = 0;
    std::size_t notes_ = 0;
};

} // namespace provenbl::zones::statics
