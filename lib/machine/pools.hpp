// Packet buffers: one pool per NUMA node for frames from the wire, a small one for crafted frames,
// and one for the copies of reassembled packets. The pool for crafted frames lets us reset a flow
// even when the wire has used up all other buffers.
//
// The control plane creates the pools; rte_pktmbuf_alloc() on them from any lcore.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "machine/config.hpp"

struct rte_mempool;

namespace minerwall::machine {

struct PoolLevel {
    std::string name;
    unsigned size = 0;    // buffers in the pool
    unsigned in_use = 0;  // in queues, rings and the path; caches count as free
};

struct PoolOptions {
    unsigned mbufs = 16383;   // per NUMA node
    unsigned crafted = 1023;  // buffers of the second pool
    // Buffers of the third pool, of 2 KiB: a burst of the longest packets takes 1,056.
    unsigned reassembled = 2047;
    unsigned data_room = 2048;  // bytes of frame per buffer
    unsigned workers = 1;
};
// Buffers that ports and workers of this configuration can hold at a time, with a reserve.
unsigned default_mbufs(const Config& config);
PoolOptions pool_options(const Config& config);

class Pools {
  public:
    // Does not throw; on failure an empty object with `error` set. EAL must be up.
    static std::optional<Pools> create(const PoolOptions& options, std::string& error);

    Pools(Pools&& other) noexcept;
    Pools& operator=(Pools&&) = delete;
    ~Pools();  // return every buffer before

    rte_mempool* frames(int socket) const noexcept;  // of this NUMA node, or the nearest
    rte_mempool* crafted() const noexcept { return crafted_; }
    rte_mempool* reassembled() const noexcept { return reassembled_; }
    std::vector<PoolLevel> levels() const;  // any control thread

  private:
    Pools() = default;
    struct Frames {
        int socket;
        rte_mempool* pool;
    };
    std::vector<Frames> frames_;
    rte_mempool* crafted_ = nullptr;
    rte_mempool* reassembled_ = nullptr;
};

}  // namespace minerwall::machine
