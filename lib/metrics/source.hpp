// What a scrape reads. The daemon fills this once; the collectable reads it at every scrape.
//
// Each counter has one writer and any number of readers. The callbacks run on the exposer's
// threads: they must be safe there, must not block and must not throw. An empty callback leaves its
// metrics out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/action.hpp"
#include "base/counters.hpp"

namespace minerwall::metrics {

struct Build {
    std::string version, dpdk, hyperscan;
};

// By slot of WorkerCounters::verdicts_by_rule; a slot with an empty name is not in use. A name may
// be a label: the policy's author chose it, and there are at most kMaxRuleSlots.
struct RuleSlot {
    std::string name;
    Action action = Action::allow;
};

struct PolicyState {
    std::uint32_t version = 0;
    double loaded_at = 0;  // seconds since the Unix epoch
    std::uint64_t rules = 0, list_entries = 0;
    bool enforcing = true;  // false: the global observe mode
};

struct Reloads {
    std::uint64_t succeeded = 0, failed = 0;
};

// A pool of buffers or a ring of slots.
struct Level {
    std::string name;
    std::uint64_t used = 0, capacity = 0;
};

// What the device itself counted, by port. We never received these packets, so they are not in the
// ledger, which begins where we receive a packet.
struct Device {
    std::uint64_t missed_packets = 0;  // no free receive descriptor (DPDK imissed)
    std::uint64_t error_packets = 0;   // bad on the wire (DPDK ierrors)
    std::uint64_t no_buffer = 0;       // no buffer for a received packet (DPDK rx_nombuf)
    bool link_up = false;
    bool up = false;              // ours, and alive
    std::uint64_t retaken = 0;    // times that it was taken again
    double bytes_per_second = 0;  // link speed; 0: unknown
};

// Of all consumers of events together.
struct EventLog {
    std::uint64_t lines_written = 0, lines_lost = 0, write_errors = 0;
};

struct Source {
    std::vector<const WorkerCounters*> workers;
    std::vector<std::string> port_names;  // by port index, at most kMaxPorts
    std::vector<std::string> wire_names;  // by port index: its wire; may be empty
    Build build;
    double start_time = 0;         // seconds since the Unix epoch
    double cycles_per_second = 0;  // of the TSC; 0: no metrics in seconds of workers

    std::function<std::vector<RuleSlot>()> rules;
    std::function<PolicyState()> policy;
    std::function<Reloads()> reloads;
    std::function<std::vector<Level>()> mempools;
    std::function<std::vector<Level>()> event_rings;
    std::function<std::vector<Device>()> devices;
    std::function<EventLog()> event_log;
};

}  // namespace minerwall::metrics
