// What a bound of ours keeps us from reading: the policy's setting `unreadable` decides about it.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using test::Eth;

Eth tags(unsigned count, std::uint16_t first) {
    Eth link;
    for (unsigned n = 0; n < count; ++n) {
        link.vlan(static_cast<std::uint16_t>(first == 0 ? 0 : first + n));
    }
    return link;
}
Buffer nine_tags() {
    return tags(packet::kMaxVlanTags + 1, 1)
        .ipv4("10.0.0.1", "203.0.113.7")
        .udp(40000, 9)
        .payload("x");
}
Buffer deep_tunnels() {
    Eth packet = Eth().ipv4("10.0.0.1", "203.0.113.7").udp(40000, 9).payload("x");
    for (unsigned depth = 0; depth <= packet::kMaxTunnels; ++depth) {
        Eth outer = Eth().ipv4("198.51.100.1", "198.51.100.2");
        outer.in_ip(packet);
        packet = outer;
    }
    return packet;
}
Buffer many_headers() {
    Eth eth = Eth().ipv6("2001:db8::1", "2001:db8::2");
    for (unsigned n = 0; n <= packet::kMaxExtensionHeaders; ++n) {
        eth.destination();
    }
    return eth.udp(40000, 9).payload("x");
}

std::uint64_t count(Rig& rig, Unreadable kind) {
    return rig.counters().unreadable[static_cast<unsigned>(kind)].get();
}

// A record and a ClientHello that says it has 262,145 bytes.
const std::string kLongHello("\x16\x03\x01\x40\x00\x01\x04\x00\x01\x03\x03", 11);

// The policy's list of rules, and settings behind it.
std::string with(std::string_view setting) {
    return kResetMining + " ); unreadable" + std::string(setting) + "; # ";
}

TEST(UnreadableTest, HeadersBeyondABoundAreDroppedUnlessThePolicySaysOtherwise) {
    const std::pair<Unreadable, Buffer> frames[] = {{Unreadable::link_tags, nine_tags()},
                                                    {Unreadable::ip_headers, many_headers()},
                                                    {Unreadable::tunnels, deep_tunnels()}};
    for (const auto& [kind, frame] : frames) {
        SCOPED_TRACE(to_text(kind));
        Rig by_default(kResetMining);
        EXPECT_TRUE(by_default.pass(Rig::kClientSide, frame).empty());
        EXPECT_TRUE(by_default.pass(Rig::kClientSide, frame).empty());
        EXPECT_EQ(by_default.dropped(Reason::policy_drop), 2u);
        EXPECT_EQ(count(by_default, kind), 2u);

        Rig forwarded(with(" = \"forward\""));
        EXPECT_TRUE(forwarded.forwarded(Rig::kClientSide, frame));
        EXPECT_EQ(count(forwarded, kind), 1u);

        Rig other(
            with(": { default = \"forward\"; " + std::string(to_text(kind)) + " = \"drop\"; }"));
        EXPECT_TRUE(other.pass(Rig::kClientSide, frame).empty());

        Rig observing(kResetMining, {}, "observe");
        EXPECT_TRUE(observing.forwarded(Rig::kClientSide, frame));
        EXPECT_EQ(observing.observed(Reason::policy_drop), 1u);
        EXPECT_EQ(observing.dropped(ReasonKind::policy), 0u);
    }
}

// A forged packet inside somebody's tunnel ends nothing but itself.
TEST(UnreadableTest, APacketDecidesNothingAboutItsFlow) {
    Rig rig(kResetMining);
    const auto between = [] { return Eth().ipv4("198.51.100.1", "198.51.100.2"); };
    Eth tagged = tags(packet::kMaxVlanTags + 1, 1);
    const Buffer forged =
        between().gre_ethernet(tagged.ipv4("10.0.0.1", "203.0.113.7").udp(40000, 9).payload("x"));
    const Buffer honest = between().gre_ethernet(Eth().ethertype(0x0806).payload("not IP"));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, honest));
    EXPECT_TRUE(rig.pass(Rig::kClientSide, forged).empty());
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, honest)) << "it is the tunnel's own flow";
    EXPECT_EQ(rig.counters().flows_created.get(), 1u);
}

