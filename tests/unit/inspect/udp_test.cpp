#include <gtest/gtest.h>

#include "inspect/udp_messages.hpp"
#include "rig.hpp"
#include "unit/proto/quic_seal.hpp"

namespace minerwall::inspect {
namespace {

using namespace std::string_literals;

using test::Eth;

class UdpTest : public testing::Test {
  protected:
    bool see(const std::string& message, std::uint16_t src, std::uint16_t dst,
             flow::Direction direction = flow::Direction::to_server) {
        const test::Buffer bytes =
            Eth().ipv4("10.0.0.1", "192.0.2.53").udp(src, dst).payload(message);
        packet::Frame frame;
        packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), frame);
        const Bytes payload = Bytes(bytes).subspan(frame.payload_offset, frame.payload_length);
        evidence_.clear();
        ++flow_.packets[index(direction)];
        return !payload.empty() && UdpMessages::wants(flow_, frame, payload[0]) &&
               messages_.feed(flow_, direction, frame, payload, evidence_);
    }
    static flow::Flow udp_flow() {
        flow::Flow flow{};
        flow.inspection = flow::kNone;
        flow.key.ip_proto = packet::kProtoUdp;
        return flow;
    }

    std::unique_ptr<WorkerCounters> counters_ = std::make_unique<WorkerCounters>();
    UdpMessages messages_{1, *counters_};
    flow::Flow flow_ = udp_flow();
    Evidence evidence_;
};

TEST_F(UdpTest, AQuestionAtPort53IsEvidenceInBothDirections) {
    EXPECT_TRUE(see(test::dns_message("Pool.Example"), 40000, 53));
    EXPECT_TRUE(evidence_.has_dns);
    EXPECT_EQ(evidence_.app, App::dns);
    EXPECT_EQ(evidence_.question.name.view(), "pool.example");
    EXPECT_FALSE(evidence_.question.response);
    EXPECT_TRUE(see(test::dns_message("pool.example", true), 53, 40000));
    EXPECT_TRUE(evidence_.question.response);
    EXPECT_TRUE(see(test::dns_message("pool.example"), 53, 53));
}

TEST_F(UdpTest, OtherPortsAreNoDns) {
    EXPECT_FALSE(see(test::dns_message("pool.example"), 40000, 5353));
    EXPECT_FALSE(see(test::dns_message("pool.example"), 40000, 54));
    EXPECT_FALSE(evidence_.any());
}

TEST_F(UdpTest, WhatIsNoQuestionIsNoEvidence) {
    EXPECT_FALSE(see("", 40000, 53));
    EXPECT_FALSE(see("hello", 40000, 53));
    EXPECT_FALSE(evidence_.any());
}

TEST_F(UdpTest, AQueryWithoutAReadableQuestionIsUnreadable) {
    const std::string query = test::dns_message("pool.example");
    EXPECT_TRUE(see(query.substr(0, 20), 40000, 53));
    EXPECT_EQ(evidence_.unreadable, bit_of(Unreadable::dns_question));
    std::string label = query;
    label[12] = '\x41';  // an extended label type, which RFC 6891, 5 retired
    EXPECT_TRUE(see(label, 40000, 53));
    EXPECT_EQ(evidence_.unreadable, bit_of(Unreadable::dns_question));
    std::string answer = test::dns_message("pool.example", true);
    EXPECT_FALSE(see(answer.substr(0, 20), 53, 40000));
    EXPECT_EQ(evidence_.unreadable, 0) << "a response asks nothing";
}

// One client's Initials, sealed with OpenSSL's own interfaces.
std::string initial(const std::string& name, std::size_t from = 0,
                    std::size_t to = std::string::npos, std::uint64_t number = 0) {
    const std::string record = test::client_hello(name);
    const std::string hello = record.substr(5);  // without the record's header
    to = std::min(to, hello.size());
    proto::quic_seal::Initial packet;
    packet.number = number;
    proto::quic_seal::Data frames =
        proto::quic_seal::crypto(from, {hello.begin() + static_cast<std::ptrdiff_t>(from),
                                        hello.begin() + static_cast<std::ptrdiff_t>(to)});
    frames.resize(1100);  // PADDING
    const proto::quic_seal::Data sealed = proto::quic_seal::seal(packet, frames);
    return {sealed.begin(), sealed.end()};
}

