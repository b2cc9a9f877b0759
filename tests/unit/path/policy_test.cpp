// The policy's decisions, and running flows after a new policy is published.
#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

const std::string kDropMining = rule("app = \"mining\"", "drop");
const std::string kDropNames = rule("server_name = \"@pools\"", "drop");
const std::string kNothing = rule("server_port = 1", "drop");

std::size_t reached(Rig& rig, std::uint16_t port, const Buffer& frame) {
    return rig.pass(port, frame).size();
}

TEST(Observe, APolicyThatObservesForwardsAndReports) {
    Rig rig(kResetMining, {}, "observe");
    Talk talk;
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::kLogin)));
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide, talk.down("{\"id\":1}\n")));
    const auto events = rig.events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, event::Kind::detection);
    EXPECT_EQ(events[0].action, Action::reset) << "the action that would apply";
    EXPECT_FALSE(events[0].enforced);
    EXPECT_EQ(events[0].mining.dialect, Dialect::cryptonote);
    EXPECT_EQ(
        rig.counters().detections_by_dialect[static_cast<unsigned>(Dialect::cryptonote)].get(), 1u);
}

TEST(Observe, ARuleThatObservesDoesSoByItself) {
    Rig rig(rule("server_ip = \"@bad\"", "drop", "mode = \"observe\";") + ", " + kResetMining);
    Talk watched("10.0.0.1", "203.0.113.7", 40000, 443);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, watched.syn()));
    Talk other;
    other.open(rig);
    rig.pass(Rig::kClientSide, other.up(test::kSubscribe));
    EXPECT_EQ(rig.take(Rig::kClientSide).size(), 1u) << "the other rule enforces";
    EXPECT_EQ(rig.dropped(Reason::policy_reset), 1u);
    EXPECT_EQ(rig.events_of(event::Kind::detection).size(), 2u);
}

TEST(Observe, NoDnsMessageIsTouched) {
    Rig rig(rule("dns_name = \"@pools\"", "sinkhole"), {}, "observe");
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, test::Eth()
                                                    .ipv4("10.0.0.1", "192.0.2.53")
                                                    .udp(40000, 53)
                                                    .payload(test::dns_message("pool.example"))));
    EXPECT_EQ(rig.events_of(event::Kind::detection).size(), 1u);
}

TEST(Judgement, TheRuleThatStandsFirstDecides) {
    Rig rig(rule("client_ip = \"10.0.0.0/8\"", "allow") + ", " + kDropMining);
    Talk sanctioned;
    sanctioned.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, sanctioned.up(test::kLogin)));
    Talk other("192.168.0.1", "192.0.2.9", 40000, 8080);
    other.open(rig);
    EXPECT_EQ(reached(rig, 0, other.up(test::kLogin)), 0u);
}

TEST(Judgement, EachHostOfAKeptHttpConnectionIsJudged) {
    Rig rig(kDropNames);
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 80);
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::http_get("news.example"))));
    EXPECT_EQ(reached(rig, 0, talk.up(test::http_get("eu.pool.example"))), 0u);
    EXPECT_EQ(reached(rig, 0, talk.up(test::http_get("news.example"))), 0u) << "it stays cut";
}

TEST(Judgement, NoRequestHidesBehindAnotherOfItsSegment) {
    for (const bool first : {true, false}) {
        Rig rig(kDropNames);
        Talk talk("10.0.0.1", "192.0.2.9", 40000, 80);
        talk.open(rig);
        const std::string pool = test::http_get("pool.example");
        const std::string news = test::http_get("news.example");
        EXPECT_EQ(reached(rig, 0, talk.up(first ? pool + news : news + pool)), 0u);
    }
}

