// The conversations that a script of fuzz_path selects, and the dress of their packets.
#pragma once

#include <array>
#include <string>

#include "path_wire.hpp"
#include "support/fragmenter.hpp"
#include "support/packet_builder.hpp"

namespace minerwall::fuzz {

struct Ends {
    const char* client;
    const char* server;
    std::uint16_t server_port;
};

// `who` is a byte that selects one of eight pairs of ends, the speaker, the kind of packet and the
// client port.
class Talks {
  public:
    static constexpr std::uint8_t kFromServer = 0x08, kWrongEnd = 0x10, kUdp = 0x20;
    static constexpr unsigned kEnds = 8;
    static constexpr unsigned kFriend = 7;  // may mine, by the policy's first rule

    static bool is_from_server(std::uint8_t who) { return (who & kFromServer) != 0; }
    static const Ends& ends(std::uint8_t who) {
        static constexpr std::array<Ends, kEnds> kAll = {{
            {"10.0.0.1", "192.0.2.9", 3333},
            {"10.0.0.1", "192.0.2.9", 8080},
            {"10.0.0.1", "192.0.2.10", 4444},
            {"10.0.0.2", "192.0.2.53", 53},
            {"10.0.0.2", "198.51.100.7", 1080},
            {"2001:db8::1", "2001:db8:2::9", 443},
            {"2001:db8::1", "2001:db8:2::53", 53},
            {"10.0.0.66", "203.0.113.5", 18081},
        }};
        return kAll[who % kEnds];
    }
    static std::uint16_t client_port(std::uint8_t who) {
        return static_cast<std::uint16_t>(40000 + (who >> 6) * 1000 + who % kEnds);
    }

    // The dress of the next packets: links, tunnels and options.
    std::uint8_t dress = 0, tcp_options = 0;

    Frame syn(std::uint8_t who) {
        Place& place = place_of(who);
        place.next = {1000 + 77777u * who, 0xfffffff0};  // the server's number wraps soon
        return finish(tcp(who).seq(place.next[0]++).flags(packet::kTcpSyn));
    }
    Frame syn_ack(std::uint8_t who) {
        Place& place = place_of(who);
        const std::uint32_t isn = place.next[1]++;
        return finish(tcp(who | kFromServer)
                          .seq(isn)
                          .ack(place.next[0])
                          .flags(packet::kTcpSyn | packet::kTcpAck));
    }
    // window: in units of 256 bytes.
    Frame acknowledgement(std::uint8_t who, std::uint8_t window) {
        const Place& place = place_of(who);
        const unsigned from = is_from_server(who) ? 1 : 0;
        return finish(tcp(who)
                          .seq(place.next[from])
                          .ack(place.next[from ^ 1])
                          .flags(packet::kTcpAck)
                          .window(static_cast<std::uint16_t>(window << 8)));
    }
    Frame say(std::uint8_t who, const std::string& text) {
        Place& place = place_of(who);
        if ((who & kUdp) != 0) {
            return finish(udp(who).payload(text));
        }
        const unsigned from = is_from_server(who) ? 1 : 0;
        const Frame frame = finish(tcp(who)
                                       .seq(place.next[from])
                                       .ack(place.next[from ^ 1])
                                       .flags(packet::kTcpAck | packet::kTcpPsh)
                                       .payload(text));
        place.next[from] += static_cast<std::uint32_t>(text.size());
        return frame;
    }
    Frame segment(std::uint8_t who, std::uint8_t flags, std::int32_t distance,
                  const std::string& text) {
        const Place& place = place_of(who);
        const unsigned from = is_from_server(who) ? 1 : 0;
        return finish(tcp(who)
                          .seq(place.next[from] + static_cast<std::uint32_t>(distance))
                          .ack(place.next[from ^ 1])
                          .flags(flags)
                          .payload(text));
    }
    // An acknowledgement of a modelled receiver (Receivers).
    Frame truth(std::uint8_t who, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags) {
        const std::uint8_t kept = std::exchange(dress, std::uint8_t{0});
        const std::uint8_t options = std::exchange(tcp_options, std::uint8_t{0});
        const Frame frame = finish(tcp(who | kFromServer).seq(seq).ack(ack).flags(flags));
        place_of(who).next[1] = seq + ((flags & packet::kTcpSyn) != 0 ? 1u : 0u);
        dress = kept;
        tcp_options = options;
        return frame;
    }

  private:
    struct Place {
        std::array<std::uint32_t, 2> next{500, 900};
    };
    Place& place_of(std::uint8_t who) { return places_[(who >> 6) * kEnds + who % kEnds]; }

