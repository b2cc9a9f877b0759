// Resets: which ends they reach, with which numbers, and how often.
#include <gtest/gtest.h>

#include "packet/checksum.hpp"
#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpRst;

// Returns the one reset that left through a port.
packet::Frame only_reset(Rig& rig, std::uint16_t port) {
    const std::vector<Buffer> out = rig.take(port);
    EXPECT_EQ(out.size(), 1u) << "at port " << port;
    if (out.size() != 1) {
        return {};
    }
    const packet::Frame frame = parse(out[0]);
    EXPECT_TRUE(frame.is_tcp());
    EXPECT_NE(frame.tcp_flags & kTcpRst, 0);
    EXPECT_EQ(frame.payload_length, 0u);
    EXPECT_TRUE(packet::verify_ip_checksum(out[0], frame));
    EXPECT_TRUE(packet::verify_l4_checksum(
        Bytes(out[0]).subspan(frame.l4_offset, frame.l4_length()), frame));
    return frame;
}

void expect_cut_at_both_ends(const char* client, const char* server) {
    Rig rig(kResetMining);
    Talk talk(client, server, 40000, 8080);
    talk.open(rig);
    const std::uint32_t seq = talk.client_seq;  // the server's next
    const std::uint32_t server_seq = talk.server_seq;
    rig.put(Rig::kClientSide, talk.up(test::kLogin));
    rig.turn();

    const packet::Frame to_server = only_reset(rig, Rig::kServerSide);
    EXPECT_EQ(to_text(to_server.src), client);
    EXPECT_EQ(to_server.src_port, 40000);
    EXPECT_EQ(to_server.tcp_seq, seq) << "the mining bytes never arrived";
    const packet::Frame to_client = only_reset(rig, Rig::kClientSide);
    EXPECT_EQ(to_text(to_client.src), server);
    EXPECT_EQ(to_client.src_port, 8080);
    EXPECT_EQ(to_client.tcp_seq, server_seq);
    EXPECT_EQ(to_client.tcp_ack, talk.client_seq);
    EXPECT_NE(to_client.tcp_flags & kTcpAck, 0);

    EXPECT_EQ(rig.counters().resets_crafted.get(), 2u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
}

TEST(Reset, EndsBothStacksWithTheExactNumbers) {
    expect_cut_at_both_ends("10.0.0.1", "192.0.2.9");
    expect_cut_at_both_ends("2001:db8::1", "2001:db8:1::9");
}

TEST(Reset, WhenThePoolSpeaksFirstTheResetsGoTheOtherWayRound) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    const std::uint32_t server_seq = talk.server_seq;
    rig.put(Rig::kServerSide, talk.down(test::kNotify));
    rig.turn();
    const packet::Frame to_client = only_reset(rig, Rig::kClientSide);
    EXPECT_EQ(to_client.tcp_seq, server_seq);
    const packet::Frame to_server = only_reset(rig, Rig::kServerSide);
    EXPECT_EQ(to_server.tcp_seq, talk.client_seq);
    EXPECT_EQ(to_server.tcp_ack, talk.server_seq);
}

TEST(Reset, CountsWhatTheReceiverHasWhenAMessageSpansSegments) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::kLogin.substr(0, 30))));
    const std::uint32_t arrived = talk.client_seq;
    rig.put(Rig::kClientSide, talk.up(test::kLogin.substr(30)));
    rig.turn();
    EXPECT_EQ(only_reset(rig, Rig::kServerSide).tcp_seq, arrived);
    EXPECT_EQ(only_reset(rig, Rig::kClientSide).tcp_ack, talk.client_seq);
}

TEST(Reset, CountsSegmentsOfTheSameBurst) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.put(Rig::kClientSide, talk.up(test::kLogin.substr(0, 30)));
    const std::uint32_t arrived = talk.client_seq;
    rig.put(Rig::kClientSide, talk.up(test::kLogin.substr(30)));
    rig.put(Rig::kClientSide, talk.up("and more"));
    rig.turn();
    const std::vector<Buffer> to_server = rig.take(Rig::kServerSide);
    ASSERT_EQ(to_server.size(), 2u) << "the first piece, one reset";
    EXPECT_EQ(parse(to_server[1]).tcp_seq, arrived);
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 2u) << "each blocked segment is answered";
}

