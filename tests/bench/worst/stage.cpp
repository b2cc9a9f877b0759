#include "bench/worst/stage.hpp"

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include "event/ring.hpp"
#include "path/worker.hpp"
#include "policy/load.hpp"

namespace minerwall::bench {
namespace {

constexpr unsigned kBurst = 32;
constexpr std::size_t kEvents = 4096;
constexpr Nanos kStart = Nanos{1'700'000'000} * kNanosPerSecond;

template <typename T>
std::unique_ptr<T> hold(std::optional<T> made, const std::string& error) {
    if (!made) {
        throw std::runtime_error(error);
    }
    return std::make_unique<T>(std::move(*made));
}

// A worker and its counters for one run.
struct Run {
    Run(const path::WorkerOptions& options, replay::RingWire& wire, machine::Pools& pools,
        policy::Store& store, const match::Prefilter& prefilter)
        : events(kEvents), tables(options), wire_(wire), pool_(pools.frames(0)) {
        worker = std::make_unique<path::Worker>(
            options, path::Ports{{&wire.queue(0), &wire.queue(1)}}, store, events,
            path::PacketPools{pools.crafted(), pools.reassembled()}, prefilter, tables,
            path::Handover{}, *counters);
        worker->start_clock(now);
    }

    // Passes [from, to), at most a burst, all from one end.
    void pass(const Sent* from, const Sent* to) {
        rte_mbuf* burst[3 * kBurst];
        const auto n = static_cast<unsigned>(to - from);
        if (rte_pktmbuf_alloc_bulk(pool_, burst, n) != 0) {
            throw std::runtime_error("no buffers");
        }
        for (unsigned i = 0; i < n; ++i) {
            const test::Buffer& frame = from[i].frame;
            std::copy(frame.begin(), frame.end(), rte_pktmbuf_mtod(burst[i], std::uint8_t*));
            burst[i]->data_len = static_cast<std::uint16_t>(frame.size());
            burst[i]->pkt_len = static_cast<std::uint32_t>(frame.size());
        }
        wire_.put(from->end, burst, n);
        now += 10'000;
        worker->turn(now);
        for (unsigned end = 0; end < 2; ++end) {
            rte_pktmbuf_free_bulk(burst, wire_.take(end, burst, 3 * kBurst));
        }
        while (events.peek() != nullptr) {
            events.release();
        }
    }
    void pass_all(const std::vector<Sent>& all) {
        for (std::size_t i = 0; i < all.size();) {
            std::size_t to = i + 1;
            while (to < all.size() && to - i < kBurst && all[to].end == all[i].end) {
                ++to;
            }
            pass(&all[i], all.data() + to);
            i = to;
        }
    }
    std::uint64_t drops() const {
        std::uint64_t sum = 0;
        for (const PortCounters& port :
             {std::cref(counters->port[0]), std::cref(counters->port[1])}) {
            for (const Counter& reason : port.dropped_packets) {
                sum += reason.get();
            }
        }
        return sum;
    }

    std::unique_ptr<WorkerCounters> counters = std::make_unique<WorkerCounters>();
    event::Ring events;
    path::SharedTables tables;
    std::unique_ptr<path::Worker> worker;
    Nanos now = kStart;

  private:
    replay::RingWire& wire_;
    rte_mempool* pool_;
};

}  // namespace

Stage::Stage(const std::string& policy) {
    std::string error;
    machine::EalOptions eal_options;
    eal_options.memory_mb = 64;
    eal_options.workers = 0;
    eal_ = hold(machine::Eal::start(eal_options, error), error);
    machine::PoolOptions pool_options;
    pool_options.mbufs = 4095;
    pools_ = hold(machine::Pools::create(pool_options, error), error);
    wire_ = replay::RingWire::create("worst", *pools_, error);
    if (wire_ == nullptr) {
        throw std::runtime_error(error);
    }
    prefilter_ = std::make_unique<match::Prefilter>(1);
    store_ = std::make_unique<policy::Store>(1);
    policy::LoadResult loaded = policy::load(policy, 1);
    if (!loaded.ok()) {
        throw std::runtime_error(settings::format(loaded.diagnostics.front()));
    }
    store_->publish(std::move(loaded.ruleset));
    store_->register_worker(0);
    options_.secret = {0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL};
    options_.io.burst = kBurst;
    options_.flows.capacity = 1024;
    options_.inspection.states = 256;
    options_.inspection.quic_hellos = 128;
    options_.streams.memory_kb = 4096;
    options_.fragments.limits.datagrams = 256;
    options_.fragments.limits.memory_kb = 1024;
}

Stage::~Stage() {
    store_->unregister_worker(0);
    wire_.reset();
}

double Stage::once(const Scene& scene) {
    Run run(options_, *wire_, *pools_, *store_, *prefilter_);
    run.pass_all(scene.before);
    const std::uint64_t drops = run.drops();
    const std::uint64_t start = rte_rdtsc_precise();
    run.pass_all(scene.probes);
    const std::uint64_t cycles = rte_rdtsc_precise() - start;
    dropped_ = static_cast<unsigned>((run.drops() - drops) * 100 / scene.probes.size());
    return static_cast<double>(cycles) / static_cast<double>(scene.probes.size());
}

double Stage::cycles(const Scene& scene, unsigned rounds) {
    double least = std::numeric_limits<double>::max();
    for (unsigned i = 0; i < rounds; ++i) {
        least = std::min(least, once(scene));
    }
    return least;
}

}  // namespace minerwall::bench
