// Resets: which ends they reach, with which numbers, and how often.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "packet/checksum.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using packet::kTcpAck;
using packet::kTcpRst;

// Returns the one reset that left through a port.
packet::Frame only_reset(Bench& bench, std::uint16_t port) {
    const std::vector<Buffer> out = bench.take(port);
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
    Bench bench(kResetMining);
    Talk talk(client, server, 40000, 8080);
    talk.open(bench);
    const std::uint32_t seq = talk.client_seq;  // the server's next
    const std::uint32_t server_seq = talk.server_seq;
    bench.put(Bench::kClientSide, talk.up(test::kLogin));
    bench.turn();

    const packet::Frame to_server = only_reset(bench, Bench::kServerSide);
    EXPECT_EQ(to_text(to_server.src), client);
    EXPECT_EQ(to_server.src_port, 40000);
    EXPECT_EQ(to_server.tcp_seq, seq) << "the mining bytes never arrived";
    const packet::Frame to_client = only_reset(bench, Bench::kClientSide);
    EXPECT_EQ(to_text(to_client.src), server);
    EXPECT_EQ(to_client.src_port, 8080);
    EXPECT_EQ(to_client.tcp_seq, server_seq);
    EXPECT_EQ(to_client.tcp_ack, talk.client_seq);
    EXPECT_NE(to_client.tcp_flags & kTcpAck, 0);

    EXPECT_EQ(bench.counters().resets_crafted.get(), 2u);
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u);
}

TEST(Reset, EndsBothStacksWithTheExactNumbers) {
    expect_cut_at_both_ends("10.0.0.1", "192.0.2.9");
    expect_cut_at_both_ends("2001:db8::1", "2001:db8:1::9");
}

TEST(Reset, WhenThePoolSpeaksFirstTheResetsGoTheOtherWayRound) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    const std::uint32_t server_seq = talk.server_seq;
    bench.put(Bench::kServerSide, talk.down(test::kNotify));
    bench.turn();
    const packet::Frame to_client = only_reset(bench, Bench::kClientSide);
    EXPECT_EQ(to_client.tcp_seq, server_seq);
    const packet::Frame to_server = only_reset(bench, Bench::kServerSide);
    EXPECT_EQ(to_server.tcp_seq, talk.client_seq);
    EXPECT_EQ(to_server.tcp_ack, talk.server_seq);
}

TEST(Reset, CountsWhatTheReceiverHasWhenAMessageSpansSegments) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, talk.up(test::kLogin.substr(0, 30))));
    const std::uint32_t arrived = talk.client_seq;
    bench.put(Bench::kClientSide, talk.up(test::kLogin.substr(30)));
    bench.turn();
    EXPECT_EQ(only_reset(bench, Bench::kServerSide).tcp_seq, arrived);
    EXPECT_EQ(only_reset(bench, Bench::kClientSide).tcp_ack, talk.client_seq);
}

TEST(Reset, CountsSegmentsOfTheSameBurst) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.put(Bench::kClientSide, talk.up(test::kLogin.substr(0, 30)));
    const std::uint32_t arrived = talk.client_seq;
    bench.put(Bench::kClientSide, talk.up(test::kLogin.substr(30)));
    bench.put(Bench::kClientSide, talk.up("and more"));
    bench.turn();
    const std::vector<Buffer> to_server = bench.take(Bench::kServerSide);
    ASSERT_EQ(to_server.size(), 2u) << "the first piece, one reset";
    EXPECT_EQ(parse(to_server[1]).tcp_seq, arrived);
    EXPECT_EQ(bench.take(Bench::kClientSide).size(), 2u) << "each blocked segment is answered";
}

TEST(Reset, ASynToABlockedPortIsRefusedTowardTheClientOnly) {
    Bench bench(rule("server_port = \"@ports\"", "reset"));
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 3333);
    const Buffer syn = talk.syn();
    EXPECT_TRUE(bench.pass(Bench::kClientSide, syn).empty());
    const packet::Frame reset = only_reset(bench, Bench::kClientSide);
    EXPECT_EQ(reset.tcp_flags, kTcpRst | kTcpAck);
    EXPECT_EQ(reset.tcp_ack, talk.client_seq) << "a SYN takes one number (RFC 9293, 3.10.7.3)";
    EXPECT_EQ(reset.src_port, 3333);
    // The same SYN again, because the answer was lost.
    EXPECT_TRUE(bench.pass(Bench::kClientSide, syn).empty());
    EXPECT_EQ(only_reset(bench, Bench::kClientSide).tcp_ack, talk.client_seq);
}