TEST(Reset, ASynToABlockedPortIsRefusedTowardTheClientOnly) {
    Rig rig(rule("server_port = \"@ports\"", "reset"));
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 3333);
    const Buffer syn = talk.syn();
    EXPECT_TRUE(rig.pass(Rig::kClientSide, syn).empty());
    const packet::Frame reset = only_reset(rig, Rig::kClientSide);
    EXPECT_EQ(reset.tcp_flags, kTcpRst | kTcpAck);
    EXPECT_EQ(reset.tcp_ack, talk.client_seq) << "a SYN takes one number (RFC 9293, 3.10.7.3)";
    EXPECT_EQ(reset.src_port, 3333);
    // The same SYN again, because the answer was lost.
    EXPECT_TRUE(rig.pass(Rig::kClientSide, syn).empty());
    EXPECT_EQ(only_reset(rig, Rig::kClientSide).tcp_ack, talk.client_seq);
}

TEST(Reset, HoldsForAllLaterPacketsOfBothEnds) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(test::kLogin));
    rig.take(Rig::kClientSide);
    for (unsigned i = 0; i < 50; ++i) {
        rig.put(Rig::kClientSide, talk.up("{\"id\":9}\n"));
        rig.put(Rig::kServerSide, talk.down("{\"id\":9}\n"));
        rig.turn();
        for (const std::uint16_t port : {Rig::kClientSide, Rig::kServerSide}) {
            for (const Buffer& frame : rig.take(port)) {
                EXPECT_NE(parse(frame).tcp_flags & kTcpRst, 0);
            }
        }
    }
    EXPECT_EQ(rig.dropped(Reason::policy_reset, 0), 51u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset, 1), 50u);
}

TEST(Reset, IsSentABoundedNumberOfTimesAndOnceToTheFarEnd) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    for (unsigned i = 0; i < 100; ++i) {
        rig.put(Rig::kClientSide, talk.up(test::kLogin));
        rig.turn();
    }
    EXPECT_EQ(rig.take(Rig::kServerSide).size(), 1u);
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 15u);
    EXPECT_EQ(rig.counters().resets_crafted.get(), 16u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 100u);
}

TEST(Reset, AnswersNoReset) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(test::kLogin));
    rig.take(Rig::kClientSide);
    EXPECT_TRUE(rig.pass(Rig::kServerSide, talk.down("", kTcpRst | kTcpAck)).empty());
    EXPECT_TRUE(rig.take(Rig::kServerSide).empty());
}

TEST(Reset, ANewConnectionOnTheSamePortsIsAFlowOfItsOwn) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(test::kLogin));
    rig.take(Rig::kClientSide);
    talk.client_seq += 100'000;
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::http_get("news.example"))));
    EXPECT_EQ(rig.counters().flows_created.get(), 2u);
    EXPECT_EQ(rig.counters().flows_ended.get(), 1u);
    // It is inspected like other connections.
    rig.pass(Rig::kServerSide, talk.down("", kTcpRst));
    talk.client_seq += 5;
    talk.open(rig);
    EXPECT_EQ(parse(rig.pass(Rig::kClientSide, talk.up(test::kLogin)).at(0)).tcp_flags & kTcpRst,
              kTcpRst);
    rig.take(Rig::kClientSide);
}

TEST(Reset, OfUdpIsADrop) {
    Rig rig(rule("server_port = \"@ports\"", "reset"));
    EXPECT_TRUE(rig.pass(Rig::kClientSide,
                         test::Eth().ipv4("10.0.0.1", "192.0.2.9").udp(40000, 3333).payload("x"))
                    .empty());
    EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
}

TEST(Reset, BadChecksumsAreForwardedAndNotBelieved) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    Buffer fake = talk.up(test::kLogin);
    talk.client_seq -= static_cast<std::uint32_t>(test::kLogin.size());
    fake.back() ^= 1;
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, fake)) << "its receiver does not take it";
    EXPECT_EQ(rig.pass(Rig::kClientSide, talk.up(test::kLogin)).size(), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u) << "the real bytes are still read";
    rig.take(Rig::kClientSide);
}

}  // namespace
}  // namespace minerwall::path
