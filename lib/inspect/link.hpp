// What one direction of a connection has to know of the other.
#pragma once

#include <cstdint>

namespace minerwall::inspect {

struct Link {
    bool dns = false;      // a port of the connection is that of DNS
    bool socks = false;    // the client opened with SOCKS: the server answers in kind
    bool browser = false;  // the client's request had an Origin (RFC 6454): a web page made it
    bool connect = false;  // the client sent CONNECT: the server's answer opens a tunnel
};

}  // namespace minerwall::inspect
