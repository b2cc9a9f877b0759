// Frames for tests, written in the order of the wire:
//
//     Eth().vlan(5).ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 3333).seq(1).flags(kTcpSyn).build()
//
// build() fills in lengths and checksums with its own code, not with the library's; the wrong_*()
// calls set other values. Calls for the link header come first, then one IP header, its options or
// extension headers, then tcp(), udp() or proto(), then payload(). For a tunnel, in_ip(), gre(),
// gre_ethernet() or vxlan() take the inner packet or frame:
//
//     Eth().ipv4("198.51.100.1", "198.51.100.2").vxlan(7, Eth().ipv4(...).tcp(...))
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "packet/headers.hpp"
#include "support/packet_bytes.hpp"

namespace minerwall::test {

// The optional fields of a GRE header.
struct Gre {
    std::optional<std::uint32_t> key{}, sequence{};
    bool checksum = false;
};

class Eth {
  public:
    explicit Eth(const Mac& src = kClientMac, const Mac& dst = kServerMac) {
        append(link_, dst);
        append(link_, src);
    }

    // --- Link ---
    Eth& turned() {  // from the other end
        std::swap_ranges(link_.begin(), link_.begin() + 6, link_.begin() + 6);
        return *this;
    }
    Eth& vlan(std::uint16_t tci, std::uint16_t tpid = packet::kEtherVlan) {
        put16(link_, tpid);
        put16(link_, tci);
        return *this;
    }
    // One label; build() marks the last one before IP as the bottom of the stack.
    Eth& mpls(std::uint32_t label, std::uint8_t ttl = 64) {
        if (!mpls_) {
            put16(link_, packet::kEtherMpls);
        }
        mpls_ = true;
        put32(link_, label << 12U | ttl);
        return *this;
    }
    Eth& pppoe(std::uint16_t session) {
        put16(link_, packet::kEtherPppoeSession);
        append(link_, Buffer{0x11, 0x00});
        put16(link_, session);
        put16(link_, 0);  // the length, see build()
        pppoe_ = true;
        return *this;
    }
    // The caller's own type (or 802.3 length); payload() follows.
    Eth& ethertype(std::uint16_t type) {
        put16(link_, type);
        return *this;
    }

    // --- IP ---
    Eth& ipv4(std::string_view src, std::string_view dst) { return ip(4, src, dst); }
    Eth& ipv6(std::string_view src, std::string_view dst) { return ip(6, src, dst); }
    Eth& ttl(std::uint8_t value) {
        ttl_ = value;
        return *this;
    }
    Eth& ip_options(const Buffer& bytes) {  // IPv4; padded to a whole word
        options_ = bytes;
        options_.resize((options_.size() + 3) / 4 * 4);
        return *this;
    }
    // A piece of a datagram: offset in bytes (a multiple of 8).
    Eth& fragment(std::uint16_t offset, bool more, std::uint16_t id = 7) {
        if (version_ == 6) {
            Buffer body = {0};  // reserved
            put16(body, static_cast<std::uint16_t>(offset | (more ? 1U : 0U)));
            put32(body, id);
            return extension(packet::kProtoFragment, body);
        }
        fragment_ =
            static_cast<std::uint16_t>(offset / 8U | (more ? packet::kIpv4MoreFragments : 0U));
        id_ = id;
        return *this;
    }
    // IPv6. body: all after the next-header byte. The calls below give valid ones.
    Eth& extension(std::uint8_t type, const Buffer& body) {
        next_headers_.push_back(type);
        extensions_.push_back(body);
        return *this;
    }
    Eth& hop_by_hop() { return extension(packet::kProtoHopByHop, {0, 1, 4, 0, 0, 0, 0}); }
    Eth& destination(unsigned units = 1) {
        Buffer body(units * 8 - 1);
        body[0] = static_cast<std::uint8_t>(units - 1);
        return extension(packet::kProtoDestination, body);
    }
    Eth& routing(std::uint8_t segments_left) {
        Buffer body(23);
        body[0] = 2;
        body[1] = 4;  // segment routing (RFC 8754)
        body[2] = segments_left;
        return extension(packet::kProtoRouting, body);
    }
    Eth& ah() {
        Buffer body(23);
        body[0] = 4;  // 24 bytes: 6 words, minus 2
        return extension(packet::kProtoAh, body);
    }

    // --- Transport ---
    Eth& tcp(std::uint16_t src_port, std::uint16_t dst_port) {
        return transport(packet::kProtoTcp, src_port, dst_port);
    }
    Eth& udp(std::uint16_t src_port, std::uint16_t dst_port) {
        return transport(packet::kProtoUdp, src_port, dst_port);
    }
    Eth& proto(std::uint8_t number) { return transport(number, 0, 0); }
    Eth& seq(std::uint32_t value) {
        seq_ = value;
        return *this;
    }
    Eth& ack(std::uint32_t value) {  // sets the ACK flag too
        ack_ = value;
        flags_ |= packet::kTcpAck;
        return *this;
    }
    Eth& flags(std::uint8_t value) {
        flags_ = value;
        return *this;
    }
    Eth& window(std::uint16_t value) {
        window_ = value;
        return *this;
    }
    Eth& tcp_options(const Buffer& bytes) {  // padded to a whole word
        tcp_options_ = bytes;
        tcp_options_.resize((tcp_options_.size() + 3) / 4 * 4);
        return *this;
    }
    Eth& payload(std::string_view text) { return payload(Buffer(text.begin(), text.end())); }
    Eth& payload(const char* text) { return payload(std::string_view(text)); }
    Eth& payload(const Buffer& bytes) {
        payload_ = bytes;
        return *this;
    }

