#include "bench/worst/kinds.hpp"

#include <random>

#include "bench/traffic.hpp"
#include "support/fragmenter.hpp"
#include "support/messages.hpp"

namespace minerwall::bench {
namespace {

using test::Buffer;
using test::Eth;

constexpr unsigned kProbes = 64;
constexpr char kClient[] = "10.0.0.1";
constexpr char kServer[] = "192.0.2.9";

// The frames of one connection, each behind the last.
class Talk {
  public:
    explicit Talk(std::uint16_t server_port, std::uint16_t client_port = 40000)
        : client_port_(client_port), server_port_(server_port) {}

    Sent up(std::string_view payload, std::uint8_t flags = packet::kTcpAck) {
        const Sent sent{0, Eth()
                               .ipv4(kClient, kServer)
                               .tcp(client_port_, server_port_)
                               .seq(client_)
                               .ack(server_)
                               .flags(flags)
                               .window(65535)
                               .payload(payload)};
        client_ += static_cast<std::uint32_t>(payload.size()) + (flags & packet::kTcpSyn ? 1 : 0);
        return sent;
    }
    Sent down(std::string_view payload, std::uint8_t flags = packet::kTcpAck) {
        const Sent sent{1, Eth()
                               .turned()
                               .ipv4(kServer, kClient)
                               .tcp(server_port_, client_port_)
                               .seq(server_)
                               .ack(client_)
                               .flags(flags)
                               .window(65535)
                               .payload(payload)};
        server_ += static_cast<std::uint32_t>(payload.size()) + (flags & packet::kTcpSyn ? 1 : 0);
        return sent;
    }
    // A segment so many bytes ahead of the client's next.
    Sent ahead(std::uint32_t distance, std::string_view payload) {
        const std::uint32_t next = client_;
        client_ += distance;
        Sent sent = up(payload);
        client_ = next;
        return sent;
    }
    void open(std::vector<Sent>& out) {
        out.push_back(up("", packet::kTcpSyn));
        out.push_back(down("", packet::kTcpSyn | packet::kTcpAck));
        out.push_back(up(""));
    }

