// Counters with one writer: the worker adds, the scraper reads, and neither waits.
//
// The ledger. For every port p and worker w, with a packet counted at the port where it came in and
// a crafted packet at the port of the packet that caused it:
//
//   received + handed_in + crafted = sent + handed_out + Σ dropped[reason] + in flight
//
// `in flight` is zero between two bursts, and Σ handed_in = Σ handed_out over the workers once the
// hand-over rings are empty.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/dialect.hpp"
#include "base/reason.hpp"
#include "base/rung.hpp"
#include "base/unreadable.hpp"

namespace minerwall {

inline constexpr unsigned kMaxPorts = 32;  // wire ends: 16 wires
inline constexpr unsigned kMaxWorkers = 64;
inline constexpr unsigned kMaxRuleSlots = 256;  // rule names that have a counter of their own

// One writer, any reader. Relaxed: a scrape needs each number whole, but not all of one instant.
class Counter {
  public:
    void add(std::uint64_t n = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

struct PortCounters {
    Counter received_packets, received_bytes;
    Counter crafted_packets, crafted_bytes;
    Counter sent_packets, sent_bytes;  // by ingress port, see above
    std::array<Counter, kReasonCount> dropped_packets;
    // Forwarded packets that are dropped in enforce mode. Not a part of the equation.
    std::array<Counter, kReasonCount> observed_drops;
    Counter handed_in, handed_out;
    // By egress port: what left through this end, and the repeated attempts on a full queue.
    Counter transmitted_packets, transmitted_bytes, transmit_retries;
};

struct alignas(64) WorkerCounters {
    std::array<PortCounters, kMaxPorts> port;

    Counter flows_created, flows_ended, flows_active;  // flows_active is a level
    Counter flow_table_full;                           // packets whose new flow found no place
    std::array<Counter, 4> flows_evicted;              // made room for new flows, by flow::Worth
    Counter flow_table_capacity;                       // a level
    Counter untracked_packets;                         // no flow: not IP, a fragment, malformed
    Counter inspections_active;       // a level: parsers in use; urgent data takes two
    Counter inspection_exhausted;     // flows not or only partly inspected: no state free
    Counter states_parked;            // taken from flows between two messages
    Counter states_lost;              // taken from flows inside a message
    Counter packets_judged_alone;     // by themselves: no flow or no state was free
    Counter findings_refused;         // names and findings that were not kept: no room
    Counter stream_gaps;              // a hole in a stream: the parser restarted behind it
    Counter stream_held_segments;     // out-of-order segments whose bytes were remembered
    Counter stream_memory_exhausted;  // segments that could not be remembered: no room
    Counter stream_memory_used;       // a level: blocks of stream memory in use
    Counter stream_memory_capacity;   // a level
    Counter stream_ignored_segments;  // segments that their receiver will discard (window, PAWS)
    Counter retransmitted_segments;
    Counter bad_checksums;       // forwarded, not inspected: the receiver will discard them
    Counter resampled_segments;  // segments of settled flows that were inspected again

    Counter fragments;              // IP fragments seen
    Counter datagrams_reassembled;  // copies that were assembled for inspection
    Counter fragment_table_full;    // fragments that found no room
    Counter fragments_expired;      // packets that were never completed
    Counter tunnelled_packets;      // judged by the packet inside GRE, IP in IP or VXLAN

    Counter learned_addresses;  // a level: addresses known to belong to pools
    Counter learned_total;      // entries made
    Counter learned_refused;    // not learned: a special, private or never_learn address
    Counter learned_full;       // not learned: no room
    Counter learned_evicted;    // forgotten, because their client had the most

    std::array<Counter, kUnreadableCount> unreadable;  // packets, by what could not be read

    std::array<Counter, kDialectCount> detections_by_dialect;
    Counter detections_by_name, detections_by_address, detections_by_learned;
    std::array<Counter, kMaxRuleSlots> verdicts_by_rule;  // flows (DNS: messages) decided by a rule

    Counter resets_crafted, sinkholes_crafted, craft_failed;
    Counter resets_suppressed;  // not sent: too many, or the address took no part
    Counter events_written, events_lost;
    Counter alerts_suppressed, flow_ends_suppressed;  // not written: too many of one source

    std::array<Counter, kRungCount> shed;  // looks, searches or packets left out, by rung
    Counter shed_rung;                     // a level: the highest rung in force
    Counter work_cycles;                   // TSC; inspection and judgement, where work is limited

    Counter busy_cycles, idle_cycles;  // TSC; busy: bursts that carried a packet
    Counter bursts, empty_polls;
    Counter heartbeat;  // one per turn of the loop
};

}  // namespace minerwall
