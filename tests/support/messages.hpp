// Payloads of miners, browsers and resolvers for tests. All names and numbers are made up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace minerwall::test {

inline const std::string kSubscribe =
    "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"rig/1.0\"]}\n";
inline const std::string kAuthorize =
    "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"wallet.rig1\",\"x\"]}\n";
inline const std::string kNotify =
    "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[512]}\n";
inline const std::string kLogin =
    "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":{\"login\":\"wallet\","
    "\"pass\":\"x\",\"agent\":\"XMRig/6.21.0\"}}\n";

inline void add8(std::string& out, std::size_t v) {
    out.push_back(static_cast<char>(v));
}
inline void add16(std::string& out, std::size_t v) {
    add8(out, v >> 8);
    add8(out, v);
}
inline std::string sized16(const std::string& inner) {
    std::string out;
    add16(out, inner.size());
    return out + inner;
}

// One record with a TLS 1.2 ClientHello (RFC 8446, 4.1.2); its only extension is the server's name.
inline std::string client_hello(const std::string& name) {
    std::string entry(1, '\0');
    entry += sized16(name);
    std::string extension;
    add16(extension, 0);
    extension += sized16(sized16(entry));

    std::string body = "\x03\x03" + std::string(32, 'r');
    add8(body, 0);  // empty session id
    body += sized16("\x13\x01");
    body += std::string("\x01\x00", 2);
    body += sized16(extension);

    std::string message = "\x01";
    add8(message, 0);
    message += sized16(body);
    return "\x16\x03\x01" + sized16(message);
}

inline std::string http_get(const std::string& host, const std::string& target = "/") {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: test\r\n\r\n";
}
inline std::string http_post(const std::string& host, const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: " + host +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string dns_name(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        const std::size_t dot = std::min(name.find('.'), name.size());
        add8(out, dot);
        out += name.substr(0, dot);
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    out.push_back('\0');
    return out;
}
// A question (RFC 1035, 4.1); with `response`, the empty answer of a server without the name.
inline std::string dns_message(std::string_view name, bool response = false, std::uint16_t type = 1,
                               std::uint16_t id = 0xbeef) {
    std::string out;
    add16(out, id);
    add16(out, response ? 0x8180 : 0x0100);
    add16(out, 1);
    out += std::string(6, '\0');
    out += dns_name(name);
    add16(out, type);
    add16(out, 1);
    return out;
}

}  // namespace minerwall::test
