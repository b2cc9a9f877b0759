#include "packet/checksum.hpp"

#include <cstring>

#include "packet/headers.hpp"

namespace minerwall::packet {

ChecksumSum add_checksum(Bytes bytes, ChecksumSum sum) noexcept {
    const std::uint8_t* p = bytes.data();
    std::size_t left = bytes.size();
    // A word of 4 bytes holds two words of RFC 1071; 64 bits have room for 2^32 carries.
    for (; left >= 4; left -= 4, p += 4) {
        std::uint32_t word;
        std::memcpy(&word, p, sizeof word);
        sum += word;
    }
    if (left != 0) {
        std::uint32_t word = 0;
        std::memcpy(&word, p, left);
        sum += word;
    }
    return sum;
}

ChecksumSum add_pseudo_header(L3 l3, const IpAddress& src, const IpAddress& dst,
                              std::uint8_t protocol, std::uint32_t length,
                              ChecksumSum sum) noexcept {
    if (l3 == L3::ipv4) {
        sum = add_checksum({src.v4_bytes(), 4}, sum);
        sum = add_checksum({dst.v4_bytes(), 4}, sum);
    } else {
        sum = add_checksum(src.bytes, sum);
        sum = add_checksum(dst.bytes, sum);
    }
    // 4 bytes each, as in IPv6; IPv4's shorter fields give the same sum.
    std::uint8_t tail[8] = {};
    store_be32(tail, length);
    tail[7] = protocol;
    return add_checksum(tail, sum);
}

std::uint16_t finish_checksum(ChecksumSum sum) noexcept {
    sum = (sum & 0xffffffffU) + (sum >> 32U);
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16U);
    }
    const auto in_memory = static_cast<std::uint16_t>(~sum);
    std::uint8_t bytes[2];
    std::memcpy(bytes, &in_memory, sizeof bytes);
    return load_be16(bytes);
}

bool verify_l4_checksum(Bytes l4, const Frame& frame) noexcept {
    const std::uint32_t length = frame.l4_length();
    if (!frame.has_ports() || frame.is_fragment() || l4.size() < length) {
        return false;
    }
    if ((frame.flags & kSourceRouted) != 0) {
        return true;
    }
    if (frame.is_udp() && load_be16(l4.data() + offsetof(UdpHeader, checksum)) == 0) {
        return frame.l3 == L3::ipv4;  // RFC 8200, 8.1: IPv6 requires it
    }
    const ChecksumSum pseudo =
        add_pseudo_header(frame.l3, frame.src, frame.dst, frame.ip_proto, length);
    return finish_checksum(add_checksum(l4.first(length), pseudo)) == 0;
}

bool verify_ip_checksum(Bytes head, const Frame& frame) noexcept {
    if (frame.l3 != L3::ipv4) {
        return frame.l3 == L3::ipv6;
    }
    if (frame.l4_offset > head.size()) {
        return false;
    }
    // A malformed header gives no valid length, but l4_offset is still where the L4 header started.
    const Bytes header =
        head.subspan(frame.l3_offset, static_cast<std::size_t>(frame.l4_offset - frame.l3_offset));
    return !header.empty() && finish_checksum(add_checksum(header)) == 0;
}

}  // namespace minerwall::packet
