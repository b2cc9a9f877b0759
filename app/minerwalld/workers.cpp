#include "minerwalld/workers.hpp"

#include <rte_ring.h>

#include <new>

namespace minerwall::daemon {
namespace {

constexpr unsigned kHandoverSlots = 1024;  // packets between two workers

}  // namespace

void Workers::FreeRing::operator()(rte_ring* ring) const noexcept {
    rte_ring_free(ring);
}

rte_ring* Workers::make_handover_ring(unsigned from, unsigned to) {
    handover_rings_.emplace_back(rte_ring_create(fmt::format("handover_{}_{}", from, to).c_str(),
                                                 kHandoverSlots, SOCKET_ID_ANY,
                                                 RING_F_SP_ENQ | RING_F_SC_DEQ));
    if (handover_rings_.back() == nullptr) {
        throw std::bad_alloc();
    }
    return handover_rings_.back().get();
}

// Indexed by worker.
std::vector<path::Handover> Workers::make_handovers(unsigned count, const Devices& devices) {
    std::vector<path::Handover> handovers(count);
    const bool needed = count > 1 && devices.needs_rehash();
    for (path::Handover& handover : handovers) {
        handover.needed = needed;
        if (count > 1 && !needed) {
            handover.spread = devices.spreads();
        }
        handover.to.assign(count, nullptr);
        handover.from.assign(count, nullptr);
    }
    // Needed even if the NICs spread flows: they cannot read fragments, tunnels and IPv6 extension
    // headers.
    for (unsigned from = 0; from < count; ++from) {
        for (unsigned to = 0; to < count; ++to) {
            if (from != to) {
                rte_ring* ring = make_handover_ring(from, to);
                handovers[from].to[to] = ring;
                handovers[to].from[from] = ring;
            }
        }
    }
    return handovers;
}

Workers::Workers(const machine::Config& config, Devices& devices, policy::Store& store)
    : prefilter_(config.workers.count) {
    const unsigned n = config.workers.count;
    std::vector<path::Handover> handovers = make_handovers(n, devices);
    path::WorkerOptions options = worker_options(config);
    tables_ = std::make_unique<path::SharedTables>(options);
    const path::PacketPools pools{devices.pools().crafted(), devices.pools().reassembled()};
    for (unsigned w = 0; w < n; ++w) {
        options.worker = w;
        counters_.push_back(std::make_unique<WorkerCounters>());
        rings_.push_back(std::make_unique<event::Ring>(config.events.ring));
        workers_.push_back(std::make_unique<path::Worker>(
            options, path::Ports{devices.queues(w)}, store, *rings_[w], pools, prefilter_, *tables_,
            std::move(handovers[w]), *counters_[w]));
    }
}

Workers::~Workers() = default;

std::vector<event::Ring*> Workers::rings() {
    std::vector<event::Ring*> out;
    for (const auto& ring : rings_) {
        out.push_back(ring.get());
    }
    return out;
}

std::vector<const WorkerCounters*> Workers::all_counters() const {
    std::vector<const WorkerCounters*> out;
    for (const auto& one : counters_) {
        out.push_back(one.get());
    }
    return out;
}

std::vector<const flow::LearnedTable*> Workers::all_learned() const {
    return tables_->all_learned();
}

}  // namespace minerwall::daemon
