#include "path/context.hpp"

#include <rte_mbuf_dyn.h>

#include <utility>

namespace minerwall::path {
namespace {

int register_attachment() {
    rte_mbuf_dynfield field{};
    std::snprintf(field.name, sizeof field.name, "minerwall_reassembled");
    field.size = sizeof(void*);  // a pointer to an mbuf
    field.align = alignof(void*);
    const int offset = rte_mbuf_dynfield_register(&field);  // again: same place
    if (offset < 0) {
        throw std::bad_alloc();
    }
    return offset;
}

}  // namespace

Context::Context(const WorkerOptions& chosen, Ports own_ports, policy::Store& policies,
                 event::Ring& event_ring, const PacketPools& pools,
                 const match::Prefilter& prefilter, SharedTables& tables, Handover rings,
                 WorkerCounters& own_counters)
    : options(chosen),
      ports(std::move(own_ports)),
      store(policies),
      events(event_ring),
      craft_pool(pools.crafted),
      reassembled_pool(pools.reassembled),
      attachment(register_attachment()),
      handover(std::move(rings)),
      counters(own_counters),
      flows(chosen.flows.capacity, chosen.flows.timeouts, chosen.secret),
      fragments(tables.fragments(chosen.worker)),
      fragments_of_all(tables.all_fragments()),
      inspector(chosen.inspection.states, prefilter, chosen.worker, own_counters, chosen.streams),
      udp(chosen.inspection.quic_hellos, own_counters),
      learned(tables.learned(chosen.worker)),
      learned_by_all(tables.all_learned()),
      names(chosen.flows.names != 0 ? chosen.flows.names : flows.capacity() / 2),
      findings(chosen.flows.findings != 0 ? chosen.flows.findings
                                          : std::max(64u, flows.capacity() / 8)),
      tx(ports.queues.size()),
      effort(chosen.work, chosen.secret.k1, own_counters) {
    inspector.share(flows);
    udp.share(flows);
    counters.flow_table_capacity.set(flows.capacity());
}

}  // namespace minerwall::path
