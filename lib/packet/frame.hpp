// What one frame on the wire is: where its headers lie and whom it connects.
//
// parse_frame() walks Ethernet II, VLAN tags, an MPLS stack or a PPPoE session header down to the
// first IP header, through the tunnels GRE, IP in IP and VXLAN to the innermost IP header that can
// be read, and from there to TCP or UDP. It never judges: a frame that it cannot read is described
// as far as it goes and marked, and is as forwardable as any other.
//
// Any thread. Nothing here allocates, throws or writes to the frame.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "packet/headers.hpp"

namespace minerwall::packet {

enum class L3 : std::uint8_t { none, ipv4, ipv6 };

// What carries the packet that a Frame describes; of several, the innermost.
enum class Tunnel : std::uint8_t {
    none,
    gre,    // RFC 2784, RFC 2890; with Ethernet inside: NVGRE (RFC 7637)
    ipip,   // IPv4 or IPv6 right behind IPv4 or IPv6: RFC 2003, RFC 4213, RFC 2473
    vxlan,  // RFC 7348
};

// Bits of Frame::flags.
inline constexpr std::uint8_t kFragment = 1U << 0;  // one of several pieces, the first included
inline constexpr std::uint8_t kFirstFragment = 1U << 1;  // the piece that has the L4 header
inline constexpr std::uint8_t kMalformed = 1U << 2;  // lengths contradict: its receiver drops it
inline constexpr std::uint8_t kHasPorts = 1U << 3;   // the TCP or UDP header was read
inline constexpr std::uint8_t kTruncatedHead = 1U << 4;  // a header reaches beyond `head`
inline constexpr std::uint8_t kMpls = 1U << 5;           // the link header has an MPLS stack
inline constexpr std::uint8_t kPppoe = 1U << 6;          // it ends in PPPoE and PPP (8 bytes)
// An IPv6 routing header with hops to go: `dst` is not the last destination, which is what the
// checksum of TCP or UDP is made with (RFC 8200, 8.1).
inline constexpr std::uint8_t kSourceRouted = 1U << 7;

// Offsets count from the frame's first byte; numbers are in host order. For any input
// l3_offset <= l4_offset <= payload_offset and payload_offset + payload_length <= frame_length.
//
// Of a frame with a tunnel, all of it describes the inner packet, but for the VLAN tags, which are
// the frame's own. kMpls and kPppoe are about the link header right before l3_offset.
struct Frame {
    IpAddress src, dst;                // valid where l3 != none
    std::uint32_t tcp_seq, tcp_ack;    // valid where is_tcp()
    std::uint16_t src_port, dst_port;  // valid where has_ports()
    std::uint16_t tcp_window;          // as in the header, not scaled; valid where is_tcp()
    std::uint16_t l3_offset;           // the IP header; the first unread byte where l3 == none
    std::uint16_t l4_offset;  // the first byte after the IP header and the IPv6 extension headers
    std::uint16_t payload_offset;  // after the TCP or UDP header; l4_offset where none was read
    // By the length fields of IP and UDP, so Ethernet padding is not in it. 0 where malformed; the
    // rest of the frame where l3 == none.
    std::uint32_t payload_length;
    std::uint16_t vlan_tci[2];      // outer, inner
    std::uint16_t outer_l3_offset;  // the outermost IP header; valid where is_tunnelled()
    // Which tunnel: a mix of the outer addresses, VNI or GRE key and inner VLAN ids at each depth,
    // the same in both directions. 0 where there is none.
    std::uint16_t tunnel_id;
    // Where parse_reassembled() started; 0 for a frame that came whole. Length fields and checksums
    // before it are those of a fragment.
    std::uint16_t reassembled_from;
    std::uint8_t vlan_count;  // all tags, those beyond two included
    std::uint8_t ip_proto;    // what stands at l4_offset: after IPv6 extension headers
    L3 l3;
    std::uint8_t tcp_flags;  // valid where is_tcp(); kTcpFin and so on
    std::uint8_t flags;      // kFragment and so on
    Tunnel tunnel;

    bool has_ports() const noexcept { return (flags & kHasPorts) != 0; }
    bool is_ip() const noexcept { return l3 != L3::none; }
    bool is_tcp() const noexcept { return has_ports() && ip_proto == kProtoTcp; }
    bool is_udp() const noexcept { return has_ports() && ip_proto == kProtoUdp; }
    bool is_fragment() const noexcept { return (flags & kFragment) != 0; }
    bool is_first_fragment() const noexcept { return (flags & kFirstFragment) != 0; }
    bool is_tunnelled() const noexcept { return tunnel != Tunnel::none; }
    bool is_malformed() const noexcept { return (flags & kMalformed) != 0; }
    bool head_truncated() const noexcept { return (flags & kTruncatedHead) != 0; }
    // The bytes from the TCP or UDP header to the payload's end, inclusive of both.
    std::uint32_t l4_length() const noexcept {
        return payload_length + static_cast<std::uint32_t>(payload_offset - l4_offset);
    }
};
static_assert(std::is_trivially_copyable_v<Frame> && sizeof(Frame) <= 72);

// head: the contiguous first bytes of the frame (an mbuf's first segment, or a linear copy); no
// byte outside of it is read. frame_length: bytes of the whole frame, without FCS; where it is less
// than head's size, head is cut to it. Every field of `out` is written.
//
// A tunnel whose inner packet cannot be read (another protocol, malformed, beyond kMaxTunnels) is
// described by its outer headers; so is a fragment of the outer packet.
//
// IEEE 802.3 and 802.1Q, RFC 3032 (MPLS), RFC 2516 (PPPoE), RFC 791, RFC 8200, RFC 9293, RFC 768;
// tunnels: see Tunnel.
void parse_frame(Bytes head, std::uint32_t frame_length, Frame& out) noexcept;

// The same for a copy in which the datagram that `fragment` is a piece of was put together: its
// bytes before fragment.l3_offset are those of the fragment's frame, whose length fields (of
// PPPoE or an outer IP header) count the fragment and not the datagram. They are not read again.
void parse_reassembled(Bytes head, std::uint32_t frame_length, const Frame& fragment,
                       Frame& out) noexcept;

}  // namespace minerwall::packet
