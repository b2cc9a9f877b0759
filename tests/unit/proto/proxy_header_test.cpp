#include "proto/proxy_header/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/pieces.hpp"

namespace minerwall::proto {
namespace {

using namespace std::string_literals;

const std::string kRest = "{\"id\":1}";
const std::string kTcp4 = "PROXY TCP4 192.0.2.7 198.51.100.9 50000 3333\r\n";

std::string run(const std::string& in, const std::vector<std::size_t>& cuts) {
    ProxyHeaderParser parser;
    std::string content;
    for (const test::Piece& piece : test::pieces(in, cuts)) {
        const Bytes copy = piece.bytes();
        std::size_t used = 0;
        for (;;) {
            std::size_t consumed = 0;
            Bytes passed;
            const ProxyHeaderEvent event = parser.next(copy.subspan(used), consumed, passed);
            used += consumed;
            EXPECT_LE(used, copy.size());
            content += as_text(passed);
            if (event == ProxyHeaderEvent::content) {
                EXPECT_FALSE(passed.empty());
                continue;
            }
            if (event == ProxyHeaderEvent::need_more) {
                EXPECT_EQ(used, copy.size());
                break;
            }
            const std::string rest = in.substr(piece.begin + used);
            return "[" + content + "] " +
                   (event == ProxyHeaderEvent::done ? "done " : "not-proxy ") + rest;
        }
    }
    return "[" + content + "] more";
}
// Also asserts that segmentation changes nothing.
std::string read(const std::string& in) {
    const std::string whole = run(in, {});
    std::vector<std::size_t> every;
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
        EXPECT_EQ(run(in, {cut}), whole) << "cut at " << cut;
        every.push_back(cut);
    }
    EXPECT_EQ(run(in, every), whole) << "byte by byte";
    return whole;
}
// As the classifier hands it on: without the signature's first four bytes.
std::string version2(char command, char family, const std::string& body) {
    return std::string(kProxySignature) + command + family + static_cast<char>(body.size() >> 8) +
           static_cast<char>(body.size()) + body;
}

TEST(ProxyHeader, Version1EndsWithItsLine) {
    EXPECT_EQ(read(kTcp4 + kRest), "[] done " + kRest);
    EXPECT_EQ(read("PROXY TCP6 2001:db8::7 2001:DB8::9 1 65535\r\n" + kRest), "[] done " + kRest);
    EXPECT_EQ(read("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n" + kRest), "[] done " + kRest);
    EXPECT_EQ(read("PROXY UNKNOWN\r\n" + kRest), "[\r\n] done " + kRest);
    EXPECT_EQ(read("PROXY UNKNOWN any\nte\rxt \r\r\n" + kRest),
              "[ any\nte\rxt \r\r\n] done " + kRest);
    EXPECT_EQ(read("PROXY TCP4 192.0.2.7 198.51"), "[] more");
}

TEST(ProxyHeader, AWrongByteOfVersion1AndTheRestAreLeft) {
    EXPECT_EQ(read("PROXY {\"id\":1}\n"), "[] not-proxy {\"id\":1}\n");
    EXPECT_EQ(read("PROXY TCP5 x"), "[] not-proxy 5 x");
    EXPECT_EQ(read("PROXY TCP4  1.2.3.4"), "[] not-proxy  1.2.3.4");
    EXPECT_EQ(read("PROXY TCP4 pool"), "[] not-proxy pool");
    EXPECT_EQ(read("PROXY TCP4 1.2.3.4\r\n{"), "[] not-proxy \r\n{");
    EXPECT_EQ(read("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"), "[] not-proxy  3\r\n");
    EXPECT_EQ(read("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r{"), "[] not-proxy {");
    EXPECT_EQ(read("POST / HTTP"), "[] not-proxy OST / HTTP");
}

TEST(ProxyHeader, ALineOfVersion1IsBounded) {
    const std::string begin = "PROXY UNKNOWN";
    const std::string fits(ProxyHeaderParser::kMaxLine - begin.size() - 2, ' ');
    EXPECT_EQ(read(begin + fits + "\r\n" + kRest), "[" + fits + "\r\n] done " + kRest);
    EXPECT_EQ(read(begin + fits + " \r\n" + kRest), "[" + fits + " \r] not-proxy \n" + kRest);
    const std::string field(300, '1');
    EXPECT_EQ(read("PROXY TCP4 " + field), "[] not-proxy " + field.substr(255 - 11));
}

TEST(ProxyHeader, Version2EndsAfterItsLength) {
    const std::string ends = "\xc0\x00\x02\x07\xc6\x33\x64\x09\xc3\x50\x0d\x05"s;
    EXPECT_EQ(read(version2('\x21', '\x11', ends) + kRest), "[" + ends + "] done " + kRest);
    const std::string more = ends + "\x04\x00\x03\n{\""s;
    EXPECT_EQ(read(version2('\x21', '\x11', more) + kRest), "[" + more + "] done " + kRest);
    EXPECT_EQ(read(version2('\x20', '\x00', "") + kRest), "[] done " + kRest);
    EXPECT_EQ(read("\r\n\r\n" + version2('\x20', '\x00', "") + kRest), "[] done " + kRest);
    EXPECT_EQ(read("\n" + version2('\x20', '\x00', "") + kRest), "[] done " + kRest);
    // Receivers that reject these close the connection; others follow the length.
    EXPECT_EQ(read(version2('\x2f', '\x77', "abc") + kRest), "[abc] done " + kRest);
    EXPECT_EQ(read(version2('\x21', '\x11', "abc").substr(0, 14)), "[ab] more");
}

TEST(ProxyHeader, Version2HasAnyLengthOfItsFormat) {
    const std::string body(65535, '\0');
    EXPECT_EQ(run(version2('\x21', '\x31', body) + kRest, {3, 12, 13, 5000}),
              "[" + body + "] done " + kRest);
}

TEST(ProxyHeader, AWrongByteOfVersion2AndTheRestAreLeft) {
    EXPECT_EQ(read("\0\r\nQUIT\n{\"id\":1}"s), "[] not-proxy {\"id\":1}");
    EXPECT_EQ(read("\0\r\nQUIT\n\x11\x11"s), "[] not-proxy \x11\x11");
    EXPECT_EQ(read("\0\r\nQUIET"s), "[] not-proxy ET");
    EXPECT_EQ(read("\x16\x03"s), "[] not-proxy \x16\x03");
}

}  // namespace
}  // namespace minerwall::proto