  private:
    std::uint16_t client_port_, server_port_;
    std::uint32_t client_ = 1000, server_ = 5000;
};

std::string repeat(std::string_view unit, std::size_t size, std::string head = {}) {
    while (head.size() < size) {
        head += unit;
    }
    head.resize(size);
    return head;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

// A stream that began with `first`, and `answer`, and goes on with the payload.
auto stream(std::uint16_t port, std::string first, std::string answer = {}) {
    return [=](const std::string& payload) {
        Scene scene;
        Talk talk(port);
        talk.open(scene.before);
        if (!first.empty()) {
            scene.before.push_back(talk.up(first));
        }
        if (!answer.empty()) {
            scene.before.push_back(talk.down(answer));
        }
        for (unsigned i = 0; i < kProbes; ++i) {
            scene.probes.push_back(talk.up(payload));
        }
        return scene;
    };
}

// The same, and the server speaks.
auto answers(std::uint16_t port, std::string first, std::string answer) {
    return [=](const std::string& payload) {
        Scene scene;
        Talk talk(port);
        talk.open(scene.before);
        scene.before.push_back(talk.up(first));
        scene.before.push_back(talk.down(answer));
        for (unsigned i = 0; i < kProbes; ++i) {
            scene.probes.push_back(talk.down(payload));
        }
        return scene;
    };
}

// A flow that is settled: its bytes are only sampled.
Scene settled(const std::string& payload) {
    Scene scene;
    Talk talk(9000);
    talk.open(scene.before);
    for (unsigned i = 0; i < 8; ++i) {
        scene.before.push_back(talk.up(text_of(noise(700))));
    }
    scene.before.push_back(talk.down(""));
    for (unsigned i = 0; i < 8; ++i) {
        scene.before.push_back(talk.down(text_of(noise(700))));
        scene.before.push_back(talk.up(""));
    }
    for (unsigned i = 0; i < kProbes; ++i) {
        scene.probes.push_back(talk.up(payload));
    }
    return scene;
}

// Each packet is the first of its connection.
auto firsts(std::uint16_t port) {
    return [=](const std::string& payload) {
        Scene scene;
        for (unsigned i = 0; i < kProbes; ++i) {
            Talk talk(port, static_cast<std::uint16_t>(40000 + i));
            talk.open(scene.before);
            scene.probes.push_back(talk.up(payload));
        }
        return scene;
    };
}

auto datagrams(std::uint16_t port, bool new_flows, bool answer = false) {
    return [=](const std::string& payload) {
        Scene scene;
        for (unsigned i = 0; i < kProbes; ++i) {
            const auto client = static_cast<std::uint16_t>(new_flows ? 20000 + i : 20000);
            Eth eth = answer ? Eth().turned().ipv4(kServer, kClient).udp(port, client)
                             : Eth().ipv4(kClient, kServer).udp(client, port);
            scene.probes.push_back({answer ? 1u : 0u, eth.payload(payload)});
        }
        return scene;
    };
}

// QUIC Initials whose connection ID differs in each packet, so that no key is known.
Scene initials(const std::string& payload) {
    Scene scene = datagrams(443, true)(payload);
    return scene;
}

// One-byte segments behind a hole. The payload says where: two bytes for each segment.
Scene holes(const std::string& payload) {
    Scene scene;
    Talk talk(9000);
    talk.open(scene.before);
    scene.before.push_back(talk.up("{\"a\":1"));
    for (unsigned i = 0; i < 96; ++i) {
        scene.before.push_back(talk.ahead(1024 * (i + 1), "x"));
    }
    for (unsigned i = 0; i < kProbes; ++i) {
        const auto high = static_cast<std::uint8_t>(payload[2 * i]);
        const auto low = static_cast<std::uint8_t>(payload[2 * i + 1]);
        scene.probes.push_back(talk.ahead((high * 256u + low) % (96 * 1024) + 1, "x"));
    }
    return scene;
}

// A segment that fills a hole before what the payload says.
Scene filled_hole(const std::string& payload) {
    Scene scene;
    for (unsigned i = 0; i < kProbes / 8; ++i) {
        Talk talk(80, static_cast<std::uint16_t>(40000 + i));
        talk.open(scene.before);
        const std::string first = "GET / HTTP/1.1\r\n";
        for (unsigned k = 0; k < 8; ++k) {
            scene.before.push_back(
                talk.ahead(static_cast<std::uint32_t>(first.size() + k * payload.size()), payload));
        }
        scene.probes.push_back(talk.up(first));
    }
    return scene;
}

Scene same_copies(const std::string& payload) {
    Scene scene;
    Talk talk(9000);
    talk.open(scene.before);
    scene.before.push_back(talk.up("{\"a\":1"));
    for (unsigned i = 0; i < 66; ++i) {
        scene.before.push_back(talk.ahead(1 + 1400 * i, payload));
    }
    for (unsigned i = 0; i < kProbes; ++i) {
        scene.probes.push_back(talk.ahead(1 + 1400 * 64, payload));
    }
    return scene;
}

// Fragments of one datagram each, of the size that the payload's first byte says.
Scene fragments(const std::string& payload) {
    Scene scene;
    for (std::uint16_t id = 1; scene.probes.size() < kProbes; ++id) {
        const unsigned size = 8 + static_cast<std::uint8_t>(payload[id]) % 64 * 8;
        const Buffer whole = Eth().ipv4(kClient, kServer).udp(1000, 2000).payload(payload);
        test::Fragmenter cut(whole, id);
        for (std::size_t at = 0; at < cut.data().size(); at += size) {
            scene.probes.push_back(
                {0, cut.piece(at, std::min<std::size_t>(size, cut.data().size() - at))});
        }
    }
    return scene;
}

// Tunnels in tunnels, of the kinds that the payload's bytes say.
Scene tunnels(const std::string& payload) {
    Scene scene;
    for (unsigned i = 0; i < kProbes; ++i) {
        Eth eth = Eth()
                      .ipv4(kClient, kServer)
                      .udp(static_cast<std::uint16_t>(1000 + i), 53)
                      .payload(payload.substr(0, 600));
        for (unsigned k = 0; k < 16; ++k) {
            Eth outer;
            outer.ipv4(kClient, kServer);
            switch (static_cast<std::uint8_t>(payload[600 + k]) % 4) {
                case 0:
                    eth = outer.in_ip(eth);
                    break;
                case 1:
                    eth = outer.gre(eth);
                    break;
                case 2:
                    eth = outer.gre(eth, {.checksum = true});
                    break;
                default:
                    eth = outer.vxlan(7, eth);
                    break;
            }
        }
        scene.probes.push_back({0, eth});
    }
    return scene;
}

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
                   initials});
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

Scene opaque(std::size_t size) {
    return settled(repeat("\x80", size));
}

}  // namespace minerwall::bench
