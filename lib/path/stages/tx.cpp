#include <rte_pause.h>

#include "path/drop.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {
namespace {

// Counts the packets [from, to) of a batch as sent. Most batches come from one port.
void count_sent(Context& context, const TxBatch& batch, unsigned from, unsigned to,
                PortCounters& egress) noexcept {
    std::uint64_t all_bytes = 0;
    while (from < to) {
        const std::uint16_t ingress = batch.ingress[from];
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
        for (; from < to && batch.ingress[from] == ingress; ++from) {
            ++packets;
            bytes += batch.length[from];
        }
        PortCounters& counters = context.counters.port[ingress];
        counters.sent_packets.add(packets);
        counters.sent_bytes.add(bytes);
        egress.transmitted_packets.add(packets);
        all_bytes += bytes;
    }
    egress.transmitted_bytes.add(all_bytes);
}

template <Reason kReason>
void lose_sent(Context& context, const TxBatch& batch, unsigned i) noexcept {
    count_device_drop<kReason>(context.counters, batch.ingress[i]);
    rte_pktmbuf_free(batch.mbuf[i]);
}

void flush(Context& context, std::uint16_t port, TxBatch& batch) noexcept {
    machine::Queue& queue = *context.ports.queues[port];
    PortCounters& egress = context.counters.port[port];
    unsigned done = 0;
    unsigned retries = 0;
    while (done < batch.count) {
        const unsigned taken =
            queue.tx(batch.mbuf.data() + done, static_cast<std::uint16_t>(batch.count - done));
        count_sent(context, batch, done, done + taken, egress);
        done += taken;
        if (done == batch.count) {
            break;
        }
        if (queue.tx_refused()) {
            lose_sent<Reason::tx_error>(context, batch, done);
            ++done;
            continue;
        }
        if (taken != 0) {
            retries = 0;  // progress: the bound is for a queue that stands still
            continue;
        }
        if (retries++ == context.options.io.tx_retries) {
            break;
        }
        egress.transmit_retries.add();
        rte_pause();
    }
    for (; done < batch.count; ++done) {
        lose_sent<Reason::tx_full>(context, batch, done);
    }
    batch.count = 0;
}

}  // namespace

void tx(Context& context) noexcept {
    const auto ports = static_cast<std::uint16_t>(context.tx.size());
    for (std::uint16_t port = 0; port < ports; ++port) {
        if (context.tx[port].count != 0) {
            flush(context, port, context.tx[port]);
        }
    }
}

}  // namespace minerwall::path
