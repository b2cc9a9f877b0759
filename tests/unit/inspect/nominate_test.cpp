#include "inspect/nominate.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace minerwall::inspect {
namespace {

using Result = Nominator::Result;
using test::kSubscribe;

class NominatorTest : public testing::Test {
  protected:
    Result look(std::string_view text, bool begins = true) {
        const test::Buffer block(text.begin(), text.end());
        return nominator_.look(block, begins, scanner_, info_, start_);
    }
    Nominator nominator_{prefilter(), 0};
    proto::StratumScanner scanner_;
    MiningInfo info_;
    std::size_t start_ = 0;
};

TEST_F(NominatorTest, AMessageAtTheSegmentsStartIsMining) {
    EXPECT_EQ(look(kSubscribe), Result::mining);
    EXPECT_EQ(info_.dialect, Dialect::stratum_v1);
    EXPECT_EQ(info_.method, "mining.subscribe");
    EXPECT_EQ(start_ + info_.offset, 0u);
    EXPECT_EQ(look(" \r\n\t" + kSubscribe), Result::mining);
}

TEST_F(NominatorTest, AMessageBehindALineThatIsNoneIsMining) {
    EXPECT_EQ(look("hello there\n" + kSubscribe), Result::mining);
    EXPECT_EQ(start_ + info_.offset, 12u);
    EXPECT_EQ(look("{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\",\"id\":7}\n" + kSubscribe),
              Result::mining);
    EXPECT_EQ(look("\n\n" + kSubscribe + kSubscribe), Result::mining) << "messages may follow";
}

TEST_F(NominatorTest, AMessageThatATextQuotesIsNothing) {
    std::string line = kSubscribe;
    line.pop_back();
    EXPECT_EQ(look("a miner sends " + line + " first\n"), Result::nothing);
    EXPECT_EQ(look(line + " is what a miner sends\n"), Result::nothing);
    EXPECT_EQ(look("for example:\n" + line + "\nis what a miner sends\n"), Result::nothing);
    EXPECT_EQ(look("<p>mining.subscribe and mining.authorize</p>\n"), Result::nothing);
}

TEST_F(NominatorTest, WhatDoesNotBeginALineIsAQuotation) {
    EXPECT_EQ(look(kSubscribe, false), Result::nothing);
    EXPECT_EQ(look("tail of a line\n" + kSubscribe, false), Result::mining);
    EXPECT_EQ(start_, 15u);
    EXPECT_EQ(look("no line's end", false), Result::nothing);
}

TEST_F(NominatorTest, AMessageOfManyLinesMayOpenInAnyOfThem) {
    ASSERT_EQ(look("hello\n{\n\"id\":1,\n"), Result::open_message);
    std::size_t consumed = 0;
    const std::string rest = "\"method\":\"mining.subscribe\",\"params\":[]}\n";
    EXPECT_EQ(scanner_.feed(as_bytes(rest), info_, consumed), proto::StratumScanner::State::mining);
}

TEST_F(NominatorTest, WordsOfMiningInOtherJsonAreNothing) {
    EXPECT_EQ(look("{\"title\":\"how mining.subscribe works\",\"id\":5}\n"), Result::nothing);
    EXPECT_EQ(look("[1,2,3]\n"), Result::nothing);
    EXPECT_EQ(look(""), Result::nothing);
}

TEST_F(NominatorTest, AnUnfinishedMessageGoesOnWithTheNextSegment) {
    const std::size_t cut = kSubscribe.find("rig");
    ASSERT_EQ(look("hello\n" + kSubscribe.substr(0, cut)), Result::open_message);
    std::size_t consumed = 0;
    const std::string rest = kSubscribe.substr(cut);
    EXPECT_EQ(scanner_.feed(as_bytes(rest), info_, consumed), proto::StratumScanner::State::mining);
    EXPECT_EQ(info_.agent, "rig/1.0");
}

TEST_F(NominatorTest, AMessageBehindManyLinesIsMining) {
    std::string lines;
    for (unsigned i = 0; i < 100; ++i) {
        lines += "{\"x\":1} quoted\n";
    }
    EXPECT_EQ(look(lines + kSubscribe), Result::mining);
    EXPECT_EQ(start_ + info_.offset, lines.size());
    EXPECT_EQ(look(lines + kSubscribe + "and more text\n"), Result::nothing);
}

}  // namespace
}  // namespace minerwall::inspect