TEST(UnreadableTest, ARuleOfThePolicyMakesAnException) {
    Rig rig(rule("unreadable = \"tunnels\"; server_ip = \"198.51.100.2\"", "allow"));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, deep_tunnels()));
    EXPECT_TRUE(rig.pass(Rig::kClientSide, nine_tags()).empty());
}

TEST(UnreadableTest, TheEventSaysWhatCouldNotBeRead) {
    Rig rig(kResetMining);
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 443);
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(kLongHello));
    const std::vector<event::Record> events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].match.rule.view(), "unreadable");
    EXPECT_EQ(events[0].match.list.view(), "unreadable");
    EXPECT_EQ(events[0].match.list_entry.view(), "tls_hello");
    EXPECT_EQ(events[0].match.evidence, EvidenceKind::none) << "this is no sign of mining";
}

TEST(UnreadableTest, AHelloThatIsLongerThanAnyServerTakesEndsItsConnection) {
    Rig rig(kResetMining);
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 443);
    talk.open(rig);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up(kLongHello)).empty());
    EXPECT_EQ(count(rig, Unreadable::tls_hello), 1u);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up("more")).empty()) << "the verdict stays";
    rig.publish(kResetMining);
    EXPECT_TRUE(rig.pass(Rig::kClientSide, talk.up("more")).empty()) << "under a new policy, too";
    rig.publish(with(": { tls_hello = \"forward\"; }"));
    EXPECT_EQ(rig.pass(Rig::kClientSide, talk.up("more")).size(), 1u);
}

TEST(UnreadableTest, AHeadThatIsLongerThanWeReadEndsItsConnection) {
    Rig rig(kResetMining);
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 80);
    talk.open(rig);
    EXPECT_EQ(rig.pass(Rig::kClientSide, talk.up("GET / HTTP/1.1\r\nX: ")).size(), 1u);
    std::size_t passed = 0;
    for (unsigned n = 0; n < 300; ++n) {
        passed += rig.pass(Rig::kClientSide, talk.up(std::string(1024, 'x'))).size();
        rig.pass(Rig::kServerSide, talk.down());
    }
    EXPECT_EQ(passed, 255u);
    EXPECT_EQ(count(rig, Unreadable::http_head), 1u);
}

TEST(UnreadableTest, AQueryWithoutAReadableQuestionIsForwardedUnlessThePolicySaysOtherwise) {
    std::string query = test::dns_message("www.example");
    query[12] = '\x41';  // an extended label type
    const Buffer frame = Eth().ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(query);
    Rig by_default(kResetMining);
    EXPECT_TRUE(by_default.forwarded(Rig::kClientSide, frame));
    EXPECT_EQ(count(by_default, Unreadable::dns_question), 1u);
    Rig strict(with(" = \"drop\""));
    EXPECT_TRUE(strict.pass(Rig::kClientSide, frame).empty());
    EXPECT_EQ(count(strict, Unreadable::dns_question), 1u);
}

TEST(UnreadableTest, PriorityTagsHideNothing) {
    Rig rig(kResetMining);
    Talk talk;
    talk.open(rig);
    Buffer login = talk.up(test::kLogin);
    const Buffer tag = {0x81, 0x00, 0x00, 0x00};
    for (unsigned n = 0; n < 9; ++n) {
        login.insert(login.begin() + 12, tag.begin(), tag.end());
    }
    rig.pass(Rig::kClientSide, login);
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    EXPECT_EQ(rig.counters().flows_created.get(), 1u) << "tagged or not, it is one flow";
}

}  // namespace
}  // namespace minerwall::path
