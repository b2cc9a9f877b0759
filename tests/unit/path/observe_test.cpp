// A policy that observes drops nothing and sends nothing of its own, whatever happens. Each
// scenario runs twice: the same traffic is dropped where the policy enforces.
#include <gtest/gtest.h>

#include "fragment_traffic.hpp"
#include "path/may_drop.hpp"
#include "tcp_peers.hpp"

namespace minerwall::path {
namespace {

constexpr std::array<PolicyMode, 2> kPolicyModes = {PolicyMode::observes, PolicyMode::enforces};
constexpr std::array<RuleMode, 3> kRuleModes = {RuleMode::none, RuleMode::observes,
                                                RuleMode::enforces};

TEST(MayDrop, WhileThePolicyObservesOnlyDevicesLosePackets) {
    for (unsigned r = 0; r < kReasonCount; ++r) {
        const auto reason = static_cast<Reason>(r);
        for (const RuleMode rule : kRuleModes) {
            EXPECT_EQ(may_drop(PolicyMode::observes, rule, reason),
                      kind_of(reason) == ReasonKind::device)
                << to_text(reason);
        }
    }
}

TEST(MayDrop, OnlyARuleThatEnforcesDropsForThePolicy) {
    for (unsigned r = 0; r < kReasonCount; ++r) {
        const auto reason = static_cast<Reason>(r);
        for (const RuleMode rule : kRuleModes) {
            EXPECT_EQ(may_drop(PolicyMode::enforces, rule, reason),
                      kind_of(reason) != ReasonKind::policy || rule == RuleMode::enforces)
                << to_text(reason);
        }
    }
}

TEST(MayDrop, WhatADeviceLosesIsLostInEachMode) {
    for (const Reason reason :
         {Reason::tx_full, Reason::tx_error, Reason::rx_truncated, Reason::shutdown}) {
        for (const PolicyMode policy : kPolicyModes) {
            EXPECT_TRUE(may_drop(policy, RuleMode::none, reason)) << to_text(reason);
        }
    }
}

class Observing : public testing::TestWithParam<PolicyMode> {
  protected:
    bool observes() const { return GetParam() == PolicyMode::observes; }
    std::unique_ptr<Rig> rig(std::string_view rules, const RigOptions& options = {}) const {
        return std::make_unique<Rig>(rules, options, observes() ? "observe" : "enforce");
    }
    // The scenario must have met `reason`. Observing: all that came in went out, and nothing else.
    void check(Rig& rig, Reason reason) const {
        std::uint64_t received = 0;
        std::uint64_t sent = 0;
        std::uint64_t crafted = 0;
        for (unsigned w = 0; w < rig.worker().context().options.workers; ++w) {
            for (std::uint16_t p = 0; p < 2; ++p) {
                received += rig.counters(w).port[p].received_packets.get();
                sent += rig.counters(w).port[p].sent_packets.get();
                crafted += rig.counters(w).port[p].crafted_packets.get();
            }
        }
        const std::uint64_t dropped = rig.dropped(reason, 0) + rig.dropped(reason, 1);
        rig.check_ledger();
        EXPECT_EQ(rig.dropped(ReasonKind::device), 0u);
        if (observes()) {
            EXPECT_EQ(sent, received);
            EXPECT_EQ(crafted, 0u);
            EXPECT_EQ(rig.dropped(ReasonKind::policy) + rig.dropped(ReasonKind::guard), 0u);
            EXPECT_GT(rig.observed(reason), 0u) << "the scenario did not happen";
        } else {
            EXPECT_GT(dropped, 0u) << "the scenario did not happen";
            EXPECT_EQ(rig.observed(reason), 0u);
        }
    }
};

TEST_P(Observing, AFullFlowTableThatDrops) {
    RigOptions options;
    options.worker.flows.capacity = 64;
    options.worker.flows.drop_when_full = true;
    const auto one = rig(kResetMining, options);
    open_connections(*one, 64);
    for (std::uint16_t n = 0; n < 36; ++n) {
        Talk talk("10.0.0.1", "192.0.2.9", static_cast<std::uint16_t>(20000 + n), 443);
        EXPECT_EQ(one->forwarded(0, talk.syn()), observes());
    }
    EXPECT_EQ(one->counters().flow_table_full.get(), 36u);
    EXPECT_EQ(one->observed(Reason::flow_table_full), observes() ? 36u : 0u);
    check(*one, Reason::flow_table_full);
}

TEST_P(Observing, AFullFlowTableAndAnAddressThatARuleBlocks) {
    RigOptions options;
    options.worker.flows.capacity = 64;
    options.worker.flows.drop_when_full = true;
    const auto one = rig(rule("any_ip = \"@bad\"", "drop"), options);
    for (std::uint16_t n = 0; n < 70; ++n) {
        Talk talk("10.0.0.1", n < 64 ? "192.0.2.9" : "203.0.113.7",
                  static_cast<std::uint16_t>(20000 + n), 443);
        EXPECT_EQ(one->forwarded(0, talk.syn()), observes() || n < 64);
    }
    check(*one, Reason::policy_drop);
}

TEST_P(Observing, AMinerThatARuleResets) {
    const auto one = rig(kResetMining);
    Talk talk;
    talk.open(*one);
    EXPECT_EQ(one->forwarded(0, talk.up(test::kLogin)), observes());
    (void)one->take(0);
    EXPECT_EQ(one->forwarded(1, talk.down("{\"id\":1}\n")), observes());
    (void)one->take(1);
    EXPECT_EQ(one->observed(Reason::policy_reset), observes() ? 2u : 0u) << "each of its packets";
    check(*one, Reason::policy_reset);
    EXPECT_EQ(one->counters().resets_crafted.get(), observes() ? 0u : 3u);
}

TEST_P(Observing, AMinerThatARuleDrops) {
    const auto one = rig(rule("app = \"mining\"", "drop"));
    Talk talk;
    talk.open(*one);
    EXPECT_EQ(one->forwarded(0, talk.up(test::kLogin)), observes());
    check(*one, Reason::policy_drop);
}

TEST_P(Observing, ADnsQuestionWithASinkhole) {
    const auto one = rig(kSinkhole);
    EXPECT_EQ(one->forwarded(0, question(kEnds[0], "eu.pool.example")), observes());
    (void)one->take(0);
    check(*one, Reason::policy_sinkhole);
    EXPECT_EQ(one->counters().sinkholes_crafted.get(), observes() ? 0u : 1u);
}

TEST_P(Observing, ADnsQuestionInAConnection) {
    const auto one = rig(kSinkhole);
    Talk talk("10.0.0.1", "192.0.2.53", 40000, 53);
    talk.open(*one);
    const std::string message = test::dns_message("eu.pool.example");
    std::string framed = {static_cast<char>(message.size() >> 8U),
                          static_cast<char>(message.size() & 0xffU)};
    framed += message;
    EXPECT_EQ(one->forwarded(0, talk.up(framed)), observes());
    (void)one->take(0);
    check(*one, Reason::policy_reset);
}

TEST_P(Observing, OtherBytesInPlaceOfThoseJudged) {
    const auto one = rig(kResetMining);
    Peers peers(*one);
    peers.open();
    EXPECT_TRUE(peers.up(0, std::string(64, '#')));
    EXPECT_EQ(peers.up(0, std::string(64, '+')), observes());
    check(*one, Reason::stream_conflict);
}

TEST_P(Observing, StreamMemoryThatIsFullAndDrops) {
    RigOptions options;
    options.worker.streams = {.memory_kb = 8, .flow_kb = 4, .drop_when_full = true};
    const auto one = rig(kResetMining, options);
    Peers peers(*one);
    peers.open();
    for (std::size_t i = 0; i < 20; ++i) {
        const bool passed = peers.up(2048 + i * 1024, std::string(1024, 'x'));
        EXPECT_TRUE(passed || !observes());
    }
    check(*one, Reason::stream_memory_full);
}

TEST_P(Observing, FragmentsThatOverlapWithOtherBytes) {
    const auto one = rig(kSinkhole);
    const Fragmenter pieces(question(kEnds[0], "eu.pool.example"));
    EXPECT_TRUE(one->forwarded(0, pieces.piece(0, 24)));
    EXPECT_EQ(one->forwarded(0, pieces.piece(0, Buffer(24, 'x'), true)), observes());
    EXPECT_EQ(one->forwarded(0, pieces.piece(24, pieces.size() - 24)), observes());
    check(*one, Reason::fragment_conflict);
}

TEST_P(Observing, AFragmentThatAVerdictStopped) {
    const auto one = rig(kSinkhole);
    const Fragmenter pieces(question(kEnds[0], "eu.pool.example"));
    EXPECT_TRUE(one->forwarded(0, pieces.piece(0, 24)));
    EXPECT_EQ(one->forwarded(0, pieces.piece(24, pieces.size() - 24)), observes());
    (void)one->take(0);
    check(*one, Reason::policy_sinkhole);
}

TEST_P(Observing, FragmentMemoryThatIsFullAndDrops) {
    RigOptions options;
    options.worker.fragments.limits.datagrams = 8;
    options.worker.fragments.drop_when_full = true;
    const auto one = rig(kSinkhole, options);
    const Fragmenter pieces(large(kEnds[0], 64, 'y'));
    EXPECT_TRUE(one->forwarded(0, pieces.piece(0, 24)));
    for (unsigned n = 0; n < 8; ++n) {
        const Eth other = Eth()
                              .ipv4("10.9.0." + std::to_string(n + 1), "192.0.2.9")
                              .udp(1, 2)
                              .payload(std::string(64, 'x'));
        EXPECT_TRUE(one->forwarded(0, Fragmenter(other).piece(0, 16)));
    }
    EXPECT_EQ(one->forwarded(0, pieces.piece(24, pieces.size() - 24)), observes());
    check(*one, Reason::fragment_memory_full);
}

TEST_P(Observing, FragmentsBeyondTheShareOfTheirSource) {
    RigOptions options;
    options.worker.fragments.limits.datagrams = 16;
    const auto one = rig(kSinkhole, options);
    // One source begins more datagrams than there is room for, and then ends the first ones.
    std::vector<Fragmenter> datagrams;
    for (unsigned n = 0; n < 32; ++n) {
        datagrams.emplace_back(
            Buffer(frame(kEnds[0]).udp(5000, 6000).payload(std::string(64, 'y'))), n);
        (void)one->pass(0, datagrams.back().piece(0, 24));
    }
    for (const Fragmenter& pieces : datagrams) {
        (void)one->pass(0, pieces.piece(24, pieces.size() - 24));
    }
    check(*one, Reason::fragment_memory_full);
}

TEST_P(Observing, AFullRingToTheOwnerOfAFlow) {
    RigOptions options;
    options.workers = 2;
    options.handover_ring = 8;  // holds 7
    const auto one = rig(kResetMining, options);
    constexpr unsigned kPackets = 64;
    for (unsigned n = 0; n < kPackets; ++n) {
        one->put(0, frame(kEnds[0]).udp(static_cast<std::uint16_t>(10000 + n), 443).payload("x"));
    }
    for (unsigned i = 0; i < 4; ++i) {
        one->worker(0).turn(one->now);  // worker 1 sleeps
    }
    one->turn();
    one->turn();
    check(*one, Reason::handover_full);
    EXPECT_EQ(one->take(1).size(),
              observes() ? kPackets : kPackets - one->dropped(Reason::handover_full));
}

// The copies as well: the rig counts the buffers at its end.
TEST_P(Observing, FullRingsToTheOwnersOfFragments) {
    RigOptions options;
    options.workers = 2;
    options.handover_ring = 2;  // holds one
    const auto one = rig(kSinkhole, options);
    for (unsigned n = 0; n < 64; ++n) {
        const Fragmenter pieces(
            question(kEnds[n % 2], "eu.pool.example", static_cast<std::uint16_t>(1024 + n)), n);
        one->put(0, pieces.piece(0, 24), {}, n % 2);
        one->put(0, pieces.piece(24, pieces.size() - 24), {}, n % 2);
        if (n % 8 == 7) {
            one->turn();
        }
    }
    for (unsigned n = 0; n < 70; ++n) {
        one->turn();
    }
    check(*one, Reason::handover_full);
    (void)one->take(0);
    (void)one->take(1);
}

INSTANTIATE_TEST_SUITE_P(Mode, Observing,
                         testing::Values(PolicyMode::observes, PolicyMode::enforces),
                         [](const auto& mode) {
                             return mode.param == PolicyMode::observes ? "Observes" : "Enforces";
                         });

TEST(ObservingSince, WhatWasBlockedBeforePasses) {
    Rig rig(kSinkhole + ", " + kResetMining);
    Talk talk;
    talk.open(rig);
    EXPECT_EQ(rig.pass(0, talk.up(test::kLogin)).size(), 1u) << "a reset";
    (void)rig.take(0);
    const Fragmenter pieces(question(kEnds[0], "eu.pool.example"));
    EXPECT_TRUE(rig.forwarded(0, pieces.piece(0, 24)));
    EXPECT_TRUE(rig.pass(0, pieces.piece(24, pieces.size() - 24)).empty());
    (void)rig.take(0);
    (void)rig.take(1);

    rig.publish(kSinkhole + ", " + kResetMining, "observe");
    EXPECT_TRUE(rig.forwarded(0, talk.up("{}\n"))) << "of a connection that was cut";
    EXPECT_TRUE(rig.forwarded(0, pieces.piece(24, pieces.size() - 24)))
        << "of a packet that left a tombstone";
    EXPECT_EQ(rig.observed(Reason::policy_reset), 1u);
    EXPECT_EQ(rig.observed(Reason::policy_drop), 1u);

    rig.publish(kSinkhole + ", " + kResetMining, "enforce");
    EXPECT_FALSE(rig.forwarded(0, talk.up("{}\n"))) << "and is cut again";
    (void)rig.take(0);
    (void)rig.take(1);
}

// Under a policy that enforces, a rule that observes demands nothing; the path still protects what
// it reads.
TEST(ObservingRule, ItsFlowsPassAndTheirConflictsDoNot) {
    Rig rig(rule("app = \"mining\"", "drop", "mode = \"observe\";"));
    Peers peers(rig);
    peers.open();
    EXPECT_TRUE(peers.up(0, std::string(64, '#')));
    EXPECT_FALSE(peers.up(0, std::string(64, '+')));
    EXPECT_TRUE(peers.up(64, "\n" + std::string(test::kLogin)));
    EXPECT_EQ(rig.dropped(Reason::stream_conflict), 1u);
    EXPECT_EQ(rig.observed(Reason::stream_conflict), 0u);
    EXPECT_EQ(rig.observed(Reason::policy_drop), 1u);
}

}  // namespace
}  // namespace minerwall::path
