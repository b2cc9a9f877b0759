// Which policy is in force: published at start, replaced by a reload.
//
// The main thread publishes and reloads; it alone publishes. Any thread may call state(),
// rule_slots() and reloads().
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "metrics/source.hpp"
#include "minerwalld/log.hpp"
#include "minerwalld/policy_loader.hpp"
#include "policy/load.hpp"
#include "policy/store.hpp"

namespace minerwall::daemon {

class PolicyControl {
  public:
    // All three outlive this object. Throws as PolicyLoader does.
    PolicyControl(policy::Store& store, const machine::Config& config, const Log& log)
        : store_(store), config_(config), log_(log) {}

    void publish(std::unique_ptr<policy::Ruleset> ruleset);

    // Reads the configured file again, beside the loop. While one load runs, any number of calls
    // asks for one more load after it.
    void reload();
    // A load runs. It is abandoned with this object, see ~PolicyLoader().
    bool loading() const noexcept { return loader_.loading(); }
    // When it is readable, call finish_reload(): it puts the loaded policy into force, or logs an
    // invalid file and keeps the policy in force.
    int loaded() const noexcept { return loader_.descriptor(); }
    void finish_reload();

    metrics::PolicyState state() const;
    std::vector<metrics::RuleSlot> rule_slots() const;
    metrics::Reloads reloads() const noexcept { return {ok_.load(), failed_.load()}; }

  private:
    void note();
    void failed(std::string_view how);

    policy::Store& store_;
    const machine::Config& config_;
    const Log& log_;
    PolicyLoader loader_;
    bool again_ = false;  // the file may have changed since the running load began
    std::atomic<std::uint64_t> ok_{0}, failed_{0};

    // A copy from the last reload for scrapes, because their threads take no part in QSBR.
    mutable std::mutex state_mutex_;
    metrics::PolicyState state_;
    std::vector<metrics::RuleSlot> rule_slots_;
};

}  // namespace minerwall::daemon
