// Builds metric families: first a family, then its samples.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace minerwall::metrics {

using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
  public:
    // The samples that follow belong to this family. A family without samples is left out.
    void counter(const char* name, const char* help) {
        begin(name, help, prometheus::MetricType::Counter);
    }
    void gauge(const char* name, const char* help) {
        begin(name, help, prometheus::MetricType::Gauge);
    }
    void sample(Labels labels, double value) {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        if (families_.back().type == prometheus::MetricType::Counter) {
            metric.counter.value = value;
        } else {
            metric.gauge.value = value;
        }
        families_.back().metric.push_back(std::move(metric));
    }
    // Exact up to 2^53; Prometheus' doubles round larger values.
    void sample(Labels labels, std::uint64_t value) {
        sample(std::move(labels), static_cast<double>(value));
    }
    std::vector<prometheus::MetricFamily> take() {
        std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
        return std::move(families_);
    }

  private:
    void begin(const char* name, const char* help, prometheus::MetricType type) {
        prometheus::MetricFamily family;
        family.name = name;
        family.help = help;
        family.type = type;
        families_.push_back(std::move(family));
    }
    std::vector<prometheus::MetricFamily> families_;
};

}  // namespace minerwall::metrics
