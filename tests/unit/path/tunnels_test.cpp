// Traffic inside tunnels is judged like other traffic, and answered through the tunnel.
#include <gtest/gtest.h>

#include "packet/checksum.hpp"
#include "packet/tunnel.hpp"
#include "rig.hpp"
#include "support/messages.hpp"
#include "support/tunnel_builder.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpRst;
using test::Eth;
using test::every_tunnel;
using test::tunnel_outer;
using test::TunnelKind;

// Puts the frames of a connection into a tunnel.
class Tunnelled {
  public:
    Tunnelled(const TunnelKind& kind, bool outer6) : kind_(kind), outer6_(outer6) {}

    Buffer up(const Buffer& frame) const { return wrap(frame, false); }
    Buffer down(const Buffer& frame) const { return wrap(frame, true); }
    void open(Rig& rig, Talk& talk) const {
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, up(talk.syn())));
        EXPECT_TRUE(rig.forwarded(Rig::kServerSide, down(talk.syn_ack())));
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, up(talk.up())));
    }

  private:
    Buffer wrap(const Buffer& frame, bool back) const {
        return kind_.wrap(tunnel_outer(outer6_, back), Eth::from(frame));
    }
    const TunnelKind& kind_;
    bool outer6_;
};

void for_each_tunnel(const std::function<void(const TunnelKind&, bool outer6)>& test) {
    for (const TunnelKind& kind : every_tunnel()) {
        for (const bool outer6 : {false, true}) {
            SCOPED_TRACE(kind.name + (outer6 ? " over IPv6" : " over IPv4"));
            test(kind, outer6);
        }
    }
}

// Returns the one frame that left through a port, valid inside and outside.
packet::Frame only_answer(Rig& rig, std::uint16_t port, packet::Tunnel tunnel) {
    const std::vector<Buffer> out = rig.take(port);
    EXPECT_EQ(out.size(), 1u) << "at port " << port;
    if (out.size() != 1) {
        return {};
    }
    const packet::Frame frame = parse(out[0]);
    EXPECT_EQ(frame.tunnel, tunnel);
    EXPECT_TRUE(packet::verify_tunnel_checksums(out[0], frame));
    EXPECT_TRUE(packet::verify_ip_checksum(out[0], frame));
    EXPECT_TRUE(packet::verify_l4_checksum(
        Bytes(out[0]).subspan(frame.l4_offset, frame.l4_length()), frame));
    return frame;
}

TEST(Tunnels, MiningInEachIsCutAtBothEndsThroughIt) {
    for_each_tunnel([](const TunnelKind& kind, bool outer6) {
        for (const bool inner6 : {false, true}) {
            Rig rig(kResetMining);
            const Tunnelled tunnel(kind, outer6);
            Talk talk(inner6 ? "fd00::1" : "10.0.0.1", inner6 ? "fd00::9" : "192.0.2.9", 40000,
                      8080);
            tunnel.open(rig, talk);
            const std::uint32_t seq = talk.client_seq;
            rig.put(Rig::kClientSide, tunnel.up(talk.up(test::kLogin)));
            rig.turn();
            const packet::Frame to_server = only_answer(rig, Rig::kServerSide, kind.tunnel);
            EXPECT_EQ(to_server.tcp_flags & kTcpRst, kTcpRst);
            EXPECT_EQ(to_server.tcp_seq, seq);
            EXPECT_EQ(to_server.src_port, 40000);
            const packet::Frame to_client = only_answer(rig, Rig::kClientSide, kind.tunnel);
            EXPECT_EQ(to_client.tcp_flags, kTcpRst | kTcpAck);
            EXPECT_EQ(to_client.tcp_seq, talk.server_seq);
            EXPECT_EQ(to_client.tcp_ack, talk.client_seq);
            EXPECT_EQ(rig.counters().flows_created.get(), 1u);
            EXPECT_EQ(rig.counters().tunnelled_packets.get(), 4u);
            const auto told = rig.events_of(event::Kind::detection);
            ASSERT_EQ(told.size(), 1u);
            EXPECT_EQ(to_text(told[0].client), inner6 ? "fd00::1" : "10.0.0.1");
            EXPECT_EQ(told[0].server_port, 8080);
            EXPECT_EQ(told[0].wire, 0);
            EXPECT_EQ(told[0].vlan_count, 0);
        }
    });
}