TEST(Reset, HoldsForAllLaterPacketsOfBothEnds) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.pass(Bench::kClientSide, talk.up(test::kLogin));
    bench.take(Bench::kClientSide);
    for (unsigned i = 0; i < 50; ++i) {
        bench.put(Bench::kClientSide, talk.up("{\"id\":9}\n"));
        bench.put(Bench::kServerSide, talk.down("{\"id\":9}\n"));
        bench.turn();
        for (const std::uint16_t port : {Bench::kClientSide, Bench::kServerSide}) {
            for (const Buffer& frame : bench.take(port)) {
                EXPECT_NE(parse(frame).tcp_flags & kTcpRst, 0);
            }
        }
    }
    EXPECT_EQ(bench.dropped(Reason::policy_reset, 0), 51u);
    EXPECT_EQ(bench.dropped(Reason::policy_reset, 1), 50u);
}

TEST(Reset, IsSentABoundedNumberOfTimesAndOnceToTheFarEnd) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    for (unsigned i = 0; i < 100; ++i) {
        bench.put(Bench::kClientSide, talk.up(test::kLogin));
        bench.turn();
    }
    EXPECT_EQ(bench.take(Bench::kServerSide).size(), 1u);
    EXPECT_EQ(bench.take(Bench::kClientSide).size(), 15u);
    EXPECT_EQ(bench.counters().resets_crafted.get(), 16u);
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 100u);
}

TEST(Reset, AnswersNoReset) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.pass(Bench::kClientSide, talk.up(test::kLogin));
    bench.take(Bench::kClientSide);
    EXPECT_TRUE(bench.pass(Bench::kServerSide, talk.down("", kTcpRst | kTcpAck)).empty());
    EXPECT_TRUE(bench.take(Bench::kServerSide).empty());
}

TEST(Reset, ANewConnectionOnTheSamePortsIsAFlowOfItsOwn) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    bench.pass(Bench::kClientSide, talk.up(test::kLogin));
    bench.take(Bench::kClientSide);
    talk.client_seq += 100'000;
    talk.open(bench);
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, talk.up(test::http_get("news.example"))));
    EXPECT_EQ(bench.counters().flows_created.get(), 2u);
    EXPECT_EQ(bench.counters().flows_ended.get(), 1u);
    // It is inspected like other connections.
    bench.pass(Bench::kServerSide, talk.down("", kTcpRst));
    talk.client_seq += 5;
    talk.open(bench);
    EXPECT_EQ(
        parse(bench.pass(Bench::kClientSide, talk.up(test::kLogin)).at(0)).tcp_flags & kTcpRst,
        kTcpRst);
    bench.take(Bench::kClientSide);
}

TEST(Reset, OfUdpIsADrop) {
    Bench bench(rule("server_port = \"@ports\"", "reset"));
    EXPECT_TRUE(bench
                    .pass(Bench::kClientSide,
                          test::Eth().ipv4("10.0.0.1", "192.0.2.9").udp(40000, 3333).payload("x"))
                    .empty());
    EXPECT_TRUE(bench.take(Bench::kClientSide).empty());
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u);
}

TEST(Reset, BadChecksumsAreForwardedAndNotBelieved) {
    Bench bench(kResetMining);
    Talk talk;
    talk.open(bench);
    Buffer fake = talk.up(test::kLogin);
    talk.client_seq -= static_cast<std::uint32_t>(test::kLogin.size());
    fake.back() ^= 1;
    EXPECT_TRUE(bench.forwarded(Bench::kClientSide, fake)) << "its receiver does not take it";
    EXPECT_EQ(bench.pass(Bench::kClientSide, talk.up(test::kLogin)).size(), 1u);
    EXPECT_EQ(bench.dropped(Reason::policy_reset), 1u) << "the real bytes are still read";
    bench.take(Bench::kClientSide);
}

}  // namespace
}  // namespace minerwall::path
