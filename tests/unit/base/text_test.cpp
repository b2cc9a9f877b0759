// The texts of the enums are an interface: they are labels of metrics and values in events and
// policies. We check their order name by name, so that a new value in the middle cannot shift them.
#include <gtest/gtest.h>

#include <set>

#include "base/action.hpp"
#include "base/dialect.hpp"
#include "base/mining_info.hpp"
#include "base/reason.hpp"
#include "base/rung.hpp"

namespace minerwall {
namespace {

TEST(ActionText, EachActionHasItsOwn) {
    EXPECT_EQ(to_text(Action::allow), "allow");
    EXPECT_EQ(to_text(Action::observe), "observe");
    EXPECT_EQ(to_text(Action::drop), "drop");
    EXPECT_EQ(to_text(Action::reset), "reset");
    EXPECT_EQ(to_text(Action::sinkhole), "sinkhole");
    EXPECT_EQ(static_cast<unsigned>(Action::sinkhole) + 1, kActionCount);
}

TEST(ActionText, OnlyAllowAndObserveForward) {
    for (unsigned i = 0; i < kActionCount; ++i) {
        const auto action = static_cast<Action>(i);
        EXPECT_EQ(blocks(action), action != Action::allow && action != Action::observe);
    }
}

TEST(ReasonText, EachReasonHasItsOwn) {
    EXPECT_EQ(to_text(Reason::policy_drop), "policy_drop");
    EXPECT_EQ(to_text(Reason::policy_reset), "policy_reset");
    EXPECT_EQ(to_text(Reason::policy_sinkhole), "policy_sinkhole");
    EXPECT_EQ(to_text(Reason::flow_table_full), "flow_table_full");
    EXPECT_EQ(to_text(Reason::tx_full), "tx_full");
    EXPECT_EQ(to_text(Reason::tx_error), "tx_error");
    EXPECT_EQ(to_text(Reason::rx_truncated), "rx_truncated");
    EXPECT_EQ(to_text(Reason::handover_full), "handover_full");
    EXPECT_EQ(to_text(Reason::stream_conflict), "stream_conflict");
    EXPECT_EQ(to_text(Reason::stream_memory_full), "stream_memory_full");
    EXPECT_EQ(to_text(Reason::fragment_conflict), "fragment_conflict");
    EXPECT_EQ(to_text(Reason::fragment_memory_full), "fragment_memory_full");
    EXPECT_EQ(to_text(Reason::work_share), "work_share");
    EXPECT_EQ(to_text(Reason::shutdown), "shutdown");
}

TEST(RungText, EachRungHasItsOwn) {
    EXPECT_EQ(to_text(Rung::none), "none");
    EXPECT_EQ(to_text(Rung::source), "source");
    EXPECT_EQ(to_text(Rung::late_look), "late_look");
    EXPECT_EQ(to_text(Rung::unknown), "unknown");
    EXPECT_EQ(to_text(Rung::alone), "alone");
}

TEST(ReasonText, IsALabelValueAndUnique) {
    std::set<std::string_view> seen;
    for (unsigned i = 0; i < kReasonCount; ++i) {
        const auto text = to_text(static_cast<Reason>(i));
        EXPECT_TRUE(seen.insert(text).second) << text;
        EXPECT_FALSE(text.empty());
        EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), text.npos) << text;
    }
}

TEST(DialectText, EachDialectHasItsOwn) {
    EXPECT_EQ(to_text(Dialect::none), "none");
    EXPECT_EQ(to_text(Dialect::stratum_v1), "stratum-v1");
    EXPECT_EQ(to_text(Dialect::cryptonote), "cryptonote");
    EXPECT_EQ(to_text(Dialect::ethproxy), "ethproxy");
    EXPECT_EQ(to_text(Dialect::getwork), "getwork");
    EXPECT_EQ(to_text(Dialect::getblocktemplate), "getblocktemplate");
    EXPECT_EQ(to_text(Dialect::eth_getwork), "eth-getwork");
}

TEST(MiningInfo, ClearForgetsEverything) {
    MiningInfo info;
    info.dialect = Dialect::ethproxy;
    info.speaker = Speaker::pool;
    info.offset = 9;
    for (auto set :
         {+[](MiningInfo& m) { m.method.assign("x"); }, +[](MiningInfo& m) { m.login.assign("x"); },
          +[](MiningInfo& m) { m.agent.assign("x"); }, +[](MiningInfo& m) { m.pool.assign("x"); },
          +[](MiningInfo& m) { m.algorithm.assign("x"); },
          +[](MiningInfo& m) { m.evidence.assign("x"); }}) {
        set(info);
    }
    info.clear();
    EXPECT_EQ(info.dialect, Dialect::none);
    EXPECT_EQ(info.speaker, Speaker::unknown);
    EXPECT_EQ(info.offset, 0U);
    EXPECT_TRUE(info.method.empty() && info.login.empty() && info.agent.empty() &&
                info.pool.empty() && info.algorithm.empty() && info.evidence.empty());
}

}  // namespace
}  // namespace minerwall