TEST(Tunnels, BufferBordersAnywhereInTheHeadersChangeNothing) {
    for_each_tunnel([](const TunnelKind& kind, bool outer6) {
        Rig rig(kResetMining);
        const Tunnelled tunnel(kind, outer6);
        const std::size_t headers = tunnel.up(Talk().up()).size();
        for (std::size_t cut = 1; cut <= headers; ++cut) {
            SCOPED_TRACE(cut);
            rig.now += kNanosPerSecond / 16;  // resets are limited
            Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(40000 + cut), 8080);
            tunnel.open(rig, talk);
            const Buffer mining = tunnel.up(talk.up(test::kLogin));
            rig.put(Rig::kClientSide, mining, {cut, cut, cut + 3, mining.size() - 2});
            rig.turn();
            EXPECT_EQ(only_answer(rig, Rig::kServerSide, kind.tunnel).tcp_flags & kTcpRst, kTcpRst);
            EXPECT_EQ(only_answer(rig, Rig::kClientSide, kind.tunnel).tcp_ack, talk.client_seq);
        }
        EXPECT_EQ(rig.dropped(Reason::policy_reset), headers);
        EXPECT_EQ(rig.counters().tunnelled_packets.get(), 4 * headers);
    });
}

TEST(Tunnels, WhatIsBenignInsidePassesBitByBit) {
    for_each_tunnel([](const TunnelKind& kind, bool outer6) {
        Rig rig(kResetMining);
        const Tunnelled tunnel(kind, outer6);
        Talk talk;
        tunnel.open(rig, talk);
        EXPECT_TRUE(
            rig.forwarded(Rig::kClientSide, tunnel.up(talk.up(test::http_get("news.example")))));
        EXPECT_TRUE(rig.forwarded(Rig::kServerSide, tunnel.down(talk.down("HTTP/1.1 200\r\n"))));
        // Unreadable content makes the tunnel itself the flow.
        EXPECT_TRUE(rig.forwarded(
            Rig::kClientSide,
            kind.wrap(tunnel_outer(outer6),
                      Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2).wrong_data_offset(1))));
        EXPECT_EQ(rig.counters().flows_created.get(), 2u);
        EXPECT_TRUE(rig.events_of(event::Kind::detection).empty());
    });
}

TEST(Tunnels, ADnsQuestionIsAnsweredThroughTheTunnel) {
    for_each_tunnel([](const TunnelKind& kind, bool outer6) {
        Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
        const auto ask = [&](const char* name) {
            return kind.wrap(tunnel_outer(outer6), test::inner_eth()
                                                       .ipv4("10.0.0.1", "192.0.2.53")
                                                       .udp(40000, 53)
                                                       .payload(test::dns_message(name)));
        };
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, ask("news.example")));
        EXPECT_TRUE(rig.pass(Rig::kClientSide, ask("pool.example")).empty());
        const packet::Frame answer = only_answer(rig, Rig::kClientSide, kind.tunnel);
        EXPECT_EQ(to_text(answer.src), "192.0.2.53");
        EXPECT_EQ(answer.dst_port, 40000);
        EXPECT_EQ(rig.counters().sinkholes_crafted.get(), 1u);
    });
}

TEST(Tunnels, TenantsWithTheSameAddressesAreDifferentFlows) {
    Rig rig(kResetMining);
    const auto tenant = [](std::uint32_t vni) {
        return TunnelKind{"", packet::Tunnel::vxlan, [vni](Eth outer, const Eth& inner) {
                              return outer.vxlan(vni, inner).build();
                          }};
    };
    const TunnelKind one = tenant(1), two = tenant(2);
    const Tunnelled miner(one, false), reader(two, false), elsewhere(one, true);
    Talk a, b, c, plain;
    miner.open(rig, a);
    reader.open(rig, b);
    elsewhere.open(rig, c);
    plain.open(rig);
    EXPECT_EQ(rig.counters().flows_created.get(), 4u);
    rig.pass(Rig::kClientSide, miner.up(a.up(test::kLogin)));
    rig.take(Rig::kClientSide);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    // The others continue undisturbed, each with its own sequence numbers.
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, reader.up(b.up(test::http_get("a.example")))));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, elsewhere.up(c.up(test::http_get("a.example")))));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, plain.up(test::http_get("a.example"))));
    EXPECT_TRUE(rig.pass(Rig::kClientSide, miner.up(a.up("more"))).empty());
    rig.take(Rig::kClientSide);
}

