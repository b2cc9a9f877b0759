#include "bench/worst/kinds.hpp"

#include "bench/worst/scenes.hpp"
#include "support/messages.hpp"

namespace minerwall::bench {
namespace {

const std::vector<std::string> kJson = {
    "{",
    "}",
    "[",
    "]",
    "[]",
    "{}",
    "\"",
    "\"\":",
    ",",
    "0,",
    "{\n",
    "[\n",
    "{x\n",
    "\"\\u0041\"",
    "\"a\":",
    "[[[[[[[[",
    "]]]]]]]]",
    "{},",
    "\"method\":\"x\",",
    "{\"id\":1}",
    "\"params\":[",
    "\"result\":{",
    "\\",
    "\n",
    "\"mining.",
};
const std::vector<std::string> kHttp = {
    "GET / HTTP/1.1\n",
    "Host:",
    "\n\n",
    "\r\n\r\n",
    "a.",
    ":",
    "\n",
    "X-Stratum:",
    "Content-Length:",
    "POST ",
    "http://a.b/",
    "Transfer-Encoding:chunked\n",
    "1\n{\n",
    "0\n\n",
    "HTTP/1.1 200 x\n",
    "user-agent:",
    "h:",
    "x-long-pollinx",
    "GET http://a HTTP/1.1\nHost:b\n\n",
};

std::string requests(unsigned labels) {
    std::string out;
    for (unsigned i = 0; out.size() < 1400; ++i) {
        out += "GET / HTTP/1.1\nHost:" + repeat("a.", labels * 2) + std::to_string(i) + "\n\n";
    }
    return out;
}

std::string dns_name(unsigned labels) {
    return std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12) +
           repeat(
               "\x01"
               "a",
               labels * 2) +
           std::string("\0\0\1\0\1", 5);
}

std::string dns_answer() {
    std::string out("\x12\x34\x81\x80\x00\x01\x00\x40\x00\x00\x00\x00", 12);
    out += std::string("\1a\0\0\1\0\1", 7);
    for (unsigned i = 0; i < 64; ++i) {
        out += std::string("\xc0\x0c\0\5\0\1\0\0\0\1\0\4\1", 13) + static_cast<char>('a' + i % 26) +
               std::string("\xc0\x0c", 2);
    }
    return out;
}

std::string framed(const std::string& message) {
    return test::sized16(message);
}

std::string initial(std::string_view version, unsigned length) {
    std::string out = "\xc3" + std::string(version) + "\x08";
    out += std::string("\1\2\3\4\5\6\7\x08\0\0", 10);
    out += static_cast<char>(0x40 | length >> 8);
    out += static_cast<char>(length);
    return out + repeat("\x5a\xa5\x33", length);
}

const std::string_view kV1("\0\0\0\1", 4), kV2("\x6b\x33\x43\xcf", 4), kDraft("\xff\0\0\x1d", 4);

std::string masked(const std::string& text, unsigned char first = 0x81) {
    return std::string(1, static_cast<char>(first)) + static_cast<char>(0x80 | text.size()) +
           std::string(4, '\0') + text;
}

const std::string kUpgrade =
    "GET / HTTP/1.1\r\nHost: a.b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const std::string kUpgraded = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n";

void add_json(std::vector<Kind>& all) {
    const std::vector<std::string> seeds = {
        "{\"a\":\"" + repeat("b", 40) + "\n",
        repeat("[]", 1400, repeat("{x\n", 48)),
        repeat("\"b\\u0041\",", 1400, repeat("{x\n", 48) + "{\"a\":["),
        repeat("{\"method\":1}", 1400, repeat("{}\n", 48)),
        "[{},{},{},{},",
        "[0,0,0,0,",
        "{\"\":\"\",\"\":\"\",",
        "{\"params\":{\"result\":[{\"job\":",
        "{\n{\n{\n",
        "[[[[[[[[]]]]]]]]",
        ",\"method\":\"x\",\"\\u006d\":1",
    };
    all.push_back({"settled flow, lines of JSON", seeds, kJson, 1400, settled});
    all.push_back({"first packet, JSON", seeds, kJson, 1400, firsts(9000)});
    all.push_back({"JSON stream", seeds, kJson, 1400, stream(9000, "{\"a\":1}\n[")});
    all.push_back({"JSON behind unknown bytes", seeds, kJson, 1400, stream(9000, "hello\n")});
    all.push_back({"HTTP request's JSON body", seeds, kJson, 1400,
                   stream(80, "POST / HTTP/1.1\r\nHost: a.b\r\nContent-Length: 999999\r\n\r\n")});
    all.push_back({"HTTP answer's JSON body", seeds, kJson, 1400,
                   answers(80, "GET / HTTP/1.1\r\nHost: a.b\r\n\r\n",
                           "HTTP/1.1 200 x\r\nContent-Length: 999999\r\n\r\n")});
}

void add_http(std::vector<Kind>& all) {
    const std::vector<std::string> seeds = {
        "x-minx: y\r\n",
        requests(1),
        requests(126),
        "GET / HTTP/1.1\nHost:a\nHost:b\n\n",
        "GET http://a.b/ HTTP/1.1\nHost:b\n\n",
        "h\n",
        "POST / HTTP/1.1\nTransfer-Encoding:chunked\n\n1\n{\n1\n}\n0\n\n",
        "POST / HTTP/1.1\nContent-Length:2\n\n{}",
    };
    all.push_back(
        {"HTTP requests", seeds, kHttp, 1400, stream(80, "GET / HTTP/1.1\r\nHost: a.b\r\n")});
    all.push_back({"HTTP requests, first packet", seeds, kHttp, 1400, firsts(80)});
    all.push_back({"HTTP answers",
                   {"HTTP/1.1 200 x\nContent-Length:1\n\n{", "x-stratum: a.b\n"},
                   kHttp,
                   1400,
                   answers(80, "GET / HTTP/1.1\r\nHost: a.b\r\n\r\n", "HTTP/1.1 200 x\r\n")});
    all.push_back({"HTTP chunked body",
                   {"1\n{\n", "1\n[\n1\n]\n", "3\n\"\",\n"},
                   kHttp,
                   1400,
                   stream(80,
                          "POST / HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "1\r\n[\r\n")});
    all.push_back({"HTTP requests behind a hole", seeds, kHttp, 1400, filled_hole});
    all.push_back({"WebSocket",
                   {masked("{"), masked("{", 0x01), masked("{", 0x00), masked(repeat("{[", 18)),
                    masked(repeat("[]", 120)), "\x01\x01{", "\x89\x80zzzz"},
                   {masked("{"), masked("}", 0), masked(repeat("[]", 18)), "\x89\x80zzzz",
                    masked(repeat("\"\":", 100)), masked("{\"id\":1,\"method\":1}")},
                   1400,
                   stream(80, kUpgrade, kUpgraded)});
}

void add_others(std::vector<Kind>& all) {
    const std::string hello = test::client_hello("a.b.c.d.e.f");
    all.push_back({"TLS ClientHello",
                   {hello, "\x16\x03\x01\x00\x01\x01", "\x16\x03\x01\x00\x04\x01"},
                   {hello, "\x16\x03\x01\x00\x01", std::string("\0\0\0\4", 4)},
                   1400,
                   firsts(443)});
    all.push_back(
        {"TLS in records of a byte",
         {std::string("\x16\x03\x01\x00\x01\x00", 6)},
         {std::string("\x16\x03\x01\x00\x01", 5)},
         1400,
         stream(443, std::string("\x16\x03\x01\x00\x09\x01\x00\xff\xff\x03\x03rrr", 14))});
    all.push_back({"SOCKS",
                   {std::string("\5\1\0\5\1\0\3\3a.b\0\x50", 13), "\4\1\0\x50\1\1\1\1"},
                   {std::string("\5\1\0", 3), "\4\1"},
                   1400,
                   firsts(1080)});
    all.push_back({"Stratum V2, coins, unknown",
                   {std::string("\0\0\0\x20\0\0", 6), std::string("\xf9\xbe\xb4\xd9version\0", 12),
                    text_of(noise(1400)), "a\n"},
                   {std::string("\0\0\0", 3), "\xf9\xbe\xb4\xd9", "\n{"},
                   1400,
                   firsts(34254)});
    all.push_back({"DNS over TCP",
                   {framed(dns_name(1)), framed(dns_name(120)), framed(dns_answer())},
                   {framed(dns_name(1)), std::string("\xc0\x0c", 2), "\1a"},
                   1400,
                   stream(53, "")});
    all.push_back({"DNS question",
                   {dns_name(1), dns_name(120), dns_name(126)},
                   {std::string("\xc0\x0c", 2), "\1a", std::string(1, '\0')},
                   280,
                   datagrams(53, false)});
    all.push_back({"DNS answer",
                   {dns_answer()},
                   {std::string("\xc0\x0c", 2), "\1a"},
                   1200,
                   datagrams(53, false, true)});
    all.push_back({"QUIC Initials",
                   {initial(kV1, 1300), initial(kV1, 40) + initial(kV2, 40) + initial(kDraft, 40),
                    initial(kV1, 130)},
                   {initial(kV1, 40), initial(kV2, 40), initial(kDraft, 40)},
                   1350,
                   datagrams(443, true)});
    all.push_back({"UDP, unknown", {text_of(noise(1400)), "a"}, {}, 1400, datagrams(4000, true)});
}

void add_transport(std::vector<Kind>& all) {
    all.push_back({"one-byte segments behind a hole",
                   {"\x40\x01", "\x01\x40", "ab"},
                   {},
                   2 * kProbes,
                   holes});
    all.push_back({"copies that are compared", {"x"}, {}, 1400, same_copies});
    all.push_back({"fragments", {std::string(1, '\0'), "\x3f", "\x05"}, {}, 1400, fragments});
    all.push_back(
        {"tunnels in tunnels",
         {dns_name(120) + std::string(1200, '\2'), dns_name(120) + std::string(1200, '\3'), "\1"},
         {},
         620,
         tunnels});
}

}  // namespace

std::vector<Kind> kinds() {
    std::vector<Kind> all;
    add_json(all);
    add_http(all);
    add_others(all);
    add_transport(all);
    return all;
}

}  // namespace minerwall::bench
