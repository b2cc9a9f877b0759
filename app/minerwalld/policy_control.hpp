// Which policy is in force: published at start, replaced by a reload.
//
// publish() and reload() belong to the main thread, the only one that publishes. The rest may be
// called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/source.hpp"
#include "minerwalld/log.hpp"
#include "policy/load.hpp"
#include "policy/store.hpp"

namespace minerwall::daemon {

class PolicyControl {
  public:
    // All three outlive this object.
    PolicyControl(policy::Store& store, const machine::Config& config, const Log& log)
        : store_(store), config_(config), log_(log) {}

    void publish(std::unique_ptr<policy::Ruleset> ruleset);
    // Reads the configured file again. An invalid one is logged, and changes nothing.
    void reload();

    metrics::PolicyState state() const;
    std::vector<metrics::RuleSlot> rule_slots() const;
    metrics::Reloads reloads() const noexcept { return {ok_.load(), failed_.load()}; }

  private:
    void note();

    policy::Store& store_;
    const machine::Config& config_;
    const Log& log_;
    std::atomic<std::uint64_t> ok_{0}, failed_{0};

    // Copied at every reload for the scrapes: their threads do not take part in QSBR.
    mutable std::mutex told_;
    metrics::PolicyState state_;
    std::vector<metrics::RuleSlot> rule_slots_;
};

}  // namespace minerwall::daemon
