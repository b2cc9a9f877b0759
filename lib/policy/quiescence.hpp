// When may a replaced ruleset be freed? When every reader has since been outside of it once:
// DPDK's quiescent-state based reclamation (rte_rcu_qsbr), one reader per worker.
#pragma once

#include <cstdint>
#include <memory>

struct rte_rcu_qsbr;

namespace minerwall::policy {

class Quiescence {
  public:
    // `readers` is not zero. Ends the program where there is no memory: it is made at start.
    explicit Quiescence(unsigned readers);
    Quiescence(const Quiescence&) = delete;
    Quiescence& operator=(const Quiescence&) = delete;
    ~Quiescence();

    // A reader's side; each reader calls with its own number below readers(). join() and leave()
    // bracket its life, online() and offline() a pause in it during which it holds no pointer.
    void join(unsigned reader) noexcept;
    void leave(unsigned reader) noexcept;
    void online(unsigned reader) noexcept;
    void offline(unsigned reader) noexcept;
    void quiescent(unsigned reader) noexcept;

    // The control side: a ticket for what was unpublished before, and whether its time has come.
    std::uint64_t start() noexcept;
    bool passed(std::uint64_t ticket) noexcept;
    unsigned readers() const noexcept { return readers_; }

  private:
    struct Free {
        void operator()(rte_rcu_qsbr* state) const noexcept;
    };
    unsigned readers_;
    std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

}  // namespace minerwall::policy
