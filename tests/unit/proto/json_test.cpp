// The tokenizer by itself: tokens, texts and errors; segmentation must not change them.
#include "proto/json/json.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.hpp"

namespace minerwall::proto {
namespace {

// Tokens as text: `{ k:a s:b 1 [ ] }`, `!` for an error.
std::string tokens(std::string_view text, std::size_t step, std::uint32_t quiet = 100) {
    JsonTokenizer tokenizer;
    tokenizer.reset();
    tokenizer.set_quiet(quiet);
    std::string out;
    for (std::size_t from = 0; from < text.size(); from += step) {
        const Bytes part = as_bytes(text.substr(from, step));
        const std::uint8_t* at = part.data();
        for (;;) {
            const JsonToken token = tokenizer.next(at, part.data() + part.size());
            if (token == JsonToken::more) {
                EXPECT_EQ(at, part.data() + part.size());
                break;
            }
            switch (token) {
                case JsonToken::begin_object:
                    out += "{ ";
                    break;
                case JsonToken::begin_array:
                    out += "[ ";
                    break;
                case JsonToken::end:
                    out += "} ";
                    break;
                case JsonToken::key:
                    out += "k:" + std::string{tokenizer.text()} + " ";
                    break;
                case JsonToken::string:
                    out += "s:" + std::string{tokenizer.text()} + " ";
                    break;
                case JsonToken::scalar:
                    out += std::string{tokenizer.text()} + " ";
                    break;
                case JsonToken::odd:
                    out += "? ";
                    break;
                default:
                    return out + "!";
            }
        }
    }
    return out;
}

// The same with the whole text, in halves, and byte by byte.
std::string tokens(std::string_view text) {
    const std::string whole = tokens(text, text.size() + 1);
    EXPECT_EQ(tokens(text, 1), whole) << text;
    EXPECT_EQ(tokens(text, 3), whole) << text;
    EXPECT_EQ(tokens(text, text.size() / 2 + 1), whole) << text;
    return whole;
}

TEST(Json, ValuesBecomeTokens) {
    EXPECT_EQ(tokens(R"({"a":1,"b":[true,null,-1.5e+3,"x"],"c":{}})"),
              "{ k:a 1 k:b [ true null -1.5e+3 s:x } k:c { } } ");
    EXPECT_EQ(tokens("[]\n{}[1]"), "[ } { } [ 1 } ");
    EXPECT_EQ(tokens(""), "");
}

TEST(Json, EscapesAreDecoded) {
    EXPECT_EQ(tokens(R"(["\"\\\/\n\t\r\b\f"])"), "[ s:\"\\/\n\t\r\b\f } ");
    EXPECT_EQ(tokens(R"({"\u006deth\u006Fd":"\u00e9\u20AC\uD83D\uDE00"})"),
              "{ k:method s:\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 } ");
}

TEST(Json, HalfASurrogatePairIsReplaced) {
    const std::string replaced = "\xef\xbf\xbd";
    EXPECT_EQ(tokens(R"(["\ud800"])"), "[ s:" + replaced + " } ");
    EXPECT_EQ(tokens(R"(["\udc00"])"), "[ s:" + replaced + " } ");
    EXPECT_EQ(tokens(R"(["\ud800x\ud800\n"])"), "[ s:" + replaced + "x" + replaced + "\n } ");
    EXPECT_EQ(tokens(R"(["\ud800\ud800\udc00"])"), "[ s:" + replaced + "\xf0\x90\x80\x80 } ");
}

TEST(Json, WhatSomeReceiversTakePasses) {
    EXPECT_EQ(tokens("[1,]"), "[ 1 } ");
    EXPECT_EQ(tokens(R"({"a":1,})"), "{ k:a 1 } ");
    EXPECT_EQ(tokens("[\"a\tb\x01\"]"), "[ s:a\tb\x01 } ");
    EXPECT_EQ(tokens("[NaN,+1,0x1f]"), "[ NaN +1 0x1f } ");
    EXPECT_EQ(tokens(R"(["\q"])"), "[ s:q } ");
    EXPECT_EQ(tokens("[\"\xff\xfe\"]"), "[ s:\xff\xfe } ");
}

TEST(Json, TheMostLenientReceiversAreRead) {
    EXPECT_EQ(tokens("{'a':'b\"c',\"d\":'\\''}"), "{ k:a s:b\"c k:d s:' } ");
    EXPECT_EQ(tokens("{a:1,$b_1 : 'c'}"), "{ k:a 1 k:$b_1 s:c } ");
    EXPECT_EQ(tokens("{\x0b\"a\"\x0c:\x01\x1f 1\x7f,\xc2\xa0\"b\":\xe2\x80\xa8 2}"),
              "{ k:a 1 k:b 2 } ");
    EXPECT_EQ(tokens("[1,,2,]"), "[ 1 2 } ");
    EXPECT_EQ(tokens("{\"a\"=1;\"b\":}"), "{ k:a 1 k:b } ");
    EXPECT_EQ(tokens("[\"a\nb\",'c\r\nd']"), "[ s:a\nb s:c\r\nd } ");
    EXPECT_EQ(tokens("[\"a\\\nb\"]"), "[ s:a\nb } ");
    EXPECT_EQ(tokens("[\"\\x6d\\u12x4\\u\"]"), std::string{"[ s:m"} + '\0' + "x4" + '\0' + " } ");
    EXPECT_EQ(tokens("{\"a\":new Date(1,\"x\"),\"b\":2}"), "{ k:a Date 1 s:x k:b 2 } ");
}

TEST(Json, CommentsAreBlanks) {
    EXPECT_EQ(tokens("/**/{/*{*/\"a\"/* ' */:/*\n*/1/**/,#x\n\"b\"// \"\r\n:2}"),
              "{ k:a 1 k:b 2 } ");
    EXPECT_EQ(tokens("[1,// a\n2]"), "[ 1 2 } ");
    EXPECT_EQ(tokens("[/x]"), "[ x } ");
    const std::string deep = R"({"a":[[/*"*/'"',//]
"]"]],"b":1})";
    EXPECT_EQ(tokens(deep, deep.size(), 1), "{ k:a [ } k:b 1 } ");
    EXPECT_EQ(tokens(deep, 1, 1), "{ k:a [ } k:b 1 } ");
}

