#include <gtest/gtest.h>

#include <set>

#include "flow/table.hpp"
#include "frames.hpp"

namespace minerwall::flow {
namespace {

constexpr std::uint64_t kTick = Wheel::kTickMs;
// A flow may live this much longer: the wheel rounds its slot up, and serves it when it is over.
constexpr std::uint64_t kTolerance = 2 * kTick;

class TimeoutTest : public testing::Test {
  protected:
    void start(std::uint64_t ms) {
        now_ = ms;
        table_.start_clock(now_ * kNanosPerMilli);
    }
    std::uint32_t open(std::uint32_t n, std::uint8_t ip_proto = packet::kProtoTcp) {
        const FlowKey key = key_number(n, ip_proto);
        return table_.insert(key, table_.hash(key), now_ * kNanosPerMilli);
    }
    std::set<std::uint32_t> expire(unsigned budget = 1000) {
        std::set<std::uint32_t> ended;
        looked_at_ = table_.expire(now_ * kNanosPerMilli, budget,
                                   [&](std::uint32_t id) { EXPECT_TRUE(ended.insert(id).second); });
        return ended;
    }
    // Steps until `id` ends and returns the milliseconds that it took.
    std::uint64_t lifetime(std::uint32_t id, std::uint64_t step = 32) {
        const std::uint64_t from = now_;
        while (!expire().contains(id)) {
            now_ += step;
            if (now_ - from > 10'000'000) {
                return 0;
            }
        }
        return now_ - from;
    }
    void expect_lifetime(std::uint32_t id, std::uint64_t timeout_ms) {
        const std::uint64_t lived = lifetime(id);
        EXPECT_GE(lived, timeout_ms);
        EXPECT_LE(lived, timeout_ms + kTolerance + 32);
    }