    // A part of a TCP or UDP header and its payload, in place of the whole.
    Eth& l4_bytes(const Buffer& bytes) {
        raw_l4_ = true;
        return payload(bytes);
    }

    // --- Tunnels ---
    // Takes an untagged frame that was built before.
    static Eth from(const Buffer& frame) {
        Eth eth;
        std::copy_n(frame.begin(), 12, eth.link_.begin());
        eth.version_ = frame[14] >> 4U;
        eth.whole_packet_ = Buffer(frame.begin() + 14, frame.end());
        return eth;
    }
    Eth& in_ip(const Eth& inner) {
        return proto(inner.version_ == 4 ? packet::kProtoIpInIp : packet::kProtoIpv6)
            .payload(inner.packet());
    }
    Eth& gre(const Eth& inner, const Gre& words = {}) {
        return gre(inner.version_ == 4 ? packet::kEtherIpv4 : packet::kEtherIpv6, inner.packet(),
                   words);
    }
    Eth& gre_ethernet(const Eth& inner, const Gre& words = {}) {
        return gre(packet::kEtherTransparent, inner.build(), words);
    }
    Eth& gre(std::uint16_t type, const Buffer& carried, const Gre& words = {}) {
        Buffer out;
        put16(out, static_cast<std::uint16_t>((words.checksum ? packet::kGreChecksum : 0U) |
                                              (words.key ? packet::kGreKey : 0U) |
                                              (words.sequence ? packet::kGreSequence : 0U)));
        put16(out, type);
        if (words.checksum) {
            put32(out, 0);
        }
        if (words.key) {
            put32(out, *words.key);
        }
        if (words.sequence) {
            put32(out, *words.sequence);
        }
        append(out, carried);
        if (words.checksum) {
            store_be16(out.data() + 4, internet_checksum(out));
        }
        return proto(packet::kProtoGre).payload(out);
    }
    Eth& vxlan(std::uint32_t vni, const Eth& inner, std::uint16_t src_port = 50000) {
        Buffer out = {packet::kVxlanHasVni, 0, 0, 0};
        put32(out, vni << 8U);
        append(out, inner.build());
        return udp(src_port, packet::kPortVxlan).payload(out);
    }

    // --- Invalid values ---
    Eth& wrong_ip_version(std::uint8_t v) { return set(wrong_version_, v); }
    Eth& wrong_ihl(std::uint8_t words) { return set(wrong_ihl_, words); }
    Eth& wrong_ip_length(std::uint16_t n) { return set(wrong_ip_length_, n); }
    Eth& wrong_ip_checksum(std::uint16_t n) { return set(wrong_ip_checksum_, n); }
    Eth& wrong_udp_length(std::uint16_t n) { return set(wrong_udp_length_, n); }
    Eth& wrong_data_offset(std::uint8_t words) { return set(wrong_data_offset_, words); }
    Eth& wrong_l4_checksum(std::uint16_t n) { return set(wrong_l4_checksum_, n); }
    Eth& wrong_pppoe_length(std::uint16_t n) { return set(wrong_pppoe_length_, n); }
    // Bytes behind the packet that no length field covers.
    Eth& trailer(std::size_t count, std::uint8_t value = 0xee) {
        trailer_.assign(count, value);
        return *this;
    }
    Eth& pad() {  // to Ethernet's minimum of 60 bytes
        pad_ = true;
        return *this;
    }

    Buffer build() const {
        const Buffer l4 = build_l4();
        const Buffer ip = version_ == 0 ? Buffer{} : packet();
        Buffer out = link_;
        if (version_ != 0 && mpls_) {
            out[out.size() - 2] |= 1;
        } else if (version_ != 0 && pppoe_) {
            put16(out, version_ == 4 ? packet::kPppIpv4 : packet::kPppIpv6);
            store_be16(out.data() + out.size() - 4,
                       wrong_pppoe_length_.value_or(static_cast<std::uint16_t>(2 + ip.size())));
        } else if (version_ != 0) {
            put16(out, version_ == 4 ? packet::kEtherIpv4 : packet::kEtherIpv6);
        }
        append(out, version_ == 0 ? l4 : ip);
        append(out, trailer_);
        if (pad_ && out.size() < packet::kEthernetMinimumLength) {
            out.resize(packet::kEthernetMinimumLength);
        }
        return out;
    }
    operator Buffer() const { return build(); }
    // From the IP header on.
    Buffer packet() const { return whole_packet_.empty() ? build_ip(build_l4()) : whole_packet_; }

  private:
    template <typename T>
    Eth& set(std::optional<T>& field, T value) {
        field = value;
        return *this;
    }

