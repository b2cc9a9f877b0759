// Every condition of the policy sees its fact: the path fills it from traffic. A condition without
// a row in kProofs fails, and so does one whose fact stays unknown.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "policy/condition_table.hpp"
#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using namespace std::string_literals;
using policy::Condition;
using test::Eth;

// Every fact that a frame alone shows.
void one_datagram(Rig& rig) {
    rig.pass(Rig::kClientSide,
             Eth().vlan(7).ipv4("10.0.0.1", "203.0.113.7").udp(40000, 3333).payload("x"));
}

void nine_tags(Rig& rig) {
    Eth link;
    for (std::uint16_t n = 1; n <= packet::kMaxVlanTags + 1; ++n) {
        link.vlan(n);
    }
    rig.pass(Rig::kClientSide, link.ipv4("10.0.0.1", "203.0.113.7").udp(40000, 9).payload("x"));
}

void ask_dns(Rig& rig, const std::string& question) {
    rig.pass(Rig::kClientSide,
             Eth().ipv4("10.0.0.1", "192.0.2.53").udp(40000, 53).payload(question));
}

void dns_question(Rig& rig) {
    ask_dns(rig, test::dns_message("pool.example"));
}

// The answer for a pool's name, then a connection to the address that it tells.
void dns_answer_and_syn(Rig& rig) {
    ask_dns(rig, test::dns_message("pool.example"));
    std::string answer = test::dns_message("pool.example", true);
    answer[7] = 1;  // one record: A, 120 seconds
    answer += "\xc0\x0c"s + "\0\x01\0\x01\0\0\0\x78"s + test::sized16("\xc6\x33\x64\x09"s);
    rig.pass(Rig::kServerSide, Eth().ipv4("192.0.2.53", "10.0.0.1").udp(53, 40000).payload(answer));
    Talk talk("10.0.0.1", "198.51.100.9", 41000, 443);
    rig.pass(Rig::kClientSide, talk.syn());
}

void client_hello(Rig& rig) {
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 443);
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(test::client_hello("pool.example")));
}

void stratum_login(Rig& rig) {
    Talk talk;
    talk.open(rig);
    rig.pass(Rig::kClientSide, talk.up(test::kLogin));
}

struct Proof {
    Condition condition;
    const char* value;
    void (*traffic)(Rig& rig);  // the condition holds with `value`
    bool by_frame = false;      // it holds without a flow, too
};

constexpr std::array kProofs = {
    Proof{Condition::proto, "\"udp\"", one_datagram, true},
    Proof{Condition::vlan, "7", one_datagram, true},
    Proof{Condition::client_port, "40000", one_datagram, true},
    Proof{Condition::server_port, "\"@ports\"", one_datagram, true},
    Proof{Condition::any_port, "\"@ports\"", one_datagram, true},
    Proof{Condition::client_ip, "\"10.0.0.1\"", one_datagram, true},
    Proof{Condition::server_ip, "\"@bad\"", one_datagram, true},
    Proof{Condition::any_ip, "\"@bad\"", one_datagram, true},
    Proof{Condition::learned, "true", dns_answer_and_syn},
    Proof{Condition::unreadable, "\"link_tags\"", nine_tags},
    Proof{Condition::dns_name, "\"@pools\"", dns_question},
    Proof{Condition::server_name, "\"@pools\"", client_hello},
    Proof{Condition::any_name, "\"@pools\"", client_hello},
    Proof{Condition::app, "\"mining\"", stratum_login},
};

// To learn an address, some rule must ask for the name that leads to it.
std::string policy_of(const policy::ConditionEntry& entry, const Proof& proof) {
    return rule(std::string(entry.key) + " = " + proof.value, "drop") + ", " +
           rule("dns_name = \"@pools\"", "observe");
}

// Opens connections that hold for no proof until no flow is free.
std::uint64_t dropped(Rig& rig) {
    return rig.dropped(Reason::policy_drop, Rig::kClientSide) +
           rig.dropped(Reason::policy_drop, Rig::kServerSide);
}

TEST(ConditionFacts, TrafficMakesEachConditionHold) {
    for (const policy::ConditionEntry& entry : policy::conditions()) {
        SCOPED_TRACE(entry.key);
        const auto proof = std::ranges::find(kProofs, entry.condition, &Proof::condition);
        if (proof == kProofs.end()) {
            ADD_FAILURE() << "kProofs has no traffic for this condition";
            continue;
        }
        Rig rig(policy_of(entry, *proof));
        open_connections(rig, 1);
        EXPECT_EQ(dropped(rig), 0u) << "other traffic";
        proof->traffic(rig);
        EXPECT_EQ(dropped(rig), 1u) << "the path does not fill its fact";
    }
}

TEST(ConditionFacts, TheFrameAloneMakesItHoldWithoutAFlow) {
    RigOptions options;
    options.worker.flows.capacity = 64;
    for (const Proof& proof : kProofs) {
        if (!proof.by_frame) {
            continue;
        }
        const policy::ConditionEntry& entry = policy::entry_of(proof.condition);
        SCOPED_TRACE(entry.key);
        Rig rig(policy_of(entry, proof), options);
        open_connections(rig, 64);
        proof.traffic(rig);
        EXPECT_EQ(rig.counters().flow_table_full.get(), 1u);
        EXPECT_EQ(dropped(rig), 1u) << "the path does not fill its fact";
    }
}

}  // namespace
}  // namespace minerwall::path
