#include "proto/quic/quic_frames.hpp"

#include <gtest/gtest.h>

#include "quic_seal.hpp"

namespace minerwall::proto {
namespace {

using quic_seal::add;
using quic_seal::crypto;
using quic_seal::Data;
using quic_seal::varint;

Data join(std::initializer_list<Data> parts) {
    Data out;
    for (const Data& part : parts) {
        add(out, part);
    }
    return out;
}
struct Found {
    std::uint64_t offset;
    Data data;
    bool operator==(const Found&) const = default;
};
std::vector<Found> walk(const Data& payload, bool whole = true) {
    std::vector<Found> found;
    QuicCryptoFrames frames(payload);
    QuicCryptoFrame frame;
    while (frames.next(frame)) {
        found.push_back({frame.offset, {frame.data.begin(), frame.data.end()}});
    }
    EXPECT_EQ(frames.whole(), whole);
    EXPECT_FALSE(frames.next(frame));
    return found;
}
const std::vector<Found> kOne{{5, {1, 2, 3}}};

TEST(QuicFrames, finds_crypto_behind_every_frame_an_initial_may_carry) {
    for (const Data& before : {
             Data{}, Data(37, 0),  // PADDING
             Data{1, 1, 0, 1},     // PING
             Data{2, 9, 4, 0, 3},  // ACK of one range
             join({{2}, varint(1000), varint(70000), varint(2), varint(3), Data{1, 2, 3, 4}}),
             join({{3, 9, 4, 1, 3, 1, 1}, varint(1), varint(99), varint(100000)}),  // with ECN
             join({{0x1c, 10, 6, 4}, {'b', 'y', 'e', '!'}}),  // CONNECTION_CLOSE
             join({{0x1d, 10, 3}, {'b', 'y', 'e'}}),
             Data{0x40, 0x01, 0x80, 0, 0, 0},  // types in longer varints than necessary
         }) {
        EXPECT_EQ(walk(join({before, crypto(5, {1, 2, 3}), Data(9, 0)})), kOne);
    }
}

TEST(QuicFrames, keeps_the_order_and_offsets_of_several) {
    const Data payload = join({crypto(700, Data(70, 7)), {0, 0}, crypto(0, {}), crypto(1, {8})});
    EXPECT_EQ(walk(payload), (std::vector<Found>{{700, Data(70, 7)}, {0, {}}, {1, {8}}}));
}

TEST(QuicFrames, ends_at_a_frame_that_no_initial_may_carry) {
    for (const Data& bad : {Data{0x08, 1, 1}, Data{0x04, 0, 0, 0}, Data{0x30, 5}, Data{0x07, 1, 1},
                            Data{0x7f, 0xff}, Data{0x1e}}) {
        EXPECT_EQ(walk(join({crypto(5, {1, 2, 3}), bad, crypto(9, {9})}), false), kOne);
    }
}

TEST(QuicFrames, every_truncation_ends_the_walk) {
    const Data payload = join({{3, 9, 4, 1, 3, 1, 1, 5, 6, 7},
                               {0x1c, 10, 6, 4, 'b', 'y', 'e', '!'},
                               crypto(5, {1, 2, 3})});
    for (std::size_t size = 0; size < payload.size(); ++size) {
        const Data cut = quic_seal::slice(payload, 0, size);
        EXPECT_TRUE(walk(cut, size == 0 || size == 10 || size == 18).empty()) << size;
    }
    EXPECT_EQ(walk(payload), kOne);
}

TEST(QuicFrames, an_ack_of_countless_ranges_ends_with_its_payload) {
    const Data payload = join({{2, 9, 4}, Data(8, 0xff), Data(500, 0)});
    EXPECT_TRUE(walk(payload, false).empty());
}

}  // namespace
}  // namespace minerwall::proto
