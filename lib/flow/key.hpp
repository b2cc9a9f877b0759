// The key that all packets of one flow share: the wire, the VLAN tags, the tunnel, the protocol and
// the unordered pair of (address, port). Both directions give the same key; make_key() returns
// which end sent.
#pragma once

#include <cstring>

#include "base/address.hpp"
#include "packet/frame.hpp"

namespace minerwall::flow {

struct FlowKey {
    IpAddress low, high;  // the two ends, ordered by (address, port)
    std::uint16_t low_port, high_port;
    // VLAN ids, outer and inner: the same addresses may exist many times behind one trunk, and in
    // many tunnels. For a packet in a tunnel, inner_vlan is packet::Frame::tunnel_id.
    std::uint16_t vlan, inner_vlan;
    std::uint8_t ip_proto;
    std::uint8_t wire_and_tunnel;  // the wire's number, and kTunnelled

    static constexpr std::uint8_t kTunnelled = 0x80;
    bool is_tunnelled() const noexcept { return (wire_and_tunnel & kTunnelled) != 0; }
    // At least one end has an IPv6 address, so find() also reads the whole addresses.
    bool is_wide() const noexcept { return !low.is_v4() || !high.is_v4(); }
    std::uint8_t wire() const noexcept {
        return static_cast<std::uint8_t>(wire_and_tunnel & ~kTunnelled);
    }

    // The fields behind the addresses, in the two stores that the hash and the look-up load.
    void set_rest(std::uint64_t ports_and_vlans, std::uint16_t proto_and_wire) noexcept {
        std::memcpy(reinterpret_cast<char*>(this) + 32, &ports_and_vlans, sizeof ports_and_vlans);
        std::memcpy(reinterpret_cast<char*>(this) + 40, &proto_and_wire, sizeof proto_and_wire);
    }

    friend bool operator==(const FlowKey& a, const FlowKey& b) noexcept {
        // Inlined words: memcmp() is a call, and every look-up compares keys.
        std::uint64_t x[5], y[5];
        std::memcpy(x, &a, sizeof x);
        std::memcpy(y, &b, sizeof y);
        const std::uint64_t differences =
            (x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4]);
        return differences == 0 && a.ip_proto == b.ip_proto &&
               a.wire_and_tunnel == b.wire_and_tunnel;
    }
};
static_assert(sizeof(FlowKey) == 42, "hashed and compared as bytes: no padding");

// A key as the flow keeps it, with the last four bytes of each address. For an end that is neither
// an IPv4 address nor an IPv6 address that maps one, the table keeps both addresses of the flow
// whole.
struct CompactKey {
    std::uint8_t low[4], high[4];  // the last bytes of the addresses, as on the wire
    std::uint16_t low_port, high_port;
    std::uint16_t vlan, inner_vlan;
    std::uint8_t ip_proto;
    std::uint8_t wire_and_tunnel;  // as in FlowKey, and kWide

    static constexpr std::uint8_t kWide = 0x40;
    bool is_wide() const noexcept { return (wire_and_tunnel & kWide) != 0; }
    bool is_tunnelled() const noexcept { return (wire_and_tunnel & FlowKey::kTunnelled) != 0; }
    std::uint8_t wire() const noexcept {
        return static_cast<std::uint8_t>(wire_and_tunnel & ~(FlowKey::kTunnelled | kWide));
    }
    static CompactKey of(const FlowKey& key) noexcept {
        const bool wide = !key.low.is_v4() || !key.high.is_v4();
        CompactKey out;
        std::memcpy(out.low, key.low.bytes.data() + 12, sizeof out.low);
        std::memcpy(out.high, key.high.bytes.data() + 12, sizeof out.high);
        out.low_port = key.low_port;
        out.high_port = key.high_port;
        out.vlan = key.vlan;
        out.inner_vlan = key.inner_vlan;
        out.ip_proto = key.ip_proto;
        out.wire_and_tunnel =
            static_cast<std::uint8_t>(key.wire_and_tunnel | (wide ? kWide : std::uint8_t{0}));
        return out;
    }
};
static_assert(sizeof(CompactKey) == 18, "compared as words: no padding");

// A key in registers, to be compared with many compact ones: built in memory, its words would be
// loaded behind smaller stores, which stalls.
struct KeyWords {
    std::uint64_t addresses, ports_and_vlans;
    std::uint16_t rest;
    bool wide;

    explicit KeyWords(const FlowKey& key) noexcept : wide(!key.low.is_v4() || !key.high.is_v4()) {
        std::uint32_t low, high;
        std::memcpy(&low, key.low.bytes.data() + 12, sizeof low);
        std::memcpy(&high, key.high.bytes.data() + 12, sizeof high);
        addresses = std::uint64_t{high} << 32 | low;
        std::memcpy(&ports_and_vlans, &key.low_port, sizeof ports_and_vlans);
        std::memcpy(&rest, &key.ip_proto, sizeof rest);
        rest = static_cast<std::uint16_t>(rest | (wide ? CompactKey::kWide << 8 : 0));
    }
    bool are_of(const CompactKey& key) const noexcept {
        std::uint64_t x, y;
        std::uint16_t z;
        std::memcpy(&x, key.low, sizeof x);
        std::memcpy(&y, &key.low_port, sizeof y);
        std::memcpy(&z, &key.ip_proto, sizeof z);
        return ((x ^ addresses) | (y ^ ports_and_vlans)) == 0 && z == rest;
    }
};

// Fills `key`; true if the sender is the low end. Every frame with an IP header has a key.
// Protocols without ports (ICMP, ESP) have zero as ports.
inline bool make_key(const packet::Frame& frame, std::uint8_t wire, FlowKey& key) noexcept {
    const std::uint16_t src_port = frame.has_ports() ? frame.src_port : std::uint16_t{0};
    const std::uint16_t dst_port = frame.has_ports() ? frame.dst_port : std::uint16_t{0};
    const std::uint64_t src_high = load_be64(frame.src.bytes.data());
    const std::uint64_t dst_high = load_be64(frame.dst.bytes.data());
    const std::uint64_t src_rest = load_be64(frame.src.bytes.data() + 8);
    const std::uint64_t dst_rest = load_be64(frame.dst.bytes.data() + 8);
    const bool sender_is_low = src_high != dst_high   ? src_high < dst_high
                               : src_rest != dst_rest ? src_rest < dst_rest
                                                      : src_port <= dst_port;
    key.low = sender_is_low ? frame.src : frame.dst;
    key.high = sender_is_low ? frame.dst : frame.src;
    const std::uint16_t low_port = sender_is_low ? src_port : dst_port;
    const std::uint16_t high_port = sender_is_low ? dst_port : src_port;
    const auto vlan_id = [&](unsigned tag) {
        return frame.vlan_count > tag ? static_cast<std::uint16_t>(frame.vlan_tci[tag] & 0x0fff)
                                      : std::uint16_t{0};
    };
    const bool tunnelled = frame.is_tunnelled();
    const std::uint16_t inner = tunnelled ? frame.tunnel_id : vlan_id(1);
    const unsigned tunnel = tunnelled ? FlowKey::kTunnelled : 0;
    key.set_rest(std::uint64_t{inner} << 48 | std::uint64_t{vlan_id(0)} << 32 |
                     std::uint64_t{high_port} << 16 | low_port,
                 static_cast<std::uint16_t>((wire | tunnel) << 8 | frame.ip_proto));
    return sender_is_low;
}

}  // namespace minerwall::flow
