// Mining that begins late in a connection of another protocol: see path/resample.hpp.
#include "path/resample.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using namespace test;

class ResampleTest : public testing::Test {
  protected:
    ResampleTest() { talk_.open(rig_); }
    // Passes a segment and the other side's acknowledgement of it. True: it was forwarded.
    bool up(std::string_view payload) {
        const bool passed = rig_.forwarded(Rig::kClientSide, talk_.up(payload));
        if (passed) {
            rig_.pass(Rig::kServerSide, talk_.down());
        }
        return passed;
    }
    bool down(std::string_view payload) {
        const bool passed = rig_.forwarded(Rig::kServerSide, talk_.down(payload));
        if (passed) {
            rig_.pass(Rig::kClientSide, talk_.up());
        }
        return passed;
    }
    // Runs until the flow is settled in both directions.
    void settle(std::string_view up_text, std::string_view down_text) {
        for (unsigned i = 0; i < 600; ++i) {
            ASSERT_TRUE(up(up_text));
            ASSERT_TRUE(down(down_text));
        }
    }
    std::uint64_t looks() { return rig_.counters().resampled_segments.get(); }

    Rig rig_{kResetMining};
    Talk talk_;
    const std::string text_ = std::string(200, 'x') + "\r\n";
    const std::string rpc_ = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}\n";
};

TEST_F(ResampleTest, AMessageThatOpensASegmentIsCaughtAtOnce) {
    settle(text_, text_);
    EXPECT_FALSE(up(kLogin));
    EXPECT_EQ(rig_.events_of(event::Kind::detection).size(), 1u);
}

TEST_F(ResampleTest, ThePoolsMessageIsCaughtAsWell) {
    settle(text_, text_);
    EXPECT_FALSE(down(kNotify));
}

TEST_F(ResampleTest, AMessageOverSeveralSegmentsIsReadToItsEnd) {
    for (std::size_t cut = 2; cut + 1 < kLogin.size(); cut += 7) {
        Rig rig(kResetMining);
        Talk talk;
        talk.open(rig);
        for (unsigned i = 0; i < 40; ++i) {
            ASSERT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(text_)));
            rig.pass(Rig::kServerSide, talk.down());
        }
        ASSERT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(kLogin.substr(0, cut))));
        EXPECT_FALSE(rig.forwarded(Rig::kClientSide, talk.up(kLogin.substr(cut)))) << cut;
    }
}

TEST_F(ResampleTest, InAStreamOfJsonLinesAnyLineIsAMessage) {
    settle(rpc_, rpc_);
    // Every segment begins in the middle of a line, so only every kResampleEvery-th is read.
    const std::string torn = "\"tail\":1}\n" + kSubscribe;
    unsigned passed = 0;
    while (passed <= 2 * kResampleEvery && up(torn)) {
        ++passed;
    }
    EXPECT_LE(passed, unsigned{kResampleEvery});
}

TEST_F(ResampleTest, MessagesThatProvedToBeNoneAreLookedAtLessOften) {
    settle(rpc_, rpc_);
    for (unsigned i = 0; i < 32; ++i) {
        ASSERT_TRUE(up(rpc_));
    }
    const std::uint64_t before = looks();
    for (unsigned i = 0; i < 160; ++i) {
        ASSERT_TRUE(up(rpc_));
    }
    EXPECT_EQ(looks(), before + 160 / kResampleEvery);
    EXPECT_FALSE(up(kSubscribe)) << "a mining word calls for a look";
}

TEST_F(ResampleTest, AnHttpRequestIsReadWhereNoneWasBefore) {
    settle(text_, text_);
    EXPECT_FALSE(
        up(http_post("node.example", "{\"id\":1,\"method\":\"getwork\",\"params\":[]}\n")));
}

TEST_F(ResampleTest, AServerNameIsJudgedBehindStartTls) {
    Rig rig(rule("server_name = \"@pools\"", "reset"));
    Talk talk;
    talk.open(rig);
    for (unsigned i = 0; i < 40; ++i) {
        ASSERT_TRUE(rig.forwarded(Rig::kClientSide, talk.up(text_)));
        rig.pass(Rig::kServerSide, talk.down());
    }
    EXPECT_FALSE(rig.forwarded(Rig::kClientSide, talk.up(client_hello("pool.example"))));
}

TEST_F(ResampleTest, AQuotedMessageInAnotherProtocolIsNone) {
    settle(text_, text_);
    for (unsigned i = 0; i < 3 * kResampleEvery; ++i) {
        ASSERT_TRUE(up("2026-01-01 pool said: " + kSubscribe + "and no more"));
        ASSERT_TRUE(down("log line\n" + kSubscribe));
    }
    EXPECT_TRUE(rig_.events_of(event::Kind::detection).empty());
}

TEST_F(ResampleTest, EncryptedStreamsAreLeftAlone) {
    ASSERT_TRUE(up(client_hello("www.example")));
    const std::string record = "\x17\x03\x03" + sized16(std::string(100, 'e'));
    settle(record, record);
    EXPECT_EQ(looks(), 0u);
}

TEST_F(ResampleTest, ADecoyHelloDoesNotShieldWhatFollows) {
    ASSERT_TRUE(up(client_hello("www.example")));
    EXPECT_FALSE(up(kSubscribe));
}

}  // namespace
}  // namespace minerwall::path
