#include "bench/loop.hpp"

#include <fmt/format.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <sys/resource.h>

#include <stdexcept>

namespace minerwall::bench {
namespace {

template <typename T>
std::unique_ptr<T> hold(std::optional<T> made, const std::string& error) {
    if (!made) {
        throw std::runtime_error(error);
    }
    return std::make_unique<T>(std::move(*made));
}

}  // namespace

Loop::Loop() {
    std::string error;
    machine::EalOptions eal_options;
    eal_options.memory_mb = 64;
    eal_options.workers = 0;
    eal_ = hold(machine::Eal::start(eal_options, error), error);
    memory_ = eal_->uses_hugepages() ? "packets in hugepages" : "packets in 4 KiB pages";

    machine::PoolOptions pool_options;
    pool_options.mbufs = 4 * kLap - 1;
    pools_ = hold(machine::Pools::create(pool_options, error), error);
    wire_ = replay::RingWire::create("bench", *pools_, error);
    if (wire_ == nullptr) {
        throw std::runtime_error(error);
    }
    for (unsigned end = 0; end < 2; ++end) {
        const char* name = end == 0 ? "net_ring_bench_a" : "net_ring_bench_b";
        if (rte_eth_dev_get_port_by_name(name, &ethdev_[end]) != 0) {
            throw std::runtime_error(fmt::format("there is no port {}", name));
        }
        packets_[end].resize(kLap);
        if (rte_pktmbuf_alloc_bulk(pools_->frames(0), packets_[end].data(), kLap) != 0) {
            throw std::runtime_error("the packet pool is too small");
        }
    }
}

Loop::~Loop() {
    wire_.reset();
    for (std::vector<rte_mbuf*>& packets : packets_) {
        rte_pktmbuf_free_bulk(packets.data(), static_cast<unsigned>(packets.size()));
    }
    pools_.reset();
}

void Loop::load(unsigned at_a, unsigned at_b) {
    loaded_ = {at_a, at_b};
    for (unsigned end = 0; end < 2; ++end) {
        if (wire_->put(end, packets_[end].data(), loaded_[end]) != loaded_[end]) {
            throw std::runtime_error("the ring is too short for a lap");
        }
    }
}

long Loop::Stopwatch::preemptions() noexcept {
    rusage usage{};
    (void)getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

Loop::Cycles Loop::forward_plain() noexcept {
    const unsigned loaded = loaded_[0] + loaded_[1];
    rte_mbuf* burst[kBurst];
    const Stopwatch watch;
    for (unsigned done = 0; done < loaded;) {
        for (unsigned end = 0; end < 2; ++end) {
            const std::uint16_t n = rte_eth_rx_burst(ethdev_[end], 0, burst, kBurst);
            if (n != 0) {
                done += rte_eth_tx_burst(ethdev_[1 - end], 0, burst, n);
            }
        }
    }
    return watch.read();
}

void Loop::collect() {
    for (unsigned end = 0; end < 2; ++end) {
        rte_mbuf* taken[kLap + kBurst];
        unsigned n = 0;
        while (n <= kLap) {
            const unsigned more = wire_->take(1 - end, taken + n, kBurst);
            if (more == 0) {
                break;
            }
            n += more;
        }
        if (n != loaded_[end]) {
            throw std::runtime_error(
                fmt::format("{} packets went in at end {} and {} came out", loaded_[end], end, n));
        }
        if (!std::equal(taken, taken + n, packets_[end].begin())) {
            throw std::runtime_error("packets came out in another order");
        }
    }
    loaded_ = {};
}

}  // namespace minerwall::bench
