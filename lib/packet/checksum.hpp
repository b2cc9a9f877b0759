// The internet checksum (RFC 1071) of IP, TCP and UDP.
//
// A running sum is in the machine's byte order, which RFC 1071 (2, B) shows to be equivalent. Only
// finish_checksum() turns it into a value for store_be16(). Any thread.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "packet/frame.hpp"

namespace minerwall::packet {

using ChecksumSum = std::uint64_t;

// Adds bytes to a sum. An odd count is padded with one zero byte, so only the last piece of a
// message may be odd.
ChecksumSum add_checksum(Bytes bytes, ChecksumSum sum = 0) noexcept;

// The pseudo header of TCP and UDP: RFC 9293, 3.1 for IPv4, RFC 8200, 8.1 for IPv6.
// length: bytes of the L4 header and its payload.
ChecksumSum add_pseudo_header(L3 l3, const IpAddress& src, const IpAddress& dst,
                              std::uint8_t protocol, std::uint32_t length,
                              ChecksumSum sum = 0) noexcept;

// The field's value, host order. For a message that includes a correct checksum it is 0.
std::uint16_t finish_checksum(ChecksumSum sum) noexcept;

// Whether the receiver of this TCP or UDP packet accepts its checksum. l4: from frame.l4_offset on,
// frame.l4_length() bytes or more (padding is cut); fewer give false. True for what only the
// receiver can know: UDP over IPv4 without a checksum (RFC 768), and a source-routed packet. False
// for fragments, because their sum covers bytes of other frames.
bool verify_l4_checksum(Bytes l4, const Frame& frame) noexcept;

// Whether the IPv4 header's own checksum is correct; true for IPv6, which has none. head: as given
// to parse_frame(). False if the header is not completely in head.
bool verify_ip_checksum(Bytes head, const Frame& frame) noexcept;

}  // namespace minerwall::packet
