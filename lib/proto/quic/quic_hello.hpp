// The ClientHello inside a flow's QUIC Initials: what a QUIC client tells of its server in the
// clear, or as good as (RFC 9000, 7 and 17.2.2; RFC 9001, 5.2; RFC 9368; RFC 9369).
//
// Fed the client's datagrams of one 5-tuple, whole and in any order. A client may split its hello
// over frames and packets as it likes, answer Retry or version negotiation with a new connection
// ID, and run several connections on one socket; each connection has CRYPTO stream and keys of its
// own. Fixed size (static_assert in the .cpp), trivially destructible, for a pool of records;
// nothing here allocates. One thread at a time, with that thread's QuicOpener.
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
    need_more,            // QUIC, but no hello was completed by this datagram
    hello,                // this datagram completes one: info(), version()
    not_quic,             // no long header, and nothing of this flow was QUIC so far
    unsupported_version,  // the server may answer with version negotiation; go on feeding
    // Bounds were reached, or what opened is no ClientHello: a server might have read one that was
    // not read here. Never to be taken for "clean". Stays so until reset(), with info() as it was.
    gave_up,
};

class QuicHello {
  public:
    static constexpr unsigned kMaxDatagrams = 16;  // without a hello, or that do not open
    static constexpr unsigned kMaxInitials = 8;    // coalesced in one datagram
    static constexpr unsigned kConnections = 2;    // unfinished at the same time

    // The streams' bytes stay uninitialised: a state is 21 KiB, and is made on the path.
    QuicHello() noexcept { reset(); }
    void reset() noexcept;

    // May go on after `hello`: a second connection on the same socket gives its own.
    QuicOutcome feed(QuicOpener& opener, Bytes datagram) noexcept;

    // Of the connection that an Initial was opened for last: after `hello`, that hello's. Before,
    // what was read of it so far.
    const ClientHelloInfo& info() const noexcept { return connections_[latest_].hello.info(); }
    bool name_ready() const noexcept { return connections_[latest_].hello.name_ready(); }
    QuicVersion version() const noexcept { return connections_[latest_].version; }

    // A connection was begun whose hello is not complete: to forget the state is to miss it.
    bool unfinished() const noexcept;

    // The datagram fed last has CRYPTO bytes that differ from those that came before. No honest
    // client does that: whichever copy its server uses, the other one was to be judged.
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
    bool completed_;  // a hello, by this datagram
    bool conflict_;
    bool gave_up_;
};

}  // namespace minerwall::proto
