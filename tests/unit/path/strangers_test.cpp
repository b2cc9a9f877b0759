// Segments in somebody else's name, from a host that does not see the connection: they pass, and
// they count for nothing.
#include <gtest/gtest.h>

#include <random>

#include "rig.hpp"
#include "support/messages.hpp"

namespace minerwall::path {
namespace {

using namespace test;
using packet::kTcpAck;
using packet::kTcpFin;
using packet::kTcpPsh;
using packet::kTcpRst;

// Mining, and what names a server.
const std::string_view kWords[] = {kLogin, kSubscribe, kNotify,
                                   "GET / HTTP/1.1\r\nHost: eu.pool.example\r\n\r\n"};

// One stranger is at one end: packets in both names at the wrong ends mean that the ends were noted
// wrongly, see tcp/sides.hpp.
class StrangersTest : public testing::Test {
  protected:
    StrangersTest() { talk_.open(rig_); }
    void exchange(unsigned rounds) {
        for (unsigned i = 0; i < rounds; ++i) {
            ASSERT_TRUE(rig_.forwarded(Rig::kClientSide, talk_.up(text_)));
            rig_.pass(Rig::kServerSide, talk_.down());
            ASSERT_TRUE(rig_.forwarded(Rig::kServerSide, talk_.down(text_)));
            rig_.pass(Rig::kClientSide, talk_.up());
        }
    }
    std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }
    // A segment in the client's or the server's name with a number that is far from the stream's.
    Buffer forged(bool from_client, std::string_view payload, std::uint8_t flags) {
        Talk stranger = talk_;
        constexpr std::uint32_t kFar = 1 << 24;
        const std::uint32_t away = kFar + any() % (0u - 2 * kFar);
        (from_client ? stranger.client_seq : stranger.server_seq) += away;
        (from_client ? stranger.server_seq : stranger.client_seq) += any();
        return from_client ? stranger.up(payload, flags) : stranger.down(payload, flags);
    }
    // The connection goes on unharmed, and its own mining is still seen.
    void expect_unharmed() {
        EXPECT_TRUE(rig_.events_of(event::Kind::detection).empty());
        EXPECT_TRUE(rig_.events_of(event::Kind::learned).empty());
        exchange(20);
        EXPECT_TRUE(rig_.events_of(event::Kind::detection).empty());
        EXPECT_FALSE(rig_.forwarded(Rig::kClientSide, talk_.up(kLogin)));
        EXPECT_EQ(rig_.events_of(event::Kind::detection).size(), 1u);
    }

    Rig rig_{kResetMining};
    Talk talk_;
    std::mt19937 random_{8};
    const std::string text_ = std::string(200, 'x') + "\r\n";
};

TEST_F(StrangersTest, NoGuessedNumberHarmsASettledConnection) {
    exchange(300);
    for (unsigned i = 0; i < 200; ++i) {
        for (const std::string_view words : kWords) {
            const bool from_client = any() % 2 == 0;
            const std::uint16_t side = from_client ? Rig::kClientSide : Rig::kServerSide;
            EXPECT_TRUE(rig_.forwarded(side, forged(from_client, words, kTcpAck | kTcpPsh)));
        }
    }
    expect_unharmed();
}

TEST_F(StrangersTest, NothingCountsFromTheWrongEnd) {
    exchange(300);
    for (const std::string_view words : kWords) {
        Talk knows = talk_;  // even the right numbers
        EXPECT_TRUE(rig_.forwarded(Rig::kServerSide, knows.up(words)));
        exchange(1);
        knows = talk_;
        EXPECT_TRUE(rig_.forwarded(Rig::kClientSide, knows.down(words)));
        exchange(1);
    }
    expect_unharmed();
}

TEST_F(StrangersTest, NothingCountsFromTheWrongEndWhileTheConnectionIsRead) {
    exchange(1);
    for (const std::string_view words : kWords) {
        Talk knows = talk_;
        EXPECT_TRUE(rig_.forwarded(Rig::kServerSide, knows.up(words)));
        exchange(1);
        knows = talk_;
        EXPECT_TRUE(rig_.forwarded(Rig::kClientSide, knows.down(words)));
        exchange(1);
    }
    expect_unharmed();
}

TEST_F(StrangersTest, NoGuessedEndEndsAConnection) {
    exchange(300);
    for (unsigned i = 0; i < 200; ++i) {
        for (const std::uint8_t flags : {std::uint8_t{kTcpRst}, std::uint8_t{kTcpRst | kTcpAck},
                                         std::uint8_t{kTcpFin | kTcpAck}}) {
            const bool from_client = any() % 2 == 0;
            const std::uint16_t side = from_client ? Rig::kClientSide : Rig::kServerSide;
            EXPECT_TRUE(rig_.forwarded(side, forged(from_client, "", flags)));
        }
    }
    expect_unharmed();
}

TEST_F(StrangersTest, AConnectionIsFollowedOverBytesThatWentElsewhere) {
    exchange(300);
    talk_.client_seq += 1 << 25;  // they took another way for a while
    // The first segment is not believed yet; the server's acknowledgement proves it.
    ASSERT_TRUE(rig_.forwarded(Rig::kClientSide, talk_.up(text_)));
    rig_.pass(Rig::kServerSide, talk_.down());
    expect_unharmed();
}

}  // namespace
}  // namespace minerwall::path
