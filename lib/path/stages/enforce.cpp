#include <rte_mempool.h>

#include "packet/craft.hpp"
#include "path/drop.hpp"
#include "path/packet.hpp"
#include "path/reassembled.hpp"
#include "path/stages/stages.hpp"
#include "proto/dns/dns.hpp"

namespace minerwall::path {
namespace {

// The headers that a crafted packet is made from, in one piece.
Bytes headers(Packet packet) noexcept {
    const rte_mbuf* m = packet.bytes();
    const std::uint32_t n = std::min<std::uint32_t>(packet.frame().l3_offset + 1U, m->pkt_len);
    const void* bytes = rte_pktmbuf_read(m, 0, n, packet.context().scratch.crafted.data());
    return {static_cast<const std::uint8_t*>(bytes), bytes == nullptr ? 0u : n};
}

// An empty packet, which counts at the port of the packet that caused it.
rte_mbuf* new_packet(Packet cause) noexcept {
    Context& context = cause.context();
    rte_mbuf* m = rte_pktmbuf_alloc(context.craft_pool);
    if (m == nullptr) {
        context.counters.craft_failed.add();
        return nullptr;
    }
    m->port = cause.ingress();
    return m;
}

MutableBytes room(rte_mbuf* m) noexcept {
    return {rte_pktmbuf_mtod(m, std::uint8_t*), rte_pktmbuf_tailroom(m)};
}

// Sends a crafted packet of `length` bytes, or frees it if nothing could be crafted.
bool send(Context& context, rte_mbuf* m, std::size_t length, std::uint16_t egress) noexcept {
    if (length == 0) {
        rte_pktmbuf_free(m);
        context.counters.craft_failed.add();
        return false;
    }
    m->data_len = static_cast<std::uint16_t>(length);
    m->pkt_len = static_cast<std::uint32_t>(length);
    PortCounters& counters = context.counters.port[m->port];
    counters.crafted_packets.add();
    counters.crafted_bytes.add(length);
    context.tx[egress].push(m);
    return true;
}

void send_reset(Packet packet, packet::Toward toward) noexcept {
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    const ResetPlan& plan = packet.reset_plan();
    rte_mbuf* m = new_packet(packet);
    if (m == nullptr) {
        return;
    }
    const bool back = toward == packet::Toward::sender;
    const bool acks = (frame.tcp_flags & packet::kTcpAck) != 0;
    const std::size_t length = packet::craft_reset(
        room(m), headers(packet), frame, toward, back ? plan.to_sender_seq : plan.to_receiver_seq,
        back ? plan.to_sender_ack : frame.tcp_ack, back || acks);
    if (send(context, m, length, back ? packet.ingress() : machine::peer_of(packet.ingress()))) {
        context.counters.resets_crafted.add();
    }
}

void send_dns_answer(Packet packet) noexcept {
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    const proto::DnsQuestion& question = packet.evidence().question;
    const policy::SinkholeAnswer& rule = context.rules->rule(packet.sinkhole_rule()).answer;
    proto::DnsAnswer answer;
    answer.kind =
        rule.kind == policy::SinkholeAnswer::Kind::nxdomain ? proto::DnsAnswer::Kind::nxdomain
        : rule.kind == policy::SinkholeAnswer::Kind::nodata ? proto::DnsAnswer::Kind::nodata
                                                            : proto::DnsAnswer::Kind::address;
    answer.v4 = rule.v4;
    answer.has_v4 = rule.has_v4;
    answer.v6 = rule.v6;
    answer.has_v6 = rule.has_v6;
    answer.ttl = rule.ttl;

    rte_mbuf* m = new_packet(packet);
    if (m == nullptr) {
        return;
    }
    std::array<std::uint8_t, 1024> message;
    std::array<std::uint8_t, 1024> query;
    const std::uint32_t n = std::min<std::uint32_t>(frame.payload_length, query.size());
    const void* payload = rte_pktmbuf_read(packet.bytes(), frame.payload_offset, n, query.data());
    std::size_t length = 0;
    if (payload != nullptr) {
        const std::size_t built = proto::build_dns_answer(
            message, {static_cast<const std::uint8_t*>(payload), n}, question, answer);
        if (built != 0) {
            length = packet::craft_udp_reply(room(m), headers(packet), frame,
                                             packet::Toward::sender, {message.data(), built});
        }
    }
    if (send(context, m, length, packet.ingress())) {
        context.counters.sinkholes_crafted.add();
    }
}

// Sends what the ends of a dropped packet get.
void reply(Packet packet) noexcept {
    if (packet.disposition() == Disposition::reset) {
        if (packet.reset_plan().reset_sender) {
            send_reset(packet, packet::Toward::sender);
        }
        if (packet.reset_plan().reset_receiver) {
            send_reset(packet, packet::Toward::receiver);
        }
    } else if (packet.disposition() == Disposition::sinkhole &&
               !packet.evidence().question.response) {
        send_dns_answer(packet);
    }
}

// The copy is no longer needed. A blocked packet leaves a tombstone, so that sending its last
// fragment again does not complete it.
void end_reassembled(Packet packet) noexcept {
    rte_mbuf* copy = packet.reassembled();
    if (!packet.is_forwarded()) {
        Context& context = packet.context();
        const ReassembledNote& note = note_of(copy);
        if (note.worker == context.options.worker) {
            context.fragments.block_own(note.ticket, context.now);
        } else {
            context.fragments.block(note.ticket, context.now);
        }
    }
    rte_pktmbuf_free(copy);
}

}  // namespace

void enforce(Context& context, Burst& burst) noexcept {
    std::array<rte_mbuf*, Burst::kMax> dropped;
    unsigned drops = 0;
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        rte_mbuf* m = packet.mbuf();
        if (packet.is_forwarded()) {
            if (packet.disposition() != Disposition::forward) [[unlikely]] {
                count_refused(packet);
            }
            if (packet.reassembled() != nullptr) {
                end_reassembled(packet);
            }
            context.tx[machine::peer_of(m->port)].push(m);
            continue;
        }
        reply(packet);
        count_refused(packet);
        dropped[drops++] = m;
        if (packet.reassembled() != nullptr) {
            end_reassembled(packet);
        }
    }
    if (drops != 0) {
        rte_pktmbuf_free_bulk(dropped.data(), drops);
    }
    burst.count = 0;
}

}  // namespace minerwall::path
