// What lenient receivers read as a message is one (docs/adr/0019-lenient-receivers.md), however it
// is cut; tests/differential compares with real libraries.
#include <gtest/gtest.h>

#include "proto/stratum/stratum.hpp"
#include "stratum_samples.hpp"

namespace minerwall::proto {
namespace {

using samples::scan;
using samples::scan_bytewise;
using samples::Seen;
using namespace std::string_literals;

const std::string kMembers = R"("id":1,"method":"mining.subscribe","params":["a/1"])";

void expect_mining(const std::string& text, Carrier carrier = Carrier::json_lines) {
    const Seen whole = scan(text, carrier);
    EXPECT_TRUE(whole.mining) << text;
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        const Seen seen = scan(text, carrier, {cut});
        ASSERT_EQ(seen.mining, whole.mining) << text << " cut at " << cut;
        ASSERT_EQ(seen.consumed, whole.consumed) << text << " cut at " << cut;
    }
    if (whole.mining) {
        EXPECT_EQ(scan_bytewise(text).consumed, whole.consumed) << text;
    }
}

TEST(StratumLenient, BlanksQuotesAndCommentsOfAnyKind) {
    for (const std::string& text : {
             "{'id':1,'method':'mining.subscribe','params':['a']}"s,
             "{id:1,method:'mining.subscribe',params:[]}"s,
             "/**/{/**/\"id\"/**/:1,\"method\"/* } */:/***/\"mining.subscribe\"}"s,
             "{\"id\":1,//\r\"method\":\"mining.subscribe\"}"s,
             "{#\n\"method\":\"mining.subscribe\"}"s,
             "\x0b{\"id\":1,\x01\"method\"\x1f:\"mining.subscribe\"}"s,
             "{\"x\":\"a\nb\",\"method\":\"mining.subscribe\"}"s,
             "{\"x\":\"\\uZZ\\u1\",\"method\":\"mining.subscribe\"}"s,
             "{\"method\\u0000x\":\"mining.subscribe\\u0000x\"}"s,
             "{\"method\0x\":\"mining.subscribe\0\"}"s,
             "{\"m\":\"\\x\",\"method\":\"\\x6dining.subscribe\"}"s,
         }) {
        expect_mining(text + "\n");
        expect_mining("{\"a\":1}\n" + text + "\n");
    }
}

TEST(StratumLenient, ValuesInFrontOfAMessage) {
    for (const std::string& front :
         {"null"s, "{}null"s, "1 "s, "\"x\""s, "'x'"s, "{}, "s, "[]true "s, ","s, "\x1e"s, "\xa0"s,
          "// x\n"s, "/*\n*/"s, "\"a\n"s, "/*\n"s}) {
        expect_mining(front + "{" + kMembers + "}\n");
    }
}

std::string wide(std::string_view text, unsigned before, unsigned after) {
    std::string out;
    for (const char c : text) {
        out += std::string(before, '\0') + c + std::string(after, '\0');
    }
    return out;
}

TEST(StratumLenient, UtfOf16And32Bits) {
    const std::string message = "{\"x\":\"y\"," + kMembers + "}";
    for (const auto& [before, after] : {std::pair{0u, 1u}, {1u, 0u}, {0u, 3u}, {3u, 0u}}) {
        expect_mining(wide(message, before, after));
    }
    expect_mining("\xff\xfe" + wide(message, 0, 1));
    expect_mining("{\0\"\0\"\x01\"\0:\0001\0,\0"s + wide(kMembers + "}", 0, 1));
    const std::string login =
        R"({"id":1,"method":"login","params":{"login":"44","pass":"x","agent":"a"}})";
    expect_mining(wide(login, 0, 1));
    const std::string call = R"({"id":1,"method":"getblocktemplate","params":[]})";
    expect_mining(wide(call, 1, 0), Carrier::http_request_body);
}

// To some receivers the message is inside a comment or string, to others it is not.
TEST(StratumLenient, WhereReceiversDifferBothAreRead) {
    const std::string members = kMembers.substr(7);
    expect_mining("{\"id\":1,//\r}}}{{{\n" + members + "}");
    expect_mining("{\"id\":1,/***/}}{\"a\":'/**//*/ */" + members + "}");
    expect_mining("{\"id\":\"\n{\"," + members + "}");
    expect_mining("{\"id\":\"\n[\n{\"," + members + "}");
}

TEST(StratumLenient, LenienceIncriminatesNobody) {
    for (const std::string& text : {
             "{'method':'post','text':'mining.subscribe'}"s,
             "{\"id\":1,//\r\"text\":\"{\\\"method\\\":\\\"mining.subscribe\\\"}\"}"s,
             "{\"a\":1}// {\"method\":\"mining.subscribe\"}\n"s,
             "{\"a\":\"\n{\"b\":\"method of mining.subscribe\"}"s,
             "say {\"method\":\"mining.subscribe\"}\n"s,
             "(see {\"method\":\"mining.subscribe\"})\n"s,
             "12:30 {\"method\":\"mining.subscribe\"}\n"s,
             "[2024-01-01 12:00] {\"method\":\"mining.subscribe\"}\n"s,
             "it's {\"method\":\"mining.subscribe\"}\n"s,
             wide("{\"method\":\"x\",\"text\":\"mining.subscribe\"}", 0, 1),
         }) {
        EXPECT_FALSE(scan(text).mining) << text;
        EXPECT_FALSE(scan("{}\n" + text).mining) << text;
        EXPECT_FALSE(scan_bytewise(text).mining) << text;
    }
}

}  // namespace
}  // namespace minerwall::proto
