#include "proto/quic/quic_keys.hpp"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>

#include "proto/quic/quic_hkdf.hpp"
#include "quic_seal.hpp"

namespace minerwall::proto {
namespace {

using quic_seal::Data;
using quic_seal::kId;
using quic_seal::unhex;

// All allocations of libcrypto go through these from the program's start on.
long allocations = 0;
void* count_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
    ++allocations;
    return std::malloc(size);
}
void* count_realloc(void* old, std::size_t size, const char* /*file*/, int /*line*/) {
    ++allocations;
    return std::realloc(old, size);
}
void count_free(void* old, const char* /*file*/, int /*line*/) {
    std::free(old);
}
const bool counting = CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) == 1;

template <std::size_t N>
Data as_data(const std::array<std::uint8_t, N>& from) {
    return {from.begin(), from.end()};
}
void expect_keys(QuicVersion version, QuicRole role, const char* key, const char* iv,
                 const char* header_key) {
    QuicInitialKeys keys;
    ASSERT_TRUE(derive_quic_initial_keys(version, kId, role, keys));
    EXPECT_EQ(as_data(keys.key), unhex(key));
    EXPECT_EQ(as_data(keys.iv), unhex(iv));
    EXPECT_EQ(as_data(keys.header_key), unhex(header_key));
}
QuicInitialKeys keys_of(QuicVersion version, QuicRole role = QuicRole::client) {
    QuicInitialKeys keys;
    EXPECT_TRUE(derive_quic_initial_keys(version, kId, role, keys));
    return keys;
}
bool open(QuicOpener& opener, const QuicInitialKeys& keys, const Data& packet, QuicOpened& opened,
          std::uint64_t expected = 0) {
    QuicLongHeader header;
    return parse_quic_long_header(packet, header) &&
           opener.open(keys, packet, header.number_offset, expected, opened);
}

// The payload of RFC 9001, A.2 and RFC 9369, A.2.
Data rfc_client_payload() {
    Data payload = unhex(
        "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69"
        "484c00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a"
        "00080006001d0017001800100007000504616c706e000500050100000000003300260024001d0020"
        "9370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
        "0d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffff"
        "ffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806"
        "048000ffff");
    payload.resize(1162);
    return payload;
}
const Data kServerPayload = unhex(
    "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566d"
    "c5430b9a045a1200130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d10"
    "81287c834d5311bcf32bb9da1a002b00020304");

