// The reassembled copy of a datagram: an mbuf chain that goes along with the packet that completes
// it, and is seen by nobody outside.
#pragma once

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <new>

#include "path/packet.hpp"

namespace minerwall::path {

// Lies in the headroom of the copy's first buffer, which a copy does not need.
struct DatagramNote {
    packet::Frame frame;                       // of the copy
    reassembly::FragmentTable::Ticket ticket;  // in the table of ...
    std::uint32_t worker;                      // ... this one
};
static_assert(sizeof(DatagramNote) <= RTE_PKTMBUF_HEADROOM && alignof(DatagramNote) <= 64 &&
              std::is_trivially_destructible_v<DatagramNote>);

inline DatagramNote& note_of(rte_mbuf* datagram) noexcept {
    return *std::launder(static_cast<DatagramNote*>(datagram->buf_addr));
}

// Where a packet that is handed over carries its datagram; to be read at the other end only.
inline rte_mbuf*& attached(const Context& context, rte_mbuf* m) noexcept {
    return *RTE_MBUF_DYNFIELD(m, context.attachment, rte_mbuf**);
}

// Copies datagram `id` of the worker's fragment table, behind the link header of the packet that
// completes it. head: that packet's first bytes, which its frame describes. Null: no buffer.
rte_mbuf* build_datagram(Packet packet, std::uint32_t id, Bytes head) noexcept;

}  // namespace minerwall::path
