#include "proto/quic/quic_crypto_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace minerwall::proto {
namespace {

using Data = std::vector<std::uint8_t>;
constexpr std::size_t kWindow = QuicCryptoStream::kWindow;

Data pattern(std::size_t size) {
    std::mt19937 random(7);
    Data out(size);
    std::ranges::generate(out, [&] { return static_cast<std::uint8_t>(random()); });
    return out;
}
void drain(QuicCryptoStream& stream, Data& to) {
    for (Bytes ready = stream.ready(); !ready.empty(); ready = stream.ready()) {
        to.insert(to.end(), ready.begin(), ready.end());
        stream.consume(ready.size());
    }
}
QuicCryptoStream::Added add(QuicCryptoStream& stream, const Data& all, std::size_t at,
                            std::size_t n, Data& to) {
    QuicCryptoStream::Added sum;
    while (n != 0) {
        const std::size_t piece = std::min(n, QuicCryptoStream::kMaxPiece);
        const auto added = stream.add(at, Bytes{all}.subspan(at, piece));
        sum.conflict = sum.conflict || added.conflict;
        sum.lost = sum.lost || added.lost;
        at += piece;
        n -= piece;
        drain(stream, to);
    }
    return sum;
}

TEST(QuicCryptoStream, gives_the_same_bytes_for_any_order_overlap_and_repetition) {
    std::mt19937 random(1);
    const auto stream = std::make_unique<QuicCryptoStream>();
    for (unsigned round = 0; round < 300; ++round) {
        stream->reset();
        const Data all = pattern(1 + random() % kWindow);
        std::vector<std::pair<std::size_t, std::size_t>> pieces;
        const std::size_t step = 1 + random() % 700;
        for (std::size_t at = 0; at < all.size(); at += step) {
            const std::size_t from = at - random() % (at + 1) % 90;
            pieces.emplace_back(from, std::min(all.size(), at + step + random() % 50) - from);
            if (random() % 4 == 0) {
                pieces.push_back(pieces[random() % pieces.size()]);
            }
        }
        std::ranges::shuffle(pieces, random);
        Data read;
        for (const auto& [at, n] : pieces) {
            const auto added = add(*stream, all, at, n, read);
            EXPECT_FALSE(added.conflict || added.lost);
        }
        ASSERT_EQ(read, all) << round;
    }
}

TEST(QuicCryptoStream, the_first_copy_of_a_byte_wins_and_a_different_one_is_reported) {
    QuicCryptoStream stream;
    Data read;
    const Data all = pattern(300);
    Data other = all;
    other[150] ^= 1;
    EXPECT_FALSE(add(stream, all, 100, 100, read).conflict);
    EXPECT_TRUE(add(stream, other, 0, 300, read).conflict);
    EXPECT_FALSE(add(stream, all, 0, 300, read).conflict);
    EXPECT_TRUE(add(stream, other, 150, 1, read).conflict) << "after it was read, too";
    EXPECT_EQ(read, all);
}

TEST(QuicCryptoStream, follows_a_stream_longer_than_its_window) {
    QuicCryptoStream stream;
    Data read;
    const Data all = pattern(5 * kWindow + 77);
    // Pairs of pieces in the wrong order, and everything twice.
    for (std::size_t at = 0; at + 1000 <= all.size(); at += 1000) {
        EXPECT_FALSE(add(stream, all, at + 500, 500, read).lost);
        EXPECT_FALSE(add(stream, all, at, 500, read).lost);
        const auto again = add(stream, all, at, 1000, read);
        EXPECT_FALSE(again.conflict || again.lost);
        ASSERT_EQ(read.size(), at + 1000);
    }
    EXPECT_TRUE(std::equal(read.begin(), read.end(), all.begin()));
    // Bytes before the window are not compared, and change nothing.
    const Data other(100, 0);
    const auto added = stream.add(0, other);
    EXPECT_FALSE(added.conflict || added.lost);
}

TEST(QuicCryptoStream, remembers_what_was_read_as_long_as_the_window_allows) {
    QuicCryptoStream stream;
    Data read;
    const Data all = pattern(kWindow);
    add(stream, all, 0, kWindow, read);
    const std::uint8_t first = static_cast<std::uint8_t>(all[0] ^ 1);
    EXPECT_TRUE(stream.add(0, Bytes{&first, 1}).conflict);
}

TEST(QuicCryptoStream, says_when_bytes_are_too_far_ahead) {
    QuicCryptoStream stream;
    Data read;
    const Data all = pattern(kWindow + 10);
    EXPECT_FALSE(stream.add(kWindow - 5, Bytes{all}.first(5)).lost);
    EXPECT_TRUE(stream.add(kWindow - 5, Bytes{all}.first(6)).lost);
    EXPECT_TRUE(stream.add(kWindow, Bytes{all}.first(1)).lost);
    EXPECT_TRUE(stream.add(std::uint64_t{1} << 40, Bytes{all}.first(1)).lost);
    EXPECT_TRUE(stream.add(~std::uint64_t{0}, Bytes{all}.first(9)).lost);
    EXPECT_FALSE(stream.add(std::uint64_t{1} << 40, {}).lost);
    EXPECT_TRUE(stream.ready().empty());
}

}  // namespace
}  // namespace minerwall::proto
