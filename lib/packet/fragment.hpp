// What an IP fragment says of itself: which datagram it is a piece of, and which piece.
//
// Any thread. Nothing here allocates, throws or writes to the frame.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

// Longest data of a datagram: 65,535 bytes of IPv4 packet less the shortest header (RFC 791, 3.1);
// for IPv6 what its length field counts (RFC 8200, 4.5).
inline constexpr std::uint32_t kMaxIpv4Data = 65535 - sizeof(Ipv4Header);
inline constexpr std::uint32_t kMaxIpv6Data = 65535;

struct FragmentPart {
    std::uint32_t id;       // 16 bits of it in IPv4
    std::uint32_t offset;   // of the data in the datagram's, in bytes; a multiple of 8
    std::uint32_t length;   // of the data, in bytes
    std::uint32_t data_at;  // where the data starts in the frame
    std::uint8_t ip_proto;  // what the data is; in IPv6 only that of the first fragment counts
    bool more;              // not the last piece
    bool source_routed;     // the fragment's own header chain says so: see kSourceRouted

    std::uint32_t end() const noexcept { return offset + length; }
};

// Reads the innermost IP header of `frame`, for which frame.is_fragment() holds. head: the frame's
// contiguous first bytes, as given to parse_frame().
//
// False where no receiver makes this fragment part of a datagram: it reaches beyond the longest
// datagram, or it is a middle piece of IPv6 whose length is no multiple of 8 (RFC 8200, 4.5), or a
// middle piece without data. False as well where the headers are not all in `head`.
//
// A middle piece of IPv4 whose length is no multiple of 8 is cut to one, as Linux does; others
// discard it. (RFC 791, 3.2)
bool read_fragment(Bytes head, const Frame& frame, FragmentPart& out) noexcept;

// Where a reassembled datagram's data starts behind l3_offset.
constexpr std::uint32_t datagram_header_length(const Frame& fragment) noexcept {
    return fragment.l3 == L3::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
}

// Writes the IP header of the datagram that `fragment` is a piece of: addresses, TTL and DSCP are
// those of the piece; it is no fragment, has no options and no extension headers. head: the piece's
// first bytes; out: datagram_header_length(fragment) bytes; data_length: at most kMaxIpv4Data or
// kMaxIpv6Data.
void write_datagram_header(MutableBytes out, Bytes head, const Frame& fragment,
                           std::uint8_t ip_proto, std::uint32_t data_length) noexcept;

}  // namespace minerwall::packet
