// The copy of a reassembled packet: an mbuf chain that goes along with the packet that completes
// it. It is never sent.
#pragma once

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <new>

#include "path/packet.hpp"

namespace minerwall::path {

// Lies in the headroom of the copy's first buffer; the copy needs no headroom.
struct ReassembledNote {
    packet::Frame frame;                       // of the copy
    reassembly::FragmentTable::Ticket ticket;  // in the fragment table ...
    std::uint32_t worker;                      // ... of this worker
};
static_assert(sizeof(ReassembledNote) <= RTE_PKTMBUF_HEADROOM && alignof(ReassembledNote) <= 64 &&
              std::is_trivially_destructible_v<ReassembledNote>);

inline ReassembledNote& note_of(rte_mbuf* copy) noexcept {
    return *std::launder(static_cast<ReassembledNote*>(copy->buf_addr));
}

// Where a packet that is handed over carries its copy; only the receiving worker reads it.
inline rte_mbuf*& attached(const Context& context, rte_mbuf* m) noexcept {
    return *RTE_MBUF_DYNFIELD(m, context.attachment, rte_mbuf**);
}

// Copies packet `id` of the worker's fragment table, behind the link header of the packet that
// completes it. head: that packet's first bytes, which its frame describes. Null: no buffer.
rte_mbuf* build_reassembled(Packet packet, std::uint32_t id, Bytes head) noexcept;

}  // namespace minerwall::path
