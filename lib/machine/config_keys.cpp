#include "machine/config.hpp"

namespace minerwall::machine {

const std::vector<std::string_view>& config_keys() {
    static const std::vector<std::string_view> keys = {
        "wires.name",
        "wires.ends",
        "policy",
        "workers.count",
        "workers.cores",
        "workers.main_core",
        "workers.burst",
        "workers.tx_retries",
        "workers.rx_descriptors",
        "workers.tx_descriptors",
        "workers.over_share",
        "memory.hugepages",
        "memory.mb",
        "memory.mbufs",
        "memory.mbuf_data_room",
        "flows.capacity",
        "flows.inspections",
        "flows.quic_handshakes",
        "flows.when_full",
        "flows.tcp_new_timeout_s",
        "flows.tcp_timeout_s",
        "flows.tcp_closed_timeout_s",
        "flows.udp_new_timeout_s",
        "flows.udp_timeout_s",
        "flows.other_timeout_s",
        "streams.memory_kb",
        "streams.flow_kb",
        "streams.when_full",
        "fragments.datagrams",
        "fragments.memory_kb",
        "fragments.timeout_s",
        "fragments.when_full",
        "learning.capacity",
        "learning.file",
        "events.file",
        "events.types",
        "events.ring",
        "metrics.enabled",
        "metrics.listen",
        "log.level",
    };
    return keys;
}

}  // namespace minerwall::machine
