#include "proto/quic/quic_header.hpp"

#include <gtest/gtest.h>

#include <array>

#include "quic_seal.hpp"

namespace minerwall::proto {
namespace {

using quic_seal::add;
using quic_seal::Data;
using quic_seal::kId;
using quic_seal::slice;
using quic_seal::varint;

Data as_data(Bytes from) {
    return {from.begin(), from.end()};
}
// Flags, version, both IDs.
Data start(std::uint8_t first, std::uint32_t version, const Data& destination = kId,
           const Data& source = {7, 7}) {
    Data out{first, 0, 0, 0, 0};
    store_be32(out.data() + 1, version);
    out.push_back(static_cast<std::uint8_t>(destination.size()));
    add(out, destination);
    out.push_back(static_cast<std::uint8_t>(source.size()));
    add(out, source);
    return out;
}
// A packet with a length: `type` as in version 1.
Data packet(unsigned type, std::uint32_t version, std::size_t protected_size,
            const Data& token = {}) {
    const unsigned bits = version == quic_seal::kV2 ? (type + 1) & 3 : type;
    Data out = start(static_cast<std::uint8_t>(0xc0 | (bits << 4)), version);
    if (type == 0) {
        add(out, varint(token.size()));
        add(out, token);
    }
    add(out, varint(protected_size));
    out.insert(out.end(), protected_size, 0x55);
    return out;
}
Data join(std::initializer_list<Data> parts) {
    Data out;
    for (const Data& part : parts) {
        add(out, part);
    }
    return out;
}

TEST(QuicHeader, knows_the_versions_whose_initials_it_can_read) {
    EXPECT_EQ(quic_version(0x00000001), QuicVersion::v1);
    EXPECT_EQ(quic_version(0x6b3343cf), QuicVersion::v2);
    EXPECT_EQ(quic_version(0xff00001d), QuicVersion::draft29);
    EXPECT_EQ(quic_version(0xff000020), QuicVersion::draft29);
    EXPECT_EQ(quic_version(0xff000022), QuicVersion::v1);  // draft 34 equals version 1
    for (const std::uint32_t other : {0u, 2u, 0x1a2a3a4au, 0xff00001cu, 0x51303530u}) {
        EXPECT_EQ(quic_version(other), QuicVersion::unknown);
    }
}

TEST(QuicHeader, tells_the_packet_types_apart_by_each_versions_bits) {
    constexpr std::array kTypes = {QuicPacketType::initial, QuicPacketType::zero_rtt,
                                   QuicPacketType::handshake};
    for (const std::uint32_t version : {quic_seal::kV1, quic_seal::kV2, quic_seal::kDraft29}) {
        for (unsigned type = 0; type < 3; ++type) {
            const Data in = packet(type, version, 30, type == 0 ? Data{1, 2, 3} : Data{});
            QuicLongHeader header;
            ASSERT_TRUE(parse_quic_long_header(in, header));
            EXPECT_EQ(header.type, kTypes[type]);
            EXPECT_EQ(header.version_number, version);
            EXPECT_EQ(as_data(header.destination_id), kId);
            EXPECT_EQ(as_data(header.source_id), (Data{7, 7}));
            EXPECT_EQ(as_data(header.token), type == 0 ? (Data{1, 2, 3}) : Data{});
            EXPECT_EQ(header.size, in.size());
            EXPECT_EQ(header.number_offset, in.size() - 30);
        }
    }
}

TEST(QuicHeader, reads_the_retry_packets_of_the_rfcs) {
    for (const char* text :
         {"ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba",
          "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6"}) {
        const Data in = quic_seal::unhex(text);
        QuicLongHeader header;
        ASSERT_TRUE(parse_quic_long_header(in, header));
        EXPECT_EQ(header.type, QuicPacketType::retry);
        EXPECT_EQ(as_text(header.token), "token");
        EXPECT_EQ(header.number_offset, 0u);
        EXPECT_EQ(header.size, in.size());
        EXPECT_FALSE(parse_quic_long_header(slice(in, 0, 15 + 15), header));
    }
}

TEST(QuicHeader, version_negotiation_and_unknown_versions_take_the_whole_datagram) {
    const Data long_id(255, 9);
    for (const std::uint32_t version : {0u, 0x1a2a3a4au}) {
        const Data in = join({start(0x80, version, long_id, long_id), {1, 2, 3}});
        QuicLongHeader header;
        ASSERT_TRUE(parse_quic_long_header(in, header));
        EXPECT_EQ(header.type, version == 0 ? QuicPacketType::version_negotiation
                                            : QuicPacketType::unknown_version);
        EXPECT_EQ(header.version, QuicVersion::unknown);
        EXPECT_EQ(header.destination_id.size(), 255u);
        EXPECT_EQ(header.size, in.size());
        EXPECT_FALSE(looks_like_quic_initial(in));
    }
}

TEST(QuicHeader, refuses_ids_of_more_than_20_bytes_in_known_versions) {
    QuicLongHeader header;
    const Data rest = join({varint(0), varint(30), Data(30)});
    EXPECT_TRUE(parse_quic_long_header(join({start(0xc0, 1, Data(20), Data(20)), rest}), header));
    EXPECT_FALSE(parse_quic_long_header(join({start(0xc0, 1, Data(21)), rest}), header));
    EXPECT_FALSE(parse_quic_long_header(join({start(0xc0, 1, kId, Data(21)), rest}), header));
}

TEST(QuicHeader, refuses_every_truncation) {
    const Data in = packet(0, 1, 40, Data(100, 1));
    QuicLongHeader header;
    for (std::size_t size = 0; size < in.size(); ++size) {
        const Data cut = slice(in, 0, size);  // a copy of its own: sanitizers see a byte too many
        EXPECT_FALSE(parse_quic_long_header(cut, header)) << size;
        EXPECT_FALSE(looks_like_quic_initial(cut)) << size;
    }
    EXPECT_TRUE(parse_quic_long_header(in, header));
}

TEST(QuicHeader, refuses_lengths_beyond_the_datagram_whatever_their_encoding) {
    QuicLongHeader header;
    for (const unsigned size : {1u, 2u, 4u, 8u}) {
        EXPECT_FALSE(
            parse_quic_long_header(join({start(0xc0, 1), varint(31, size), Data(30)}), header));
        EXPECT_FALSE(parse_quic_long_header(
            join({start(0xc0, 1), varint(0), varint(31, size), Data(30)}), header));
        EXPECT_TRUE(parse_quic_long_header(
            join({start(0xc0, 1), varint(0, size), varint(30, size), Data(30)}), header));
    }
    EXPECT_FALSE(parse_quic_long_header(join({start(0xc0, 1), Data(8, 0xff), varint(30), Data(30)}),
                                        header));
}

TEST(QuicPackets, walks_coalesced_packets_up_to_the_short_header) {
    const Data one = packet(0, 1, 30), two = packet(1, 1, 50), three = packet(2, 1, 25);
    const Data in = join({one, two, three, Data(60, 0x41)});
    QuicPackets packets(in);
    QuicLongHeader header;
    Bytes part;
    for (const Data& expected : {one, two, three}) {
        ASSERT_TRUE(packets.next(header, part));
        EXPECT_EQ(as_data(part), expected);
    }
    EXPECT_EQ(header.type, QuicPacketType::handshake);
    EXPECT_FALSE(packets.next(header, part));
    EXPECT_FALSE(packets.next(header, part));
}

TEST(QuicPackets, a_packet_whose_length_does_not_fit_ends_the_walk) {
    const Data one = packet(0, 1, 30);
    const Data in = join({one, slice(packet(1, 1, 50), 0, 60), one});
    QuicPackets packets(in);
    QuicLongHeader header;
    Bytes part;
    EXPECT_TRUE(packets.next(header, part));
    // The cut packet now reaches into the next one.
    EXPECT_TRUE(packets.next(header, part));
    EXPECT_FALSE(packets.next(header, part));
}

TEST(QuicVarint, reads_the_examples_of_rfc_9000_a1) {
    const auto read = [](const char* text) {
        const Data in = quic_seal::unhex(text);
        Bytes rest = in;
        std::uint64_t value = 0;
        EXPECT_TRUE(take_quic_varint(rest, value));
        EXPECT_TRUE(rest.empty());
        for (std::size_t size = 0; size < in.size(); ++size) {
            const Data cut = slice(in, 0, size);
            Bytes part = cut;
            std::uint64_t ignored = 0;
            EXPECT_FALSE(take_quic_varint(part, ignored));
            EXPECT_EQ(part.size(), size);
        }
        return value;
    };
    EXPECT_EQ(read("c2197c5eff14e88c"), 151288809941952652u);
    EXPECT_EQ(read("9d7f3e7d"), 494878333u);
    EXPECT_EQ(read("7bbd"), 15293u);
    EXPECT_EQ(read("25"), 37u);
    EXPECT_EQ(read("4025"), 37u);
}

TEST(QuicLooksLikeInitial, is_true_for_initials_greased_or_behind_other_packets) {
    for (const std::uint32_t version : {quic_seal::kV1, quic_seal::kV2, quic_seal::kDraft29}) {
        Data in = packet(0, version, 20);
        EXPECT_TRUE(looks_like_quic_initial(in));
        in[0] &= 0xbf;  // RFC 9287
        EXPECT_TRUE(looks_like_quic_initial(in));
        EXPECT_TRUE(looks_like_quic_initial(join({packet(1, version, 99), in, Data(9, 0x40)})));
        EXPECT_FALSE(looks_like_quic_initial(packet(0, version, 19)));
        EXPECT_FALSE(looks_like_quic_initial(packet(2, version, 99)));
    }
}

TEST(QuicLooksLikeInitial, is_false_for_other_protocols_over_udp) {
    EXPECT_FALSE(looks_like_quic_initial({}));
    EXPECT_FALSE(looks_like_quic_initial(quic_seal::unhex(  // DNS answer, STUN, DTLS, RTP, NTP
        "8180818000010001000000000377777707657861")));
    EXPECT_FALSE(looks_like_quic_initial(
        quic_seal::unhex("000100002112a442b7e7a701bc34d686fa87dfae00000000")));
    EXPECT_FALSE(looks_like_quic_initial(
        quic_seal::unhex("16fefd0000000000000000006f0100006300000000000000")));
    EXPECT_FALSE(looks_like_quic_initial(
        quic_seal::unhex("8060000100000000deadbeef000000000000000000000000")));
    EXPECT_FALSE(looks_like_quic_initial(
        quic_seal::unhex("e30006ec000000000000000031363031000000000000000000000000")));
}

}  // namespace
}  // namespace minerwall::proto
