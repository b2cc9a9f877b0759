// All that one worker owns; the stages are functions over it. Others write only the hand-over rings
// and the policy pointer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/counters.hpp"
#include "base/time.hpp"
#include "event/ring.hpp"
#include "flow/learned.hpp"
#include "flow/pool.hpp"
#include "flow/table.hpp"
#include "inspect/inspector.hpp"
#include "inspect/udp_messages.hpp"
#include "path/burst.hpp"
#include "path/effort.hpp"
#include "path/finding.hpp"
#include "path/limits.hpp"
#include "path/options.hpp"
#include "path/ports.hpp"
#include "path/scratch.hpp"
#include "path/shared_tables.hpp"
#include "policy/store.hpp"
#include "reassembly/fragments.hpp"
#include "tcp/sides.hpp"

struct rte_ring;
struct rte_mempool;

namespace minerwall::path {

// Packets that wait for the egress queue of one port.
struct TxBatch {
    // A burst, and two resets for each of its packets.
    static constexpr unsigned kMax = 3 * Burst::kMax;
    std::array<rte_mbuf*, kMax> mbuf;
    // Kept here, because a sent packet may not be read any more.
    std::array<std::uint32_t, kMax> length;
    std::array<std::uint16_t, kMax> ingress;
    unsigned count = 0;

    void push(rte_mbuf* m) noexcept {
        mbuf[count] = m;
        length[count] = m->pkt_len;
        ingress[count] = m->port;
        ++count;
    }
};

// Rings for packets that another worker owns: one single-producer ring per pair of workers.
struct Handover {
    std::vector<rte_ring*> to;  // by worker; null for itself
    std::vector<rte_ring*> from;
    // By wire: how its NICs spread flows, if all of them do. The worker uses it for packets that
    // these NICs cannot read.
    std::vector<const machine::Spread*> spread;
    bool needed = false;  // some end of a wire cannot keep a flow on one queue
};

struct PacketPools {
    rte_mempool* crafted = nullptr;
    rte_mempool* reassembled = nullptr;  // copies of packets that came in fragments
};

struct Context {
    Context(const WorkerOptions& options, Ports ports, policy::Store& store, event::Ring& events,
            const PacketPools& pools, const match::Prefilter& prefilter, SharedTables& tables,
            Handover handover, WorkerCounters& counters);

    const WorkerOptions options;
    const Ports ports;
    policy::Store& store;
    const policy::Ruleset* rules = nullptr;  // of this turn
    event::Ring& events;
    rte_mempool* craft_pool;
    rte_mempool* reassembled_pool;
    int attachment;  // where a packet that is handed over names its copy: see reassembled.hpp
    Handover handover;
    WorkerCounters& counters;
    Nanos now = 0;

    flow::FlowTable flows;
    reassembly::FragmentTable& fragments;
    const std::vector<const reassembly::FragmentTable*> fragments_of_all;  // by worker
    inspect::Inspector inspector;
    inspect::UdpMessages udp;
    flow::LearnedTable& learned;
    const std::vector<const flow::LearnedTable*> learned_by_all;  // by worker
    flow::Pool<ServerName> names;
    flow::Pool<Finding> findings;
    flow::Shares name_shares, finding_shares;
    Limits limits;
    Finding spare{};  // if `findings` has none left, and for reports that are not kept
    Burst burst;
    std::vector<TxBatch> tx;        // by port
    proto::StratumScanner scanner;  // of single segments
    Scratch scratch;
    Effort effort;
};

}  // namespace minerwall::path
