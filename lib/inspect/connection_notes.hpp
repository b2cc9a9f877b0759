// What one direction of a connection records for the other. Connection owns the notes and hands
// them to both streams; one thread at a time.
#pragma once

#include <cstdint>

namespace minerwall::inspect {

struct ConnectionNotes {
    bool dns = false;           // a port of the connection is DNS's
    bool socks = false;         // the client opened with SOCKS, so the server will answer it
    bool browser = false;       // the client's request had an Origin (RFC 6454): a browser made it
    bool request_open = false;  // the client's last HTTP request has not ended
    bool not_in_turn = false;   // the server spoke meanwhile: this may be no HTTP
    bool connect = false;       // the client sent CONNECT, so the server's answer opens a tunnel
};

}  // namespace minerwall::inspect
