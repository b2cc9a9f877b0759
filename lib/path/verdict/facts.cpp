#include "path/verdict/facts.hpp"

#include "path/verdict/kept.hpp"

namespace minerwall::path {

policy::Facts facts_of(const Context& context, const flow::Flow& flow,
                       const flow::Ends& ends) noexcept {
    policy::Facts facts;
    facts.client = &ends.client;
    facts.server = &ends.server;
    facts.client_port = flow.client_port();
    facts.server_port = flow.server_port();
    facts.ip_proto = flow.key.ip_proto;
    facts.vlan = flow.key.vlan;
    if (flow.has(flow::Flow::has_name)) {
        facts.server_name = context.names.at(context.flows.details(flow).name).text.view();
    }
    if (flow.has(flow::Flow::has_unreadable)) {
        facts.unreadable = context.flows.details(flow).unreadable;
    }
    const Finding* finding = kept_finding(context, flow);
    if (finding != nullptr && finding->has_mining) {
        facts.app = finding->mining.dialect;
    } else if (flow.has(flow::Flow::coin_node)) {
        facts.app = Dialect::coin_p2p;
    }
    return facts;
}

policy::Facts facts_of(const packet::Frame& frame, bool sender_is_client) noexcept {
    policy::Facts facts;
    facts.ip_proto = frame.ip_proto;
    facts.vlan = frame.vlan_count != 0 ? static_cast<std::uint16_t>(frame.vlan_tci[0] & 0x0fff)
                                       : std::uint16_t{0};
    if (frame.is_ip()) {
        facts.client = sender_is_client ? &frame.src : &frame.dst;
        facts.server = sender_is_client ? &frame.dst : &frame.src;
    }
    if (frame.has_ports()) {
        facts.client_port = sender_is_client ? frame.src_port : frame.dst_port;
        facts.server_port = sender_is_client ? frame.dst_port : frame.src_port;
    }
    return facts;
}

bool read_tunnel_ends(Packet packet, packet::TunnelEnds& out) noexcept {
    const packet::Frame& frame = packet.frame();
    if (!frame.is_tunnelled()) {
        return false;
    }
    const rte_mbuf* m = packet.bytes();
    const std::uint32_t n = std::min<std::uint32_t>(frame.l3_offset, m->pkt_len);
    const void* head = rte_pktmbuf_read(m, 0, n, packet.context().scratch.tunnel.data());
    return head != nullptr &&
           packet::tunnel_ends({static_cast<const std::uint8_t*>(head), n}, frame, out);
}

policy::Facts facts_of(const packet::TunnelEnds& ends, bool sender_is_client,
                       policy::Facts facts) noexcept {
    facts.client = sender_is_client ? &ends.src : &ends.dst;
    facts.server = sender_is_client ? &ends.dst : &ends.src;
    // VXLAN's source port is a hash of the inner packet, not a client port.
    facts.client_port = 0;
    facts.server_port = ends.dst_port;
    facts.ip_proto = ends.ip_proto;
    return facts;
}

}  // namespace minerwall::path
