#include "proto/websocket/websocket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/pieces.hpp"

namespace minerwall::proto {
namespace {

constexpr unsigned kFin = 0x80, kDeflate = 0x40, kText = 1, kBinary = 2, kMasked = 0x80;

// A frame; `size_bytes` 0: with the shortest possible length field.
std::string frame(unsigned first, const std::string& payload, bool masked = true,
                  unsigned size_bytes = 0) {
    std::string s(1, static_cast<char>(first));
    const std::size_t n = payload.size();
    const unsigned mask_bit = masked ? kMasked : 0;
    if (size_bytes == 0) {
        size_bytes = n < 126 ? 1 : n < 65536 ? 2 : 8;
    }
    s += static_cast<char>(mask_bit | (size_bytes == 1   ? static_cast<unsigned>(n)
                                       : size_bytes == 2 ? 126U
                                                         : 127U));
    for (unsigned i = size_bytes == 1 ? 0 : size_bytes; i != 0; --i) {
        s += static_cast<char>(n >> (8 * (i - 1)));
    }
    if (!masked) {
        return s + payload;
    }
    const std::string mask = "\x9a\x01\xf7\x5c";
    s += mask;
    for (std::size_t i = 0; i < n; ++i) {
        s += static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    return s;
}

// A parser's events as text: payload in <>; an unfinished message ends in `..`.
std::string run(const std::string& in, const std::vector<std::size_t>& cuts = {}) {
    WebSocketParser parser;
    std::string log;
    for (const test::Piece& piece : test::pieces(in, cuts)) {
        Bytes left = piece.bytes();
        for (;;) {
            std::size_t consumed;
            Bytes payload;
            const WebSocketEvent event = parser.next(left, consumed, payload);
            EXPECT_LE(consumed, left.size());
            EXPECT_EQ(payload.empty(), event != WebSocketEvent::payload_bytes);
            left = left.subspan(consumed);
            if (event == WebSocketEvent::need_more) {
                EXPECT_TRUE(left.empty());
                break;
            }
            switch (event) {
                case WebSocketEvent::message_begin:
                    log += parser.text() ? "text" : "binary";
                    log += parser.compressed() ? "-deflate<" : "<";
                    break;
                case WebSocketEvent::payload_bytes:
                    log += as_text(payload);
                    break;
                case WebSocketEvent::message_done:
                    log += "> ";
                    break;
                default:
                    EXPECT_FALSE(left.empty()) << "the deciding byte is not consumed";
                    return log + "not-websocket";
            }
        }
    }
    return log;
}

// Also asserts that segmentation changes nothing.
std::string check(const std::string& in) {
    const std::string whole = run(in);
    std::vector<std::size_t> every;
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
        EXPECT_EQ(run(in, {cut}), whole) << "cut at " << cut;
        every.push_back(cut);
    }
    EXPECT_EQ(run(in, every), whole) << "byte by byte";
    return whole;
}

TEST(WebSocket, MaskedPayloadIsUnmasked) {
    EXPECT_EQ(check(frame(kFin | kText, R"({"type":"auth","params":{"site_key":"x"}})")),
              R"(text<{"type":"auth","params":{"site_key":"x"}}> )");
    // RFC 6455, 5.7
    EXPECT_EQ(check("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "text<Hello> ");
    EXPECT_EQ(check("\x81\x05Hello"), "text<Hello> ");
}

TEST(WebSocket, AllThreeLengthFieldsAreRead) {
    for (const std::size_t n : {0u, 1u, 125u, 126u, 127u, 511u, 512u, 513u, 1031u}) {
        std::string payload;
        for (std::size_t i = 0; i < n; ++i) {
            payload += static_cast<char>('a' + i % 26);
        }
        for (const unsigned size_bytes : {2u, 8u}) {
            for (const bool masked : {true, false}) {
                EXPECT_EQ(run(frame(kFin | kBinary, payload, masked, size_bytes)),
                          "binary<" + payload + "> ")
                    << n;
            }
        }
        EXPECT_EQ(check(frame(kFin | kText, payload)), "text<" + payload + "> ");
    }
    const std::string large(70000, 'z');
    EXPECT_TRUE(run(frame(kFin | kText, large)) == "text<" + large + "> ");
    EXPECT_TRUE(run(frame(kFin | kText, large), {5, 4000, 4001, 68000}) == "text<" + large + "> ");
}

TEST(WebSocket, FragmentsAreOneMessageWhateverControlFramesStandBetween) {
    const std::string ping = frame(0x89, "{\"id\":9}");
    EXPECT_EQ(check(frame(kText, "{\"id\"") + ping + frame(0, ":1") + frame(0, "") +
                    frame(0x8a, "") + frame(kFin, "}") + frame(kFin | kText, "x")),
              "text<{\"id\":1}> text<x> ");
    EXPECT_EQ(check(frame(kBinary, "a", false) + frame(kFin, "", false)), "binary<a> ");
    EXPECT_EQ(check(frame(0x88, "\x03\xe8 bye") + frame(kFin | kText, "after close")),
              "text<after close> ");
}

TEST(WebSocket, CompressionIsReportedOfTheMessage) {
    EXPECT_EQ(check(frame(kDeflate | kText, "a") + frame(kFin, "b") + frame(kFin | kText, "c")),
              "text-deflate<ab> text<c> ");
}

TEST(WebSocket, FramesOutOfOrderHideNothing) {
    EXPECT_EQ(check(frame(kText, "cut") + frame(kFin | kText, "whole")), "text<cut> text<whole> ");
    EXPECT_EQ(check(frame(kFin, "orphan") + frame(kFin | kText, "x")), "binary<orphan> text<x> ");
}

TEST(WebSocket, WhatIsNoFrameIsSaidToBe) {
    for (const char* bytes : {"\x83\x01x", "\x87\x01x", "\x8b\x01x", "\x8f\x01x",  // reserved
                              "\x09\x01x", "\x08\x01x",                            // in fragments
                              "\x89\x7ex", "\x8a\xff x", "{\"id\":1}", "GET / HTTP/1.1"}) {
        EXPECT_EQ(check(bytes), "not-websocket") << bytes;
    }
    EXPECT_EQ(check("\x82\x7f\x80" + std::string(7, '\0')), "not-websocket");
    EXPECT_EQ(check("\x82\x7f\x7f" + std::string(7, '\xff') + "x"), "binary<x");
    EXPECT_EQ(check(frame(kFin | kText, "x") + "\xff\xff"), "text<x> not-websocket");
}

TEST(WebSocket, OtherProtocolsBehindAnUpgradeLoseNoByte) {
    for (const char* bytes : {"{\"id\":1}", "[1]", "\x16\x03\x01", "GET /", "\x05\x01", "\r\n{"}) {
        WebSocketParser parser;
        std::size_t consumed;
        Bytes payload;
        EXPECT_EQ(parser.next(as_bytes(bytes), consumed, payload), WebSocketEvent::not_websocket);
        EXPECT_EQ(consumed, 0u) << bytes;
    }
}

TEST(WebSocket, ResetForgetsEverything) {
    WebSocketParser parser;
    std::size_t consumed;
    Bytes payload;
    EXPECT_EQ(parser.next(as_bytes("\x01\x05"), consumed, payload), WebSocketEvent::message_begin);
    parser.reset();
    EXPECT_EQ(parser.next(as_bytes("\x83"), consumed, payload), WebSocketEvent::not_websocket);
}

// The events of a message in pieces tell how often its reader is called.
TEST(WebSocket, ShortFramesOfAMessageArePutTogether) {
    std::string in = frame(kText, "{");
    for (unsigned i = 0; i < 100; ++i) {
        in += frame(0, "x") + frame(kFin | 9, "ping");
    }
    in += frame(kFin, "}");
    WebSocketParser parser;
    std::size_t consumed;
    Bytes payload;
    ASSERT_EQ(parser.next(as_bytes(in), consumed, payload), WebSocketEvent::message_begin);
    std::string_view left(in);
    left.remove_prefix(consumed);
    ASSERT_EQ(parser.next(as_bytes(left), consumed, payload), WebSocketEvent::payload_bytes);
    EXPECT_EQ(payload.size(), 102u);
    left.remove_prefix(consumed);
    EXPECT_EQ(parser.next(as_bytes(left), consumed, payload), WebSocketEvent::message_done);
}

TEST(WebSocket, MessagesThatAreTooShortGiveNoEvents) {
    const std::string in = frame(kFin | kText, "{\"a\"}") + frame(kFin | kText, "{\"a\":1}");
    WebSocketParser parser(7);
    std::size_t consumed;
    Bytes payload;
    ASSERT_EQ(parser.next(as_bytes(in), consumed, payload), WebSocketEvent::message_begin);
    EXPECT_EQ(consumed, in.size() - 7);
    // A message of several frames may become long enough.
    WebSocketParser other(7);
    EXPECT_EQ(other.next(as_bytes(frame(kText, "{")), consumed, payload),
              WebSocketEvent::message_begin);
}

TEST(WebSocket, StateIsSmall) {
    EXPECT_LE(sizeof(WebSocketParser), 560u);
}

}  // namespace
}  // namespace minerwall::proto
