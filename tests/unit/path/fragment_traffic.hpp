// Datagrams in pieces for tests of the path: their ends, what they say, and how they are cut.
#pragma once

#include "rig.hpp"
#include "support/fragmenter.hpp"
#include "support/messages.hpp"

namespace minerwall::path {

using test::Eth;
using test::Fragmenter;

inline const std::string kSinkhole = rule("dns_name = \"@pools\"", "sinkhole");

struct Ends {
    const char* name;
    const char* client;
    const char* server;
};
inline constexpr Ends kEnds[] = {{"IPv4", "10.0.0.1", "192.0.2.9"},
                                 {"IPv6", "2001:db8::1", "2001:db8:2::9"}};

inline Eth frame(const Ends& ends) {
    Eth eth;
    std::string_view(ends.client).find(':') == std::string_view::npos
        ? eth.ipv4(ends.client, ends.server)
        : eth.ipv6(ends.client, ends.server);
    return eth;
}
inline Buffer question(const Ends& ends, const std::string& name, std::uint16_t port = 40000) {
    return frame(ends).udp(port, 53).payload(test::dns_message(name));
}

// The largest pieces of an honest sender's host: 1,500 bytes, and IPv6's 1,280.
struct Path {
    Ends ends;
    std::size_t longest;
};
inline constexpr Path kPaths[] = {{kEnds[0], 1480}, {kEnds[1], 1232}};

inline Fragmenter large(const Ends& ends, std::size_t length, char fill,
                        std::uint16_t port = 5000) {
    return Fragmenter(frame(ends).udp(port, 6000).payload(std::string(length, fill)));
}
inline unsigned forwarded(Rig& rig, const std::vector<Buffer>& pieces) {
    unsigned on = 0;
    for (const Buffer& piece : pieces) {
        on += rig.forwarded(0, piece);
    }
    return on;
}

}  // namespace minerwall::path
