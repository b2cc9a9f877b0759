// What the receiving application reads is what we judged, under any segmentation, order, overlap,
// loss and lie: a million small streams, and fewer large ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/stream_model.hpp"
#include "support/trials.hpp"

namespace minerwall::tcp {

using namespace flow;

namespace {

using test::ModelReceiver;
using test::StreamModel;
using test::trials;

class Random {
  public:
    explicit Random(std::uint32_t seed) : state_(seed * 2654435761u + 1) {}
    // xorshift: the standard generators would take most of the time.
    std::uint32_t below(std::uint32_t n) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::uint32_t>((state_ >> 11) % n);
    }
    bool one_in(std::uint32_t n) { return below(n) == 0; }

  private:
    std::uint64_t state_;
};

std::string some_text(std::size_t length) {
    std::string text(length, '\0');
    for (std::size_t i = 0; i < length; ++i) {
        text[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
    }
    return text;
}

struct Cut {
    std::size_t offset, length;
};

// Pieces that cover at least [0, length), cut anywhere, some overlapping, in any order.
std::vector<Cut> cut(Random& random, std::size_t length, std::uint32_t longest) {
    std::vector<Cut> cuts;
    for (std::size_t at = 0; at < length;) {
        const std::size_t n = std::min<std::size_t>(1 + random.below(longest), length - at);
        const std::size_t back =
            std::min<std::size_t>(at, random.below(4) == 0 ? random.below(longest) : 0);
        cuts.push_back({at - back, n + back});
        at += n;
    }
    switch (random.below(4)) {
        case 0:
            break;
        case 1:
            std::reverse(cuts.begin(), cuts.end());
            break;
        default:
            for (std::size_t i = cuts.size(); i > 1; --i) {
                std::swap(cuts[i - 1], cuts[random.below(static_cast<std::uint32_t>(i))]);
            }
    }
    return cuts;
}

std::uint32_t any_isn(Random& random) {
    // Often near the wrap.
    return random.one_in(2) ? 0u - random.below(3000) : random.below(UINT32_MAX);
}

// An honest sender: the parsers get the stream, whole and in order.
void honest(StreamMemory& memory, std::uint32_t seed, const std::string& text,
            std::uint32_t longest) {
    Random random(seed);
    StreamModel model(memory, {}, any_isn(random), ModelReceiver::Overlap::last_wins);
    for (const Cut& c : cut(random, text.size(), longest)) {
        const std::string_view piece = std::string_view(text).substr(c.offset, c.length);
        ASSERT_TRUE(model.send(c.offset, piece)) << "seed " << seed;
        if (random.one_in(3)) {
            model.acknowledge();
        }
        if (random.one_in(3)) {
            model.hear();
        }
        if (random.one_in(8)) {
            ASSERT_TRUE(model.send(c.offset, piece)) << "sent again, seed " << seed;
        }
    }
    ASSERT_EQ(model.judged, text) << "seed " << seed;
    ASSERT_EQ(model.losses, 0u) << "seed " << seed;
    ASSERT_TRUE(model.holds()) << "seed " << seed;
}

TEST(StreamProperty, AMillionCuttingsGiveTheSameBytes) {
    StreamMemory memory(256);
    const std::string text = some_text(48);
    for (std::uint32_t seed = 0; seed < trials(1'000'000); ++seed) {
        honest(memory, seed, text, 1 + seed % 12);
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_EQ(memory.in_use(), 0u);
}

TEST(StreamProperty, LongStreamsOverManyPagesGiveTheSameBytes) {
    StreamMemory memory(256);
    const std::string text = some_text(20'000);
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        honest(memory, seed, text, seed % 3 == 0 ? 7 : seed % 3 == 1 ? 1460 : 5000);
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_EQ(memory.in_use(), 0u);
}

// The handshake did not pass here, and any segment comes first. What the receiver has read, we read
// before, from its first byte on and without a gap.
TEST(StreamProperty, AStreamJoinedMidwayIsReadAsItsReceiverReadsIt) {
    StreamMemory memory(256);
    const std::string text = some_text(40);
    for (std::uint32_t seed = 0; seed < trials(200'000); ++seed) {
        Random random(seed);
        const std::vector<Cut> cuts = cut(random, text.size(), 1 + seed % 12);
        // Without the receiver's acknowledgements, this many segments behind a hole count as a
        // loss.
        const bool heard = random.one_in(2) || cuts.size() > HalfStream::kPatience;
        StreamModel model(memory, {}, any_isn(random), ModelReceiver::Overlap::last_wins, true);
        for (const Cut& c : cuts) {
            ASSERT_TRUE(model.send(c.offset, std::string_view(text).substr(c.offset, c.length)));
            const std::string_view taken = model.receiver().has_read();
            if (!taken.empty()) {
                ASSERT_EQ(model.reading_from(), 0u) << "seed " << seed;
                ASSERT_TRUE(model.reading().starts_with(taken)) << "seed " << seed;
            }
            if (heard) {
                model.acknowledge();
                if (random.one_in(2)) {
                    model.hear();
                }
            }
        }
        ASSERT_EQ(model.reading(), text) << "seed " << seed;
    }
    EXPECT_EQ(memory.in_use(), 0u);
}

TEST(StreamProperty, OneByteSegmentsBackwardsTakeThePagesOfTheBytes) {
    StreamMemory memory(4);
    const std::string text = some_text(2000);
    StreamModel model(memory, {}, 0xfffffc00, ModelReceiver::Overlap::first_wins);
    for (std::size_t i = text.size(); i-- > 0;) {
        ASSERT_TRUE(model.send(i, std::string_view(text).substr(i, 1)));
    }
    EXPECT_EQ(model.judged, text);
    EXPECT_FALSE(model.exhausted);
    EXPECT_EQ(memory.in_use(), 2u);
}

// A sender that repeats numbers with other bytes, some of which do not reach the receiver, and
// acknowledgements that come late.
void liar(StreamMemory& memory, std::uint32_t seed, const std::string& text,
          std::uint32_t longest) {
    Random random(seed);
    const auto overlap =
        random.one_in(2) ? ModelReceiver::Overlap::first_wins : ModelReceiver::Overlap::last_wins;
    StreamModel model(memory, {}, any_isn(random), overlap);
    std::string other = text;
    for (char& c : other) {
        c = static_cast<char>(c - 'a' + 'A');
    }
    for (unsigned round = 0; round < 3; ++round) {
        for (const Cut& c : cut(random, text.size(), longest)) {
            const std::string& from = random.one_in(3) ? other : text;
            model.send(c.offset, std::string_view(from).substr(c.offset, c.length),
                       !random.one_in(4));
            ASSERT_TRUE(model.holds()) << "seed " << seed;
            if (random.one_in(2)) {
                model.acknowledge();
            }
            if (random.one_in(2)) {
                model.hear();
            }
        }
    }
    ASSERT_EQ(model.losses, 0u) << "seed " << seed;
}

TEST(StreamProperty, NoLieGetsAReceiverToReadWhatWasNotJudged) {
    StreamMemory memory(256);
    const std::string text = some_text(40);
    for (std::uint32_t seed = 0; seed < trials(200'000); ++seed) {
        liar(memory, seed, text, 1 + seed % 16);
        if (HasFatalFailure()) {
            return;
        }
    }
    const std::string longer = some_text(6000);
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        liar(memory, seed, longer, 1500);
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_EQ(memory.in_use(), 0u);
}

TEST(StreamProperty, WithoutRoomMemoryStaysBoundedAndEverythingIsCounted) {
    StreamMemory memory(3);
    const std::string text = some_text(30'000);
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        StreamLimits limits;
        limits.pages = 2;
        limits.drop_when_full = seed % 2 == 0;
        StreamModel model(memory, limits, any_isn(random), ModelReceiver::Overlap::first_wins);
        for (unsigned round = 0; round < 4; ++round) {
            for (const Cut& c : cut(random, text.size(), 900)) {
                const bool passed =
                    model.send(c.offset, std::string_view(text).substr(c.offset, c.length));
                ASSERT_TRUE(passed || limits.drop_when_full);
                model.acknowledge();
                if (random.one_in(2)) {
                    model.hear();
                }
                // With drop_when_full, no byte is missed.
                ASSERT_TRUE(!limits.drop_when_full || (model.holds() && model.losses == 0))
                    << "seed " << seed;
            }
        }
        EXPECT_TRUE(model.losses == 0 || model.exhausted) << "seed " << seed;
    }
    EXPECT_EQ(memory.in_use(), 0u);
}

}  // namespace
}  // namespace minerwall::tcp
