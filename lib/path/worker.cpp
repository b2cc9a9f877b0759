#include "path/worker.hpp"

#include <poll.h>
#include <rte_cycles.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include <algorithm>

#include "path/drop.hpp"
#include "path/lifetime.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {

Worker::Worker(const WorkerOptions& options, Ports ports, policy::Store& store, event::Ring& events,
               const PacketPools& pools, const match::Prefilter& prefilter, SharedTables& tables,
               Handover handover, WorkerCounters& counters)
    : context_(options, std::move(ports), store, events, pools, prefilter, tables,
               std::move(handover), counters) {
    may_sleep_ = std::all_of(context_.ports.queues.begin(), context_.ports.queues.end(),
                             [](const machine::Queue* q) { return q->wait_fd() >= 0; });
}

// The packet's way through the stages.
void Worker::process() noexcept {
    Burst& burst = context_.burst;
    context_.counters.bursts.add();
    do {
        parse(context_, burst);
        reassemble(context_, burst);
        track(context_, burst);
        inspect(context_, burst);
        decide(context_, burst);
        enforce(context_, burst);
        tx(context_);
    } while (burst.take_later());
}

unsigned Worker::turn(Nanos now) noexcept {
    context_.now = now;
    context_.rules = context_.store.current();
    unsigned packets = 0;
    const auto ports = static_cast<std::uint16_t>(context_.ports.queues.size());
    for (std::uint16_t port = 0; port < ports; ++port) {
        if (const unsigned n = rx(context_, port); n != 0) {
            packets += n;
            process();
        }
    }
    if (context_.options.workers > 1) {
        for (unsigned from = 0; from < context_.options.workers; ++from) {
            if (from == context_.options.worker) {
                continue;
            }
            if (const unsigned n = rx_handover(context_, from); n != 0) {
                packets += n;
                process();
            }
        }
    }
    expire(context_);
    expire_fragments(context_);
    end_turn(context_, packets == 0);
    context_.counters.heartbeat.add();
    if (packets == 0) {
        context_.counters.empty_polls.add();
    }
    // From here on the worker holds no pointer into the ruleset.
    context_.store.quiescent(context_.options.worker);
    return packets;
}

// If all ends are kernel sockets and no packet came for a while, the worker waits in the kernel and
// saves power. The wait is short enough for timers and reloads.
void Worker::rest() noexcept {
    constexpr int kMillis = 1;
    std::array<pollfd, kMaxPorts> fds;
    const nfds_t n = std::min<std::size_t>(context_.ports.queues.size(), fds.size());
    for (nfds_t i = 0; i < n; ++i) {
        fds[i] = {context_.ports.queues[i]->wait_fd(), POLLIN, 0};
    }
    (void)poll(fds.data(), n, kMillis);
}

void Worker::run(const std::atomic<bool>& stop, const Clock& clock) noexcept {
    constexpr unsigned kPatience = 256;  // empty turns before resting
    context_.store.register_worker(context_.options.worker);
    start_clock(clock.at(rte_rdtsc()));
    unsigned empty = 0;
    std::uint64_t before = rte_rdtsc();
    while (!stop.load(std::memory_order_relaxed)) {
        const unsigned packets = turn(clock.at(before));
        if (packets == 0 && may_sleep_ && ++empty >= kPatience) {
            rest();
        }
        const std::uint64_t after = rte_rdtsc();
        (packets != 0 ? context_.counters.busy_cycles : context_.counters.idle_cycles)
            .add(after - before);
        if (packets != 0) {
            empty = 0;
        }
        before = after;
    }
    context_.store.unregister_worker(context_.options.worker);
}

void Worker::drain_handover() noexcept {
    for (unsigned from = 0; from < context_.options.workers; ++from) {
        if (from == context_.options.worker) {
            continue;
        }
        while (rx_handover(context_, from) != 0) {
            Burst& burst = context_.burst;
            for (unsigned i = 0; i < burst.count; ++i) {
                rte_pktmbuf_free(burst.reassembled[i]);
                count_device_drop<Reason::shutdown>(context_.counters, burst.mbuf[i]->port);
            }
            rte_pktmbuf_free_bulk(burst.mbuf.data(), burst.count);
            burst.count = 0;
        }
    }
}

bool Worker::end_flows(std::size_t& cursor, unsigned budget, event::EndReason reason) noexcept {
    return path::end_flows(context_, cursor, budget, reason);
}

}  // namespace minerwall::path
