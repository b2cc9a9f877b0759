#include "flow/key.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"

namespace minerwall::flow {
namespace {

using test::Eth;

struct Keyed {
    FlowKey key;
    bool sender_is_low;
};
Keyed key_of(const test::Buffer& bytes, std::uint8_t wire = 0) {
    Keyed out;
    std::memset(static_cast<void*>(&out.key), 0xa5, sizeof out.key);  // exposes unwritten bytes
    out.sender_is_low = make_key(parse(bytes), wire, out.key);
    return out;
}
void expect_one_flow(const test::Buffer& there, const test::Buffer& back) {
    const Keyed a = key_of(there);
    const Keyed b = key_of(back);
    EXPECT_EQ(a.key, b.key);
    EXPECT_NE(a.sender_is_low, b.sender_is_low);
}

TEST(FlowKey, BothDirectionsOfAnIpv4FlowAreOneKey) {
    expect_one_flow(Eth().ipv4("10.0.0.1", "192.0.2.9").tcp(40000, 3333),
                    Eth().ipv4("192.0.2.9", "10.0.0.1").tcp(3333, 40000));
    expect_one_flow(Eth().ipv4("10.0.0.1", "192.0.2.9").udp(40000, 53),
                    Eth().ipv4("192.0.2.9", "10.0.0.1").udp(53, 40000));
}

TEST(FlowKey, BothDirectionsOfAnIpv6FlowAreOneKey) {
    expect_one_flow(Eth().ipv6("2001:db8::1", "2001:db8:0:1::").tcp(40000, 3333),
                    Eth().ipv6("2001:db8:0:1::", "2001:db8::1").tcp(3333, 40000));
}

TEST(FlowKey, BetweenEqualAddressesThePortsTellTheEndsApart) {
    expect_one_flow(Eth().ipv4("10.0.0.1", "10.0.0.1").tcp(40000, 3333),
                    Eth().ipv4("10.0.0.1", "10.0.0.1").tcp(3333, 40000));
    const Keyed key = key_of(Eth().ipv4("10.0.0.1", "10.0.0.1").tcp(40000, 3333));
    EXPECT_EQ(key.key.low_port, 3333);
    EXPECT_EQ(key.key.high_port, 40000);
    EXPECT_FALSE(key.sender_is_low);
}

TEST(FlowKey, PortsStayWithTheirAddresses) {
    // The same four numbers in other pairs are another flow.
    EXPECT_FALSE(key_of(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)).key ==
                 key_of(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(2, 1)).key);
    const FlowKey key = key_of(Eth().ipv4("10.0.0.2", "10.0.0.1").tcp(7, 9)).key;
    EXPECT_EQ(to_text(key.low), "10.0.0.1");
    EXPECT_EQ(key.low_port, 9);
    EXPECT_EQ(key.high_port, 7);
}

TEST(FlowKey, TheVlanIdsArePartOfTheFlowAndTheirPrioritiesAreNot) {
    const auto tagged = [](std::uint16_t outer, std::uint16_t inner) {
        return key_of(Eth()
                          .vlan(outer, packet::kEtherServiceVlan)
                          .vlan(inner)
                          .ipv4("10.0.0.1", "10.0.0.2")
                          .tcp(1, 2))
            .key;
    };
    const FlowKey one = key_of(Eth().vlan(5).ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)).key;
    EXPECT_FALSE(one == key_of(Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2)).key);
    EXPECT_FALSE(one == tagged(5, 6));
    EXPECT_FALSE(tagged(5, 6) == tagged(6, 5));
    EXPECT_FALSE(tagged(5, 6) == tagged(5, 7));
    EXPECT_EQ(tagged(5, 6), tagged(5 | 7 << 13, 6 | 1 << 13));
}

TEST(FlowKey, AWireAndAProtocolAreFlowsOfTheirOwn) {
    const test::Buffer tcp = Eth().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2);
    EXPECT_FALSE(key_of(tcp, 0).key == key_of(tcp, 1).key);
    EXPECT_FALSE(key_of(tcp).key == key_of(Eth().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2)).key);
}

TEST(FlowKey, WithoutPortsTheyAreZero) {
    const FlowKey key =
        key_of(Eth().ipv4("10.0.0.1", "10.0.0.2").proto(packet::kProtoIcmp).payload("\x08ping"))
            .key;
    EXPECT_EQ(key.low_port, 0);
    EXPECT_EQ(key.high_port, 0);
    EXPECT_EQ(key.ip_proto, packet::kProtoIcmp);
    expect_one_flow(Eth().ipv4("10.0.0.1", "10.0.0.2").proto(packet::kProtoEsp).payload("x"),
                    Eth().ipv4("10.0.0.2", "10.0.0.1").proto(packet::kProtoEsp).payload("x"));
}

}  // namespace
}  // namespace minerwall::flow
