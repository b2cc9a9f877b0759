#include "minerwalld/policy_control.hpp"

#include <chrono>
#include <ctime>
#include <exception>
#include <utility>

#include "minerwalld/supervisor.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall::daemon {

void PolicyControl::publish(std::unique_ptr<policy::Ruleset> ruleset) {
    store_.publish(std::move(ruleset));
    note();
}

void PolicyControl::note() {
    // Only this thread publishes, so the pointer from current() stays valid.
    const policy::Ruleset& rules = *store_.current();
    const std::lock_guard lock(state_mutex_);
    state_.version = rules.epoch();
    state_.loaded_at = static_cast<double>(rules.loaded_at()) / 1e9;
    state_.rules = rules.rule_count();
    state_.list_entries = rules.entry_count();
    state_.enforcing = !rules.observe();
    rule_slots_.resize(kMaxRuleSlots);
    for (std::uint16_t i = 0; i < rules.all_rule_count(); ++i) {
        const policy::RuleInfo& rule = rules.rule(i);
        rule_slots_[rule.counter_slot] = {
            rule.counter_slot == kMaxRuleSlots - 1 ? "other" : rule.name, rule.action};
    }
}

void PolicyControl::reload() {
    if (loader_.loading()) {
        again_ = true;
        return;
    }
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    tell_supervisor("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
    // A replaced ruleset of a million names takes long to free, so its memory goes there, too.
    auto replaced = std::make_shared<policy::Store::Unused>(store_.take_unused());
    try {
        loader_.start([file = config_.policy, workers = config_.workers.count, replaced] {
            replaced->clear();
            return policy::load(file, workers);
        });
    } catch (const std::exception& e) {
        failed(fmt::format("cannot be loaded: {}", e.what()));
    }
}

void PolicyControl::finish_reload() {
    policy::LoadResult result = loader_.take();
    for (const settings::Diagnostic& d : result.diagnostics) {
        log_.warning("{}", settings::format(d));
    }
    if (result.ok()) {
        // Wait for no reader: the next load frees what none can hold by then.
        const std::uint32_t version =
            store_.publish(std::move(result.ruleset), std::chrono::milliseconds(0));
        note();
        ++ok_;
        log_.info("policy {} reloaded: version {}", config_.policy, version);
        tell_supervisor("READY=1\nSTATUS=forwarding, policy version {}{}", version,
                        result.diagnostics.empty() ? "" : " (last reload had something to say)");
    } else {
        failed("is not valid");
    }
    if (std::exchange(again_, false)) {
        reload();
    }
}

void PolicyControl::failed(std::string_view how) {
    const std::uint32_t version = store_.current()->epoch();
    ++failed_;
    log_.error("policy {} {}: version {} stays in force", config_.policy, how, version);
    tell_supervisor(
        "READY=1\nSTATUS=forwarding, policy version {} (last reload had something to say)",
        version);
}

metrics::PolicyState PolicyControl::state() const {
    const std::lock_guard lock(state_mutex_);
    return state_;
}

std::vector<metrics::RuleSlot> PolicyControl::rule_slots() const {
    const std::lock_guard lock(state_mutex_);
    return rule_slots_;
}

}  // namespace minerwall::daemon