    Eth& ip(unsigned version, std::string_view src, std::string_view dst) {
        const auto from = parse_address(src);
        const auto to = parse_address(dst);
        if (!from || !to || from->is_v4() != (version == 4) || to->is_v4() != (version == 4)) {
            throw std::invalid_argument("not an address of this family");
        }
        version_ = version;
        src_ = address_bytes(*from);
        dst_ = address_bytes(*to);
        return *this;
    }
    Buffer address_bytes(const IpAddress& address) const {
        const auto* first = address.bytes.data() + (version_ == 4 ? 12 : 0);
        return {first, address.bytes.data() + 16};
    }
    Eth& transport(std::uint8_t protocol, std::uint16_t src_port, std::uint16_t dst_port) {
        protocol_ = protocol;
        src_port_ = src_port;
        dst_port_ = dst_port;
        return *this;
    }

    Buffer build_l4() const {
        Buffer out;
        if (raw_l4_) {
            append(out, payload_);
        } else if (version_ != 0 && protocol_ == packet::kProtoTcp) {
            const auto words = static_cast<std::uint8_t>(5 + tcp_options_.size() / 4);
            put16(out, src_port_);
            put16(out, dst_port_);
            put32(out, seq_);
            put32(out, ack_);
            out.push_back(static_cast<std::uint8_t>(wrong_data_offset_.value_or(words) << 4U));
            out.push_back(flags_);
            put16(out, window_);
            put32(out, 0);
            append(out, tcp_options_);
            append(out, payload_);
            put_checksum(out, 16);
        } else if (version_ != 0 && protocol_ == packet::kProtoUdp) {
            put16(out, src_port_);
            put16(out, dst_port_);
            put16(out, wrong_udp_length_.value_or(static_cast<std::uint16_t>(8 + payload_.size())));
            put16(out, 0);
            append(out, payload_);
            put_checksum(out, 6);
        } else {
            append(out, payload_);
        }
        return out;
    }
    void put_checksum(Buffer& l4, std::size_t at) const {
        Buffer message = src_;
        append(message, dst_);
        put32(message, static_cast<std::uint32_t>(l4.size()));
        put32(message, protocol_);
        append(message, l4);
        std::uint16_t sum = internet_checksum(message);
        if (sum == 0 && protocol_ == packet::kProtoUdp) {
            sum = 0xffff;
        }
        store_be16(l4.data() + at, wrong_l4_checksum_.value_or(sum));
    }

    Buffer build_ip(const Buffer& l4) const {
        return version_ == 4 ? build_ipv4(l4) : build_ipv6(l4);
    }
    Buffer build_ipv4(const Buffer& l4) const {
        const auto header = 20 + options_.size();
        Buffer out;
        out.push_back(static_cast<std::uint8_t>(wrong_version_.value_or(4) << 4U |
                                                wrong_ihl_.value_or(header / 4)));
        out.push_back(0);
        put16(out, wrong_ip_length_.value_or(static_cast<std::uint16_t>(header + l4.size())));
        put16(out, id_);
        put16(out, fragment_);
        out.push_back(ttl_);
        out.push_back(protocol_);
        put16(out, 0);
        append(out, src_);
        append(out, dst_);
        append(out, options_);
        store_be16(out.data() + 10, wrong_ip_checksum_.value_or(internet_checksum(out)));
        append(out, l4);
        return out;
    }
    Buffer build_ipv6(const Buffer& l4) const {
        Buffer body;
        for (std::size_t i = 0; i < extensions_.size(); ++i) {
            body.push_back(i + 1 < extensions_.size() ? next_headers_[i + 1] : protocol_);
            append(body, extensions_[i]);
        }
        append(body, l4);
        Buffer out;
        put32(out, static_cast<std::uint32_t>(wrong_version_.value_or(6)) << 28U);
        put16(out, wrong_ip_length_.value_or(static_cast<std::uint16_t>(body.size())));
        out.push_back(next_headers_.empty() ? protocol_ : next_headers_.front());
        out.push_back(ttl_);
        append(out, src_);
        append(out, dst_);
        append(out, body);
        return out;
    }

    Buffer link_;
    bool mpls_ = false, pppoe_ = false, pad_ = false, raw_l4_ = false;
    Buffer whole_packet_;
    unsigned version_ = 0;
    Buffer src_, dst_, options_;
    std::vector<std::uint8_t> next_headers_;
    std::vector<Buffer> extensions_;
    std::uint16_t id_ = 0, fragment_ = 0;
    std::uint8_t ttl_ = 57, protocol_ = packet::kProtoNone;
    std::uint16_t src_port_ = 0, dst_port_ = 0, window_ = 64240;
    std::uint32_t seq_ = 0, ack_ = 0;
    std::uint8_t flags_ = 0;
    Buffer tcp_options_, payload_, trailer_;

    std::optional<std::uint8_t> wrong_version_, wrong_ihl_, wrong_data_offset_;
    std::optional<std::uint16_t> wrong_ip_length_, wrong_ip_checksum_, wrong_udp_length_,
        wrong_l4_checksum_, wrong_pppoe_length_;
};

}  // namespace minerwall::test
