// Describes an IP fragment: which packet it is a part of, and which part.
//
// Any thread. Nothing here allocates, throws or writes to the frame.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

// Longest data of a whole packet: for IPv4 a packet of 65,535 bytes less the shortest header (RFC
// 791, 3.1), for IPv6 what its length field can count (RFC 8200, 4.5).
inline constexpr std::uint32_t kMaxIpv4Data = 65535 - sizeof(Ipv4Header);
inline constexpr std::uint32_t kMaxIpv6Data = 65535;

struct FragmentPart {
    std::uint32_t id;       // 16 bits of it in IPv4
    std::uint32_t offset;   // of the data in the whole packet, in bytes; a multiple of 8
    std::uint32_t length;   // of the data, in bytes
    std::uint32_t data_at;  // where the data starts in the frame
    std::uint8_t ip_proto;  // type of the data; in IPv6 only that of the first fragment counts
    bool more;              // not the last fragment
    bool source_routed;     // the fragment's own header chain says so: see kSourceRouted

    std::uint32_t end() const noexcept { return offset + length; }
};

// Reads the innermost IP header of `frame`, for which frame.is_fragment() holds. head: the frame's
// contiguous first bytes, as given to parse_frame().
//
// False if no receiver makes this fragment part of a packet:
// - it reaches beyond the longest packet;
// - it is a middle fragment of IPv6 whose length is not a multiple of 8 (RFC 8200, 4.5);
// - it is a middle fragment without data.
//
// Also false if the headers are not completely in `head`.
//
// A middle fragment of IPv4 whose length is not a multiple of 8 is cut to one, as Linux does; other
// hosts discard it (RFC 791, 3.2).
bool read_fragment(Bytes head, const Frame& frame, FragmentPart& out) noexcept;

// Where a reassembled packet's data starts behind l3_offset.
constexpr std::uint32_t reassembled_header_length(const Frame& fragment) noexcept {
    return fragment.l3 == L3::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
}

// Writes the IP header of the packet that `fragment` is a part of. Addresses, TTL and DSCP are
// those of the fragment; the header has no fragmentation, options or extension headers. head: the
// fragment's first bytes; out: reassembled_header_length(fragment) bytes; data_length: at most
// kMaxIpv4Data or kMaxIpv6Data.
void write_reassembled_header(MutableBytes out, Bytes head, const Frame& fragment,
                              std::uint8_t ip_proto, std::uint32_t data_length) noexcept;

}  // namespace minerwall::packet
