#include "tools/config/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>

namespace provenbl::tools {
namespace {

constexpr int max_depth = 16;
constexpr int max_nodes = 100'000;

Position position(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    return {mark.line + 1, mark.column + 1};
}

struct TooLarge {
    Position at;
};

Node convert(const YAML::Node& from, int depth, int& budget) {
    Node node;
    node.at = position(from.Mark());
    if (depth > max_depth || --budget < 0) throw TooLarge{node.at};
    if (from.IsScalar()) {
        node.kind = Node::Kind::scalar;
        node.text = from.Scalar();
    } else if (from.IsSequence()) {
        node.kind = Node::Kind::list;
        for (const auto& item : from) node.items.push_back(convert(item, depth + 1, budget));
    } else if (from.IsMap()) {
        node.kind = Node::Kind::map;
        for (const auto& entry : from) {
            Member member;
            member.key = entry.first.IsScalar() ? entry.first.Scalar() : std::string{};
            member.at = position(entry.first.Mark());
            member.value = convert(entry.second, depth + 1, budget);
            // An empty value has no position of its own in every case: the key's serves.
            if (member.value.at.line == 0) member.value.at = member.at;
            node.members.push_back(std::move(member));
        }
    }
    return node;
}

} // namespace

std::optional<Node> parse_yaml(const std::string& text, Reading& reading) {
    try {
        int budget = max_nodes;
        return convert(YAML::Load(text), 0, budget);
    } catch (const YAML::Exception& error) {
        reading.refuse(position(error.mark),
                       fmt::format("this is not YAML: {}; check indentation, quotes and brackets here", error.msg));
    } catch (const TooLarge& error) {
        reading.refuse(error.at, fmt::format("nested deeper than {} levels or more than {} values; a configuration "
                                             "needs neither",
                                             max_depth, max_nodes));
    }
    return std::nullopt;
}

} // namespace provenbl::tools
