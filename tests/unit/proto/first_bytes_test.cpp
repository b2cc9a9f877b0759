#include "proto/first_bytes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace minerwall::proto {
namespace {

using namespace std::string_literals;

Opening whole(const std::string& text) {
    return classify_opening(as_bytes(text));
}

struct Case {
    std::string text;
    Opening opening;
    std::size_t needed;  // the number of bytes that decide
};
const Case kCases[] = {
    {"{\"id\":1", Opening::json, 1},
    {"[{\"id\":1", Opening::json, 1},
    {"\r\n \t{", Opening::json, 5},
    {"\xef\xbb\xbf{", Opening::json, 4},
    {" \xef\xbb\xbf \n[", Opening::json, 7},
    {"GET / HTTP/1.1", Opening::http_request, 4},
    {"GET\t/ HTTP/1.1", Opening::http_request, 4},
    {"\r\n\r\nGET / HTTP/1.1", Opening::http_request, 8},
    {"POST /", Opening::http_request, 5},
    {"PUT /", Opening::http_request, 4},
    {"PATCH /", Opening::http_request, 6},
    {"CONNECT a:1", Opening::http_request, 8},
    {"OPTIONS *", Opening::http_request, 8},
    {"HEAD /", Opening::http_request, 5},
    {"HTTP/1.1 200 OK", Opening::http_response, 7},
    {"\x16\x03\x01\x02\x00\x01"s, Opening::tls, 4},
    {"\x15\x03\x01\x00\x02"s, Opening::tls, 4},
    {"\x16\x03\x01\x42"s, Opening::unknown, 4},
    {"\x16\x02"s, Opening::unknown, 2},
    {"\n\x16\x03\x01\x00"s, Opening::unknown, 2},
    {"POSTER /", Opening::http_request, 8},
    {"M-SEARCH * HTTP/1.1", Opening::http_request, 10},
    {"foo_1 \thttp://a HTTP/1.1", Opening::http_request, 21},
    {"FOO bar\r\n HTTP/1", Opening::unknown, 8},
    {"null /**/{}", Opening::json, 5},
    {"nulltrue{}", Opening::json, 9},
    {"PRI * HTTP/2.0", Opening::unknown, 4},
    {"PROXY TCP4 1.2.3.4", Opening::proxy_header, 11},
    {"\r\nPROXY UNKNOWN", Opening::proxy_header, 15},
    {"PROXYING x\r", Opening::unknown, 11},
    {"PROXY / HTTP/1.1", Opening::http_request, 7},
    {"\r\n\r\n\x00\r\nQUIT\n"s, Opening::unknown, 5},  // only of a connection's first bytes
    {"HTTP/2", Opening::unknown, 6},
    {"SSH-2.0-x", Opening::unknown, 6},
    {"JOB,user", Opening::unknown, 4},
    {"get / HTTP/1.1", Opening::http_request, 5},
    {std::string(41, 'a'), Opening::http_request, 40},
    {"\xef\xbb{", Opening::unknown, 3},
    {"\xef\xbb\xbf\xef\xbb\xbf{", Opening::unknown, 4},
    {"\x00\x00\x00\x00"s, Opening::unknown, 1},
};

TEST(Opening, IsDecidedByTheFirstByteThatCan) {
    for (const Case& c : kCases) {
        EXPECT_EQ(whole(c.text), c.opening) << c.text;
        for (std::size_t n = 0; n < c.text.size(); ++n) {
            EXPECT_EQ(whole(c.text.substr(0, n)), n < c.needed ? Opening::need_more : c.opening)
                << c.text << " at " << n;
        }
    }
}

TEST(Opening, OfPiecesIsThatOfTheWholeAndNoByteIsLost) {
    for (const Case& c : kCases) {
        for (std::size_t step : {1u, 2u, 3u, 5u}) {
            OpeningClassifier classifier;
            std::size_t at = 0;
            Opening opening = Opening::need_more;
            while (at < c.text.size() && opening == Opening::need_more) {
                const std::string piece = c.text.substr(at, step);
                opening = classifier.feed(as_bytes(piece));
                at += opening == Opening::need_more ? piece.size() : 0;
            }
            EXPECT_EQ(opening, c.opening) << c.text;
            EXPECT_EQ(classifier.skipped() + classifier.pending().size(), at);
            EXPECT_TRUE(c.text.substr(0, at).ends_with(as_text(classifier.pending())));
        }
    }
}

TEST(Opening, WaitsThroughAnyAmountOfWhiteSpace) {
    OpeningClassifier classifier;
    const std::string white(100'000, '\n');
    EXPECT_EQ(classifier.feed(as_bytes(white)), Opening::need_more);
    EXPECT_EQ(classifier.feed(as_bytes("\xef\xbb\xbf")), Opening::need_more);
    EXPECT_EQ(classifier.feed(as_bytes(white)), Opening::need_more);
    EXPECT_TRUE(classifier.pending().empty());
    EXPECT_EQ(classifier.skipped(), 200'003u);
    EXPECT_EQ(classifier.feed(as_bytes(" {")), Opening::json);
}

// Feeds the text whole and byte by byte.
Opening opening_at_53(const std::string& text) {
    OpeningClassifier whole{true, true};
    const Opening at_once = whole.feed(as_bytes(text));
    OpeningClassifier slowly{true, true};
    Opening last = Opening::need_more;
    for (const char& c : text) {
        last = slowly.feed({reinterpret_cast<const std::uint8_t*>(&c), 1});
        if (last != Opening::need_more) {
            break;
        }
    }
    EXPECT_EQ(last, at_once);
    return at_once;
}

TEST(Opening, AtDnssPortTheBytesHaveToAgree) {
    using namespace std::string_literals;
    const std::string query =
        "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04pool\x07"
        "example\x00\x00\x01\x00\x01"s;
    const std::string framed = std::string("\0", 1) + static_cast<char>(query.size()) + query;
    EXPECT_EQ(opening_at_53(framed), Opening::dns);
    EXPECT_EQ(opening_at_53("\0\0"s + framed), Opening::dns) << "behind an empty message";
    EXPECT_EQ(opening_at_53("{\"id\":1,\"method\":\"x\"}\n"), Opening::json);
    EXPECT_EQ(opening_at_53("POST / HTTP/1.1\r\n"), Opening::http_request);
    EXPECT_EQ(opening_at_53("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 random bytes"s),
              Opening::tls);
    EXPECT_EQ(opening_at_53("\x05\x01\x00\x05\x01\x00\x03\x04pool\x0d\x05"s), Opening::socks);
}

TEST(Opening, OfAProxyHeaderIsTheWholeSignatureAtTheFirstByte) {
    const auto opening = [](const std::string& text) { return opening_at_53(text); };
    const std::string signature = "\r\n\r\n\x00\r\nQUIT\n"s;
    EXPECT_EQ(opening(signature), Opening::proxy_header);
    for (std::size_t n = 0; n < signature.size(); ++n) {
        OpeningClassifier classifier{true};
        EXPECT_EQ(classifier.feed(as_bytes(signature.substr(0, n))), Opening::need_more) << n;
    }
    EXPECT_EQ(opening("\r\n" + signature), Opening::unknown);
    EXPECT_EQ(opening("\n\r\n\r" + signature.substr(4)), Opening::unknown);
    EXPECT_EQ(opening("    " + signature.substr(4)), Opening::unknown);
    EXPECT_EQ(opening("\r\xef\xbb\xbf" + signature.substr(4)), Opening::unknown);
    EXPECT_EQ(opening(signature.substr(4)), Opening::unknown);
    EXPECT_EQ(opening("\r\n\r\n\x00\r\nQUIET"s), Opening::unknown);
    EXPECT_EQ(opening("\r\n\r\n{"), Opening::json);
}

TEST(Opening, StateIsSmall) {
    EXPECT_LE(sizeof(OpeningClassifier), 56u);
}

}  // namespace
}  // namespace minerwall::proto
