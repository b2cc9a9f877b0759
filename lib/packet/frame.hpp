// Describes one frame on the wire: where its headers are and which ends it connects.
//
// parse_frame() walks Ethernet II, VLAN tags, an MPLS stack or a PPPoE session header to the first
// IP header. It follows the tunnels GRE, IP in IP and VXLAN to the innermost IP header that it can
// read, and goes from there to TCP or UDP. It never judges: it describes a frame that it cannot
// read as far as possible and marks it, and the path forwards it like any other.
//
// Any thread. Nothing here allocates, throws or writes to the frame.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/unreadable.hpp"
#include "packet/headers.hpp"

namespace minerwall::packet {

enum class L3 : std::uint8_t { none, ipv4, ipv6 };

// What carries the packet that a Frame describes; the innermost of several.
enum class Tunnel : std::uint8_t {
    none,
    gre,    // RFC 2784, RFC 2890; with Ethernet inside: NVGRE (RFC 7637)
    ipip,   // IPv4 or IPv6 right behind IPv4 or IPv6: RFC 2003, RFC 4213, RFC 2473
    vxlan,  // RFC 7348
};

// Bits of Frame::flags.
inline constexpr std::uint8_t kFragment = 1U << 0;       // one of several fragments; the first too
inline constexpr std::uint8_t kFirstFragment = 1U << 1;  // the one that has the L4 header
inline constexpr std::uint8_t kMalformed = 1U << 2;  // lengths contradict: the receiver drops it
inline constexpr std::uint8_t kHasPorts = 1U << 3;   // the TCP or UDP header was read
inline constexpr std::uint8_t kTruncatedHead = 1U << 4;  // a header reaches beyond `head`
inline constexpr std::uint8_t kMpls = 1U << 5;           // the link header has an MPLS stack
inline constexpr std::uint8_t kPppoe = 1U << 6;          // it ends in PPPoE and PPP (8 bytes)
// An IPv6 routing header with hops to go: `dst` is not the last destination, but the checksum of
// TCP or UDP covers the last one (RFC 8200, 8.1).
inline constexpr std::uint8_t kSourceRouted = 1U << 7;

// Offsets count from the frame's first byte; numbers are in host order. For any input l3_offset <=
// l4_offset <= payload_offset and payload_offset + payload_length <= frame_length.
//
// For a frame with a tunnel, everything describes the inner packet, except the VLAN tags, which
// belong to the frame. kMpls and kPppoe describe the link header right before l3_offset.
struct Frame {
    IpAddress src, dst;                // valid if l3 != none
    std::uint32_t tcp_seq, tcp_ack;    // valid if is_tcp()
    std::uint16_t src_port, dst_port;  // valid if has_ports()
    std::uint16_t tcp_window;          // as in the header, not scaled; valid if is_tcp()
    std::uint16_t l3_offset;           // the IP header; if l3 == none, the first unread byte
    std::uint16_t l4_offset;  // the first byte after the IP header and the IPv6 extension headers
    std::uint16_t payload_offset;  // after the TCP or UDP header, or l4_offset
    // From the length fields of IP and UDP, so without Ethernet padding. 0 if malformed; the rest
    // of the frame if l3 == none.
    std::uint32_t payload_length;
    std::uint16_t vlan_tci[2];      // outer, inner
    std::uint16_t outer_l3_offset;  // the outermost IP header; valid if is_tunnelled()
    // Identifies the tunnel: a mix of the outer addresses, VNI or GRE key and inner VLAN ids at
    // each depth, the same in both directions. 0 without a tunnel.
    std::uint16_t tunnel_id;
    // Where parse_reassembled() started; 0 for a frame that came whole. Length fields and checksums
    // before it belong to a fragment.
    std::uint16_t reassembled_from;
    std::uint8_t vlan_count;  // VLAN tags, even beyond two; without priority tags
    std::uint8_t ip_proto;    // of the header at l4_offset, after IPv6 extension headers
    L3 l3;
    std::uint8_t tcp_flags;  // valid if is_tcp(); kTcpFin and so on
    std::uint8_t flags;      // kFragment and so on
    Tunnel tunnel : 4;
    // The bounds that kept us from reading on: bits of UnreadableSet. What is described is true,
    // but the receiver may read more.
    std::uint8_t unreadable : 4;

    bool has_ports() const noexcept { return (flags & kHasPorts) != 0; }
    bool is_ip() const noexcept { return l3 != L3::none; }
    bool is_tcp() const noexcept { return has_ports() && ip_proto == kProtoTcp; }
    bool is_udp() const noexcept { return has_ports() && ip_proto == kProtoUdp; }
    bool is_fragment() const noexcept { return (flags & kFragment) != 0; }
    bool is_first_fragment() const noexcept { return (flags & kFirstFragment) != 0; }
    bool is_tunnelled() const noexcept { return tunnel != Tunnel::none; }
    bool is_malformed() const noexcept { return (flags & kMalformed) != 0; }
    bool head_truncated() const noexcept { return (flags & kTruncatedHead) != 0; }
    void set_unreadable(Unreadable kind) noexcept {
        unreadable = static_cast<std::uint8_t>(unreadable | bit_of(kind)) & 0xf;
    }
    // The bytes of the TCP or UDP header and its payload.
    std::uint32_t l4_length() const noexcept {
        return payload_length + static_cast<std::uint32_t>(payload_offset - l4_offset);
    }
};
static_assert(kUnreadableInFrames <= 4);
static_assert(std::is_trivially_copyable_v<Frame> && sizeof(Frame) <= 72);

// head: the contiguous first bytes of the frame (an mbuf's first segment, or a linear copy); no
// byte outside is read. frame_length: bytes of the whole frame, without FCS; if it is less than
// head's size, head is cut to it. Writes every field of `out`.
//
// If a tunnel's inner packet cannot be read (another protocol, malformed, beyond kMaxTunnels),
// `out` describes the outer headers; likewise for a fragment of the outer packet.
//
// IEEE 802.3 and 802.1Q, RFC 3032 (MPLS), RFC 2516 (PPPoE), RFC 791, RFC 8200, RFC 9293, RFC 768;
// tunnels: see Tunnel.
void parse_frame(Bytes head, std::uint32_t frame_length, Frame& out) noexcept;

// The same for a copy that holds the reassembled packet of which `fragment` is a part. The bytes
// before fragment.l3_offset are those of the fragment's frame. They are not read again, because
// their length fields (of PPPoE or an outer IP header) count only the fragment.
void parse_reassembled(Bytes head, std::uint32_t frame_length, const Frame& fragment,
                       Frame& out) noexcept;

}  // namespace minerwall::packet
