// A configuration file as a tree with positions, whatever syntax it was written in.
//
// yaml_tree.cpp makes it (and is the only file that knows YAML); the table of settings reads it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace provenbl::tools {

struct Position {
    int line = 0; // from 1; 0: the file as a whole
    int column = 0;
};

struct Member;

struct Node {
    enum class Kind { null, scalar, list, map };
    Kind kind = Kind::null;
    Position at;
    std::string text;            // of a scalar
    std::vector<Node> items;     // of a list
    std::vector<Member> members; // of a map, in the file's order, duplicates kept
};

struct Member {
    std::string key;
    Position at; // of the key
    Node value;
};

} // namespace provenbl::tools
