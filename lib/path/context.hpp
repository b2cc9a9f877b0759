// All that one worker owns. The stages are functions over it; nothing in it is written by anybody
// else, but for the hand-over rings and the policy pointer.
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
#include "inspect/datagrams.hpp"
#include "inspect/inspector.hpp"
#include "machine/port.hpp"
#include "path/burst.hpp"
#include "path/report/finding.hpp"
#include "policy/store.hpp"
#include "reassembly/fragments.hpp"
#include "tcp/sides.hpp"

struct rte_ring;
struct rte_mempool;

namespace minerwall::path {

struct WorkerOptions {
    unsigned worker = 0;
    unsigned workers = 1;
    std::uint32_t flow_capacity = 65536;
    std::uint32_t inspections = 8192;
    std::uint32_t names = 0;      // server names kept; 0: half as many as flows
    std::uint32_t findings = 0;   // miners kept; 0: an eighth of the flows
    bool drop_when_full = false;  // flow table full: drop instead of forward
    // TCP: bytes that are remembered until they are acknowledged, of flows under inspection.
    std::uint32_t stream_memory_kb = 32768;  // of all flows of the worker
    std::uint32_t stream_flow_kb = 128;      // of one direction of a flow
    bool drop_when_stream_full = false;      // no room: drop the segment instead of forwarding it
    // IP fragments: copies that wait for the rest of their datagram.
    std::uint32_t fragment_datagrams = 1024;  // at a time
    std::uint32_t fragment_memory_kb = 8192;
    // Longer than any receiver waits for the rest: 60 s (RFC 8200, 4.5; IPv4 hosts 15 to 60).
    std::uint32_t fragment_timeout_ms = 65000;
    bool drop_when_fragments_full = false;
    std::uint32_t learned = 4096;     // learned addresses and names
    std::uint32_t quic_hellos = 512;  // flows whose QUIC handshake can be read at a time
    unsigned burst = 32;
    unsigned tx_retries = 64;
    flow::Timeouts timeouts;
    flow::HashKey secret{};    // the same for all workers: it also chooses the owner of a flow
    bool alert_events = true;  // which events are written
    bool dns_events = true;
    bool flow_events = true;
    bool learned_events = true;
    // A capture taken on the sending host holds packets whose checksums its NIC had yet to fill in.
    // True: a direction that begins with a wrong checksum is such a one and is not checked. For
    // captures only: on a wire every packet is complete.
    bool offloaded_captures = false;
    // A capture does not tell at which end of the wire a packet came in: all come in at one.
    bool ends_unknown = false;
    std::uint32_t capture = 0;  // replay: index of the capture file
};

// Packets that wait for the egress queue of one port.
struct TxBatch {
    // A burst, and two resets for each of its packets.
    static constexpr unsigned kMax = 3 * Burst::kMax;
    std::array<rte_mbuf*, kMax> mbuf;
    // Of each packet, because after it is sent it may not be looked at any more.
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

// Where a packet goes that another worker owns: one single-producer ring per pair of workers.
struct Handover {
    std::vector<rte_ring*> to;  // by worker; null for itself
    std::vector<rte_ring*> from;
    // By wire, where all NICs spread flows themselves: how. For packets that these cannot read.
    std::vector<const machine::Spread*> spread;
    bool needed = false;  // some end of a wire cannot keep a flow on one queue
};

struct PacketPools {
    rte_mempool* crafted = nullptr;
    rte_mempool* datagrams = nullptr;  // copies of what came in fragments
};

// Room for bytes that span the buffers of an mbuf chain, one for each use, so that one copy never
// lies in another's place.
struct Scratch {
    // The longest packet, behind any link header.
    using Room = std::array<std::uint8_t, 65536 + 2048>;
    Room headers;   // parse, answers, tunnels
    Room fragment;  // a fragment in one piece
    Room checked;   // what a checksum is computed over
    Room payload;   // a message in one piece
};

struct Context {
    Context(const WorkerOptions& options, std::vector<machine::Queue*> queues, policy::Store& store,
            event::Ring& events, const PacketPools& pools, const match::Prefilter& prefilter,
            Handover handover, WorkerCounters& counters);

    const WorkerOptions options;
    std::vector<machine::Queue*> queues;  // by port
    policy::Store& store;
    const policy::Ruleset* rules = nullptr;  // of this turn
    event::Ring& events;
    rte_mempool* craft_pool;
    rte_mempool* datagram_pool;
    int attachment;  // where a packet that is handed over names its datagram: see datagram.hpp
    Handover handover;
    WorkerCounters& counters;
    Nanos now = 0;

    flow::FlowTable flows;
    reassembly::FragmentTable fragments;
    // Those of all workers, our own among them: who blocks a datagram is not who puts it together.
    std::vector<const reassembly::FragmentTable*> fragments_of_all;
    inspect::Inspector inspector;
    inspect::Datagrams datagrams;
    flow::LearnedTable learned;
    // Those of all workers, our own among them: who learned an address is not who meets it.
    std::vector<const flow::LearnedTable*> learned_by_all;
    flow::Pool<ServerName> names;
    flow::Pool<Finding> findings;
    Finding spare{};  // where `findings` has none left, and for reports that are not kept
    Burst burst;
    std::vector<TxBatch> tx;  // by port
    inspect::Payload payload;
    proto::StratumScanner scanner;  // of single segments
    Scratch scratch;
};

}  // namespace minerwall::path