    test::Eth ip(std::uint8_t who) {
        const bool back = is_from_server(who);
        test::Eth eth = back ? test::Eth().turned() : test::Eth();
        switch (dress % 20) {
            case 1:
                eth.vlan(300);
                break;
            case 2:
                eth.vlan(7, packet::kEtherServiceVlan).vlan(300);
                break;
            case 3:
                eth.mpls(17);
                break;
            case 4:
                eth.pppoe(5);
                break;
            default:
                break;
        }
        const Ends& e = ends(who);
        const char* from = back ? e.server : e.client;
        const char* to = back ? e.client : e.server;
        v6_ = std::string_view(from).find(':') != std::string_view::npos;
        v6_ ? eth.ipv6(from, to) : eth.ipv4(from, to);
        switch (dress % 20) {
            case 9:
                v6_ ? eth.hop_by_hop().destination() : eth.ip_options({7, 7, 4, 0, 0, 0, 0});
                break;
            case 10:
                v6_ ? eth.fragment(0, false) : eth.ttl(1);
                break;
            case 11:
                v6_ ? eth.routing(dress / 20 % 2) : eth.ip_options({131, 7, 4, 1, 2, 3, 4});
                break;
            case 12:
                eth.wrong_l4_checksum(0x1234);
                break;
            case 13:
                eth.wrong_ip_checksum(0x1234);
                break;
            case 14:
                eth.trailer(9);
                break;
            case 15:
                eth.pad();
                break;
            case 16:
                eth.wrong_ip_length(static_cast<std::uint16_t>(dress));
                break;
            case 17:
                eth.wrong_data_offset(dress / 20);
                break;
            default:
                break;
        }
        return eth;
    }
    test::Eth udp(std::uint8_t who) {
        test::Eth eth = ip(who);
        const bool back = is_from_server(who);
        const std::uint16_t client = client_port(who), server = ends(who).server_port;
        return eth.udp(back ? server : client, back ? client : server);
    }
    test::Eth tcp(std::uint8_t who) {
        test::Eth eth = ip(who);
        const bool back = is_from_server(who);
        const std::uint16_t client = client_port(who), server = ends(who).server_port;
        eth.tcp(back ? server : client, back ? client : server);
        const auto stamp = static_cast<std::uint8_t>(tcp_options >> 4);
        switch (tcp_options & 7) {
            case 1:
                return eth.tcp_options({2, 4, 5, 0xb4, 1, 3, 3, stamp});
            case 2:
                return eth.tcp_options({1, 1, 8, 10, 0, 0, 0, stamp, 0, 0, 0, 0});
            case 3:
                return eth.tcp_options({1, 1, 8, 10, 0, 0, 1, stamp, 0, 0, 0, stamp});
            case 4: {
                test::Buffer md5(18, 0x55);  // RFC 2385
                md5[0] = 19;
                md5[1] = 18;
                return eth.tcp_options(md5);
            }
            case 5:
                return eth.tcp_options({stamp, 3, 3, 3});
            default:
                return eth;
        }
    }
    // Wraps the frame in tunnels.
    Frame finish(const test::Eth& eth) const {
        const test::Eth outer = v6_ ? test::Eth().ipv6("2001:db8:a::1", "2001:db8:b::2")
                                    : test::Eth().ipv4("198.51.100.1", "198.51.100.2");
        switch (dress % 20) {
            case 5:
                return test::Eth(outer).in_ip(eth);
            case 6:
                return test::Eth(outer).gre(eth, {.key = dress, .checksum = true});
            case 7:
                return test::Eth(outer).gre_ethernet(eth);
            case 8:
                return test::Eth(outer).vxlan(dress, eth);
            default:
                return eth;
        }
    }

    std::array<Place, 4 * kEnds> places_{};
    bool v6_ = false;
};

// Cuts a plain IP packet into fragments. The low five bits of `how` give the units of eight bytes
// in each piece, the high bits the order; 0 cuts nothing.
inline std::vector<Frame> fragments_of(const Frame& whole, std::uint8_t how) {
    const std::size_t size = (how & 0x1f) * 8u;
    packet::Frame frame;
    packet::parse_frame(whole, static_cast<std::uint32_t>(whole.size()), frame);
    if (size == 0 || !frame.is_ip() || frame.is_malformed() || frame.is_fragment() ||
        frame.is_tunnelled()) {
        return {whole};
    }
    const test::Fragmenter cutter(whole, 7u + (how >> 5));
    if (cutter.size() > 64 * size) {
        return {whole};
    }
    std::vector<Frame> pieces = cutter.pieces(size);
    switch (how >> 5) {
        case 1:
            std::reverse(pieces.begin(), pieces.end());
            break;
        case 2:  // the first one last
            std::rotate(pieces.begin(), pieces.begin() + 1, pieces.end());
            break;
        case 3:  // the last one is missing
            pieces.pop_back();
            break;
        case 4:  // the first one twice, with other bytes
            pieces.push_back(pieces.front());
            pieces.back().back() ^= 1;
            break;
        case 5:
            pieces.insert(pieces.end(), pieces.begin(), pieces.begin() + 1);
            break;
        default:
            break;
    }
    return pieces;
}

}  // namespace minerwall::fuzz
