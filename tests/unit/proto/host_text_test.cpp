// Whole labels and names must give the same text as their bytes one by one.
#include "proto/host_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace minerwall::proto {
namespace {

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t size) {
    constexpr std::string_view kUsual = "abcXYZ019-_";
    std::vector<std::uint8_t> bytes(size);
    for (std::uint8_t& byte : bytes) {
        const auto draw = random();
        byte = draw % 16 == 0   ? static_cast<std::uint8_t>(draw >> 8)
               : draw % 16 == 1 ? static_cast<std::uint8_t>('.')
                                : static_cast<std::uint8_t>(kUsual[(draw >> 8) % kUsual.size()]);
    }
    return bytes;
}

TEST(HostText, AppendsALabelAsItsBytes) {
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        HostText whole, single;
        for (unsigned part = random() % 8; part-- != 0;) {
            const auto bytes = random_bytes(random, random() % 90);
            append_label(whole, std::span(bytes));
            for (const std::uint8_t byte : bytes) {
                append_label_byte(single, byte);
            }
            ASSERT_EQ(whole.view(), single.view());
            ASSERT_EQ(whole.truncated(), single.truncated());
        }
    }
}

TEST(HostText, AppendsANameAsItsBytes) {
    std::mt19937 random(2);
    for (int i = 0; i < 20'000; ++i) {
        HostText whole, single;
        for (unsigned part = random() % 8; part-- != 0;) {
            const auto bytes = random_bytes(random, random() % 90);
            append_host(whole, std::span(bytes));
            for (const std::uint8_t byte : bytes) {
                append_host_byte(single, byte);
            }
            ASSERT_EQ(whole.view(), single.view());
            ASSERT_EQ(whole.truncated(), single.truncated());
        }
    }
}

}  // namespace
}  // namespace minerwall::proto
