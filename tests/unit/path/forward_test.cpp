// Traffic that no rule blocks leaves unchanged: every bit, every packet, in order.
#include <gtest/gtest.h>

#include <random>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

std::vector<Buffer> frames_of_all_kinds() {
    return {
        Eth().ethertype(packet::kEtherArp).payload(std::string(46, '\1')),
        Eth().ethertype(0x88cc).payload("lldp"),
        Eth().ethertype(46).payload(std::string(46, 'l')),
        Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(40000, 443).seq(1).flags(packet::kTcpSyn),
        Eth().ipv6("2001:db8::1", "2001:db8::2").tcp(40000, 443).seq(1).flags(packet::kTcpSyn),
        Eth().vlan(5).ipv4("10.0.0.1", "192.0.2.9").udp(40000, 443).payload("quic"),
        Eth().vlan(5, packet::kEtherServiceVlan).vlan(6).ipv4("10.0.0.1", "192.0.2.9").udp(1, 2),
        Eth().mpls(100).ipv4("10.0.0.1", "192.0.2.9").udp(1, 2).payload("labelled"),
        Eth().pppoe(9).ipv4("10.0.0.1", "192.0.2.9").udp(1, 2).payload("dial-up"),
        Eth().ipv4("10.0.0.1", "192.0.2.9").proto(packet::kProtoIcmp).payload("\x08ping"),
        Eth().ipv4("10.0.0.1", "192.0.2.9").fragment(0, true).udp(1, 2).payload("first..."),
        Eth().ipv4("10.0.0.1", "192.0.2.9").fragment(1480, false).udp(1, 2).payload("last"),
        Eth().ipv4("10.0.0.1", "192.0.2.9").ip_options({1, 1, 1, 0}).tcp(1, 2).payload("x"),
        Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(1, 2).wrong_ip_checksum(0xdead),
        Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(1, 2).wrong_l4_checksum(0xdead).payload("x"),
        Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(1, 2).wrong_ip_length(9000),
        Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(1, 2).wrong_data_offset(15),
        Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(40000, 443).pad(),
        Eth().ipv4("10.0.0.1", "192.0.2.9").udp(1, 2).trailer(7),
        Eth().ipv4("10.0.0.1", "192.0.2.9").udp(40000, 53).payload("not a question"),
        Buffer(14, 0xff),
        Buffer(1, 0x01),
    };
}

TEST(Forwarding, EveryKindOfFrameLeavesBitByBitInBothDirections) {
    Rig rig(kResetMining);
    for (const Buffer& frame : frames_of_all_kinds()) {
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame));
        EXPECT_TRUE(rig.forwarded(Rig::kServerSide, frame));
    }
    EXPECT_EQ(rig.counters().port[0].received_packets.get(), frames_of_all_kinds().size());
    EXPECT_EQ(rig.counters().port[0].received_bytes.get(), rig.counters().port[0].sent_bytes.get());
}

TEST(Forwarding, ABurstKeepsItsOrder) {
    Rig rig(kResetMining);
    std::vector<Buffer> in;
    for (unsigned i = 0; i < 100; ++i) {  // more than three bursts
        in.push_back(Eth()
                         .ipv4("10.0.0.1", "192.0.2." + std::to_string(i % 7))
                         .udp(static_cast<std::uint16_t>(1000 + i), 2000)
                         .payload(std::string(i * 3, 'p')));
        rig.put(Rig::kClientSide, in.back());
    }
    for (unsigned i = 0; i < 4; ++i) {
        rig.turn();
    }
    EXPECT_EQ(rig.take(Rig::kServerSide), in);
    EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
}

TEST(Forwarding, AConnectionThatIsNoMiningPasses) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::http_get("news.example"))));
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide,
                              talk.down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up("", packet::kTcpFin | packet::kTcpAck)));
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide, talk.down("", packet::kTcpFin | packet::kTcpAck)));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up()));
    EXPECT_EQ(rig.counters().flows_created.get(), 1u);
}

TEST(Segments, AFrameOfManyLeavesAsItCame) {
    Rig rig(kResetMining);
    const Buffer frame =
        Eth().ipv4("10.0.0.1", "192.0.2.9").udp(40000, 443).payload(std::string(8900, 'j'));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame, {2000, 4000, 6000, 8000}));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame, {1, 2, 3, 1999, 3999, 5999, 7999}));
}

TEST(Segments, WhereverTheHeadersAreCutTheFlowIsTheSame) {
    Rig rig(kResetMining);
    Talk talk;
    const Buffer frame = talk.syn();
    for (std::size_t cut = 1; cut < frame.size(); ++cut) {
        EXPECT_TRUE(rig.forwarded(Rig::kClientSide, frame, {cut})) << cut;
    }
    EXPECT_EQ(rig.counters().flows_created.get(), 1u);
    EXPECT_EQ(rig.counters().untracked_packets.get(), 0u);
}

TEST(Segments, MiningIsFoundWhereverTheFrameIsCut) {
    Talk talk;
    const Buffer syn = talk.syn();
    const Buffer answer = talk.syn_ack();
    const Buffer frame = talk.up(test::kLogin);
    std::mt19937 random(1);
    for (std::size_t cut = 1; cut < frame.size(); ++cut) {
        SCOPED_TRACE(cut);
        Rig rig(kResetMining);
        rig.pass(Rig::kClientSide, syn);
        rig.pass(Rig::kServerSide, answer);
        std::vector<std::size_t> cuts = {cut};
        for (unsigned i = 0; i < cut % 4; ++i) {
            cuts.push_back(cut + random() % (frame.size() - cut));
        }
        std::sort(cuts.begin(), cuts.end());
        const std::vector<Buffer> out = rig.pass(Rig::kClientSide, frame, cuts);
        ASSERT_EQ(rig.dropped(Reason::policy_reset), 1u);
        EXPECT_EQ(out.size(), 1u);
        EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u);
        EXPECT_EQ(rig.counters().resets_crafted.get(), 2u);
    }
}

TEST(Segments, ADnsQuestionIsReadAcrossThem) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    const Buffer frame = test::Eth()
                             .ipv4("10.0.0.1", "192.0.2.53")
                             .udp(40000, 53)
                             .payload(test::dns_message("eu.pool.example"));
    for (std::size_t cut = 1; cut < frame.size(); ++cut) {
        ASSERT_TRUE(rig.pass(Rig::kClientSide, frame, {cut}).empty()) << cut;
        ASSERT_EQ(rig.take(Rig::kClientSide).size(), 1u) << cut;
    }
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), frame.size() - 1);
}

}  // namespace
}  // namespace minerwall::path