TEST(QuicHkdf, computes_the_hmac_of_rfc_4231_and_the_extract_of_rfc_5869) {
    EXPECT_EQ(as_data(HmacSha256(Data(131, 0xaa))(
                  as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              unhex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    EXPECT_EQ(as_data(hkdf_extract(unhex("000102030405060708090a0b0c"), Data(22, 0x0b))),
              unhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
}

TEST(QuicKeys, are_those_of_rfc_9001_a1) {
    expect_keys(QuicVersion::v1, QuicRole::client, "1f369613dd76d5467730efcbe3b1a22d",
                "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2");
    expect_keys(QuicVersion::v1, QuicRole::server, "cf3a5331653c364c88f0f379b6067e37",
                "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314");
}

TEST(QuicKeys, are_those_of_rfc_9369_a1) {
    expect_keys(QuicVersion::v2, QuicRole::client, "8b1a0bc121284290a29e0971b5cd045d",
                "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9");
    expect_keys(QuicVersion::v2, QuicRole::server, "82db637861d55e1d011f19ea71d5d2a7",
                "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a");
}

TEST(QuicKeys, are_those_of_draft_29) {
    expect_keys(QuicVersion::draft29, QuicRole::client, "175257a31eb09dea9366d8bb79ad80ba",
                "6b26114b9cba2b63a9e8dd4f", "9ddd12c994c0698b89374a9c077a3077");
}

TEST(QuicKeys, agree_with_openssls_hkdf_for_every_size_of_id) {
    for (std::size_t size = 0; size <= kMaxQuicConnectionId; ++size) {
        const Data id(size, static_cast<std::uint8_t>(size));
        QuicInitialKeys keys;
        ASSERT_TRUE(derive_quic_initial_keys(QuicVersion::v2, id, QuicRole::client, keys));
        const quic_seal::Keys other = quic_seal::keys(quic_seal::kV2, id);
        EXPECT_EQ(as_data(keys.key), other.key);
        EXPECT_EQ(as_data(keys.iv), other.iv);
        EXPECT_EQ(as_data(keys.header_key), other.header_key);
    }
}

TEST(QuicKeys, of_an_unknown_version_there_are_none) {
    QuicInitialKeys keys;
    EXPECT_FALSE(derive_quic_initial_keys(QuicVersion::unknown, kId, QuicRole::client, keys));
}

// The tag at the packet's end covers all of it. So if a packet sealed here ends like the RFC's, it
// is the RFC's packet.
TEST(QuicOpener, opens_the_clients_initial_of_rfc_9001_a2_and_of_rfc_9369_a2) {
    struct Case {
        std::uint32_t number;
        QuicVersion version;
        const char *start, *tag;
    };
    QuicOpener opener;
    for (const Case& c : {Case{quic_seal::kV1, QuicVersion::v1,
                               "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
                               "e221af44860018ab0856972e194cd934"},
                          Case{quic_seal::kV2, QuicVersion::v2,
                               "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
                               "a18b2faa745b6fe189cf772a9f84cbfc"}}) {
        quic_seal::Initial initial;
        initial.version = c.number;
        initial.number = 2;
        const Data packet = quic_seal::seal(initial, rfc_client_payload());
        ASSERT_EQ(packet.size(), 1200u);
        EXPECT_EQ(quic_seal::slice(packet, 0, 32), unhex(c.start));
        EXPECT_EQ(quic_seal::slice(packet, 1184, 16), unhex(c.tag));
        QuicOpened opened;
        ASSERT_TRUE(open(opener, keys_of(c.version), packet, opened));
        EXPECT_EQ(opened.packet_number, 2u);
        EXPECT_EQ(Data(opened.payload.begin(), opened.payload.end()), rfc_client_payload());
        EXPECT_FALSE(open(opener, keys_of(c.version, QuicRole::server), packet, opened));
    }
}

TEST(QuicOpener, opens_the_servers_initial_of_rfc_9001_a3_and_of_rfc_9369_a3) {
    const Data v1 = unhex(
        "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a"
        "1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9"
        "c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d"
        "20398c276456cbc42158407dd074ee");
    const Data v2 = unhex(
        "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d"
        "9b89237bbf87263017915358230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4c"
        "fa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a"
        "3e2c43edd9ce7ca84bed8521e2e140");
    QuicOpener opener;
    QuicOpened opened;
    ASSERT_TRUE(open(opener, keys_of(QuicVersion::v1, QuicRole::server), v1, opened));
    EXPECT_EQ(opened.packet_number, 1u);
    EXPECT_EQ(Data(opened.payload.begin(), opened.payload.end()), kServerPayload);
    ASSERT_TRUE(open(opener, keys_of(QuicVersion::v2, QuicRole::server), v2, opened));
    EXPECT_EQ(Data(opened.payload.begin(), opened.payload.end()), kServerPayload);
    EXPECT_FALSE(open(opener, keys_of(QuicVersion::v1), v1, opened));
    EXPECT_FALSE(open(opener, keys_of(QuicVersion::v1, QuicRole::server), v2, opened));
}

TEST(QuicOpener, refuses_a_packet_with_any_byte_changed) {
    QuicOpener opener;
    QuicOpened opened;
    const QuicInitialKeys keys = keys_of(QuicVersion::v1);
    const Data packet = quic_seal::seal({}, Data(40, 1));
    QuicLongHeader header;
    ASSERT_TRUE(parse_quic_long_header(packet, header));
    for (std::size_t i = 0; i < packet.size(); ++i) {
        Data changed = packet;
        changed[i] ^= 0x01;
        EXPECT_FALSE(opener.open(keys, changed, header.number_offset, 0, opened)) << i;
    }
    EXPECT_TRUE(opener.open(keys, packet, header.number_offset, 0, opened));
}

TEST(QuicOpener, refuses_every_packet_that_is_too_short_or_too_long) {
    QuicOpener opener;
    QuicOpened opened;
    const QuicInitialKeys keys = keys_of(QuicVersion::v1);
    const Data packet = quic_seal::seal({}, Data(40, 1));
    for (std::size_t size = 0; size < packet.size(); ++size) {
        const Data cut = quic_seal::slice(packet, 0, size);
        EXPECT_FALSE(opener.open(keys, cut, 18, 0, opened)) << size;
    }
    EXPECT_FALSE(opener.open(keys, packet, 0, 0, opened));
    EXPECT_FALSE(opener.open(keys, packet, packet.size() + 1, 0, opened));
    EXPECT_FALSE(opener.open(keys, Data(65536), 18, 0, opened));
    const Data longest = quic_seal::seal({}, Data(65535 - 18 - 2 - 4 - 16));
    ASSERT_EQ(longest.size(), 65535u);
    EXPECT_TRUE(open(opener, keys, longest, opened));
}

TEST(QuicOpener, completes_packet_numbers_of_every_size) {
    QuicOpener opener;
    QuicOpened opened;
    for (unsigned size = 1; size <= 4; ++size) {
        quic_seal::Initial initial;
        initial.number = 0xa82f30ea;
        initial.number_size = size;
        const Data packet = quic_seal::seal(initial, Data(40, 1));
        ASSERT_TRUE(open(opener, keys_of(QuicVersion::v1), packet, opened, 0xa82f30e0)) << size;
        EXPECT_EQ(opened.packet_number, 0xa82f30eau);
    }
}

TEST(QuicOpener, a_high_packet_number_seen_before_hides_no_low_one) {
    QuicOpener opener;
    QuicOpened opened;
    quic_seal::Initial initial;
    initial.number = 1;
    initial.number_size = 1;
    const Data packet = quic_seal::seal(initial, Data(40, 1));
    ASSERT_TRUE(open(opener, keys_of(QuicVersion::v1), packet, opened, 70000));
    EXPECT_EQ(opened.packet_number, 1u);
}

TEST(QuicPacketNumber, is_decoded_as_in_rfc_9000_a3) {
    EXPECT_EQ(decode_quic_packet_number(0x9b32, 2, 0xa82f30eb), 0xa82f9b32u);
    EXPECT_EQ(decode_quic_packet_number(0, 1, 0), 0u);
    EXPECT_EQ(decode_quic_packet_number(0xff, 1, 0), 0xffu);
    EXPECT_EQ(decode_quic_packet_number(0x00, 1, 0xff), 0x100u);
    EXPECT_EQ(decode_quic_packet_number(0xff, 1, 0x101), 0xffu);
}

TEST(QuicOpener, allocates_nothing_once_made) {
    ASSERT_TRUE(counting) << "libcrypto was used before this file's counters were set";
    QuicOpener opener;
    const Data packet = quic_seal::seal({}, rfc_client_payload());
    Data forged = packet;
    forged.back() ^= 1;
    QuicOpened opened;
    const auto derive_and_open = [&] {
        for (const QuicVersion version : {QuicVersion::v1, QuicVersion::v2}) {
            QuicInitialKeys keys;
            derive_quic_initial_keys(version, kId, QuicRole::client, keys);
            open(opener, keys, packet, opened);
            open(opener, keys, forged, opened);
        }
    };
    const long before = allocations;
    for (unsigned i = 0; i < 100; ++i) {
        derive_and_open();
    }
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace minerwall::proto
