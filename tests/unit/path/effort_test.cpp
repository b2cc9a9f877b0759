#include "path/effort.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

std::uint64_t g_clock = 0;
std::uint64_t stepping_clock() noexcept {
    return g_clock += 1000;  // so each measured packet costs that much
}
std::uint64_t set_clock() noexcept {
    return g_clock;
}

IpAddress address_of(unsigned host) {
    const std::uint8_t four[4] = {10, 0, 0, static_cast<std::uint8_t>(host)};
    return IpAddress::v4(four);
}

class EffortTest : public testing::Test {
  protected:
    // A window of a million cycles, of which each source takes what is given.
    void window(const std::vector<std::pair<unsigned, std::uint64_t>>& work, bool idle = false) {
        for (const auto& [who, cycles] : work) {
            effort_.charge(source(who), cycles);
        }
        for (unsigned i = 1; i < Effort::kFewTurns; ++i) {
            effort_.turn(now_, false);
        }
        g_clock += 1'000'000;
        now_ += Effort::kWindow;
        reports_ += effort_.turn(now_, idle) ? 1 : 0;
    }
    void windows(unsigned n, const std::vector<std::pair<unsigned, std::uint64_t>>& work,
                 bool idle = false) {
        for (unsigned i = 0; i < n; ++i) {
            window(work, idle);
        }
    }
    // Half of a window's cycles, of one source or of two.
    static std::vector<std::pair<unsigned, std::uint64_t>> many(unsigned who, unsigned other = 0) {
        std::vector<std::pair<unsigned, std::uint64_t>> out;
        for (unsigned i = 0; i < 8; ++i) {
            out.emplace_back(i % 2 == 0 || other == 0 ? who : other, 60'000);
        }
        return out;
    }
    Effort::Taker source(unsigned who, std::uint64_t flow = 0) const {
        const std::uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
        constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
        return effort_.taker(0, mac, address_of(who), (flow * 256 + who) * kSpread);
    }

    WorkerCounters counters_;
    Nanos now_ = kNanosPerSecond;
    Effort effort_{{.limited = true, .clock = set_clock}, 7, counters_};
    unsigned reports_ = 0;
};

TEST_F(EffortTest, ABusyWorkerWhoseWorkIsElsewhereShedsNothing) {
    windows(50, {{1, 100'000}, {2, 100'000}});
    EXPECT_EQ(effort_.rung(), Rung::none);
}

TEST_F(EffortTest, AWorkerThatOftenLostItsCoreShedsNothing) {
    static std::uint64_t ran;
    for (const unsigned tenths : {5u, 9u}) {
        Effort effort(
            {.limited = true, .clock = set_clock, .cpu_time = []() noexcept { return ran; }}, 7,
            counters_);
        for (unsigned window = 0; window < 50; ++window) {
            for (const auto& [who, cycles] : many(1)) {
                effort.charge(source(who), cycles);
            }
            for (unsigned i = 1; i < Effort::kFewTurns; ++i) {
                effort.turn(now_, false);
            }
            g_clock += 1'000'000;
            now_ += Effort::kWindow;
            ran += static_cast<std::uint64_t>(Effort::kWindow) * tenths / 10;
            effort.turn(now_, false);
        }
        EXPECT_EQ(effort.rung() != Rung::none, tenths == 9) << tenths;
    }
}

TEST_F(EffortTest, AWorkerThatRestsShedsNothing) {
    windows(50, many(1), true);
    EXPECT_EQ(effort_.rung(), Rung::none);
    EXPECT_FALSE(effort_.is_over(source(1)));
}

TEST_F(EffortTest, AProgramThatTakesTheCoreIsNoOverload) {
    for (unsigned i = 0; i < 50; ++i) {
        for (unsigned n = 0; n < 8; ++n) {
            effort_.charge(source(1), 60'000);
        }
        g_clock += 1'000'000;
        now_ += Effort::kWindow;
        effort_.turn(now_, false);
    }
    EXPECT_EQ(effort_.rung(), Rung::none);
}

TEST_F(EffortTest, TheLargestTakerGoesFirst) {
    windows(3, many(1));
    EXPECT_EQ(effort_.rung(), Rung::source);
    for (unsigned i = 0; i < 5; ++i) {
        effort_.charge(source(1), 60'000);
    }
    effort_.charge(source(2), 10'000);
    EXPECT_TRUE(effort_.is_over(source(1)));
    EXPECT_FALSE(effort_.is_over(source(2)));
    EXPECT_FALSE(effort_.is_over(source(3)));
}

TEST_F(EffortTest, SmallFlowsOfALargeTakerAreStillRead) {
    windows(3, many(1));
    for (unsigned i = 0; i < 5; ++i) {
        effort_.charge(source(1, 1), 60'000);
    }
    EXPECT_TRUE(effort_.is_over(source(1, 1)));
    EXPECT_FALSE(effort_.is_over(source(1, 2)));
    for (unsigned i = 0; i < 4; ++i) {
        effort_.charge(source(1, 3 + i), 60'000);
    }
    EXPECT_TRUE(effort_.is_over(source(1, 2))) << "all of them have a bound";
}

TEST_F(EffortTest, ASourceHasAShareInEachWindow) {
    windows(3, many(1));
    EXPECT_FALSE(effort_.is_over(source(1)));
}

TEST_F(EffortTest, TheLadderIsClimbedAndLeftRungByRung) {
    std::vector<Rung> seen;
    const auto note = [&] {
        if (seen.empty() || seen.back() != effort_.rung()) {
            seen.push_back(effort_.rung());
        }
    };
    for (unsigned i = 0; i < 20; ++i) {
        window(many(1, 2));
        note();
    }
    for (unsigned i = 0; i < 60; ++i) {
        window({}, true);
        note();
    }
    EXPECT_EQ(seen, (std::vector<Rung>{Rung::none, Rung::source, Rung::late_look, Rung::unknown,
                                       Rung::alone, Rung::unknown, Rung::late_look, Rung::source,
                                       Rung::none}));
    EXPECT_EQ(counters_.shed_rung.get(), 0u);
}

TEST_F(EffortTest, AnOverloadThatSwaysIsReportedOnce) {
    for (unsigned i = 0; i < 20; ++i) {
        windows(3, many(1));
        windows(16, {}, true);
    }
    EXPECT_EQ(effort_.announced(), Rung::source);
    EXPECT_EQ(reports_, 1u);
    windows(120, {}, true);
    EXPECT_EQ(effort_.announced(), Rung::none);
    EXPECT_EQ(reports_, 2u);
}

TEST_F(EffortTest, ARefusedSourceIsLetInAgainLate) {
    windows(3, many(1));
    for (unsigned i = 0; i < 40; ++i) {
        for (unsigned n = 0; n < 8; ++n) {
            effort_.charge(source(1), 60'000);
        }
        EXPECT_TRUE(effort_.is_over(source(1)));
        window({}, true);
    }
    EXPECT_EQ(effort_.rung(), Rung::source);
}

TEST_F(EffortTest, WhoForgesAnAddressIsAnotherSource) {
    const std::uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
    const std::uint8_t other[6] = {2, 0, 0, 0, 0, 2};
    const IpAddress address = address_of(1);
    const auto hash = [&](std::uint16_t port, const std::uint8_t* from) {
        return effort_.taker(port, from, address, 0).source;
    };
    EXPECT_NE(hash(0, mac), hash(0, other));
    EXPECT_NE(hash(0, mac), hash(1, mac));
    EXPECT_EQ(hash(0, mac), hash(0, mac));
}

// A whole worker: the ladder's effects.
class ShedTest : public testing::Test {
  protected:
    explicit ShedTest(bool drop = true, const char* mode = "enforce")
        : rig_(kResetMining, options(drop), mode) {}

    static RigOptions options(bool drop) {
        RigOptions out;
        out.worker.work = {.limited = true, .drop = drop, .clock = stepping_clock};
        return out;
    }
    // Turns with a packet that costs much, for as many windows.
    void press(unsigned windows) {
        for (unsigned i = 0; i < windows; ++i) {
            for (unsigned n = 0; n < Effort::kFewTurns; ++n) {
                Talk talk("10.0.0.66", "192.0.2.9", next_port_++, 8080);
                rig_.now += n == 0 ? Effort::kWindow : 0;
                rig_.pass(Rig::kClientSide, talk.up("{\"a\":1"));
            }
        }
    }
    // Passes the first bytes of new connections; returns how many got through.
    unsigned pass_new(const char* client, unsigned n) {
        unsigned passed = 0;
        for (unsigned i = 0; i < n; ++i) {
            Talk talk(client, "192.0.2.9", next_port_++, 8080);
            passed += rig_.forwarded(Rig::kClientSide, talk.up("{\"a\":1")) ? 1 : 0;
        }
        return passed;
    }
    Rung rung() { return rig_.worker().context().effort.rung(); }
    std::uint64_t shed(Rung rung) {
        return rig_.counters().shed[static_cast<unsigned>(rung)].get();
    }

    Rig rig_;
    std::uint16_t next_port_ = 20000;
};

TEST_F(ShedTest, WhatASourceSendsBeyondItsShareIsDropped) {
    press(4);
    ASSERT_EQ(rung(), Rung::source);
    EXPECT_LT(pass_new("10.0.0.66", 20), 20u);
    EXPECT_NE(rig_.dropped(Reason::work_share), 0u);
    EXPECT_EQ(rig_.dropped(Reason::work_share), shed(Rung::source));
    EXPECT_EQ(pass_new("10.0.0.7", 1), 1u) << "others have a share";
    const auto events = rig_.events_of(event::Kind::shedding);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].rung, Rung::source);
}

TEST_F(ShedTest, AKnownVerdictIsNeverShed) {
    Talk miner("10.0.0.66", "192.0.2.9", 30000, 8080);
    miner.open(rig_);
    rig_.pass(Rig::kClientSide, miner.up(test::kSubscribe));
    ASSERT_EQ(rig_.dropped(Reason::policy_reset), 1u);
    press(60);
    ASSERT_EQ(rung(), Rung::alone);
    rig_.pass(Rig::kClientSide, miner.up("x"));
    EXPECT_EQ(rig_.dropped(Reason::policy_reset), 2u);
}

TEST_F(ShedTest, OnTheLastRungAPacketIsJudgedByItself) {
    Talk miner("10.0.0.7", "192.0.2.9", 30000, 8080);
    miner.open(rig_);
    press(60);
    ASSERT_EQ(rung(), Rung::alone);
    const std::uint64_t before = shed(Rung::alone);
    rig_.pass(Rig::kClientSide, miner.up(test::kSubscribe));
    EXPECT_EQ(rig_.dropped(Reason::policy_reset), 1u);
    EXPECT_EQ(shed(Rung::alone), before + 1);
}

class ForwardShedTest : public ShedTest {
  protected:
    ForwardShedTest() : ShedTest(false) {}
};
TEST_F(ForwardShedTest, TheOptionsMaySayToForward) {
    press(4);
    EXPECT_EQ(pass_new("10.0.0.66", 20), 20u);
    EXPECT_NE(shed(Rung::source), 0u);
    EXPECT_EQ(rig_.dropped(Reason::work_share), 0u);
}

class ObserveShedTest : public ShedTest {
  protected:
    ObserveShedTest() : ShedTest(true, "observe") {}
};
TEST_F(ObserveShedTest, APolicyThatObservesDropsNothing) {
    press(4);
    EXPECT_EQ(pass_new("10.0.0.66", 20), 20u);
    EXPECT_NE(rig_.observed(Reason::work_share), 0u);
}

}  // namespace
}  // namespace minerwall::path
