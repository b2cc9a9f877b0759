#include "path/verdict/judge_tunnel.hpp"

#include "packet/tunnel.hpp"

namespace minerwall::path {

policy::Decision decide_with_tunnel(Context& context, const Burst& burst, unsigned i,
                                    bool sender_is_client, policy::Facts facts,
                                    const policy::Decision& inside) noexcept {
    const packet::Frame& frame = burst.frame[i];
    if (!frame.is_tunnelled()) {
        return inside;
    }
    const rte_mbuf* m = burst.bytes_of(i);
    const std::uint32_t n = std::min<std::uint32_t>(frame.l3_offset, m->pkt_len);
    const void* head = rte_pktmbuf_read(m, 0, n, context.scratch.headers.data());
    packet::TunnelEnds ends;
    if (head == nullptr ||
        !packet::tunnel_ends({static_cast<const std::uint8_t*>(head), n}, frame, ends)) {
        return inside;
    }
    facts.client = sender_is_client ? &ends.src : &ends.dst;
    facts.server = sender_is_client ? &ends.dst : &ends.src;
    // The source port of VXLAN is a hash of the inner packet and stands for no client.
    facts.client_port = 0;
    facts.server_port = ends.dst_port;
    facts.ip_proto = ends.ip_proto;
    const policy::Decision outside = context.rules->decide(facts, context.options.worker);
    return outside.rule < inside.rule ? outside : inside;
}

}  // namespace minerwall::path