TEST(Judgement, RolesThatWereGuessedWrongAreTurnedByWhoSpeaks) {
    Rig rig(rule("app = \"mining\"; server_port = 50000", "drop") + ", " +
            rule("app = \"mining\"; server_port = 999", "reset"));
    // Mid-stream, both ports mislead: the end with the low port is the miner.
    Talk talk("10.0.0.1", "192.0.2.9", 999, 50000);
    talk.client_seq = 4711;
    EXPECT_EQ(reached(rig, 0, talk.up(test::kLogin)), 0u);
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 1u);
    const auto events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(to_text(events[0].client), "10.0.0.1");
    EXPECT_EQ(events[0].client_port, 999);
    EXPECT_EQ(events[0].flow.packets_to_server, 1u);
    EXPECT_FALSE(events[0].to_client);
}

TEST(Judgement, AfterASynTheRolesAreCertain) {
    Rig rig(kDropMining);
    Talk talk;
    talk.open(rig);
    // The connection's server speaks like a miner: a reverse tunnel, or a lie.
    EXPECT_EQ(reached(rig, 1, talk.down(test::kLogin)), 0u);
    const auto events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(to_text(events[0].client), "10.0.0.1");
    EXPECT_TRUE(events[0].to_client);
}

TEST(Reload, ARunningFlowIsJudgedAfreshByItsName) {
    Rig rig(kNothing);
    Talk talk("10.0.0.1", "192.0.2.9", 40000, 443);
    talk.open(rig);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(test::client_hello("pool.example"))));
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide, talk.down("\x16\x03\x03")));
    rig.publish(kDropNames);
    EXPECT_EQ(reached(rig, 0, talk.up("encrypted")), 0u);
    EXPECT_EQ(reached(rig, 1, talk.down("encrypted")), 0u);
    const auto events = rig.events_of(event::Kind::detection);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].match.evidence, EvidenceKind::name);
    EXPECT_EQ(events[0].match.policy_version, 2u);
    EXPECT_EQ(events[0].name.text, "pool.example");
    rig.publish(kNothing);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up("encrypted")));
}

TEST(Reload, ARunningFlowIsJudgedAfreshByItsMiningEvidence) {
    Rig rig(kDropMining);
    Talk talk;
    talk.open(rig);
    EXPECT_EQ(reached(rig, 0, talk.up(test::kLogin)), 0u);
    rig.publish(rule("client_ip = \"10.0.0.0/8\"", "allow") + ", " + kDropMining);
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, talk.up("{\"id\":2}\n")));
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide, talk.down("{\"id\":2}\n")));
    rig.publish(kDropMining);
    EXPECT_EQ(reached(rig, 0, talk.up("{\"id\":3}\n")), 0u);
    EXPECT_EQ(reached(rig, 1, talk.down("{\"id\":3}\n")), 0u);
}

TEST(Reload, AFlowThatIsAllowedAgainIsStillInspected) {
    Rig rig(rule("server_ip = \"192.0.2.9\"", "drop"));
    Talk talk;
    EXPECT_EQ(reached(rig, 0, talk.syn()), 0u);
    rig.publish(kDropMining);
    talk.client_seq = 1000;
    talk.open(rig);
    EXPECT_EQ(reached(rig, 0, talk.up(test::kLogin)), 0u);
    EXPECT_EQ(rig.dropped(Reason::policy_drop), 2u);
}

TEST(Reload, ThePolicyOfABurstIsOnePolicy) {
    Rig rig(kNothing);
    Talk talk;
    talk.open(rig);
    EXPECT_EQ(rig.worker().context().rules->epoch(), 1u);
    EXPECT_EQ(rig.publish(kDropMining), 2u);
    EXPECT_EQ(rig.worker().context().rules->epoch(), 1u) << "until the next turn";
    rig.turn();
    EXPECT_EQ(rig.worker().context().rules->epoch(), 2u);
}

TEST(Reload, AReplacedPolicyIsFreedWhenTheWorkerHasLetGo) {
    Rig rig(kNothing);
    rig.turn();
    rig.publish(kDropMining);
    rig.store().confirm();
    EXPECT_EQ(rig.store().retired(), 1u) << "the worker was not quiescent yet";
    rig.turn();
    rig.store().confirm();
    EXPECT_EQ(rig.store().retired(), 0u);
}

}  // namespace
}  // namespace minerwall::path