TEST(Json, WhereReceiversDifferIsSaid) {
    EXPECT_EQ(tokens("[//a\r1]"), "[ ? 1 } ");
    EXPECT_EQ(tokens("[/***/1]"), "[ ? 1 } ");
    EXPECT_EQ(tokens(std::string_view{"[\"ab\0\"]", 7}), std::string_view("[ ? s:ab\0 } ", 12));
    EXPECT_EQ(tokens(std::string_view{"[\"a\0b\0\"]", 8}), "[ ? ? s:ab } ");
    EXPECT_EQ(tokens(std::string_view{"[\0]", 3}), "[ ? } ");
    // A receiver of lines begins at the second one.
    EXPECT_EQ(tokens("[\"a\n {\"b\":1}"), "[ ? { k:b 1 } ");
    EXPECT_EQ(tokens("[/*\n[1]"), "[ ? [ 1 } ");
}

TEST(Json, ValuesStandInFrontOfOthers) {
    EXPECT_EQ(tokens("null{}1 \"x\"[],'y',-1.5 NaN\n{}"), "null { } 1 s:x [ } s:y -1.5 NaN { } ");
    EXPECT_EQ(tokens("ll{}"), "ll { } ") << "a segment may begin inside a literal";
}

TEST(Json, WhatNoReceiverTakesIsAnError) {
    EXPECT_EQ(tokens("x "), "!");
    EXPECT_EQ(tokens("]"), "!");
    EXPECT_EQ(tokens("(1)"), "!");
    EXPECT_EQ(tokens("\"a\":1"), "s:a !");
    EXPECT_EQ(tokens("[1 2]"), "[ !");
    EXPECT_EQ(tokens(R"(["a" "b"])"), "[ !");
    EXPECT_EQ(tokens(R"({"a"::1})"), "{ k:a !");
    EXPECT_EQ(tokens("[{}{}]"), "[ { } !");
    EXPECT_EQ(tokens("[\\]"), "[ !");
}

TEST(Json, LongTextsAreCut) {
    const std::string longer(1000, 'x');
    const std::string cut(JsonTokenizer::kTextMax, 'x');
    EXPECT_EQ(tokens("[\"" + longer + "\",\"y\"]"), "[ s:" + cut + " s:y } ");
    EXPECT_EQ(tokens("{\"" + longer + "\":\"y\"}"), "{ k:" + cut + " s:y } ");
}

TEST(Json, QuietDepthIsSkippedAndLeftInStep) {
    const std::string text = R"({"a":[1,"x",{"b":"c]}"}],"d":2})";
    EXPECT_EQ(tokens(text, text.size(), 1), "{ k:a [ } k:d 2 } ");
    EXPECT_EQ(tokens(text, 1, 1), "{ k:a [ } k:d 2 } ");
    EXPECT_EQ(tokens(text, 1, 0), "{ } ");
    EXPECT_EQ(tokens("{\"a\":[[\n[1]]]}", 1, 0), "{ [ } ");  // opens a line
}

TEST(Json, AnyDepthIsCounted) {
    const std::string text = std::string(1'000'000, '[') + std::string(1'000'000, ']') + "{}";
    EXPECT_EQ(tokens(text, text.size(), 0), "[ } { } ");
}

TEST(Json, RestartAfterAnErrorReadsTheNextLine) {
    JsonTokenizer tokenizer;
    tokenizer.reset();
    const Bytes bytes = as_bytes("[[1\n{\"a\":1}");
    const std::uint8_t* at = bytes.data();
    const std::uint8_t* end = at + bytes.size();
    JsonToken token = JsonToken::more;
    while ((token = tokenizer.next(at, end)) != JsonToken::error) {
        ASSERT_NE(token, JsonToken::more);
    }
    EXPECT_EQ(*at, '{');
    EXPECT_TRUE(tokenizer.first_on_line());
    tokenizer.restart();
    EXPECT_EQ(tokenizer.next(at, end), JsonToken::begin_object);
    EXPECT_TRUE(tokenizer.first_on_line());
    EXPECT_EQ(tokenizer.depth(), 1U);
}

}  // namespace
}  // namespace minerwall::proto
