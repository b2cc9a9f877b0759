#include "proto/quic/quic_hello.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "quic_seal.hpp"
#include "tls_samples.hpp"

namespace minerwall::proto {
namespace {

using quic_seal::add;
using quic_seal::crypto;
using quic_seal::Data;
using quic_seal::Initial;
using quic_seal::kDraft29;
using quic_seal::kId;
using quic_seal::kV1;
using quic_seal::kV2;
using quic_seal::seal;
using quic_seal::slice;

const Data kOtherId = {1, 2, 3, 4, 5, 6, 7, 8, 9};
const Data kServerId = {0xf0, 0x67, 0xa5, 0x50};

Data client_hello(const std::string& name, std::size_t bulk = 300) {
    return tls_samples::hello(
        tls_samples::join({tls_samples::extension(51, Data(bulk, 5)), tls_samples::sni(name),
                           tls_samples::alpn({"h3"}), tls_samples::extension(57, Data(60, 6))}));
}
Data join(std::initializer_list<Data> parts) {
    Data out;
    for (const Data& part : parts) {
        add(out, part);
    }
    return out;
}
Data whole(const std::string& name) {
    return crypto(0, client_hello(name));
}
// Part 0 or 1 of the hello of `name`.
Data half(const std::string& name, unsigned part) {
    const Data all = client_hello(name);
    return part == 0 ? crypto(0, slice(all, 0, 200)) : crypto(200, slice(all, 200, all.size()));
}

class QuicHelloTest : public testing::Test {
  protected:
    QuicOutcome feed(const Data& datagram) { return hello_->feed(opener_, datagram); }
    QuicOutcome feed(const Initial& initial, const Data& payload) {
        return feed(seal(initial, payload));
    }
    std::string name() const { return std::string{hello_->info().server_name.view()}; }
    void expect_hello(const Initial& initial, const Data& payload, const std::string& expected) {
        EXPECT_EQ(feed(initial, payload), QuicOutcome::hello);
        EXPECT_EQ(name(), expected);
    }

    QuicOpener opener_;
    std::unique_ptr<QuicHello> hello_ = std::make_unique<QuicHello>();
};

TEST_F(QuicHelloTest, is_found_in_one_datagram_of_every_version) {
    for (const std::uint32_t version : {kV1, kV2, kDraft29}) {
        hello_->reset();
        expect_hello({.version = version}, join({whole("xmr.pool.example"), Data(700)}),
                     "xmr.pool.example");
        EXPECT_EQ(hello_->info().alpn.view(), "h3");
        EXPECT_EQ(hello_->version(), quic_version(version));
        EXPECT_FALSE(hello_->conflict());
    }
}

TEST_F(QuicHelloTest, is_found_with_ids_of_every_size_and_a_greased_fixed_bit) {
    for (std::size_t size = 0; size <= kMaxQuicConnectionId; ++size) {
        hello_->reset();
        expect_hello({.id = Data(size, 9), .source = Data(20 - size, 8), .first = 0x80},
                     whole("pool.example"), "pool.example");
    }
}

TEST_F(QuicHelloTest, is_found_for_every_cut_in_two_in_either_order) {
    const Data all = client_hello("pool.example", 20);
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
        const Data first = crypto(0, slice(all, 0, cut));
        const Data second = crypto(cut, slice(all, cut, all.size()));
        hello_->reset();
        expect_hello({}, join({second, {1, 0, 0}, first}), "pool.example");
        for (const bool swapped : {false, true}) {
            hello_->reset();
            EXPECT_EQ(feed({.number = 0}, swapped ? second : first), QuicOutcome::need_more);
            expect_hello({.number = 1}, swapped ? first : second, "pool.example");
        }
    }
}

TEST_F(QuicHelloTest, is_the_same_for_any_shuffle_of_frames_over_packets_and_datagrams) {
    std::mt19937 random(3);
    const Data all = client_hello("shuffled.pool.example", 1500);
    for (unsigned round = 0; round < 100; ++round) {
        std::vector<Data> frames;
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t n = 1 + random() % 250;
            frames.push_back(crypto(at, slice(all, at, n)));
            at += n;
        }
        std::ranges::shuffle(frames, random);
        hello_->reset();
        QuicOutcome last = QuicOutcome::need_more;
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < frames.size();) {
            Data datagram;
            for (std::size_t packets = 1 + random() % 3; packets != 0 && i < frames.size();
                 --packets) {
                Data payload;
                for (std::size_t n = 2 + random() % 6; n != 0 && i < frames.size(); --n) {
                    payload.resize(payload.size() + random() % 9);  // PADDING in between
                    add(payload, frames[i++]);
                }
                add(datagram, seal({.number = number++}, payload));
            }
            EXPECT_EQ(last, QuicOutcome::need_more);
            last = feed(datagram);
        }
        ASSERT_EQ(last, QuicOutcome::hello) << round;
        ASSERT_EQ(name(), "shuffled.pool.example");
    }
}

