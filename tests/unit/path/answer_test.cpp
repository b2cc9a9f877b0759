// Silent drops, and sinkhole answers to DNS questions.
#include <gtest/gtest.h>

#include "packet/checksum.hpp"
#include "proto/dns/dns.hpp"
#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

Buffer dns(const std::string& message, bool to_server = true) {
    return to_server ? Eth().ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(message)
                     : Eth(test::kServerMac, test::kClientMac)
                           .ipv4("192.0.2.53", "10.0.0.1")
                           .udp(53, 40000)
                           .payload(message);
}

TEST(Drop, SaysNothingToAnybody) {
    Rig rig(rule("server_ip = \"@bad\"", "drop"));
    Talk talk("10.0.0.1", "203.0.113.7", 40000, 443);
    for (unsigned i = 0; i < 5; ++i) {
        EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.syn()).empty());
        EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
    }
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 5u);
    EXPECT_EQ(rig.counters().port[0].crafted_packets.get(), 0u);
    const auto detections = rig.events_of(event::Kind::detection);
    ASSERT_EQ(detections.size(), 1u) << "a flow is reported once";
    EXPECT_EQ(detections[0].match.evidence, EvidenceKind::address);
    EXPECT_EQ(detections[0].match.list_entry, "203.0.113.0/24");
    EXPECT_EQ(detections[0].action, Action::drop);
    EXPECT_TRUE(detections[0].enforced);
}

TEST(Drop, HoldsInBothDirections) {
    Rig rig(rule("app = \"mining\"", "drop"));
    Talk talk;
    talk.open(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up(test::kSubscribe)).empty());
    EXPECT_TRUE(rig.pass(Rig::kServerSide, talk.down("{}\n")).empty());
    EXPECT_TRUE(rig.take(Rig::kServerSide).empty());
    EXPECT_EQ(rig.dropped(Reason::policy_drop, 0), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_drop, 1), 1u);
}

struct Answered {
    packet::Frame frame;
    proto::DnsQuestion question;
};
Answered ask(Rig& rig, const Buffer& query) {
    EXPECT_TRUE(rig.pass(Rig::kClientSide, query).empty()) << "the server is not asked";
    const std::vector<Buffer> out = rig.take(Rig::kClientSide);
    Answered answered{};
    EXPECT_EQ(out.size(), 1u);
    if (out.size() == 1) {
        answered.frame = parse(out[0]);
        EXPECT_TRUE(packet::verify_ip_checksum(out[0], answered.frame));
        EXPECT_TRUE(packet::verify_l4_checksum(
            Bytes(out[0]).subspan(answered.frame.l4_offset, answered.frame.l4_length()),
            answered.frame));
        EXPECT_EQ(proto::parse_dns_question(as_bytes(payload_of(out[0])), answered.question),
                  proto::DnsStatus::ok);
    }
    return answered;
}

TEST(Sinkhole, TheAnswerLeavesWhereTheQuestionCameIn) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    const Answered answered = ask(rig, dns(test::dns_message("eu.pool.example")));
    EXPECT_EQ(to_text(answered.frame.src), "192.0.2.53");
    EXPECT_EQ(to_text(answered.frame.dst), "10.0.0.1");
    EXPECT_EQ(answered.frame.src_port, 53);
    EXPECT_EQ(answered.frame.dst_port, 40000);
    EXPECT_TRUE(answered.question.response);
    EXPECT_EQ(answered.question.id, 0xbeef);
    EXPECT_EQ(answered.question.rcode, 3) << "no such name";
    EXPECT_EQ(answered.question.name.view(), "eu.pool.example");
    EXPECT_EQ(rig.counters().sinkholes_crafted.get(), 1u);
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole), 1u);
    const auto events = rig.events_of(event::Kind::dns_sinkhole);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].name.text, "eu.pool.example");
    EXPECT_EQ(events[0].name.dns_rcode, 3);
}

TEST(Sinkhole, AnAddressIsAnAnswerOfItsFamily) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole", "answer = \"192.0.2.1\";"));
    EXPECT_EQ(ask(rig, dns(test::dns_message("pool.example"))).question.answer_count, 1);
    EXPECT_EQ(ask(rig, dns(test::dns_message("pool.example", false, 28))).question.answer_count, 0);
}

TEST(Sinkhole, IPv6AndVlanQuestionsAreAnsweredInKind) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    const Answered answered = ask(rig, Eth()
                                           .vlan(7)
                                           .ipv6("2001:db8::1", "2001:db8::53")
                                           .udp(40000, 53)
                                           .payload(test::dns_message("pool.example")));
    EXPECT_EQ(to_text(answered.frame.dst), "2001:db8::1");
    EXPECT_EQ(answered.frame.vlan_count, 1);
    EXPECT_EQ(answered.frame.vlan_tci[0] & 0xfff, 7);
}

TEST(Sinkhole, OtherNamesOfTheSameResolverPass) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, dns(test::dns_message("news.example"))));
    ask(rig, dns(test::dns_message("pool.example")));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, dns(test::dns_message("mypool.example"))));
    EXPECT_TRUE(
        rig.forwarded(Rig::kServerSide, dns(test::dns_message("news.example", true), false)));
    EXPECT_EQ(rig.counters().flows_created.get(), 1u);
}

TEST(Sinkhole, AResponseForABlockedNameIsSwallowed) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    EXPECT_TRUE(
        rig.pass(Rig::kServerSide, dns(test::dns_message("pool.example", true), false)).empty());
    EXPECT_TRUE(rig.take(Rig::kServerSide).empty());
    EXPECT_EQ(rig.dropped(Reason::policy_sinkhole, Rig::kServerSide), 1u);
    EXPECT_EQ(rig.counters().sinkholes_crafted.get(), 0u);
}

TEST(Sinkhole, MulticastDnsIsNoLookup) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, Eth()
                                                    .ipv4("10.0.0.1", "224.0.0.251")
                                                    .udp(5353, 5353)
                                                    .payload(test::dns_message("pool.example"))));
}

TEST(Sinkhole, OfATlsNameIsADropBecauseThereIsNoQuestionToAnswer) {
    Rig rig(rule("any_name = \"@pools\"", "sinkhole"));
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 443);
    talk.open(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up(test::client_hello("pool.example"))).empty());
    EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 1u);
}

TEST(Sinkhole, ADropRuleForANameDropsTheQuestion) {
    Rig rig(rule("dns_name = \"@pools\"", "drop"));
    EXPECT_TRUE(rig.pass(Rig::kClientSide, dns(test::dns_message("pool.example"))).empty());
    EXPECT_TRUE(rig.take(Rig::kClientSide).empty());
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 1u);
}

}  // namespace
}  // namespace minerwall::path
