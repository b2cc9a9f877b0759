// Fragments: a copy of the whole packet is put together while the fragments themselves pass.
#include "packet/checksum.hpp"
#include "packet/tunnel.hpp"
#include "path/drop.hpp"
#include "path/handover.hpp"
#include "path/reassembled.hpp"
#include "path/stages/stages.hpp"

namespace minerwall::path {
namespace {

// A reassembled packet may carry a tunnel, and the packet in the tunnel may be a fragment again.
constexpr unsigned kMaxDepth = packet::kMaxTunnels + 1;

// All bytes in one piece, from the scratch buffer if needed; no frame is longer than that.
Bytes linear_bytes(Context& context, const rte_mbuf* m) noexcept {
    const std::uint32_t n = std::min<std::uint32_t>(
        m->pkt_len, static_cast<std::uint32_t>(context.scratch.fragment.size()));
    const void* bytes = rte_pktmbuf_read(m, 0, n, context.scratch.fragment.data());
    return {static_cast<const std::uint8_t*>(bytes), bytes == nullptr ? 0u : n};
}

// True if a receiver would take this fragment. A fragment that it discards is forwarded and not
// kept: its bytes must not stand in for bytes that count.
bool is_real(Context& context, Bytes bytes, const packet::Frame& frame,
             packet::FragmentPart& part) noexcept {
    if (!packet::read_fragment(bytes, frame, part) || part.data_at + part.length > bytes.size()) {
        return false;
    }
    if (packet::verify_ip_checksum(bytes, frame) && packet::verify_tunnel_checksums(bytes, frame)) {
        return true;
    }
    // In a capture from the sending host, its NIC had yet to fill in the checksum.
    if (context.ports.offloaded && load_be16(bytes.data() + frame.l3_offset + 10) == 0) {
        return true;
    }
    context.counters.bad_checksums.add();
    return false;
}

// There is no room for the fragment. True: it passes unjudged.
bool forward_unjudged(Packet packet) noexcept {
    Context& context = packet.context();
    context.counters.fragment_table_full.add();
    return !context.options.fragments.drop_when_full || !lose(packet, Reason::fragment_memory_full);
}

bool is_blocked_by_others(const Context& context, std::uint64_t hash) noexcept {
    for (const reassembly::FragmentTable* table : context.fragments_of_all) {
        if (table != &context.fragments && table->is_blocked(hash, context.now)) {
            return true;
        }
    }
    return false;
}

// The count of all workers, because the fragments of one source are spread over them.
std::uint32_t seen_by_all(const Context& context, std::uint32_t source) noexcept {
    std::uint32_t seen = 0;
    for (const reassembly::FragmentTable* table : context.fragments_of_all) {
        seen += table->seen(source);
    }
    return seen;
}

// Takes one fragment: the packet, or the reassembled packet that it completed. True: the packet
// stays in the burst.
bool take_fragment(Packet packet) noexcept {
    using Outcome = reassembly::FragmentTable::Outcome;
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    const rte_mbuf* m = packet.bytes();
    const Bytes bytes = linear_bytes(context, m);
    const std::uint32_t source = context.fragments.source_of(frame.src);
    packet::FragmentPart part;
    if (!is_real(context, bytes, frame, part)) {
        context.fragments.see(source);
        return true;
    }
    const reassembly::FragmentKey key = reassembly::make_fragment_key(frame, part, m->port);
    const std::uint64_t hash = context.fragments.hash(key);
    if (const unsigned owner = owner_of(context, hash); owner != context.options.worker) {
        return !give(packet, owner);
    }
    context.counters.fragments.add();
    reassembly::FragmentTreatment treatment = context.fragments.treatment(bytes, frame, part);
    treatment.seen = seen_by_all(context, source);
    context.fragments.see(source);
    auto [outcome, id] =
        is_blocked_by_others(context, hash)
            ? reassembly::FragmentTable::Added{Outcome::blocked, flow::kNone}
            : context.fragments.add(key, hash, part, bytes.subspan(part.data_at, part.length),
                                    treatment, context.now);
    switch (outcome) {
        case Outcome::held:
            return true;
        case Outcome::conflict:
            return !lose(packet, Reason::fragment_conflict);
        case Outcome::blocked:  // by a rule that enforced then; the policy may observe by now
            return !lose(packet, Reason::policy_drop, RuleMode::enforces);
        case Outcome::over_share:
            context.counters.fragment_table_full.add();
            return !lose(packet, Reason::fragment_memory_full);
        case Outcome::full:
            return forward_unjudged(packet);
        case Outcome::complete:
            break;
    }
    rte_mbuf* copy = build_reassembled(packet, id, bytes);
    if (copy == nullptr) {
        return forward_unjudged(packet);
    }
    context.counters.datagrams_reassembled.add();
    rte_pktmbuf_free(packet.reassembled());
    packet.set_reassembled(copy, note_of(copy).frame);
    return true;
}

}  // namespace

void reassemble(Context& context, Burst& burst) noexcept {
    if (burst.again) {
        return;  // the stage saw these packets before they had to wait
    }
    unsigned kept = 0;
    for (unsigned i = 0; i < burst.count; ++i) {
        const Packet packet(context, i);
        bool stays = true;
        for (unsigned depth = 0; stays && packet.frame().is_fragment() && depth < kMaxDepth;
             ++depth) {
            const rte_mbuf* before = packet.reassembled();
            stays = take_fragment(packet);
            if (stays && packet.reassembled() == before) {
                break;  // a fragment that completes nothing
            }
        }
        if (stays) {
            burst.move(i, kept++);
        }
    }
    burst.count = kept;
}

}  // namespace minerwall::path
