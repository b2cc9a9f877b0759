// The ruleset in force, which can be replaced while workers read it.
//
// A worker calls current() once per burst and quiescent() after the burst; the pointer is valid
// until then. One control thread at a time publishes (a mutex ensures it). Every other thread that
// follows a Ruleset pointer (the event writer) is a reader with a number of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "policy/quiescence.hpp"
#include "policy/ruleset.hpp"

namespace minerwall::policy {

class Store {
  public:
    // `readers`: workers are 0 .. n-1, other readers follow. Throws std::bad_alloc.
    explicit Store(unsigned readers);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store();  // after every reader has left

    // Fast path ------------------------------------------------------------------------------
    const Ruleset* current() const noexcept { return current_.load(std::memory_order_acquire); }
    void register_worker(unsigned reader) noexcept { quiescence_.join(reader); }
    void unregister_worker(unsigned reader) noexcept { quiescence_.leave(reader); }
    void quiescent(unsigned reader) noexcept { quiescence_.quiescent(reader); }

    // Control plane --------------------------------------------------------------------------
    // Puts `next` in force and returns its epoch: 1 for the first, then always one more, so that
    // every flow is judged again. Waits up to `patience` until no reader can hold the replaced
    // ruleset. If a reader takes longer, a later call frees it. The replaced ruleset stays for
    // rollback() until confirm() or the next publish().
    std::uint32_t publish(std::unique_ptr<Ruleset> next,
                          std::chrono::milliseconds patience = std::chrono::seconds(2));
    // Puts the replaced ruleset in force again, under a new epoch. False: there is none, or a
    // reader still holds it.
    bool rollback(std::chrono::milliseconds patience = std::chrono::seconds(2));
    // Gives up the replaced ruleset, and frees every ruleset that no reader can hold.
    void confirm();
    // The same, but the caller frees them, on any thread: a large ruleset takes long.
    using Unused = std::vector<std::unique_ptr<const Ruleset>>;
    Unused take_unused();
    // Number of rulesets that are kept and not in force; for tests and for a metric.
    std::size_t retired() const;

  private:
    struct Retired {
        std::unique_ptr<Ruleset> ruleset;
        std::uint64_t ticket;
    };
    void assign_slots(Ruleset& ruleset);
    std::uint32_t swap_in(std::unique_ptr<Ruleset> next, std::chrono::milliseconds patience);
    bool wait_for(std::uint64_t ticket, std::chrono::milliseconds patience);
    Unused reclaim(bool keep_newest);

    std::atomic<const Ruleset*> current_{nullptr};
    Quiescence quiescence_;
    mutable std::mutex control_;
    std::unique_ptr<Ruleset> owned_;  // the ruleset in force, see current_
    std::vector<Retired> retired_;    // oldest first; rollback() returns to the last
    // Rule names that have a slot of WorkerCounters::verdicts_by_rule. A name keeps its slot over
    // every reload. The last slot, "other", counts the names that found no slot.
    std::map<std::string, std::uint16_t> slots_;
    std::uint32_t epoch_ = 0;
};

}  // namespace minerwall::policy
