#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace minerwall {
namespace {

TEST(Bytes, LoadsAreBigEndianAtAnyAlignment) {
    const std::uint8_t raw[] = {0, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0};
    EXPECT_EQ(load_be16(raw + 1), 0x8182);
    EXPECT_EQ(load_be24(raw + 1), 0x818283U);
    EXPECT_EQ(load_be32(raw + 1), 0x81828384U);
    EXPECT_EQ(load_be64(raw + 1), 0x8182838485868788U);
}

TEST(Bytes, StoresAreWhatLoadsRead) {
    std::uint8_t raw[6] = {};
    store_be16(raw + 1, 0xfedc);
    EXPECT_EQ(raw[1], 0xfe);
    EXPECT_EQ(load_be16(raw + 1), 0xfedc);
    store_be32(raw + 1, 0xfedcba98);
    EXPECT_EQ(raw[4], 0x98);
    EXPECT_EQ(load_be32(raw + 1), 0xfedcba98U);
    EXPECT_EQ(raw[0], 0);
    EXPECT_EQ(raw[5], 0);
}

TEST(Bytes, TextAndBytesShareTheirMemory) {
    const std::string_view text("a\0\xff", 3);
    const Bytes bytes = as_bytes(text);
    EXPECT_EQ(bytes.size(), 3U);
    EXPECT_EQ(bytes[2], 0xff);
    EXPECT_EQ(as_text(bytes).data(), text.data());
    EXPECT_EQ(as_text(bytes), text);
}

}  // namespace
}  // namespace minerwall
