#include "event/ledger.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace minerwall::event {
namespace {

class LedgerTest : public ::testing::Test {
  protected:
    LedgerTest() {
        PortCounters& p = a_->port[0];
        p.received_packets.add(100);
        p.received_bytes.add(10'000);
        p.crafted_packets.add(2);
        p.sent_packets.add(90);
        p.handed_out.add(5);
        p.dropped_packets[static_cast<unsigned>(Reason::policy_reset)].add(6);
        p.dropped_packets[static_cast<unsigned>(Reason::tx_full)].add(1);
        p.observed_drops[static_cast<unsigned>(Reason::stream_conflict)].add(3);
        b_->port[0].handed_in.add(5);
        b_->port[0].sent_packets.add(5);
    }
    std::unique_ptr<WorkerCounters> a_ = std::make_unique<WorkerCounters>();
    std::unique_ptr<WorkerCounters> b_ = std::make_unique<WorkerCounters>();
    const WorkerCounters* workers_[2] = {a_.get(), b_.get()};
    const std::string names_[2] = {"inside0", ""};
};

TEST_F(LedgerTest, BalancesWhenEveryPacketIsAccountedFor) {
    const Ledger ledger = read_ledger(workers_, 2);
    EXPECT_TRUE(ledger.balanced());
    EXPECT_EQ(ledger.total.received_packets, 100u);
    EXPECT_EQ(ledger.total.sent_packets, 95u);
    EXPECT_EQ(ledger.total.dropped_packets(), 7u);
}

TEST_F(LedgerTest, OnePacketTooFewOrTooManyIsSeen) {
    a_->port[0].sent_packets.add(1);
    EXPECT_FALSE(read_ledger(workers_, 2).balanced());
    EXPECT_EQ(read_ledger(workers_, 2).total.in_flight(), -1);
    EXPECT_NE(ledger_text(workers_, names_).find("NOT balanced"), std::string::npos);
    a_->port[0].received_packets.add(2);
    EXPECT_EQ(read_ledger(workers_, 2).total.in_flight(), 1);
}

TEST_F(LedgerTest, ErrorsOfTwoWorkersDoNotCancelOut) {
    a_->port[0].sent_packets.add(1);
    b_->port[0].received_packets.add(1);
    EXPECT_EQ(read_ledger(workers_, 2).total.in_flight(), 0);
    EXPECT_FALSE(read_ledger(workers_, 2).balanced());
}

TEST_F(LedgerTest, APacketLeftInAHandOverRingIsMissed) {
    a_->port[1].received_packets.add(1);
    a_->port[1].handed_out.add(1);
    EXPECT_FALSE(read_ledger(workers_, 2).balanced());
}

TEST_F(LedgerTest, TextHasARowAPortAndWorkerAndTheReasons) {
    const std::string text = ledger_text(workers_, names_);
    EXPECT_NE(text.find("inside0"), std::string::npos);
    EXPECT_EQ(text.find("port 1"), std::string::npos) << "an unused end is left out";
    EXPECT_NE(text.find("  dropped, policy_reset: 6\n"), std::string::npos);
    EXPECT_NE(text.find("  observed, not dropped, stream_conflict: 3\n"), std::string::npos);
    EXPECT_NE(text.find("ledger: balanced"), std::string::npos);
}

}  // namespace
}  // namespace minerwall::event
