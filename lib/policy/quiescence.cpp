#include "policy/quiescence.hpp"

#include <rte_rcu_qsbr.h>

#include <cstdlib>
#include <new>

namespace minerwall::policy {

Quiescence::Quiescence(unsigned readers) {
    const std::size_t size = rte_rcu_qsbr_get_memsize(readers);
    // Plain memory, because a store must also work without EAL, in a replay or a test.
    const std::size_t rounded = (size + 63) / 64 * 64;
    state_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(64, rounded)));
    if (state_ == nullptr || rte_rcu_qsbr_init(state_.get(), readers) != 0) {
        std::abort();  // out of memory at start, or no reader at all
    }
}

Quiescence::~Quiescence() = default;

void Quiescence::Free::operator()(rte_rcu_qsbr* state) const noexcept {
    std::free(state);
}

void Quiescence::join(unsigned reader) noexcept {
    rte_rcu_qsbr_thread_register(state_.get(), reader);
    rte_rcu_qsbr_thread_online(state_.get(), reader);
}

void Quiescence::leave(unsigned reader) noexcept {
    rte_rcu_qsbr_thread_offline(state_.get(), reader);
    rte_rcu_qsbr_thread_unregister(state_.get(), reader);
}

void Quiescence::quiescent(unsigned reader) noexcept {
    rte_rcu_qsbr_quiescent(state_.get(), reader);
}

std::uint64_t Quiescence::start() noexcept {
    return rte_rcu_qsbr_start(state_.get());
}

bool Quiescence::passed(std::uint64_t ticket) noexcept {
    return rte_rcu_qsbr_check(state_.get(), ticket, false) == 1;
}

}  // namespace minerwall::policy
