#include "path/report/record.hpp"

#include "path/report/app_proto.hpp"

namespace minerwall::path {
namespace {

// Mixes the flow's start and its ends (splitmix64): unique enough to join the events of one flow.
std::uint64_t flow_id(const flow::FlowKey& key, Nanos first_seen) noexcept {
    std::uint64_t z =
        first_seen ^ (std::uint64_t{key.low_port} << 48) ^ (std::uint64_t{key.high_port} << 32) ^
        load_be32(&key.low.bytes[12]) ^ (std::uint64_t{load_be32(&key.high.bytes[12])} << 16) ^
        (std::uint64_t{key.vlan} << 20) ^ (std::uint64_t{key.inner_vlan} << 4) ^
        (std::uint64_t{key.wire_and_tunnel} << 56) ^ (std::uint64_t{key.ip_proto} << 40);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

// An event's states are the flow's, in the same order.
static_assert(static_cast<int>(event::FlowState::fresh) ==
              static_cast<int>(flow::FlowState::fresh));
static_assert(static_cast<int>(event::FlowState::established) ==
              static_cast<int>(flow::FlowState::established));
static_assert(static_cast<int>(event::FlowState::closed) ==
              static_cast<int>(flow::FlowState::closed));

}  // namespace

event::Record* begin_event(Context& context, event::Kind kind) noexcept {
    event::Record* record = context.events.claim();
    if (record == nullptr) {
        context.counters.events_lost.add();
        return nullptr;
    }
    record->start(kind, context.now);
    return record;
}

void finish_event(Context& context) noexcept {
    context.events.publish();
    context.counters.events_written.add();
}

void fill_flow(const Context& context, const flow::Flow& flow, const Finding* finding,
               event::Record& out) noexcept {
    const flow::FlowDetails& details = context.flows.details(flow);
    out.action = flow.verdict;
    out.enforced = flow.has(flow::Flow::enforced);
    if (finding != nullptr && finding->has_match && finding->action > flow.verdict) {
        out.action = finding->action;
        out.enforced = finding->enforced;
    }
    if (out.action == Action::allow) {
        out.enforced = true;
    }
    out.app_proto = app_proto(flow, finding);
    out.ip_proto = flow.key.ip_proto;
    if (flow.key.vlan != 0) {
        // In a tunnel, the key has the tunnel's id in the place of the second tag.
        const std::uint16_t inner = flow.key.is_tunnelled() ? 0 : flow.key.inner_vlan;
        out.vlan = {flow.key.vlan, inner};
        out.vlan_count = inner != 0 ? 2 : 1;
    }
    out.wire = flow.key.wire();
    out.in_port = static_cast<std::uint16_t>(flow.key.wire() * 2);
    const flow::Ends ends = context.flows.ends(flow);
    out.client = ends.client;
    out.server = ends.server;
    out.client_port = flow.client_port();
    out.server_port = flow.server_port();
    out.flow_id = flow_id(context.flows.key(flow), details.first_seen);
    out.flow.packets_to_server = context.flows.packets(flow, flow::Direction::to_server);
    out.flow.packets_to_client = context.flows.packets(flow, flow::Direction::to_client);
    out.flow.bytes_to_server = context.flows.bytes(flow, flow::Direction::to_server);
    out.flow.bytes_to_client = context.flows.bytes(flow, flow::Direction::to_client);
    out.flow.dropped_packets = context.flows.dropped(flow);
    out.flow.start = details.first_seen;
    // The flow keeps the table's clock in milliseconds: the last packet came that long ago.
    const std::uint32_t silent = flow::FlowTable::to_ms(context.now) - flow.last_seen_ms;
    const Nanos end = context.now - Nanos{silent} * kNanosPerMilli;
    out.flow.end = std::max(end, details.first_seen);
    out.flow.state = static_cast<event::FlowState>(flow.state);
    out.flow.alerted = flow.has(flow::Flow::alerted);
}

void fill_name(const Context& context, const flow::Flow& flow, event::Record& out) noexcept {
    const flow::FlowDetails& details = context.flows.details(flow);
    if (details.name == flow::kNone) {
        return;
    }
    const ServerName& name = context.names.at(details.name);
    event::NamePart& part = out.use_name();
    switch (name.source) {
        case inspect::NameSource::none:
            break;
        case inspect::NameSource::sni:
            part.kind = event::NameKind::sni;
            break;
        case inspect::NameSource::http_host:
            part.kind = event::NameKind::http_host;
            break;
        case inspect::NameSource::quic_sni:
            part.kind = event::NameKind::quic_sni;
            break;
        case inspect::NameSource::socks:
            part.kind = event::NameKind::socks;
            break;
    }
    part.text.assign(name.text.view());
    part.ja4.assign(name.ja4.view());
    part.ech = name.ech;
}

void fill_finding(const Finding& finding, event::Record& out) noexcept {
    if (finding.has_name) {
        out.use_name() = finding.name;
    }
    if (finding.has_match) {
        out.use_match() = finding.match;
    }
    if (finding.has_mining) {
        out.use_mining() = finding.mining;
    }
}

void fill_packet(Packet packet, event::Record& out) noexcept {
    out.in_port = packet.ingress();
    out.to_client = packet.direction_now() == flow::Direction::to_client;
    const packet::Frame& frame = packet.frame();
    out.vlan_count = std::min<std::uint8_t>(frame.vlan_count, 2);
    for (unsigned v = 0; v < out.vlan_count; ++v) {
        out.vlan[v] = frame.vlan_tci[v] & 0x0fff;
    }
}

}  // namespace minerwall::path
