// Reads the workers' counters when Prometheus asks, so that measuring costs the path nothing.
// docs/metrics.md describes every metric.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <chrono>
#include <mutex>
#include <vector>

#include "metrics/source.hpp"

namespace minerwall::metrics {

class Collector : public prometheus::Collectable {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Collector(Source source);
    // Any thread, several at a time.
    std::vector<prometheus::MetricFamily> Collect() const override;

  private:
    // How busy a worker was lately, between two readings at least a second apart.
    struct Load {
        std::uint64_t busy = 0, idle = 0, packets = 0;
        double busy_ratio = 0, cycles_per_packet = 0;
    };
    std::vector<Load> loads() const;

    const Source source_;
    mutable std::mutex mutex_;
    mutable std::vector<Load> loads_;
    mutable Clock::time_point looked_at_{};
};

}  // namespace minerwall::metrics
