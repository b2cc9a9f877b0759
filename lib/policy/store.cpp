#include "policy/store.hpp"

#include <thread>
#include <utility>

namespace minerwall::policy {

Store::Store(unsigned readers) : quiescence_(readers) {
    slots_.emplace("other", static_cast<std::uint16_t>(kMaxRuleSlots - 1));
}

Store::~Store() = default;

std::uint32_t Store::publish(std::unique_ptr<Ruleset> next, std::chrono::milliseconds patience) {
    const std::lock_guard lock(control_);
    reclaim(false);
    return swap_in(std::move(next), patience);
}

bool Store::rollback(std::chrono::milliseconds patience) {
    const std::lock_guard lock(control_);
    // Its epoch will change, so no reader may use it any more.
    if (retired_.empty() || !quiescence_.passed(retired_.back().ticket)) {
        return false;
    }
    std::unique_ptr<Ruleset> previous = std::move(retired_.back().ruleset);
    retired_.pop_back();
    swap_in(std::move(previous), patience);
    return true;
}

void Store::confirm() {
    take_unused();
}

Store::Unused Store::take_unused() {
    const std::lock_guard lock(control_);
    return reclaim(false);
}

std::uint32_t Store::swap_in(std::unique_ptr<Ruleset> next, std::chrono::milliseconds patience) {
    assign_slots(*next);
    next->epoch_ = ++epoch_;
    current_.store(next.get(), std::memory_order_release);
    std::unique_ptr<Ruleset> replaced = std::exchange(owned_, std::move(next));
    if (replaced != nullptr) {
        const std::uint64_t ticket = quiescence_.start();
        retired_.push_back({std::move(replaced), ticket});
        if (wait_for(ticket, patience)) {
            reclaim(true);
        }
    }
    return epoch_;
}

bool Store::wait_for(std::uint64_t ticket, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!quiescence_.passed(ticket)) {
        if (std::chrono::steady_clock::now() >= until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
}

Store::Unused Store::reclaim(bool keep_newest) {
    const std::size_t kept = keep_newest ? 1 : 0;
    Unused unused;
    for (std::size_t i = 0; i + kept < retired_.size();) {
        if (quiescence_.passed(retired_[i].ticket)) {
            unused.push_back(std::move(retired_[i].ruleset));
            retired_.erase(retired_.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    return unused;
}

std::size_t Store::retired() const {
    const std::lock_guard lock(control_);
    return retired_.size();
}

void Store::assign_slots(Ruleset& ruleset) {
    for (Ruleset::Rule& rule : ruleset.rules_) {
        auto found = slots_.find(rule.info.name);
        if (found == slots_.end() && slots_.size() < kMaxRuleSlots) {
            // "other" has the last slot, so the next free slot is the number of known names minus
            // one.
            const auto slot = static_cast<std::uint16_t>(slots_.size() - 1);
            found = slots_.emplace(rule.info.name, slot).first;
        }
        rule.info.counter_slot =
            found != slots_.end() ? found->second : static_cast<std::uint16_t>(kMaxRuleSlots - 1);
    }
}

}  // namespace minerwall::policy
