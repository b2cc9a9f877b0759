// Payloads for fuzz_path to cut, mix and repeat. An input of few bytes names them by number; it
// carries any other payload itself.
#pragma once

#include <string>
#include <vector>

#include "support/messages.hpp"

namespace minerwall::fuzz {

// A client's WebSocket frame (RFC 6455, 5.2) of a short text.
inline std::string masked_text(const std::string& text) {
    const std::string mask = "\x9a\x01\xf7\x5c";
    std::string out = "\x81";
    test::add8(out, 0x80 | text.size());
    out += mask;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out.push_back(static_cast<char>(text[i] ^ mask[i % 4]));
    }
    return out;
}

// A DNS message in a stream, behind its two bytes of length (RFC 1035, 4.2.2).
inline std::string dns_in_stream(const std::string& message) {
    return test::sized16(message);
}

// An answer with an alias and the alias's address (RFC 1035, 4.1).
inline std::string dns_answer(const std::string& name, const std::string& alias) {
    std::string out = test::dns_message(name, true);
    out[7] = 2;  // ANCOUNT
    const std::string target = test::dns_name(alias);
    const std::string fixed("\x00\x01\x00\x00\x00\x3c", 6);  // IN, TTL of a minute
    out += std::string("\xc0\x0c\x00\x05", 4) + fixed + test::sized16(target);
    out += target + std::string("\x00\x01", 2) + fixed + std::string("\x00\x04\xc0\x00\x02\x09", 6);
    return out;
}

inline const std::vector<std::string>& samples() {
    using namespace test;
    static const std::vector<std::string> all = {
        // Mining, from both ends.
        kSubscribe,
        kAuthorize,
        kNotify,
        kLogin,
        "{\"id\":1,\"method\":\"eth_submitLogin\",\"params\":[\"0xab.rig\",\"x\"],\"worker\":\"r\"}"
        "\n",
        "{\"id\":1,\"result\":[[[\"mining.notify\",\"ae68\"]],\"08000002\",4],\"error\":null}\n",
        "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[\"192.0.2.10\",4444,1]}\n",
        "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"1\",\"00\",\"01\",\"02\",[],"
        "\"20\","
        "\"1d\",\"5f\",true]}\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"job\",\"params\":{\"blob\":\"0707\",\"job_id\":\"1\","
        "\"target\":\"b88d0600\",\"seed_hash\":\"ab\"}}\n",
        "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"m\",null,\"192.0.2.10\",\"4444\"]}"
        "\n",
        http_post("node.example", "{\"method\":\"getwork\",\"params\":[],\"id\":1}"),
        http_post("node.example", "{\"method\":\"getblocktemplate\",\"params\":[{}],\"id\":1}"),
        "HTTP/1.1 200 OK\r\nX-Stratum: stratum+tcp://192.0.2.10:4444\r\nContent-Length: 0\r\n\r\n",
        masked_text("{\"type\":\"auth\",\"params\":{\"site_key\":\"k\",\"type\":\"anonymous\"}}"),
        // Names.
        client_hello("xmr.pool.example"),
        client_hello("www.example.com"),
        http_get("pool.example"),
        http_get("www.example.com", "http://pool.example/"),
        "CONNECT xmr-1.example:443 HTTP/1.1\r\nHost: xmr-1.example:443\r\n\r\n",
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: w.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        std::string("\x04\x01\x0d\x05\x00\x00\x00\x01u\x00pool.example\x00", 23),
        std::string("\x05\x01\x00", 3),
        std::string("\x05\x00", 2),
        std::string("\x05\x01\x00\x03\x0cpool.example\x0d\x05", 19),
        std::string("\x05\x00\x00\x01\xcb\x00\x71\x05\x0d\x05", 10),
        dns_message("pool.example"),
        dns_message("xmr-5.example", false, 65),
        dns_message("www.example.com"),
        dns_answer("pool.example", "a.example"),
        dns_answer("www.example.com", "pool.example"),
        dns_in_stream(dns_message("pool.example")),
        dns_in_stream(dns_answer("pool.example", "a.example")),
        // Unrelated traffic.
        "GET / HTTP/1.0\r\n\r\n",
        "{\"id\":7,\"method\":\"eth_blockNumber\",\"params\":[]}\n",
        "SSH-2.0-OpenSSH_9.2p1\r\n",
        std::string(1400, 'x'),
        std::string("\xf9\xbe\xb4\xd9version\0\0\0\0\0\0\0\0\0\0\0\0\0", 24),
        "\n",
    };
    return all;
}

}  // namespace minerwall::fuzz
