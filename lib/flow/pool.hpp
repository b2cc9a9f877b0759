// Preallocated records, addressed by index, for what only some flows need. One worker, no locks.
// When the pool is full, take() returns kNone and the caller follows its failure policy.
#pragma once

#include <cstdint>
#include <type_traits>

#include "flow/flow.hpp"
#include "flow/memory.hpp"

namespace minerwall::flow {

template <typename T>
class Pool {
    static_assert(std::is_trivially_destructible_v<T>);

  public:
    explicit Pool(std::uint32_t capacity)
        : records_(capacity), free_(capacity), capacity_(capacity) {}

    std::uint32_t capacity() const noexcept { return capacity_; }
    std::uint32_t in_use() const noexcept { return used_; }

    // The record still holds its last owner's bytes: the caller initialises it.
    std::uint32_t take() noexcept {
        if (free_count_ > 0) {
            ++used_;
            return free_[--free_count_];
        }
        if (fresh_ < capacity_) {  // keeps pages untouched that were never needed
            ++used_;
            return fresh_++;
        }
        return kNone;
    }
    void give_back(std::uint32_t id) noexcept {
        free_[free_count_++] = id;
        --used_;
    }
    T& at(std::uint32_t id) noexcept { return records_[id]; }
    const T& at(std::uint32_t id) const noexcept { return records_[id]; }

  private:
    Pages<T> records_;
    Pages<std::uint32_t> free_;
    std::uint32_t capacity_;
    std::uint32_t free_count_ = 0;
    std::uint32_t fresh_ = 0;
    std::uint32_t used_ = 0;
};

}  // namespace minerwall::flow