TEST(Tunnels, ARuleForAnAddressHoldsForTheEndsOfATunnelToo) {
    for_each_tunnel([](const TunnelKind& kind, bool) {
        Rig rig(rule("server_ip = \"@bad\"", "drop"));
        const auto to = [&](const char* outer, const char* inner) {
            return kind.wrap(Eth().ipv4("10.9.9.9", outer),
                             test::inner_eth().ipv4("10.0.0.1", inner).tcp(40000, 443).flags(2));
        };
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, to("192.0.2.1", "192.0.2.2")));
        EXPECT_TRUE(rig.pass(Rig::kClientSide, to("192.0.2.1", "203.0.113.5")).empty());
        EXPECT_TRUE(rig.pass(Rig::kClientSide, to("203.0.113.5", "192.0.2.2")).empty());
        EXPECT_EQ(rig.dropped(Reason::policy_drop), 2u);
    });
}

TEST(Tunnels, TheHashInVxlansSourcePortIsNoPort) {
    Rig rig(rule("any_port = \"@ports\"", "drop"));
    const auto frame = [](std::uint16_t outer, std::uint16_t inner) {
        return Eth()
            .ipv4("198.51.100.1", "198.51.100.2")
            .vxlan(1, Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(40000, inner).flags(2), outer)
            .build();
    };
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame(3333, 443)));
    EXPECT_TRUE(rig.pass(Rig::kClientSide, frame(50000, 3333)).empty());
}

TEST(Tunnels, WhatTheFarEndOfTheTunnelDiscardsIsNotBelieved) {
    for (const char* name : {"gre_checksum", "vxlan_checksum", "ipip"}) {
        SCOPED_TRACE(name);
        const std::vector<TunnelKind> kinds = every_tunnel();
        const TunnelKind& kind =
            *std::find_if(kinds.begin(), kinds.end(), [&](auto& k) { return k.name == name; });
        Rig rig(kResetMining);
        const Tunnelled tunnel(kind, false);
        Talk talk;
        tunnel.open(rig, talk);
        // A decoy takes the place of the first line; its outer checksum is wrong.
        const std::uint32_t seq = talk.client_seq;
        Buffer decoy = tunnel.up(talk.up(std::string(test::kLogin.size(), 'x')));
        const std::size_t sum = kind.name == "ipip" ? 24 : kind.name == "gre_checksum" ? 38 : 40;
        decoy[sum] ^= 0x55;
        talk.client_seq = seq;
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, decoy));
        EXPECT_EQ(rig.counters().bad_checksums.get(), 1u);
        rig.pass(Rig::kClientSide, tunnel.up(talk.up(test::kLogin)));
        EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
        rig.take(Rig::kClientSide);
    }
}

TEST(Tunnels, TheOuterVlanIsTheFlowsVlan) {
    Rig rig(rule("app = \"mining\"; vlan = 7", "drop"));
    const auto frame = [](std::uint16_t outer) {
        return Eth()
            .vlan(outer)
            .ipv4("198.51.100.1", "198.51.100.2")
            .vxlan(1, test::inner_eth()
                          .vlan(9)
                          .ipv4("10.0.0.1", "10.0.0.2")
                          .tcp(40000, 8080)
                          .seq(1)
                          .ack(1)
                          .payload(test::kLogin))
            .build();
    };
    EXPECT_TRUE(rig.pass(Rig::kClientSide, frame(7)).empty());
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame(9)));
    rig.end_flows();
    unsigned flows = 0;
    for (const event::Record& record : rig.events()) {
        EXPECT_EQ(record.vlan_count, 1);
        EXPECT_EQ(record.wire, 0);
        EXPECT_EQ(record.in_port, 0);
        EXPECT_NE(record.vlan[0], 0);
        flows += record.kind == event::Kind::flow_end ? 1 : 0;
    }
    EXPECT_EQ(flows, 2u);
}

