// The appliance's configuration, `minerwall.conf`: what the daemon runs on. What it blocks is in
// the policy (lib/policy). docs/configuration.md and drivers-config/minerwall.conf.example describe
// each key; a unit test keeps the three in agreement.
//
// Control plane, any thread: reading a file touches nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnostic.hpp"

namespace minerwall::machine {

enum class EndKind : std::uint8_t { pci, vdev, kernel };

// One end of a wire, from the operator's text.
struct EndConfig {
    EndKind kind = EndKind::kernel;
    std::string name;    // short, unique, for labels: "0000:01:00.0", "net_tap0", "eth1"
    std::string device;  // what we open: PCI address, vdev with its arguments, interface name
    unsigned line = 0;
};

struct WireConfig {
    std::string name;
    std::array<EndConfig, 2> ends;
};

enum class HugepageMode : std::uint8_t { automatic, on, off };
enum class WhenFull : std::uint8_t { forward, drop };
enum class LogLevel : std::uint8_t { error, warning, info, debug };

struct WorkersConfig {
    unsigned count = 1;
    std::vector<unsigned> cores;        // CPU of worker i; empty: chosen at start
    std::optional<unsigned> main_core;  // CPU of the control thread; empty: chosen at start
    unsigned burst = 32;                // packets
    unsigned tx_retries = 64;           // retries on a full egress queue
    unsigned rx_descriptors = 1024;     // per queue, DPDK ends
    unsigned tx_descriptors = 1024;
    // What a source sends beyond its share of an overloaded worker.
    WhenFull over_share = WhenFull::forward;
};

struct MemoryConfig {
    HugepageMode hugepages = HugepageMode::automatic;
    unsigned mb = 512;               // MiB of EAL memory: packet buffers and rings
    unsigned mbufs = 0;              // 0: as many as the queues can hold, see default_mbufs()
    unsigned mbuf_data_room = 2048;  // bytes of frame per buffer, without the headroom
};

struct FlowsConfig {
    unsigned capacity = 65536;       // flows per worker, rounded up to a power of two when read
    unsigned inspections = 8192;     // stream states per worker: flows under inspection at a time
    unsigned quic_handshakes = 512;  // QUIC handshakes read at a time, per worker
    WhenFull when_full = WhenFull::forward;
    unsigned tcp_new_timeout_s = 30;  // handshake not finished
    unsigned tcp_timeout_s = 1800;    // established but silent
    unsigned tcp_closed_timeout_s = 10;
    unsigned udp_new_timeout_s = 30;  // no answer yet
    unsigned udp_timeout_s = 120;
    unsigned other_timeout_s = 30;  // neither TCP nor UDP
};

// What the path keeps to see TCP streams and fragmented packets as their receivers do. Per worker.
struct StreamsConfig {
    unsigned memory_kb = 32768;  // copies of unacknowledged and out-of-order bytes, all flows
    unsigned flow_kb = 128;      // the same, for one direction of a flow
    WhenFull when_full = WhenFull::forward;
};

struct FragmentsConfig {
    unsigned datagrams = 1024;  // incomplete ones at a time
    unsigned memory_kb = 8192;
    unsigned timeout_s = 65;  // longer than any receiver waits for the rest
    WhenFull when_full = WhenFull::forward;
};

struct LearningConfig {
    unsigned capacity = 4096;   // learned addresses and names, per worker
    std::string file = "none";  // the daemon lists them here as JSON; "none": nowhere
};

struct EventsConfig {
    std::string file = "-";  // "-": stdout; "none": no events
    std::vector<std::string> types = {"alert",    "dns",   "flow",    "learned",
                                      "shedding", "stats", "wire_end"};
    unsigned ring = 4096;  // records per worker between path and writer, a power of two
};

struct MetricsConfig {
    bool enabled = true;
    std::string listen = "127.0.0.1:9477";
};

struct Config {
    std::string file;  // the file that was read
    std::vector<WireConfig> wires;
    std::string policy;  // path, made relative to the directory of `file`
    WorkersConfig workers;
    MemoryConfig memory;
    FlowsConfig flows;
    StreamsConfig streams;
    FragmentsConfig fragments;
    LearningConfig learning;
    EventsConfig events;
    MetricsConfig metrics;
    LogLevel log_level = LogLevel::info;
};

struct ConfigResult {
    std::optional<Config> config;  // engaged exactly when `errors` is empty
    std::vector<settings::Diagnostic> errors;
};

// Reads a file of at most 1 MiB. Never throws; reports every error that it can find, at
// most 50, in the order of the file.
ConfigResult load_config(const std::string& path) noexcept;
// The same from memory; `file` is used in messages and for relative paths.
ConfigResult parse_config(const std::string& text, const std::string& file) noexcept;

// Every key that a configuration may hold, dotted ("workers.count"): for docs, tests, completion.
const std::vector<std::string_view>& config_keys();

}  // namespace minerwall::machine
