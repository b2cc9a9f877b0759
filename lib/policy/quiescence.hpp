// Tells when the control plane may free a replaced ruleset: after every reader was quiescent once.
// Uses DPDK's quiescent-state based reclamation (rte_rcu_qsbr), with one reader per worker.
#pragma once

#include <cstdint>
#include <memory>

struct rte_rcu_qsbr;

namespace minerwall::policy {

class Quiescence {
  public:
    // `readers` is not zero. Aborts the program if there is no memory; this happens only at start.
    explicit Quiescence(unsigned readers);
    Quiescence(const Quiescence&) = delete;
    Quiescence& operator=(const Quiescence&) = delete;
    ~Quiescence();

    // For readers; each calls with its own number, which is below `readers`. A reader's life is
    // between join() and leave().
    void join(unsigned reader) noexcept;
    void leave(unsigned reader) noexcept;
    void quiescent(unsigned reader) noexcept;

    // For the control thread: start() gives a ticket for the rulesets unpublished so far, and
    // passed() says whether they may be freed.
    std::uint64_t start() noexcept;
    bool passed(std::uint64_t ticket) noexcept;

  private:
    struct Free {
        void operator()(rte_rcu_qsbr* state) const noexcept;
    };
    std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

}  // namespace minerwall::policy
