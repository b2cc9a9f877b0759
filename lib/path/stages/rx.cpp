#include <rte_ring.h>

#include "path/drop.hpp"
#include "path/reassembled.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {

unsigned rx(Context& context, std::uint16_t port) noexcept {
    Burst& burst = context.burst;
    machine::Queue& queue = *context.ports.queues[port];
    PortCounters& counters = context.counters.port[port];
    burst.port = port;
    burst.count = queue.rx(burst.mbuf.data(), static_cast<std::uint16_t>(context.options.io.burst));

    burst.again = false;
    std::fill_n(burst.reassembled.begin(), burst.count, nullptr);

    std::uint64_t bytes = 0;
    for (unsigned i = 0; i < burst.count; ++i) {
        rte_mbuf* m = burst.mbuf[i];
        rte_prefetch0(rte_pktmbuf_mtod(m, void*));
        m->port = port;
        bytes += m->pkt_len;
    }
    // The end could not deliver these frames whole, but they were on the wire: the ledger counts
    // them as received and dropped.
    const std::uint32_t truncated = queue.take_truncated();
    if (burst.count + truncated != 0) {
        counters.received_packets.add(burst.count + truncated);
        counters.received_bytes.add(bytes);
        if (truncated != 0) {
            count_device_drop<Reason::rx_truncated>(context.counters, port, truncated);
        }
    }
    return burst.count;
}

unsigned rx_handover(Context& context, unsigned from_worker) noexcept {
    Burst& burst = context.burst;
    burst.count = rte_ring_sc_dequeue_burst(context.handover.from[from_worker],
                                            reinterpret_cast<void**>(burst.mbuf.data()),
                                            Burst::kMax, nullptr);
    burst.again = false;
    for (unsigned i = 0; i < burst.count; ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(burst.mbuf[i], void*));
        context.counters.port[burst.mbuf[i]->port].handed_in.add();
        burst.reassembled[i] = attached(context, burst.mbuf[i]);
    }
    return burst.count;
}

}  // namespace minerwall::path