TEST_F(QuicHelloTest, coalesced_packets_of_other_kinds_are_stepped_over) {
    Data zero_rtt = seal({}, Data(50));
    zero_rtt[0] = 0xd0;
    // A 0-RTT packet has no token length.
    zero_rtt.erase(zero_rtt.begin() + 7 + static_cast<std::ptrdiff_t>(kId.size()));
    const Data datagram = join({zero_rtt, seal({}, whole("pool.example")), Data(80, 0x42)});
    EXPECT_TRUE(looks_like_quic_initial(datagram));
    EXPECT_EQ(feed(datagram), QuicOutcome::hello);
    EXPECT_EQ(name(), "pool.example");
}

TEST_F(QuicHelloTest, nothing_is_found_in_any_truncation) {
    const Data datagram = seal({}, join({whole("pool.example"), Data(100)}));
    for (std::size_t size = 0; size < datagram.size(); ++size) {
        hello_->reset();
        EXPECT_EQ(feed(slice(datagram, 0, size)), QuicOutcome::not_quic) << size;
    }
}

TEST_F(QuicHelloTest, packets_with_a_wrong_tag_are_ignored) {
    Data forged = seal({}, whole("decoy.example"));
    forged.back() ^= 1;
    EXPECT_EQ(feed(forged), QuicOutcome::need_more);
    expect_hello({}, whole("pool.example"), "pool.example");
}

TEST_F(QuicHelloTest, goes_on_under_the_first_ids_keys_when_the_server_chose_another) {
    EXPECT_EQ(feed({}, half("pool.example", 0)), QuicOutcome::need_more);
    expect_hello({.id = kServerId, .keys_from = kId, .number = 1}, half("pool.example", 1),
                 "pool.example");
    // Any number of later acknowledgements brings no news.
    for (std::uint64_t i = 2; i < 50; ++i) {
        EXPECT_EQ(feed({.id = kServerId, .keys_from = kId, .number = i, .number_size = 1},
                       {2, 1, 0, 0, 1}),
                  QuicOutcome::need_more);
    }
    EXPECT_EQ(name(), "pool.example");
}

TEST_F(QuicHelloTest, survives_retry_in_the_middle_of_a_hello) {
    EXPECT_EQ(feed({}, half("pool.example", 0)), QuicOutcome::need_more);
    const Initial again{.id = kServerId, .token = Data(64, 1), .number = 1};
    EXPECT_EQ(feed(again, half("pool.example", 1)), QuicOutcome::need_more);
    expect_hello({.id = kServerId, .token = Data(64, 1), .number = 2}, half("pool.example", 0),
                 "pool.example");
}

TEST_F(QuicHelloTest, survives_version_negotiation_with_the_same_id_or_another) {
    for (const Data& id : {kId, kOtherId}) {
        hello_->reset();
        Data odd = seal({}, whole("pool.example"));
        store_be32(odd.data() + 1, 0x1a2a3a4a);
        EXPECT_FALSE(looks_like_quic_initial(odd));
        EXPECT_EQ(feed(odd), QuicOutcome::unsupported_version);
        expect_hello({.version = kV2, .id = id}, whole("pool.example"), "pool.example");
        // From one known version to another: the hello may differ, and starts again.
        hello_->reset();
        EXPECT_EQ(feed({.version = kV1}, half("one.example", 0)), QuicOutcome::need_more);
        expect_hello({.version = kV2, .id = id}, whole("pool.example"), "pool.example");
        EXPECT_FALSE(hello_->conflict());
    }
}

TEST_F(QuicHelloTest, follows_compatible_version_negotiation) {
    EXPECT_EQ(feed({}, half("pool.example", 0)), QuicOutcome::need_more);
    // RFC 9369, 4.1: the new version's keys come from the first ID; the packet carries the server's
    // ID.
    expect_hello({.version = kV2, .id = kServerId, .keys_from = kId, .number = 1},
                 half("pool.example", 1), "pool.example");
    EXPECT_EQ(hello_->version(), QuicVersion::v2);
}

TEST_F(QuicHelloTest, two_connections_on_one_socket_are_both_read) {
    EXPECT_EQ(feed({.id = kId}, half("pool.example", 0)), QuicOutcome::need_more);
    EXPECT_EQ(feed({.id = kOtherId}, half("web.example", 0)), QuicOutcome::need_more);
    expect_hello({.id = kId, .number = 1}, half("pool.example", 1), "pool.example");
    EXPECT_TRUE(hello_->unfinished());
    expect_hello({.id = kOtherId, .number = 1}, half("web.example", 1), "web.example");
    EXPECT_FALSE(hello_->unfinished());
    // The same one after the other, any number of them.
    for (std::uint8_t i = 0; i < 40; ++i) {
        expect_hello({.id = Data(8, i)}, whole("late.example"), "late.example");
    }
}

