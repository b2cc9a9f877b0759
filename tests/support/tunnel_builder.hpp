// All tunnels that minerwall looks into, for tests that cover every one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "packet/frame.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::test {

inline constexpr Mac kInnerClientMac = {0x06, 0, 0, 0, 0, 0x11};
inline constexpr Mac kInnerServerMac = {0x06, 0, 0, 0, 0, 0x22};

// An inner frame; its MACs differ from the outer ones.
inline Eth inner_eth(bool back = false) {
    return back ? Eth(kInnerServerMac, kInnerClientMac) : Eth(kInnerClientMac, kInnerServerMac);
}

struct TunnelKind {
    std::string name;
    packet::Tunnel tunnel;
    // outer: ends with its IP header. inner: from inner_eth().
    std::function<Buffer(Eth outer, const Eth& inner)> wrap;
};

inline std::vector<TunnelKind> every_tunnel() {
    using packet::Tunnel;
    const auto gre = [](const char* name, Gre words) {
        return TunnelKind{name, Tunnel::gre, [words](Eth outer, const Eth& inner) {
                              return outer.gre(inner, words).build();
                          }};
    };
    const auto gre_ethernet = [](const char* name, Gre words) {
        return TunnelKind{name, Tunnel::gre, [words](Eth outer, const Eth& inner) {
                              return outer.gre_ethernet(inner, words).build();
                          }};
    };
    return {
        {"ipip", Tunnel::ipip,
         [](Eth outer, const Eth& inner) { return outer.in_ip(inner).build(); }},
        gre("gre", {}),
        gre("gre_key", {.key = 77}),
        gre("gre_checksum", {.checksum = true}),
        gre("gre_all", {.key = 77, .sequence = 5, .checksum = true}),
        gre_ethernet("gretap", {}),
        gre_ethernet("nvgre", {.key = 0x12345600}),
        gre_ethernet("gretap_all", {.key = 1, .sequence = 9, .checksum = true}),
        {"vxlan", Tunnel::vxlan,
         [](Eth outer, const Eth& inner) {
             return outer.vxlan(4096, inner).wrong_l4_checksum(0).build();
         }},
        {"vxlan_checksum", Tunnel::vxlan,
         [](Eth outer, const Eth& inner) { return outer.vxlan(4096, inner).build(); }},
    };
}

// The outer packet of a tunnel, in both families. back: from the server's side.
inline Eth tunnel_outer(bool v6, bool back = false, Eth link = Eth()) {
    if (back) {
        link = link.turned();
    }
    const char* a = v6 ? "2001:db8:a::1" : "198.51.100.1";
    const char* b = v6 ? "2001:db8:b::2" : "198.51.100.2";
    return v6 ? link.ipv6(back ? b : a, back ? a : b) : link.ipv4(back ? b : a, back ? a : b);
}

}  // namespace minerwall::test
