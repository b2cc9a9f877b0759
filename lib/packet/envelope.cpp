#include "packet/envelope.hpp"

#include <algorithm>
#include <cstring>

#include "packet/checksum.hpp"
#include "packet/headers.hpp"

namespace minerwall::packet {
namespace {

constexpr std::uint8_t kHopLimit = 64;  // IANA "IP Parameters": the default TTL

std::size_t ip_header_length(const Frame& frame) noexcept {
    return frame.l3 == L3::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
}

// RFC 1112, 4 and RFC 4291, 2.7.
bool is_group(const IpAddress& address) noexcept {
    return address.is_v4() ? (address.v4_bytes()[0] & 0xf0U) == 0xe0U : address.bytes[0] == 0xff;
}

void write_ipv4(std::uint8_t* out, const Ends& ends, std::uint8_t protocol,
                std::size_t total_length) noexcept {
    Ipv4Header ip{};
    ip.version_ihl = 0x45;
    store_be16(ip.total_length, static_cast<std::uint16_t>(total_length));
    // Never fragmented, so the id may have any value (RFC 6864, 4.1).
    store_be16(ip.fragment, kIpv4DontFragment);
    ip.ttl = kHopLimit;
    ip.protocol = protocol;
    std::memcpy(ip.src, ends.src.v4_bytes(), sizeof ip.src);
    std::memcpy(ip.dst, ends.dst.v4_bytes(), sizeof ip.dst);
    std::memcpy(out, &ip, sizeof ip);
    store_be16(out + offsetof(Ipv4Header, checksum),
               finish_checksum(add_checksum({out, sizeof ip})));
}

void write_ipv6(std::uint8_t* out, const Ends& ends, std::uint8_t protocol,
                std::size_t payload_length) noexcept {
    Ipv6Header ip{};
    ip.version_class_flow[0] = 0x60;
    store_be16(ip.payload_length, static_cast<std::uint16_t>(payload_length));
    ip.next_header = protocol;
    ip.hop_limit = kHopLimit;
    std::memcpy(ip.src, ends.src.bytes.data(), sizeof ip.src);
    std::memcpy(ip.dst, ends.dst.bytes.data(), sizeof ip.dst);
    std::memcpy(out, &ip, sizeof ip);
}

// A sequence number counts the packets of one direction. Toward the receiver, the dropped packet's
// number is the next one. Toward the sender we know no number, and a wrong one would make the far
// end discard real packets (RFC 2890, 2.2), so that word is left out. An end that demands it
// discards only the answer. Returns true if the word was there.
bool omit_sequence(std::uint8_t* gre, std::size_t& length) noexcept {
    const std::uint16_t flags = load_be16(gre);
    if ((flags & kGreSequence) == 0) {
        return false;
    }
    std::size_t at = sizeof(GreHeader);
    for (const std::uint16_t word : {kGreChecksum, kGreKey}) {
        at += (flags & word) != 0 ? kGreWordLength : 0;
    }
    std::memmove(gre + at, gre + at + kGreWordLength, length - at - kGreWordLength);
    length -= kGreWordLength;
    store_be16(gre, flags & static_cast<std::uint16_t>(~kGreSequence));
    return true;
}

}  // namespace

Ends crafted_ends(const Frame& frame, Toward toward) noexcept {
    if (toward == Toward::receiver) {
        return {frame.src, frame.dst, frame.src_port, frame.dst_port};
    }
    return {frame.dst, frame.src, frame.dst_port, frame.src_port};
}

// Appends bytes of the original to the frame; null if there is no room.
std::uint8_t* Envelope::append(std::uint32_t from, std::uint32_t to) noexcept {
    const std::size_t length = to - from;
    if (to < from || to > original_.size() || length > out_.size() - used_) {
        return nullptr;
    }
    std::uint8_t* at = out_.data() + used_;
    std::memcpy(at, original_.data() + from, length);
    used_ += length;
    return at;
}

// The link header with its VLAN tags, MPLS stack or PPPoE session, reversed if needed. A layer that
// is IP right behind IP or GRE has none.
bool Envelope::append_link(const Layer& layer) noexcept {
    std::uint8_t* at = append(layer.start, layer.frame.l3_offset);
    if (at == nullptr || layer.start == layer.frame.l3_offset) {
        return at != nullptr;
    }
    if (toward_ == Toward::receiver) {
        return true;
    }
    EthernetHeader ethernet;
    std::memcpy(&ethernet, at, sizeof ethernet);
    const bool group = (ethernet.dst[0] & 1U) != 0;
    if (group || (layer.frame.flags & kMpls) != 0) {
        return false;
    }
    std::swap(ethernet.src, ethernet.dst);
    std::memcpy(at, &ethernet, sizeof ethernet);
    return true;
}

// Room for an IP header without options and extension headers; write_lengths() fills it in.
bool Envelope::append_ip(const Layer& layer, Place& place) noexcept {
    const std::size_t length = ip_header_length(layer.frame);
    if (length > out_.size() - used_) {
        return false;
    }
    place.ip = static_cast<std::uint32_t>(used_);
    used_ += length;
    return true;
}

// A copy of GRE, or of UDP and VXLAN.
bool Envelope::append_tunnel(const Layer& outer, const Layer& inner, Place& place) noexcept {
    // For a source-routed packet, the answer would have to name the routers in reverse. A group
    // cannot be the source of an answer.
    if ((outer.frame.flags & kSourceRouted) != 0 ||
        (toward_ == Toward::sender && is_group(outer.frame.dst))) {
        return false;
    }
    place.encapsulation = static_cast<std::uint32_t>(used_);
    std::uint8_t* at = append(outer.frame.l4_offset, inner.start);
    if (at == nullptr) {
        return false;
    }
    if (outer.frame.ip_proto == kProtoGre && toward_ == Toward::sender) {
        std::size_t length = inner.start - outer.frame.l4_offset;
        if (omit_sequence(at, length)) {
            used_ -= kGreWordLength;
        }
    }
    return true;
}

bool Envelope::write_lengths(const Layer& layer, const Place& place) noexcept {
    const Frame& frame = layer.frame;
    const std::size_t ip_length = used_ - place.ip;
    const std::size_t l4_length = ip_length - ip_header_length(frame);
    if ((frame.l3 == L3::ipv4 ? ip_length : l4_length) > 0xffff) {
        return false;
    }
    const Ends ends = crafted_ends(frame, toward_);
    std::uint8_t* ip = out_.data() + place.ip;
    if (frame.l3 == L3::ipv4) {
        write_ipv4(ip, ends, frame.ip_proto, ip_length);
    } else {
        write_ipv6(ip, ends, frame.ip_proto, l4_length);
    }
    if ((frame.flags & kPppoe) != 0) {
        const std::size_t ppp_length = ip_length + kPppProtocolLength;
        if (ppp_length > 0xffff) {
            return false;
        }
        // PPPoE and the PPP protocol field are always directly before IP.
        std::uint8_t* pppoe = ip - kPppProtocolLength - kPppoeHeaderLength;
        store_be16(pppoe + offsetof(PppoeHeader, length), static_cast<std::uint16_t>(ppp_length));
    }
    return true;
}

std::size_t Envelope::open(std::size_t l4_length) noexcept {
    const auto head = static_cast<std::uint32_t>(
        std::min<std::size_t>(original_.size(), frame_.l3_offset + std::size_t{1}));
    // parse_frame() already checked the lengths.
    const Limits limits{original_.data(), head, 2 * 0xffff};
    count_ = walk_layers(limits, frame_, layers_);
    if (count_ == 0) {
        return 0;
    }
    // The walk describes only the link header of the innermost layer.
    Layer& innermost = layers_[count_ - 1];
    const std::uint8_t link = innermost.frame.flags & (kMpls | kPppoe);
    innermost.frame = frame_;
    innermost.frame.flags = static_cast<std::uint8_t>((frame_.flags & ~(kMpls | kPppoe)) | link);

    for (unsigned i = 0; i < count_; ++i) {
        if (!append_link(layers_[i]) || !append_ip(layers_[i], places_[i]) ||
            (i + 1 < count_ && !append_tunnel(layers_[i], layers_[i + 1], places_[i]))) {
            return 0;
        }
    }
    l4_at_ = used_;
    const std::size_t padded = std::max(used_ + l4_length, kEthernetMinimumLength);
    if (l4_length > 0xffff || padded > out_.size()) {
        return 0;
    }
    used_ += l4_length;
    for (unsigned i = 0; i < count_; ++i) {
        if (!write_lengths(layers_[i], places_[i])) {
            return 0;
        }
    }
    std::fill(out_.begin() + static_cast<std::ptrdiff_t>(used_),
              out_.begin() + static_cast<std::ptrdiff_t>(padded), std::uint8_t{0});
    return padded;
}

void Envelope::close() noexcept {
    // From the inside out: each checksum covers the layers inside.
    for (unsigned i = count_ - 1; i-- > 0;) {
        const Frame& outer = layers_[i].frame;
        std::uint8_t* at = out_.data() + places_[i].encapsulation;
        const std::size_t length = used_ - places_[i].encapsulation;
        if (outer.ip_proto == kProtoGre && (load_be16(at) & kGreChecksum) != 0) {
            store_be16(at + sizeof(GreHeader), 0);
            store_be16(at + sizeof(GreHeader), finish_checksum(add_checksum({at, length})));
        } else if (outer.ip_proto == kProtoUdp) {
            store_be16(at + offsetof(UdpHeader, length), static_cast<std::uint16_t>(length));
            std::uint8_t* sum = at + offsetof(UdpHeader, checksum);
            if (load_be16(sum) != 0) {  // no checksum needs none in return (RFC 7348, 4.1)
                store_be16(sum, 0);
                const Ends ends = crafted_ends(outer, toward_);
                const std::uint16_t value = finish_checksum(add_checksum(
                    {at, length}, add_pseudo_header(outer.l3, ends.src, ends.dst, kProtoUdp,
                                                    static_cast<std::uint32_t>(length))));
                store_be16(sum, value == 0 ? 0xffff : value);
            }
        }
    }
}

}  // namespace minerwall::packet
