#include "path/context.hpp"

#include <utility>

namespace minerwall::path {

Context::Context(const WorkerOptions& chosen, std::vector<host::Queue*> port_queues,
                 policy::Store& policies, event::Ring& event_ring, rte_mempool* crafted,
                 const match::Prefilter& prefilter, Handover rings, WorkerCounters& own_counters)
    : options(chosen),
      queues(std::move(port_queues)),
      store(policies),
      events(event_ring),
      craft_pool(crafted),
      handover(std::move(rings)),
      counters(own_counters),
      flows(chosen.flow_capacity, chosen.timeouts, chosen.secret),
      inspector(chosen.inspections, prefilter, chosen.worker, own_counters),
      names(chosen.names != 0 ? chosen.names : flows.capacity() / 2),
      findings(chosen.findings != 0 ? chosen.findings : std::max(64u, flows.capacity() / 8)),
      tx(queues.size()) {
    counters.flow_table_capacity.set(flows.capacity());
}

}  // namespace minerwall::path
