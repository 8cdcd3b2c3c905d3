#include "tools/metrics/page.hpp"

#include "tools/metrics/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <prometheus/text_serializer.h>
#include <stdexcept>

namespace provenbl::tools::metrics {
namespace {

prometheus::MetricType type_of(Kind kind) {
    switch (kind) {
    case Kind::counter:
        return prometheus::MetricType::Counter;
    case Kind::gauge:
        return prometheus::MetricType::Gauge;
    case Kind::histogram:
        break;
    }
    return prometheus::MetricType::Histogram;
}

} // namespace

Distribution::Distribution(std::span<const double> bounds_of)
    : bounds(bounds_of.begin(), bounds_of.end()), counts(bounds_of.size() + 1) {}

void Distribution::observe(double value) {
    const auto place = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
    ++counts[static_cast<std::size_t>(place)];
    sum += value;
}

prometheus::ClientMetric& Page::sample(std::string_view name, std::initializer_list<std::string_view> labels,
                                       bool counts) {
    const auto& known = metric(name);
    const auto names = label_names(known);
    if (names.size() != labels.size() || (known.kind == Kind::histogram) != counts)
        throw std::logic_error(fmt::format("{} is not told as the catalogue says", name));
    auto family = std::find_if(families_.begin(), families_.end(), [&](const auto& one) { return one.name == name; });
    if (family == families_.end()) {
        family = families_.emplace(families_.end());
        family->name = name;
        family->help = known.help;
        family->type = type_of(known.kind);
    }
    auto& made = family->metric.emplace_back();
    auto value = labels.begin();
    for (const auto& label : names) made.label.push_back({label, std::string{*value++}});
    return made;
}

void Page::set(std::string_view name, std::initializer_list<std::string_view> labels, double value) {
    auto& made = sample(name, labels, false);
    // Which of the two is written depends on the family's type.
    made.counter.value = value;
    made.gauge.value = value;
}

void Page::set(std::string_view name, std::initializer_list<std::string_view> labels, const Distribution& values) {
    auto& histogram = sample(name, labels, true).histogram;
    histogram.sample_sum = values.sum;
    for (std::size_t i = 0; i < values.bounds.size(); ++i) {
        histogram.sample_count += values.counts[i];
        histogram.bucket.push_back({histogram.sample_count, values.bounds[i]});
    }
    // The serializer writes +Inf itself.
    histogram.sample_count += values.counts.back();
}

std::string Page::text() const {
    return prometheus::TextSerializer{}.Serialize(families_);
}

} // namespace provenbl::tools::metrics
