// What a worker is configured with, in parts by owner.
//
// Plain values; the constructor copies them into the worker's context. Control plane.
#pragma once

#include <cstdint>

#include "flow/hash.hpp"
#include "flow/table.hpp"
#include "path/effort.hpp"
#include "reassembly/fragments.hpp"
#include "tcp/tracker.hpp"

namespace minerwall::path {

// The flow table, and the records of its flows.
struct FlowOptions {
    std::uint32_t capacity = 65536;
    std::uint32_t names = 0;      // server names that are kept; 0: half as many as flows
    std::uint32_t findings = 0;   // miners kept; 0: an eighth of the flows
    bool drop_when_full = false;  // drop packets of flows that find no room
    flow::Timeouts timeouts;
};

// What inspection reads at the same time, in flows.
struct InspectOptions {
    std::uint32_t states = 8192;      // TCP flows under inspection
    std::uint32_t quic_hellos = 512;  // flows whose QUIC handshake can be read
};

// Copies of IP fragments that wait for the rest of their packet. The default timeout of
// FragmentLimits is longer than any receiver waits: 60 s (RFC 8200, 4.5; IPv4 hosts 15 to 60).
struct FragmentOptions {
    reassembly::FragmentLimits limits;
    bool drop_when_full = false;
};

struct LearnOptions {
    std::uint32_t capacity = 4096;  // learned addresses and names
};

struct IoOptions {
    unsigned burst = 32;       // packets, at most Burst::kMax
    unsigned tx_retries = 64;  // until packets that the egress does not take are lost
};

// Which events are written.
struct EventOptions {
    bool alerts = true;
    bool dns = true;
    bool flows = true;
    bool learned = true;
    bool shedding = true;
};

struct WorkerOptions {
    unsigned worker = 0;
    unsigned workers = 1;
    flow::HashKey secret{};  // the same for all workers, because it also chooses a flow's owner
    FlowOptions flows;
    InspectOptions inspection;
    // Copies of TCP bytes under inspection, until they are acknowledged.
    tcp::StreamOptions streams{.memory_kb = 32768, .flow_kb = 128, .drop_when_full = false};
    FragmentOptions fragments;
    LearnOptions learning;
    IoOptions io;
    WorkOptions work;
    EventOptions events;
    bool limited = true;  // resets and events (path/limits.hpp); a replay writes them all
};

}  // namespace minerwall::path