// NICs hash the outer headers, and VXLAN's source port differs on the way back. Still, one worker
// owns the flow.
TEST(Tunnels, BothDirectionsMeetAtOneWorker) {
    for (const bool symmetric_nic : {false, true}) {
        for_each_tunnel([&](const TunnelKind& kind, bool outer6) {
            RigOptions options;
            options.workers = 2;
            options.symmetric_nic = symmetric_nic;
            Rig rig(kResetMining, options);
            const Tunnelled tunnel(kind, outer6);
            for (std::uint16_t port = 40000; port < 40008; ++port) {
                Talk talk("10.0.0.1", "192.0.2.9", port, 8080);
                const auto pass = [&](std::uint16_t from, const Buffer& frame, unsigned queue) {
                    rig.put(from, frame, {}, queue);
                    rig.turn();
                    rig.turn();
                    return rig.take(machine::peer_of(from));
                };
                EXPECT_EQ(pass(Rig::kClientSide, tunnel.up(talk.syn()), 0).size(), 1u);
                EXPECT_EQ(pass(Rig::kServerSide, tunnel.down(talk.syn_ack()), 1).size(), 1u);
                EXPECT_EQ(pass(Rig::kClientSide, tunnel.up(talk.up()), 1).size(), 1u);
                const std::vector<Buffer> out =
                    pass(Rig::kClientSide, tunnel.up(talk.up(test::kLogin)), 0);
                ASSERT_EQ(out.size(), 1u);
                EXPECT_EQ(parse(out[0]).tcp_flags & kTcpRst, kTcpRst);
                EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u);
            }
            EXPECT_EQ(rig.counters(0).flows_created.get() + rig.counters(1).flows_created.get(),
                      8u);
            EXPECT_EQ(
                rig.counters(0).tunnelled_packets.get() + rig.counters(1).tunnelled_packets.get(),
                32u);
        });
    }
}

TEST(Tunnels, AFragmentOfTheInnerPacketIsPutTogetherAndAnswered) {
    for_each_tunnel([](const TunnelKind& kind, bool outer6) {
        Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
        const Eth whole =
            test::inner_eth()
                .ipv4("10.0.0.1", "192.0.2.53")
                .udp(40000, 53)
                .payload(test::dns_message("a-long-name.for-two-pieces.pool.example"));
        const Buffer packet = whole.packet();
        const Buffer l4(packet.begin() + 20, packet.end());
        const auto piece = [&](std::size_t from, std::size_t to) {
            return kind.wrap(tunnel_outer(outer6),
                             test::inner_eth()
                                 .ipv4("10.0.0.1", "192.0.2.53")
                                 .proto(packet::kProtoUdp)
                                 .fragment(static_cast<std::uint16_t>(from), to != l4.size())
                                 .l4_bytes({l4.begin() + static_cast<std::ptrdiff_t>(from),
                                            l4.begin() + static_cast<std::ptrdiff_t>(to)}));
        };
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, piece(0, 24)));
        EXPECT_TRUE(rig.pass(Rig::kClientSide, piece(24, l4.size())).empty());
        const packet::Frame answer = only_answer(rig, Rig::kClientSide, kind.tunnel);
        EXPECT_EQ(answer.dst_port, 40000);
        EXPECT_EQ(rig.counters().sinkholes_crafted.get(), 1u);
    });
}

TEST(Tunnels, AFragmentOfTheOuterPacketIsPutTogetherAndItsMiningCut) {
    for_each_tunnel([](const TunnelKind& kind, bool outer6) {
        Rig rig(kResetMining);
        const Tunnelled tunnel(kind, outer6);
        Talk talk;
        tunnel.open(rig, talk);
        const Buffer whole = tunnel.up(talk.up(test::kLogin));
        const std::size_t l4 = 14 + (outer6 ? 40 : 20);
        const auto piece = [&](std::size_t from, std::size_t to) {
            Eth eth = tunnel_outer(outer6);
            eth.proto(outer6 ? whole[14 + 6] : whole[14 + 9])
                .fragment(static_cast<std::uint16_t>(from), l4 + to != whole.size())
                .l4_bytes({whole.begin() + static_cast<std::ptrdiff_t>(l4 + from),
                           whole.begin() + static_cast<std::ptrdiff_t>(l4 + to)});
            return eth.build();
        };
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, piece(0, 64)));
        rig.put(Rig::kClientSide, piece(64, whole.size() - l4));
        rig.turn();
        only_answer(rig, Rig::kServerSide, kind.tunnel);
        const packet::Frame to_client = only_answer(rig, Rig::kClientSide, kind.tunnel);
        EXPECT_EQ(to_client.tcp_ack, talk.client_seq);
        EXPECT_EQ(rig.counters().flows_created.get(), 1u);
    });
}

}  // namespace
}  // namespace minerwall::path