    FlowTable table_{256, Timeouts{}, HashKey{3, 4}};
    std::uint64_t now_ = 0;
    unsigned looked_at_ = 0;
};

TEST_F(TimeoutTest, EachStateOfEachProtocolHasItsOwn) {
    start(1'700'000'000'000);
    const auto check = [&](std::uint8_t ip_proto, FlowState state, std::uint64_t seconds) {
        const std::uint32_t id = open(1, ip_proto);
        table_.at(id).state = state;
        table_.reschedule(id);
        SCOPED_TRACE(testing::Message() << "protocol " << int{ip_proto} << ", " << seconds << " s");
        expect_lifetime(id, seconds * 1000);
    };
    check(packet::kProtoTcp, FlowState::fresh, 30);
    check(packet::kProtoTcp, FlowState::established, 1800);
    check(packet::kProtoTcp, FlowState::closed, 10);
    check(packet::kProtoUdp, FlowState::fresh, 30);
    check(packet::kProtoUdp, FlowState::established, 120);
    check(packet::kProtoIcmp, FlowState::fresh, 30);
}

TEST_F(TimeoutTest, WhateverThePhaseOfTheTickNothingEndsEarly) {
    for (std::uint64_t phase = 0; phase < kTick; phase += 7) {
        start(1'700'000'000'000 + phase);
        const std::uint32_t id = open(1);
        now_ += 29'999;
        ASSERT_TRUE(expire().empty()) << "phase " << phase;
        now_ += 1 + kTolerance;
        ASSERT_TRUE(expire().contains(id)) << "phase " << phase;
    }
}

TEST_F(TimeoutTest, APacketExtends) {
    start(1'700'000'000'000);
    const std::uint32_t id = open(1);
    for (unsigned i = 0; i < 20; ++i) {
        now_ += 29'000;
        EXPECT_TRUE(expire().empty());
        table_.touch(table_.at(id), now_ * kNanosPerMilli);
    }
    expect_lifetime(id, 30'000);
}

TEST_F(TimeoutTest, AClosedConnectionsTimeShrinksWhenItIsRescheduled) {
    start(1'700'000'000'000);
    const std::uint32_t id = open(1);
    table_.at(id).state = FlowState::established;
    now_ += 40'000;
    EXPECT_TRUE(expire().empty()) << "its old deadline is over, its new one is not";
    table_.touch(table_.at(id), now_ * kNanosPerMilli);
    table_.at(id).state = FlowState::closed;
    table_.reschedule(id);
    expect_lifetime(id, 10'000);
}

TEST_F(TimeoutTest, ALongSilenceEndsWhatIsOverAndKeepsWhatIsNot) {
    start(1'700'000'000'000);
    const std::uint32_t over = open(1);
    const std::uint32_t lasts = open(2);
    table_.at(lasts).state = FlowState::established;
    now_ += 1'799'000;  // more than three turns of the wheel
    EXPECT_EQ(expire(), std::set<std::uint32_t>{over});
    table_.touch(table_.at(lasts), now_ * kNanosPerMilli);
    now_ += 86'400'000;
    EXPECT_EQ(expire(), std::set<std::uint32_t>{lasts});
    EXPECT_EQ(table_.size(), 0u);
    // The clock then continues as usual.
    expect_lifetime(open(3), 30'000);
}

TEST_F(TimeoutTest, TheBudgetBoundsOneCallAndTheRestFollows) {
    start(1'700'000'000'000);
    for (std::uint32_t n = 0; n < 100; ++n) {
        open(n);
    }
    now_ += 60'000;
    std::set<std::uint32_t> ended;
    for (unsigned call = 0; call < 10; ++call) {
        const auto some = expire(10);
        EXPECT_EQ(looked_at_, 10u);
        EXPECT_EQ(some.size(), 10u);
        ended.insert(some.begin(), some.end());
    }
    EXPECT_EQ(ended.size(), 100u);
    EXPECT_TRUE(expire(10).empty());
    EXPECT_EQ(looked_at_, 0u);
}

TEST_F(TimeoutTest, ASurvivorCostsBudgetOnce) {
    start(1'700'000'000'000);
    const std::uint32_t id = open(1);
    now_ += 20'000;
    table_.touch(table_.at(id), now_ * kNanosPerMilli);
    now_ += 11'000;
    expire();
    EXPECT_EQ(looked_at_, 1u) << "the wheel moved it to a later slot";
    expire();
    EXPECT_EQ(looked_at_, 0u);
}

// The table keeps milliseconds in 32 bits (49.7 days), and derives ticks from them modulo 2^25.
TEST_F(TimeoutTest, FlowsLiveAcrossTheWrapOfTheMilliseconds) {
    constexpr std::uint64_t kWrap = std::uint64_t{397} << 32;
    for (const std::uint64_t before : {1, 127, 128, 5'000, 29'999, 30'000, 30'001}) {
        start(kWrap - before);
        const std::uint32_t id = open(1);
        SCOPED_TRACE(before);
        expect_lifetime(id, 30'000);
    }
    start(kWrap - 600'000);
    const std::uint32_t id = open(2);
    table_.at(id).state = FlowState::established;
    expect_lifetime(id, 1'800'000);
}

TEST_F(TimeoutTest, ASilenceAcrossTheWrapIsASilenceLikeAnother) {
    constexpr std::uint64_t kWrap = std::uint64_t{397} << 32;
    start(kWrap - 1'000'000);
    const std::uint32_t over = open(1);
    now_ = kWrap + 1'000'000;
    EXPECT_EQ(expire(), std::set<std::uint32_t>{over});
    expect_lifetime(open(2), 30'000);
}

TEST_F(TimeoutTest, AnEndedFlowIsGoneFromTheTable) {
    start(1'700'000'000'000);
    open(1);
    now_ += 31'000;
    expire();
    const FlowKey key = key_number(1);
    EXPECT_EQ(table_.find(key, table_.hash(key)), kNone);
    EXPECT_EQ(table_.size(), 0u);
    EXPECT_NE(open(1), kNone);
}

TEST_F(TimeoutTest, AnErasedFlowDoesNotEndAgain) {
    start(1'700'000'000'000);
    const std::uint32_t a = open(1);
    const std::uint32_t b = open(2);
    const std::uint32_t c = open(3);
    table_.erase(b);  // the middle of its slot's list
    now_ += 31'000;
    EXPECT_EQ(expire(), (std::set<std::uint32_t>{a, c}));
}

}  // namespace
}  // namespace minerwall::flow
