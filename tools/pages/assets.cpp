#include "tools/pages/assets.hpp"

#include "store/sha256.hpp"
#include "tools/embedded_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace provenbl::tools::pages {

// Made by cmake/embed.cmake.
std::span<const EmbeddedText> asset_files();

namespace {

std::string type_of(std::string_view name) {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    throw std::logic_error(fmt::format("no media type is known for the asset '{}'", name));
}

std::vector<Asset> made() {
    std::vector<Asset> all;
    for (const auto& file : asset_files()) {
        Sha256 hash;
        hash.update(file.text);
        const auto digest = hash.hex().substr(0, 12);
        const auto dot = file.name.rfind('.');
        all.push_back({std::string{file.name},
                       fmt::format("{}-{}{}", file.name.substr(0, dot), digest, file.name.substr(dot)),
                       fmt::format("\"{}\"", digest), type_of(file.name), file.text});
    }
    return all;
}

} // namespace

const std::vector<Asset>& assets() {
    static const auto all = made();
    return all;
}

const Asset* find_asset(std::string_view name) {
    const auto& all = assets();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [name](const Asset& one) { return one.name == name || one.hashed == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string asset_path(std::string_view name) {
    const auto* const asset = find_asset(name);
    if (asset == nullptr) throw std::logic_error(fmt::format("there is no asset '{}'", name));
    return "/assets/" + asset->hashed;
}

} // namespace provenbl::tools::pages
