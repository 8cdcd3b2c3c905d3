// What is told at one moment: samples put under the names of the catalogue, then written as Prometheus' text format
// (version 0.0.4) by prometheus-cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <prometheus/metric_family.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::metrics {

inline constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

// Counts in buckets, each with what is too much for it.
struct Distribution {
    std::vector<double> bounds;        // in ascending order; +Inf is not among them
    std::vector<std::uint64_t> counts; // one for each bound, and one for what is above
    double sum = 0;

    explicit Distribution(std::span<const double> bounds_of);
    void observe(double value); // le: a value that is a bound belongs below it
};

class Page {
public:
    // Values of the labels as the catalogue names them, in its order. Throws std::logic_error where that is not so.
    void set(std::string_view name, double value) { set(name, {}, value); }
    void set(std::string_view name, std::initializer_list<std::string_view> labels, double value);
    void set(std::string_view name, std::initializer_list<std::string_view> labels, const Distribution& values);
    [[nodiscard]] std::string text() const;

private:
    prometheus::ClientMetric& sample(std::string_view name, std::initializer_list<std::string_view> labels,
                                     bool counts);
    std::vector<prometheus::MetricFamily> families_; // each name once
};

} // namespace provenbl::tools::metrics
