// How an event line handles foreign bytes: escaping, shortening, hashing.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "output/eve/community_id.hpp"
#include "output/eve/json_text.hpp"
#include "output/eve/redact.hpp"
#include "samples.hpp"

namespace minerwall::output {
namespace {

using namespace std::string_view_literals;

std::string escaped(std::string_view text) {
    fmt::memory_buffer out;
    append_escaped(out, text);
    return fmt::to_string(out);
}
std::string shortened(std::string_view text) {
    std::string out;
    append_shortened(out, text);
    return out;
}
std::string masked(std::string_view text, std::string_view account = {}) {
    std::string out;
    append_masked(out, text, account);
    return out;
}

TEST(Escape, LeavesTextAndValidUtf8AsItIs) {
    EXPECT_EQ(escaped("plain /text.~"), "plain /text.~");
    EXPECT_EQ(escaped("Zürich 鉱夫 \xf0\x9f\x92\xb0"), "Zürich 鉱夫 \xf0\x9f\x92\xb0");
}

TEST(Escape, WritesQuotesControlsAndDeleteAsEscapes) {
    EXPECT_EQ(escaped("a\"b\\c\n\r\t\0\x1b\x7f"sv), "a\\\"b\\\\c\\n\\r\\t\\u0000\\u001b\\u007f");
    EXPECT_EQ(escaped("\xc2\x9b"), "\\u00c2\\u009b") << "C1 controls reach no terminal";
}

TEST(Escape, WritesMalformedUtf8ByteByByte) {
    EXPECT_EQ(escaped("\x80"), "\\u0080");
    EXPECT_EQ(escaped("\xc0\xaf"), "\\u00c0\\u00af") << "overlong";
    EXPECT_EQ(escaped("\xe0\x80\x80x"), "\\u00e0\\u0080\\u0080x") << "overlong";
    EXPECT_EQ(escaped("\xed\xa0\x80"), "\\u00ed\\u00a0\\u0080") << "surrogate";
    EXPECT_EQ(escaped("\xf4\x90\x80\x80"), "\\u00f4\\u0090\\u0080\\u0080") << "beyond Unicode";
    EXPECT_EQ(escaped("ab\xe9\x89"), "ab\\u00e9\\u0089") << "cut off";
    EXPECT_EQ(escaped("\xff\xfe"), "\\u00ff\\u00fe");
}

TEST(Escape, AnyThreeBytesBecomeAJsonString) {
    // Every lead byte with tails from each class that the UTF-8 table distinguishes.
    const unsigned tails[] = {0x00, 0x22, 0x5c, 0x7f, 0x80, 0x8f,
                              0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xff};
    for (unsigned lead = 0; lead < 256; ++lead) {
        for (const unsigned a : tails) {
            for (const unsigned b : tails) {
                const char bytes[] = {static_cast<char>(lead), static_cast<char>(a),
                                      static_cast<char>(b)};
                const std::string json = '"' + escaped({bytes, 3}) + '"';
                ASSERT_TRUE(nlohmann::json::accept(json)) << json;
            }
        }
    }
}

TEST(Login, IsSplitAtTheLastDotOrSlash) {
    EXPECT_EQ(split_login("acct.rig").account, "acct");
    EXPECT_EQ(split_login("acct.rig").worker, "rig");
    EXPECT_EQ(split_login("0xabc/rig").worker, "rig");
    EXPECT_EQ(split_login("miner@mail.example").account, "miner@mail.example");
    EXPECT_EQ(split_login("alone").account, "alone");
    EXPECT_EQ(split_login(".alone").account, ".alone");
    EXPECT_EQ(split_login("alone.").account, "alone.");
}

TEST(Login, IsShortenedBeyondSixteenBytes) {
    EXPECT_EQ(shortened("0123456789abcdef"), "0123456789abcdef");
    EXPECT_EQ(shortened("0123456789abcdefg"), "012345…defg");
}

TEST(Evidence, ShowsTheMessageButNoWholeWallet) {
    const std::string message = "{\"params\":[\"" + std::string(samples::kWallet) + "\",\"x\"]}";
    EXPECT_EQ(masked(message), "{\"params\":[\"48edfH…icoD\",\"x\"]}");
    EXPECT_EQ(masked("{\"method\":\"mining.extranonce.subscribe\"}"),
              "{\"method\":\"mining.extranonce.subscribe\"}");
    EXPECT_EQ(masked("[\"a-long-user-name-of-mine.r1\"]", "a-long-user-name-of-mine"),
              "[\"a-long…mine.r1\"]");
    EXPECT_EQ(masked("Authorization: basic dTpw\r\n"), "Authorization: basic …\r\n");
    EXPECT_EQ(masked("\\u0034\\u0038\\u0065\\u0064\\u0066"), "\\u0034…0066")
        << "an escaped wallet is one, too";
}

TEST(Evidence, ShowsNoPassword) {
    EXPECT_EQ(masked("{\"pass\": \"secret\",\"agent\":\"x\"}"),
              "{\"pass\": \"…\",\"agent\":\"x\"}");
    EXPECT_EQ(
        masked("{\"method\":\"mining.authorize\",\"params\":[\"me.rig\", \"secret\"]}", "me.rig"),
        "{\"method\":\"mining.authorize\",\"params\":[\"me.rig\", \"…\"]}");
    EXPECT_EQ(masked("{\"params\":[\"me\",\"cut off", "me"), "{\"params\":[\"me\",\"cut off")
        << "no login: the second parameter is a job";
    EXPECT_EQ(masked("{\"method\":\"login\",\"params\":[\"me\",\"cut of", "me"),
              "{\"method\":\"login\",\"params\":[\"me\",\"…");
    EXPECT_EQ(masked("\"pass\""), "\"pass\"");
    EXPECT_EQ(masked("\"pass\":"), "\"pass\":");
}

TEST(CommunityId, AgreesWithThePublishedVectorsInBothDirections) {
    struct Vector {
        std::uint8_t proto;
        const char* client;
        std::uint16_t client_port;
        const char* server;
        std::uint16_t server_port;
        const char* id;
    };
    const Vector vectors[] = {
        {6, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {17, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
        {132, "192.168.170.8", 7, "192.168.170.56", 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
    };
    CommunityId id;
    for (const Vector& v : vectors) {
        const IpAddress a = samples::address(v.client), b = samples::address(v.server);
        EXPECT_EQ(id.of(v.proto, a, v.client_port, b, v.server_port), v.id);
        EXPECT_EQ(id.of(v.proto, b, v.server_port, a, v.client_port), v.id);
    }
}

TEST(CommunityId, LeavesIcmpOut) {
    CommunityId id;
    EXPECT_EQ(id.of(1, samples::address("10.0.0.1"), 0, samples::address("10.0.0.2"), 0), "");
}

}  // namespace
}  // namespace minerwall::output
