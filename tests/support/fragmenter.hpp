// Cuts a frame's IP packet into fragments, as a host or a router does (RFC 791, 3.2; RFC 8200,
// 4.5), or as an attacker may do.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/frame.hpp"
#include "packet/headers.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::test {

class Fragmenter {
  public:
    // whole: a frame with an IP packet that is not a fragment; in a tunnel, the outer packet is
    // cut.
    explicit Fragmenter(Buffer whole, std::uint32_t id = 7) : whole_(std::move(whole)), id_(id) {
        packet::parse_frame(whole_, static_cast<std::uint32_t>(whole_.size()), frame_);
        l3_ = frame_.is_tunnelled() ? frame_.outer_l3_offset : frame_.l3_offset;
        const std::uint8_t* ip = whole_.data() + l3_;
        v4_ = ip[0] >> 4U == 4;
        header_ = v4_ ? (ip[0] & 0x0fU) * 4U : 40U;
        const std::size_t end = v4_ ? load_be16(ip + 2) : 40U + load_be16(ip + 4);
        data_.assign(ip + header_, ip + end);
    }

    // For the following pieces; in IPv6, the hop limit.
    Fragmenter& ttl(std::uint8_t value) {
        whole_[l3_ + (v4_ ? 8 : 7)] = value;
        return *this;
    }
    // The type of service in IPv4, the low half of the traffic class in IPv6.
    Fragmenter& traffic_class(std::uint8_t value) {
        std::uint8_t& octet = whole_[l3_ + 1];
        octet = v4_ ? value : static_cast<std::uint8_t>((octet & 0x0fU) | value << 4U);
        return *this;
    }

    const Buffer& data() const { return data_; }
    std::size_t size() const { return data_.size(); }

    // Bytes [from, from + n) of the data; sets `more` correctly.
    Buffer piece(std::size_t from, std::size_t n) const {
        return piece(from, slice(from, n), from + n < data_.size());
    }
    // Any bytes at any offset.
    Buffer piece(std::size_t from, const Buffer& bytes, bool more) const {
        const std::size_t l3 = l3_;
        Buffer out(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(l3 + header_));
        if (v4_) {
            store_be16(out.data() + l3 + 2, static_cast<std::uint16_t>(header_ + bytes.size()));
            store_be16(out.data() + l3 + 4, static_cast<std::uint16_t>(id_));
            store_be16(
                out.data() + l3 + 6,
                static_cast<std::uint16_t>(from / 8 | (more ? packet::kIpv4MoreFragments : 0U)));
            store_be16(out.data() + l3 + 10, 0);
            store_be16(out.data() + l3 + 10,
                       internet_checksum(
                           Buffer(out.begin() + static_cast<std::ptrdiff_t>(l3), out.end())));
        } else {
            store_be16(out.data() + l3 + 4, static_cast<std::uint16_t>(8 + bytes.size()));
            out.push_back(out[l3 + 6]);
            out[l3 + 6] = packet::kProtoFragment;
            out.push_back(0);
            out.resize(out.size() + 6);
            store_be16(out.data() + out.size() - 6,
                       static_cast<std::uint16_t>(from | (more ? packet::kIpv6MoreFragments : 0U)));
            store_be32(out.data() + out.size() - 4, id_);
        }
        out.insert(out.end(), bytes.begin(), bytes.end());
        return out;
    }
    // The whole packet; each piece but the last has n bytes (a multiple of 8).
    std::vector<Buffer> pieces(std::size_t n) const {
        std::vector<Buffer> out;
        for (std::size_t at = 0; at < data_.size(); at += n) {
            out.push_back(piece(at, std::min(n, data_.size() - at)));
        }
        return out;
    }
    Buffer slice(std::size_t from, std::size_t n) const {
        return {data_.begin() + static_cast<std::ptrdiff_t>(from),
                data_.begin() + static_cast<std::ptrdiff_t>(from + n)};
    }

  private:
    Buffer whole_, data_;
    std::uint32_t id_;
    packet::Frame frame_{};
    std::size_t l3_ = 0;
    std::size_t header_ = 0;
    bool v4_ = false;
};

}  // namespace minerwall::test