TEST_F(QuicHelloTest, gives_up_rather_than_forget_an_unfinished_connection) {
    EXPECT_EQ(feed({.id = kId}, half("pool.example", 0)), QuicOutcome::need_more);
    EXPECT_EQ(feed({.id = kOtherId}, half("one.example", 0)), QuicOutcome::need_more);
    EXPECT_EQ(feed({.id = kServerId}, half("two.example", 0)), QuicOutcome::gave_up);
    EXPECT_EQ(feed({.id = kId}, whole("pool.example")), QuicOutcome::gave_up);
    hello_->reset();
    expect_hello({.id = kId}, whole("pool.example"), "pool.example");
}

TEST_F(QuicHelloTest, gives_up_on_a_datagram_for_two_connections) {
    EXPECT_EQ(feed(join({seal({.id = kId}, whole("pool.example")),
                         seal({.id = kOtherId}, whole("web.example"))})),
              QuicOutcome::gave_up);
    EXPECT_EQ(name(), "pool.example");
}

TEST_F(QuicHelloTest, gives_up_after_so_many_datagrams_without_a_hello) {
    for (std::uint64_t i = 1; i < QuicHello::kMaxDatagrams; ++i) {
        EXPECT_EQ(feed({.number = i}, {1}), QuicOutcome::need_more);
    }
    EXPECT_EQ(feed({.number = 99}, {1}), QuicOutcome::gave_up);
}

TEST_F(QuicHelloTest, gives_up_on_initials_it_cannot_open) {
    // Joined late: the ID of the keys did not pass here.
    for (std::uint64_t i = 1; i < QuicHello::kMaxDatagrams; ++i) {
        EXPECT_EQ(feed({.id = kServerId, .keys_from = kId, .number = i}, {1}),
                  QuicOutcome::need_more);
    }
    EXPECT_EQ(feed({.id = kServerId, .keys_from = kId, .number = 99}, {1}), QuicOutcome::gave_up);
}

TEST_F(QuicHelloTest, gives_up_on_more_initials_in_a_datagram_than_it_opens) {
    Data datagram;
    for (std::uint64_t i = 0; i < QuicHello::kMaxInitials; ++i) {
        add(datagram, seal({.number = i}, {1}));
    }
    EXPECT_EQ(feed(datagram), QuicOutcome::need_more);
    add(datagram, seal({.number = 9}, whole("pool.example")));
    EXPECT_EQ(feed(datagram), QuicOutcome::gave_up);
}

TEST_F(QuicHelloTest, gives_up_on_crypto_that_is_no_hello_or_too_far_ahead) {
    EXPECT_EQ(feed({}, crypto(0, Data(50, 2))), QuicOutcome::gave_up);
    for (const std::uint64_t offset :
         {std::uint64_t{QuicCryptoStream::kWindow}, (std::uint64_t{1} << 62) - 1}) {
        hello_->reset();
        EXPECT_EQ(feed({}, crypto(offset, {1})), QuicOutcome::gave_up);
    }
}

TEST_F(QuicHelloTest, reports_a_conflicting_copy_and_keeps_the_first) {
    EXPECT_EQ(feed({}, half("pool.example", 1)), QuicOutcome::need_more);
    EXPECT_FALSE(hello_->conflict());
    expect_hello({.number = 1}, whole("good.example"), "pool.example");
    EXPECT_TRUE(hello_->conflict());
    EXPECT_EQ(feed({.number = 2}, whole("pool.example")), QuicOutcome::need_more);
    EXPECT_FALSE(hello_->conflict());
}

TEST_F(QuicHelloTest, reads_a_hello_longer_than_the_streams_window) {
    const Data all = client_hello("pool.example", 30000);
    QuicOutcome last = QuicOutcome::need_more;
    std::uint64_t number = 0;
    for (std::size_t at = 0; at < all.size(); at += 6000) {
        EXPECT_EQ(last, QuicOutcome::need_more);
        last = feed({.number = number++}, crypto(at, slice(all, at, 6000)));
    }
    EXPECT_EQ(last, QuicOutcome::hello);
    EXPECT_EQ(name(), "pool.example");
    // All in one large datagram, as reassembled fragments may give it.
    hello_->reset();
    expect_hello({}, crypto(0, all), "pool.example");
}

TEST_F(QuicHelloTest, reads_the_second_hello_after_a_hello_retry_request) {
    const Data first = client_hello("first.example"), second = client_hello("second.example");
    expect_hello({}, crypto(0, first), "first.example");
    expect_hello({.id = kServerId, .keys_from = kId, .number = 1}, crypto(first.size(), second),
                 "second.example");
}

TEST_F(QuicHelloTest, what_is_not_quic_is_said_to_be_so) {
    EXPECT_EQ(feed(Data{}), QuicOutcome::not_quic);
    EXPECT_EQ(feed(Data(100, 0x42)), QuicOutcome::not_quic);
    for (unsigned i = 0; i < 100; ++i) {
        EXPECT_EQ(feed(tls_samples::text("{\"method\":\"mining.subscribe\"}")),
                  QuicOutcome::not_quic);
    }
    expect_hello({}, whole("pool.example"), "pool.example");
    EXPECT_EQ(feed(Data(100, 0x42)), QuicOutcome::need_more);
}

}  // namespace
}  // namespace minerwall::proto
