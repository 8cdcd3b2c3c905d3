// Every metric that is ever told: its name, labels and meaning. The one list: figures, documentation, dashboard and
// alerts are checked against it. Names follow Prometheus' conventions: base units, `_total` for what only grows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::metrics {

enum class Kind : std::uint8_t { counter, gauge, histogram };
[[nodiscard]] std::string_view to_string(Kind kind);

struct Metric {
    std::string_view name;
    Kind kind;
    std::string_view labels; // separated by spaces; each has values from a bounded set
    std::string_view help;
};

[[nodiscard]] std::span<const Metric> catalogue();
// Throws std::logic_error for a name that is not in it.
[[nodiscard]] const Metric& metric(std::string_view name);
[[nodiscard]] std::vector<std::string> label_names(const Metric& metric);

// The catalogue as a table of Markdown, for docs/observing.md.
[[nodiscard]] std::string catalogue_table();

} // namespace provenbl::tools::metrics
