// Recognition must not depend on a message's writing, on segmentation or on earlier bytes.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "proto/stratum/stratum.hpp"
#include "stratum_disguises.hpp"
#include "stratum_samples.hpp"

namespace minerwall::proto {
namespace {

using samples::escaped;
using samples::Sample;
using samples::scan;
using samples::scan_bytewise;
using samples::Seen;
using samples::spaced;

void expect_same(const Seen& a, const Seen& b, std::string_view text) {
    EXPECT_EQ(a.mining, b.mining) << text;
    EXPECT_EQ(a.not_json, b.not_json) << text;
    EXPECT_EQ(a.consumed, b.consumed) << text;
    if (!a.mining || !b.mining) {
        return;
    }
    EXPECT_EQ(a.info.dialect, b.info.dialect) << text;
    EXPECT_EQ(a.info.speaker, b.info.speaker) << text;
    EXPECT_EQ(a.info.method.view(), b.info.method.view()) << text;
    EXPECT_EQ(a.info.login.view(), b.info.login.view()) << text;
    EXPECT_EQ(a.info.agent.view(), b.info.agent.view()) << text;
    EXPECT_EQ(a.info.pool.view(), b.info.pool.view()) << text;
    EXPECT_EQ(a.info.algorithm.view(), b.info.algorithm.view()) << text;
    EXPECT_EQ(a.info.evidence.view(), b.info.evidence.view()) << text;
    EXPECT_EQ(a.info.offset, b.info.offset) << text;
}

TEST(StratumStream, SegmentationCannotMatter) {
    std::mt19937 random{20240610};  // NOLINT: fixed so that a failure repeats
    for (const Sample& sample : samples::all_lines()) {
        const std::string text = "{\"id\":0}\r\n" + sample.json + "\n";
        const Seen whole = scan(text);
        expect_same(whole, scan_bytewise(text), text);
        for (int round = 0; round < 16; ++round) {
            std::vector<std::size_t> cuts;
            for (std::size_t at = 0; at < text.size();) {
                at += random() % (round % 2 == 0 ? 7 : 90) + (round % 3 == 0 ? 0 : 1);
                cuts.push_back(at);
            }
            expect_same(whole, scan(text, Carrier::json_lines, cuts), text);
        }
    }
}

TEST(StratumStream, EscapesHideNothing) {
    for (const Sample& sample : samples::all_lines()) {
        const std::string text = escaped(sample.json);
        const Seen seen = scan(text);
        EXPECT_TRUE(seen.mining) << text;
        EXPECT_EQ(seen.info.dialect, sample.dialect) << text;
        EXPECT_EQ(seen.info.agent.view(), sample.agent) << text;
        EXPECT_EQ(seen.info.pool.view(), sample.pool) << text;
    }
    EXPECT_EQ(scan(R"({"method":"mining.subscribe","params":["a\/b\u00e9\ud83d\ude00"]})")
                  .info.agent.view(),
              "a/b\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(StratumStream, WhiteSpaceAndByteOrderMarksHideNothing) {
    for (const Sample& sample : samples::all_lines()) {
        EXPECT_TRUE(scan(spaced(sample.json)).mining) << sample.json;
        EXPECT_TRUE(scan("\r\n \t\n\xef\xbb\xbf" + sample.json).mining) << sample.json;
        EXPECT_TRUE(scan("{\"a\":1}\r\n\xef\xbb\xbf  " + sample.json).mining) << sample.json;
        EXPECT_TRUE(scan("{\"a\":1}" + sample.json).mining) << sample.json;
    }
}

TEST(StratumStream, MembersOverSeveralLinesAreOneMessage) {
    EXPECT_TRUE(scan("{\n\"id\": 1,\n\"method\":\n\"login\",\n\"params\":\n{\n\"login\": \"x\",\n"
                     "\"pass\": \"y\"\n}\n}\n")
                    .mining);
    const Seen seen = scan(
        "{\"id\":1,\"method\":\"client.reconnect\",\"params\":\n[\n\"pool.example\",\n3333\n]}");
    EXPECT_TRUE(seen.mining);
    EXPECT_EQ(seen.info.next_pool.view(), "pool.example:3333");
}

TEST(StratumStream, BatchElementsAreMessages) {
    for (const Sample& sample : samples::all_lines()) {
        const std::string prefix = R"([{"id":7,"method":"noise","params":["x"]}, )";
        const std::string text = prefix + sample.json + "]\n";
        const Seen seen = scan(text);
        EXPECT_TRUE(seen.mining) << text;
        EXPECT_EQ(seen.consumed, text.size() - 2) << text;
        EXPECT_EQ(seen.info.offset, prefix.size()) << text;
        EXPECT_EQ(seen.info.login.empty(), sample.login.empty()) << text;
        EXPECT_EQ(seen.info.agent.view(), sample.agent) << text;
        EXPECT_EQ(seen.info.evidence.view(), sample.json.substr(0, 80)) << text;
    }
}

TEST(StratumStream, LongJunkMemberHidesNothing) {
    const std::string junk[] = {
        "\"" + std::string(100'000, 'x') + "\"",
        "\"" + std::string(50'000, '\\') + "\"",
        std::string(100'000, '[') + std::string(100'000, ']'),
        "[" + std::string(100'000, '1') + "]",
    };
    for (const std::string& value : junk) {
        const std::string text =
            "{\"junk\":" + value + R"(,"id":1,"params":["agent"],"method":"mining.subscribe"})";
        const Seen seen = scan(text);
        EXPECT_TRUE(seen.mining);
        EXPECT_EQ(seen.consumed, text.size());
        EXPECT_EQ(seen.info.agent.view(), "agent");
    }
    std::string members;
    for (int i = 0; i < 10'000; ++i) {
        members += "\"k" + std::to_string(i) + "\":{\"method\":[0]},";
    }
    EXPECT_TRUE(scan("{" + members + R"("method":"mining.subscribe","id":1})").mining);
}

TEST(StratumStream, EitherOfDuplicateMembersCounts) {
    for (const std::string_view text : {
             R"({"method":"mining.subscribe","method":"noise","params":[],"id":1})",
             R"({"method":"noise","method":"mining.subscribe","params":[],"id":1})",
             R"({"method":"mining.subscribe","method":5,"params":[],"id":1})",
             R"({"method":"login","params":{"login":"x","pass":"y"},"params":{}})",
             R"({"method":"login","params":[],"params":{"login":"x","pass":"y"}})",
             R"({"method":"login","params":{"login":"x","pass":"y","login":7}})",
         }) {
        EXPECT_TRUE(scan(text).mining) << text;
    }
}

// Go's decoder ignores case, and folds two letters beyond ASCII.
TEST(StratumStream, MemberNamesInAnyCaseCount) {
    EXPECT_TRUE(scan(R"({"Method":"mining.subscribe","PARAMS":[],"Id":1})").mining);
    EXPECT_TRUE(
        scan("{\"method\":\"login\",\"param\xc5\xbf\":{\"login\":\"x\",\"pa\xc5\xbfs\":\"y\"}}")
            .mining);
    EXPECT_FALSE(scan(R"({"method":"Mining.Subscribe","params":[],"id":1})").mining);
}

TEST(StratumStream, WhatFollowsANulInAMethodIsNotSeenByCReceivers) {
    EXPECT_TRUE(scan(R"({"method":"login\u0000x","params":{"login":"x","pass":"y"}})").mining);
}

TEST(StratumStream, AGarbageLineDoesNotHideTheNextOne) {
    const std::string message = R"({"id":1,"method":"mining.subscribe","params":["a"]})";
    for (const std::string_view decoy : {
             "{\"a\":",
             "{\"a",
             "{\"a\\",
             "{\"a\\u00",
             "{\"a\":\"b",
             "{\"a\":\"b\"",
             "{\"a\":12",
             "{\"a\":1,",
             "{\"a\":{\"b\":[",
             "[",
             "[[[[[[[[",
             "[[[[[[[[[1",
             "{",
             "{}x",
             "{]]]",
             "{\"a\"::1}",
             "{\"a\" \"b\"}",
             "[1 2]",
             "{} GET / HTTP/1.1",
             "{\"\\uZZZZ\":1}",
             "{\"a\":{\"b\":",
         }) {
        for (const std::string_view indent : {"", " \t"}) {
            const std::string text =
                std::string{decoy} + "\n" + std::string{indent} + message + "\n";
            const Seen seen = scan(text);
            EXPECT_TRUE(seen.mining) << text;
            EXPECT_EQ(seen.consumed, text.size() - 1) << text;
            EXPECT_EQ(seen.info.agent.view(), "a") << text;
            expect_same(seen, scan_bytewise(text), text);
            const std::string twice =
                std::string{decoy} + "\n" + std::string{decoy} + "\n[" + message + "]\n";
            EXPECT_TRUE(scan(twice).mining) << twice;
        }
    }
    std::string nul = "{\"a\":";
    nul.push_back('\0');
    EXPECT_TRUE(scan(nul + "\"}\n" + message).mining);
    EXPECT_TRUE(scan(std::string(100'000, '[') + "\n" + message).mining);
}

TEST(StratumStream, StreamsThatDoNotOpenAValueAreNotJson) {
    for (const std::string_view text : {"GET / HTTP/1.1\r\n", "\"mining.subscribe\":", "x1 ",
                                        "\x16\x03\x01!", "}", "mining.subscribe {}"}) {
        const Seen seen = scan(text);
        EXPECT_TRUE(seen.not_json) << text;
        EXPECT_FALSE(seen.mining) << text;
    }
    for (const std::string_view text : {" \r\n", "1", "\"mining.subscribe\"", "/* { */"}) {
        EXPECT_FALSE(scan(text).not_json) << text;
    }
}

TEST(StratumStream, MidStreamStartFindsTheNextWholeMessage) {
    const std::string message = R"({"id":1,"method":"mining.notify","params":[]})";
    for (const std::string_view rest :
         {R"(1e40ab"],"id":4})", "\":[1,2]}", "}}", "", "17", "{\"a"}) {
        const std::string text = std::string{rest} + "\n" + message + "\n";
        const Seen seen = scan(text, Carrier::json_lines, {}, StreamStart::mid_stream);
        EXPECT_TRUE(seen.mining) << text;
        EXPECT_EQ(seen.info.offset, rest.size() + 1) << text;
    }
    EXPECT_TRUE(scan("rest of something\nGET / HTTP/1.1\r\n", Carrier::json_lines, {},
                     StreamStart::mid_stream)
                    .not_json);
}

TEST(StratumStream, GoesOnAfterAVerdictAndCountsValues) {
    const std::string one = R"({"id":1,"method":"mining.subscribe","params":["a"]})";
    const std::string text = "{\"x\":1}\n" + one + "\n[" + one + "," + one + "]\n{\"y\":";
    StratumScanner scanner;
    scanner.reset(Carrier::json_lines);
    MiningInfo info;
    std::string_view rest = text;
    int found = 0;
    while (!rest.empty()) {
        std::size_t taken = 0;
        found += scanner.feed(as_bytes(rest), info, taken) == StratumScanner::State::mining ? 1 : 0;
        rest.remove_prefix(taken);
    }
    EXPECT_EQ(found, 3);
    EXPECT_EQ(scanner.messages(), 3U);
    EXPECT_TRUE(scanner.mid_message());
    scanner.reset(Carrier::json_lines);
    EXPECT_FALSE(scanner.mid_message());
    EXPECT_EQ(scanner.messages(), 0U);
}

TEST(StratumStream, ResetNeedsNoConstructedScanner) {
    const std::string text = R"({"id":1,"method":"mining.subscribe","params":["a"]})";
    for (const int rubbish : {0x00, 0x5a, 0xff}) {
        alignas(StratumScanner) std::uint8_t memory[sizeof(StratumScanner)];
        std::memset(memory, rubbish, sizeof memory);
        auto* scanner = reinterpret_cast<StratumScanner*>(memory);
        scanner->reset(Carrier::json_lines);
        MiningInfo info;
        std::size_t consumed = 0;
        EXPECT_EQ(scanner->feed(as_bytes(text), info, consumed), StratumScanner::State::mining);
    }
}

TEST(StratumStream, StateStaysSmall) {
    EXPECT_LE(sizeof(StratumScanner), 1200U);
}

}  // namespace
}  // namespace minerwall::proto
