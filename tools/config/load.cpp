#include "tools/config/load.hpp"

#include "tools/config/assemble.hpp"
#include "tools/config/yaml_tree.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace provenbl::tools {
namespace {

constexpr std::uintmax_t largest_file = 4U << 20U;

Loaded failed(const Reading& reading) {
    return {std::nullopt, reading.problems(), {}};
}

} // namespace

Loaded read_configuration(const std::string& text, Role role) {
    Reading reading;
    const auto tree = parse_yaml(text, reading);
    if (!tree) return failed(reading);
    if (tree->kind == Node::Kind::null) {
        reading.refuse({}, "the file says nothing; start from the provenbl.yaml that is shipped");
        return failed(reading);
    }
    Draft draft;
    read_table(draft, settings(), *tree, reading);
    assemble_zones(draft, reading);
    cross_check(draft, role, reading);
    if (!reading.good()) return failed(reading);
    return {std::move(draft.configuration), {}, said_by(*tree)};
}

Loaded load_configuration(const std::filesystem::path& file, Role role) {
    const auto refuse = [](std::string message) {
        return Loaded{std::nullopt, {Problem{{}, "", std::move(message)}}, {}};
    };
    std::error_code code;
    if (std::filesystem::is_directory(file, code)) return refuse("is a directory; name the YAML file in it with -c");
    std::ifstream stream{file, std::ios::binary};
    if (!stream) {
        const int why = errno;
        return refuse(fmt::format("can't be read: {}; name the configuration file with -c", std::strerror(why)));
    }
    if (const auto bytes = std::filesystem::file_size(file, code); !code && bytes > largest_file)
        return refuse("is larger than 4MiB; this can't be a configuration file");
    std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
    if (stream.bad()) return refuse("can't be read to its end; check the disk");
    return read_configuration(text, role);
}

} // namespace provenbl::tools
