// Which policy is in force: published at start, replaced by a reload.
//
// publish() and reload() belong to the main thread, the only one that publishes. Any thread may
// call the rest.
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
    // Reads the configured file again. Logs an invalid file and keeps the policy in force.
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

    // A copy from the last reload for scrapes, because their threads take no part in QSBR.
    mutable std::mutex told_;
    metrics::PolicyState state_;
    std::vector<metrics::RuleSlot> rule_slots_;
};

}  // namespace minerwall::daemon
