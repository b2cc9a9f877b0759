#include "machine/pools.hpp"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace minerwall::machine {

namespace {

constexpr unsigned kCache = 250;  // kept per lcore; RTE_MEMPOOL_CACHE_MAX_SIZE is 512
// A kernel end keeps one chain per frame of its burst, usually of one buffer. This many buffers
// allow for jumbo frames without asking the interface.
constexpr unsigned kKernelChain = 32 * 5;
constexpr unsigned kLeastMbufs = 8191;

rte_mempool* make_pool(const std::string& name, unsigned size, unsigned cache, unsigned data_room,
                       int socket, std::string& error) {
    // A cache may hold 1.5 times its size, and must leave some buffers for the others.
    cache = std::min(cache, size / 8);
    rte_mempool* const pool = rte_pktmbuf_pool_create(
        name.c_str(), size, cache, 0, static_cast<std::uint16_t>(data_room + RTE_PKTMBUF_HEADROOM),
        socket);
    if (pool == nullptr) {
        error = fmt::format(
            "cannot create the pool {} of {} buffers of {} bytes on NUMA node {}: {}; raise "
            "memory.mb or lower memory.mbufs",
            name, size, data_room, socket, rte_strerror(rte_errno));
    }
    return pool;
}

}  // namespace

unsigned default_mbufs(const Config& config) {
    const WorkersConfig& w = config.workers;
    unsigned per_queue = 2 * w.burst;
    unsigned needed = w.count * (kCache * 3 / 2);
    for (const WireConfig& wire : config.wires) {
        for (const EndConfig& end : wire.ends) {
            needed += w.count * (per_queue + (end.kind == EndKind::kernel
                                                  ? kKernelChain
                                                  : w.rx_descriptors + w.tx_descriptors));
        }
    }
    // A mempool uses its memory best with a power of two less one.
    return std::bit_ceil(std::max(needed, kLeastMbufs) + 1) - 1;
}

PoolOptions pool_options(const Config& config) {
    PoolOptions o;
    o.mbufs = config.memory.mbufs != 0 ? config.memory.mbufs : default_mbufs(config);
    o.data_room = config.memory.mbuf_data_room;
    o.workers = config.workers.count;
    return o;
}

std::optional<Pools> Pools::create(const PoolOptions& options, std::string& error) {
    // A node counts if a worker runs on it; the main lcore counts only if it is alone.
    std::set<int> sockets;
    unsigned lcore = 0;
    RTE_LCORE_FOREACH(lcore) {
        const int socket = static_cast<int>(rte_lcore_to_socket_id(lcore));
        if (lcore != rte_get_main_lcore() || rte_lcore_count() == 1) {
            sockets.insert(socket);
        }
    }
    Pools pools;
    for (const int socket : sockets) {
        rte_mempool* const pool = make_pool(fmt::format("frames_{}", socket), options.mbufs, kCache,
                                            options.data_room, socket, error);
        if (pool == nullptr) {
            return std::nullopt;
        }
        pools.frames_.push_back({socket, pool});
    }
    pools.crafted_ = make_pool("crafted", std::max(options.crafted, 64 * options.workers - 1), 32,
                               RTE_MBUF_DEFAULT_DATAROOM, *sockets.begin(), error);
    pools.reassembled_ =
        make_pool("datagrams", std::max(options.reassembled, 64 * options.workers - 1), 32,
                  RTE_MBUF_DEFAULT_DATAROOM, *sockets.begin(), error);
    if (pools.crafted_ == nullptr || pools.reassembled_ == nullptr) {
        return std::nullopt;
    }
    return pools;
}

Pools::Pools(Pools&& other) noexcept
    : frames_(std::move(other.frames_)),
      crafted_(std::exchange(other.crafted_, nullptr)),
      reassembled_(std::exchange(other.reassembled_, nullptr)) {
    other.frames_.clear();
}

Pools::~Pools() {
    for (const Frames& f : frames_) {
        rte_mempool_free(f.pool);
    }
    rte_mempool_free(crafted_);
    rte_mempool_free(reassembled_);
}

rte_mempool* Pools::frames(int socket) const noexcept {
    for (const Frames& f : frames_) {
        if (f.socket == socket) {
            return f.pool;
        }
    }
    return frames_.front().pool;
}

std::vector<PoolLevel> Pools::levels() const {
    std::vector<PoolLevel> out;
    const auto add = [&](const rte_mempool* pool) {
        out.push_back({pool->name, pool->size, rte_mempool_in_use_count(pool)});
    };
    for (const Frames& f : frames_) {
        add(f.pool);
    }
    add(crafted_);
    add(reassembled_);
    return out;
}

}  // namespace minerwall::machine
