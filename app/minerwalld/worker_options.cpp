#include <rte_cycles.h>
#include <sys/random.h>

#include <algorithm>

#include "minerwalld/event_output.hpp"
#include "minerwalld/workers.hpp"

namespace minerwall::daemon {
namespace {

flow::HashKey random_secret() {
    flow::HashKey secret{};
    // Short reads cannot happen below 256 bytes (getrandom(2)). Without entropy, this process's
    // addresses are a better secret than a constant.
    if (getrandom(&secret, sizeof secret, 0) != static_cast<ssize_t>(sizeof secret)) {
        secret.k0 = rte_rdtsc();
        secret.k1 = reinterpret_cast<std::uintptr_t>(&secret);
    }
    return secret;
}

path::FlowOptions flow_options(const machine::Config& config) {
    path::FlowOptions flows;
    flows.capacity = config.flows.capacity;
    flows.drop_when_full = config.flows.when_full == machine::WhenFull::drop;
    flows.timeouts.tcp_fresh = config.flows.tcp_new_timeout_s;
    flows.timeouts.tcp_established = config.flows.tcp_timeout_s;
    flows.timeouts.tcp_closed = config.flows.tcp_closed_timeout_s;
    flows.timeouts.udp_fresh = config.flows.udp_new_timeout_s;
    flows.timeouts.udp_established = config.flows.udp_timeout_s;
    flows.timeouts.other = config.flows.other_timeout_s;
    return flows;
}

}  // namespace

path::WorkerOptions worker_options(const machine::Config& config) {
    path::WorkerOptions options;
    options.workers = config.workers.count;
    options.secret = random_secret();
    options.flows = flow_options(config);
    options.inspection.states = config.flows.inspections;
    options.inspection.quic_hellos = config.flows.quic_handshakes;
    options.streams.memory_kb = config.streams.memory_kb;
    options.streams.flow_kb = config.streams.flow_kb;
    options.streams.drop_when_full = config.streams.when_full == machine::WhenFull::drop;
    options.fragments.limits.datagrams = config.fragments.datagrams;
    options.fragments.limits.memory_kb = config.fragments.memory_kb;
    options.fragments.limits.timeout_ms = config.fragments.timeout_s * 1000;
    options.fragments.drop_when_full = config.fragments.when_full == machine::WhenFull::drop;
    options.learning.capacity = config.learning.capacity;
    options.io.burst = std::min(config.workers.burst, path::Burst::kMax);
    options.io.tx_retries = config.workers.tx_retries;
    options.events.alerts = wants(config, "alert");
    options.events.dns = wants(config, "dns");
    options.events.flows = wants(config, "flow");
    options.events.learned = wants(config, "learned");
    options.events.shedding = wants(config, "shedding");
    options.work.limited = true;
    options.work.drop = config.workers.over_share == machine::WhenFull::drop;
    return options;
}

}  // namespace minerwall::daemon
