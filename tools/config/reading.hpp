// The state of reading one configuration file: where we are, and everything that is wrong so far.
//
// Reading never stops at the first problem: an operator wants the whole list.
#pragma once

#include "tools/config/node.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools {

struct Problem {
    Position at;
    std::string setting; // "probe.connect_timeout"; empty: the file
    std::string message; // what is wrong, and what was expected
    // "FILE:LINE:COLUMN: SETTING: MESSAGE"
    [[nodiscard]] std::string to_string(std::string_view file) const;
};

class Reading {
public:
    // Names the place for problems until the scope ends.
    class Scope {
    public:
        Scope(Reading& reading, std::string_view name, Position at); // ".name", or "[3]" when it begins with '['
        ~Scope() { reading_.path_.resize(length_); }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        Reading& reading_;
        std::size_t length_;
    };

    void refuse(Position at, std::string message) { problems_.push_back({at, path_, std::move(message)}); }
    // A problem that is found after reading: at the setting's place in the file, or that of the nearest enclosing one.
    void refuse_setting(const std::string& setting, std::string message);

    [[nodiscard]] bool seen(const std::string& setting) const { return positions_.count(setting) != 0; }
    // Whether the setting, or something inside it, has been refused already.
    [[nodiscard]] bool refused(const std::string& setting) const;
    [[nodiscard]] const std::string& path() const { return path_; }
    // In the file's order.
    [[nodiscard]] std::vector<Problem> problems() const;
    [[nodiscard]] bool good() const { return problems_.empty(); }

private:
    std::string path_;
    std::map<std::string, Position> positions_; // of every setting that the file gives
    std::vector<Problem> problems_;
};

// The known name that `given` was probably meant to be; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view given, const std::vector<std::string_view>& known);

} // namespace provenbl::tools