TEST_F(UdpTest, TheNameOfAQuicClientIsEvidenceAtAnyPort) {
    EXPECT_TRUE(see(initial("Pool.Example"), 40000, 8443));
    EXPECT_EQ(evidence_.app, App::quic);
    EXPECT_EQ(evidence_.name_source, NameSource::quic_sni);
    EXPECT_TRUE(evidence_.names.contains("pool.example"));
    EXPECT_TRUE(evidence_.has_hello);
    EXPECT_EQ(evidence_.ja4.view().substr(0, 1), "q");
    EXPECT_EQ(flow_.inspection, flow::kNone) << "its state was given back";
}

TEST_F(UdpTest, TheNameOfAQuicClientIsEvidenceAtThePortOfDns) {
    EXPECT_TRUE(see(initial("pool.example"), 40000, 53));
    EXPECT_EQ(evidence_.name_source, NameSource::quic_sni);
}

// A client's acknowledgement of the server's Initial, and other packets that only look like an
// Initial.
TEST_F(UdpTest, AnInitialThatDoesNotOpenKeepsNoState) {
    EXPECT_TRUE(see(initial("pool.example"), 40000, 443));
    proto::quic_seal::Initial packet;
    packet.keys_from = proto::quic_seal::kId;
    packet.id = {9, 9, 9, 9, 9, 9, 9, 9};  // the server's choice
    packet.number = 1;
    proto::quic_seal::Data frames = {2, 0, 0, 0, 0};  // ACK
    frames.resize(1100);
    const proto::quic_seal::Data sealed = proto::quic_seal::seal(packet, frames);
    EXPECT_FALSE(see({sealed.begin(), sealed.end()}, 40000, 443));
    EXPECT_EQ(flow_.inspection, flow::kNone);
}

TEST_F(UdpTest, AQuicHelloOverTwoMessagesIsReadInEitherOrder) {
    for (const bool turned : {false, true}) {
        flow_ = udp_flow();
        const std::string first = initial("pool.example", 0, 40, 0);
        const std::string second = initial("pool.example", 40, std::string::npos, 1);
        EXPECT_FALSE(see(turned ? second : first, 40000, 443)) << turned;
        EXPECT_NE(flow_.inspection, flow::kNone);
        EXPECT_TRUE(see(turned ? first : second, 40000, 443)) << turned;
        EXPECT_TRUE(evidence_.names.contains("pool.example"));
    }
}

TEST_F(UdpTest, WhoeverSendsTheFirstInitialIsTheClient) {
    flow_.set(flow::Flow::client_is_low);
    EXPECT_TRUE(see(initial("pool.example"), 443, 50000, flow::Direction::to_client));
    EXPECT_FALSE(flow_.has(flow::Flow::client_is_low)) << "the ports suggested the opposite roles";
}

TEST_F(UdpTest, WithoutAFreeStateAHelloIsReadByItselfAndCounted) {
    EXPECT_FALSE(see(initial("pool.example", 0, 40), 40000, 443));
    flow::Flow other = udp_flow();
    std::swap(other, flow_);
    EXPECT_FALSE(see(initial("pool.example", 0, 40), 40001, 443)) << "a part";
    EXPECT_TRUE(see(initial("pool.example"), 40001, 443)) << "the whole";
    EXPECT_EQ(counters_->inspection_exhausted.get(), 1u) << "once for each flow";
    EXPECT_EQ(counters_->packets_judged_alone.get(), 2u);
    std::swap(other, flow_);
    messages_.forget(flow_);
    std::swap(other, flow_);
    EXPECT_TRUE(see(initial("pool.example"), 40001, 443)) << "tried again";
}

