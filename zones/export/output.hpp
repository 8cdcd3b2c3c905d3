// Where a writer puts its text: gathered into pieces of about 64 KiB, each handed on at once.
//
// So an export of any length needs no more memory than one piece. The first error sticks: what is put after it goes
// nowhere, and who walks an index asks good() and stops.
#pragma once

#include "store/result.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace provenbl::zones::exports {

class Output {
public:
    using Take = std::function<Result<>(std::string_view piece)>;
    static constexpr std::size_t piece_size = std::size_t{64} * 1024;

    explicit Output(Take take) : take_(std::move(take)) {}

    void put(std::string_view text) {
        buffer_ += text;
        hand_on_if_full();
    }
    template <class... Args> void print(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
        hand_on_if_full();
    }

    [[nodiscard]] bool good() const { return !failed_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_ + buffer_.size(); }
    // Hands on what is left; says what went wrong, if anything did.
    Result<> finish() {
        hand_on();
        return outcome_;
    }

private:
    void hand_on_if_full() {
        if (buffer_.size() >= piece_size) hand_on();
    }
    void hand_on() {
        bytes_ += buffer_.size();
        if (!failed_ && !buffer_.empty()) outcome_ = take_(buffer_);
        failed_ = !outcome_;
        buffer_.clear();
    }

    Take take_;
    std::string buffer_;
    std::uint64_t bytes_ = 0; // of what was handed on
    Result<> outcome_;
    bool failed_ = false;
};

} // namespace provenbl::zones::exports
