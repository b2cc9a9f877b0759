// The ClientHello inside a flow's QUIC Initials: what a QUIC client reveals about its server, under
// keys that every observer can derive (RFC 9000, 7 and 17.2.2; RFC 9001, 5.2; RFC 9368; RFC 9369).
//
// Feed it the client's datagrams of one 5-tuple, whole and in any order. A client may split its
// hello over frames and packets, answer Retry or version negotiation with a new connection ID, and
// run several connections on one socket. So each connection has its own CRYPTO stream and keys.
// Fixed size (static_assert in the .cpp), trivially destructible, for a pool of records; allocates
// nothing. One thread at a time, with that thread's QuicOpener.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "proto/quic/quic_crypto_stream.hpp"
#include "proto/quic/quic_header.hpp"
#include "proto/quic/quic_keys.hpp"
#include "proto/tls/tls.hpp"

namespace minerwall::proto {

enum class QuicOutcome : std::uint8_t {
    need_more,            // QUIC, but this datagram completes no hello
    hello,                // this datagram completes one: info(), version()
    not_quic,             // no long header, and no earlier QUIC in this flow
    unsupported_version,  // the server may negotiate another; continue feeding
    // A bound was reached, or an opened Initial holds no ClientHello: a server might have read one
    // that we did not. Never treat it as "clean". Stays so until reset(); info() stays as it was.
    gave_up,
};

class QuicHello {
  public:
    static constexpr unsigned kMaxDatagrams = 16;  // that give no hello or do not open
    static constexpr unsigned kMaxInitials = 8;    // coalesced in one datagram
    static constexpr unsigned kConnections = 2;    // unfinished at the same time

    // Leaves the streams' bytes uninitialised, because the path creates this state of 21 KiB.
    QuicHello() noexcept { reset(); }
    void reset() noexcept;

    // Continue after `hello`: a second connection on the same socket has its own.
    QuicOutcome feed(QuicOpener& opener, Bytes datagram) noexcept;

    // Describes the connection whose Initial was opened last: after `hello`, that hello; before,
    // what was read of it so far.
    const ClientHelloInfo& info() const noexcept { return connections_[latest_].hello.info(); }
    bool name_ready() const noexcept { return connections_[latest_].hello.name_ready(); }
    QuicVersion version() const noexcept { return connections_[latest_].version; }

    // A connection has begun and its hello is incomplete: do not forget this state, or the hello is
    // missed.
    bool unfinished() const noexcept;

    // The last datagram has CRYPTO bytes that differ from earlier ones. Honest clients do not do
    // that: the server may use the copy that we did not judge.
    bool conflict() const noexcept { return conflict_; }

  private:
    enum class Phase : std::uint8_t { unused, reading, done };

    struct Connection {
        Phase phase;
        QuicVersion version;
        std::uint8_t id_size;
        std::array<std::uint8_t, kMaxQuicConnectionId> id;  // the client's first choice: makes keys
        QuicInitialKeys keys;
        std::uint64_t expected_number;
        ClientHelloParser hello;
        QuicCryptoStream crypto;

        bool has_id(Bytes other) const noexcept;
    };

    bool open_initial(QuicOpener& opener, const QuicLongHeader& header, Bytes packet,
                      QuicOpened& opened) noexcept;
    bool open_for(Connection& connection, QuicOpener& opener, const QuicLongHeader& header,
                  Bytes packet, QuicOpened& opened) noexcept;
    bool open_first(QuicOpener& opener, const QuicLongHeader& header, Bytes packet,
                    QuicOpened& opened) noexcept;
    unsigned place_for_new() const noexcept;
    void read_frames(Connection& connection, Bytes payload) noexcept;
    void read_crypto(Connection& connection, std::uint64_t offset, Bytes data) noexcept;
    void read_hello(Connection& connection) noexcept;

    std::array<Connection, kConnections> connections_;
    std::uint8_t latest_;
    std::uint8_t datagrams_;
    bool seen_quic_;
    bool completed_;  // this datagram completed a hello
    bool conflict_;
    bool gave_up_;
};

}  // namespace minerwall::proto