TEST_F(UdpTest, AliasesAndAddressesOfAnAnswerAreEvidence) {
    std::string answer = test::dns_message("innocent.example", true);
    answer[7] = 2;  // two answers
    const std::string pointer("\xc0\x0c", 2);
    const std::string in("\0\x01\0\0\0\x3c", 6);  // class IN, 60 s
    answer +=
        pointer + std::string("\0\x05", 2) + in + test::sized16(test::dns_name("pool.example"));
    answer += test::dns_name("pool.example") + std::string("\0\x01", 2) + in +
              test::sized16("\xc0\x00\x02\x09"s);
    EXPECT_TRUE(see(answer, 53, 40000));
    EXPECT_TRUE(evidence_.dns_names.contains("innocent.example"));
    EXPECT_TRUE(evidence_.dns_names.contains("pool.example"));
    ASSERT_EQ(evidence_.address_count, 1u);
    EXPECT_EQ(to_text(evidence_.addresses[0].address), "192.0.2.9");
    EXPECT_EQ(evidence_.addresses[0].ttl, 60u);
}

TEST(PayloadPieces, EmptyPiecesAreLeftOut) {
    Payload payload;
    payload.clear();
    for (const std::string_view piece : {"abc", "de", "", "fghi"}) {
        payload.add(as_bytes(piece));
    }
    EXPECT_EQ(payload.pieces, 3u);
    EXPECT_EQ(payload.length, 9u);
}

TEST(PayloadPieces, MoreThanItsBoundAreNotTaken) {
    Payload payload;
    payload.clear();
    const std::string one = "x";
    for (unsigned i = 0; i < Payload::kMaxPieces + 5; ++i) {
        payload.add(as_bytes(one));
    }
    EXPECT_EQ(payload.pieces, Payload::kMaxPieces);
    EXPECT_EQ(payload.length, Payload::kMaxPieces);
}

// Hellos that never end take the states of their own source, or of those who wait longest.
TEST(UdpStates, AFloodOfUnfinishedHellosLosesItsOwn) {
    for (const bool random : {false, true}) {
        const auto counters = std::make_unique<WorkerCounters>();
        flow::FlowTable table(256, {}, {1, 2});
        UdpMessages messages(4, *counters);
        messages.share(table);
        Evidence evidence;
        Nanos now = kNanosPerSecond;
        const auto see = [&](const std::string& client, std::uint16_t port,
                             const std::string& message) {
            const test::Buffer bytes =
                Eth().ipv4(client, "192.0.2.53").udp(port, 443).payload(message);
            packet::Frame frame;
            packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), frame);
            flow::FlowKey key{};
            flow::make_key(frame, 0, key);
            std::uint32_t id = table.find(key, table.hash(key));
            if (id == flow::kNone) {
                id = table.insert(key, table.hash(key), now, table.source_of(frame.src));
            }
            flow::Flow& flow = table.at(id);
            table.touch(flow, now += kNanosPerMilli);
            ++flow.packets[0];
            evidence.clear();
            const Bytes payload = Bytes(bytes).subspan(frame.payload_offset, frame.payload_length);
            return messages.feed(flow, flow::Direction::to_server, frame, payload, evidence);
        };
        const auto attack = [&](std::uint16_t from, std::uint16_t to) {
            for (std::uint16_t n = from; n < to; ++n) {
                const std::string host = "10." + std::to_string(random ? n : 1) + ".0.66";
                EXPECT_FALSE(
                    see(host, static_cast<std::uint16_t>(40000 + n), initial("a.b", 0, 40)));
            }
        };
        attack(1, 50);
        EXPECT_FALSE(see("10.0.0.7", 40000, initial("pool.example", 0, 40)));
        attack(50, 53);
        EXPECT_TRUE(see("10.0.0.7", 40000, initial("pool.example", 40, std::string::npos, 1)));
        EXPECT_TRUE(evidence.names.contains("pool.example"));
        EXPECT_EQ(counters->inspection_exhausted.get(), 0u);
    }
}

}  // namespace
}  // namespace minerwall::inspect
