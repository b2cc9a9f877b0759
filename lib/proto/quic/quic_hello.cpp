#include "proto/quic/quic_hello.hpp"

#include <algorithm>
#include <type_traits>

#include "proto/quic/quic_frames.hpp"

namespace minerwall::proto {

static_assert(std::is_trivially_destructible_v<QuicHello>);
static_assert(sizeof(QuicHello) <= 24 * 1024);

bool QuicHello::Connection::has_id(Bytes other) const noexcept {
    return phase != Phase::unused &&
           std::equal(other.begin(), other.end(), id.begin(), id.begin() + id_size);
}

void QuicHello::reset() noexcept {
    for (Connection& connection : connections_) {
        connection.phase = Phase::unused;
        connection.version = QuicVersion::unknown;
        connection.hello.reset();
    }
    latest_ = 0;
    datagrams_ = 0;
    seen_quic_ = completed_ = conflict_ = gave_up_ = false;
}

bool QuicHello::unfinished() const noexcept {
    return std::ranges::any_of(connections_,
                               [](const Connection& c) { return c.phase == Phase::reading; });
}

QuicOutcome QuicHello::feed(QuicOpener& opener, Bytes datagram) noexcept {
    completed_ = conflict_ = false;
    if (gave_up_) {
        return QuicOutcome::gave_up;
    }
    bool unsupported = false;
    bool unopened = false;
    unsigned initials = 0;
    Bytes first_id;
    QuicPackets packets(datagram);
    QuicLongHeader header;
    Bytes packet;
    while (!gave_up_ && packets.next(header, packet)) {
        unsupported = unsupported || header.type == QuicPacketType::unknown_version;
        seen_quic_ = seen_quic_ || header.version != QuicVersion::unknown;
        if (header.type != QuicPacketType::initial) {
            continue;
        }
        if (initials++ == 0) {
            first_id = header.destination_id;
        }
        // All packets of a datagram should have one connection ID. A receiver should ignore the
        // others (RFC 9000, 12.2), but not every one checks.
        if (initials > kMaxInitials || !std::ranges::equal(first_id, header.destination_id)) {
            gave_up_ = true;
            break;
        }
        QuicOpened opened;
        if (open_initial(opener, header, packet, opened)) {
            read_frames(connections_[latest_], opened.payload);
        } else {
            unopened = true;
        }
    }
    if (gave_up_) {
        return QuicOutcome::gave_up;
    }
    if (completed_) {
        datagrams_ = 0;
        return QuicOutcome::hello;
    }
    if (!seen_quic_) {
        return unsupported ? QuicOutcome::unsupported_version : QuicOutcome::not_quic;
    }
    // After a hello, do not count the packets with which the client continues.
    if ((unopened || connections_[latest_].phase != Phase::done) && ++datagrams_ >= kMaxDatagrams) {
        gave_up_ = true;
        return QuicOutcome::gave_up;
    }
    return unsupported ? QuicOutcome::unsupported_version : QuicOutcome::need_more;
}

// Finds the connection of a packet. Until the server answers, an Initial carries the ID that its
// keys come from; then it carries the ID that the server chose, under the same keys (RFC 9001,
// 5.2). Only an ID made for Retry or for another attempt gives new keys.
bool QuicHello::open_initial(QuicOpener& opener, const QuicLongHeader& header, Bytes packet,
                             QuicOpened& opened) noexcept {
    for (Connection& connection : connections_) {
        if (connection.version == header.version && connection.has_id(header.destination_id)) {
            return open_for(connection, opener, header, packet, opened);
        }
    }
    for (Connection& connection : connections_) {
        if (connection.phase != Phase::unused && !connection.has_id(header.destination_id) &&
            open_for(connection, opener, header, packet, opened)) {
            return true;
        }
    }
    return open_first(opener, header, packet, opened);
}

bool QuicHello::open_for(Connection& connection, QuicOpener& opener, const QuicLongHeader& header,
                         Bytes packet, QuicOpened& opened) noexcept {
    QuicInitialKeys keys = connection.keys;
    // Compatible version negotiation (RFC 9368, 2.3; RFC 9369, 4.1): the connection continues in
    // another version, whose keys come from the same first ID.
    if (header.version != connection.version) {
        const QuicInitialKeys* other =
            opener.client_keys(header.version, Bytes{connection.id.data(), connection.id_size});
        if (other == nullptr) {
            return false;
        }
        keys = *other;
    }
    if (!opener.open(keys, packet, header.number_offset, connection.expected_number, opened)) {
        return false;
    }
    connection.keys = keys;
    connection.version = header.version;
    connection.expected_number = std::max(connection.expected_number, opened.packet_number + 1);
    latest_ = static_cast<std::uint8_t>(&connection - connections_.data());
    return true;
}

// Opens a connection's first Initial, or the first one that we see.
bool QuicHello::open_first(QuicOpener& opener, const QuicLongHeader& header, Bytes packet,
                           QuicOpened& opened) noexcept {
    const QuicInitialKeys* keys = opener.client_keys(header.version, header.destination_id);
    if (keys == nullptr || !opener.open(*keys, packet, header.number_offset, 0, opened)) {
        return false;
    }
    const unsigned place = place_for_new();
    if (place == kConnections) {
        gave_up_ = true;
        return false;
    }
    Connection& connection = connections_[place];
    connection.phase = Phase::reading;
    connection.version = header.version;
    connection.id_size = static_cast<std::uint8_t>(header.destination_id.size());
    std::copy(header.destination_id.begin(), header.destination_id.end(), connection.id.begin());
    connection.keys = *keys;
    connection.expected_number = opened.packet_number + 1;
    connection.hello.reset();
    connection.crypto.reset();
    latest_ = static_cast<std::uint8_t>(place);
    return true;
}

// Takes an unused place, or else a finished one, the latest last. It does not forget an unfinished
// connection, because its server could complete a hello that we would no longer read.
unsigned QuicHello::place_for_new() const noexcept {
    for (const Phase phase : {Phase::unused, Phase::done}) {
        for (unsigned i = 1; i <= kConnections; ++i) {
            const unsigned place = (latest_ + i) % kConnections;
            if (connections_[place].phase == phase) {
                return place;
            }
        }
    }
    return kConnections;
}

void QuicHello::read_frames(Connection& connection, Bytes payload) noexcept {
    QuicCryptoFrames frames(payload);
    QuicCryptoFrame frame;
    while (frames.next(frame)) {
        read_crypto(connection, frame.offset, frame.data);
    }
}

void QuicHello::read_crypto(Connection& connection, std::uint64_t offset, Bytes data) noexcept {
    while (!data.empty() && !gave_up_) {
        const std::size_t n = std::min(data.size(), QuicCryptoStream::kMaxPiece);
        const QuicCryptoStream::Added added = connection.crypto.add(offset, data.first(n));
        conflict_ = conflict_ || added.conflict;
        gave_up_ = added.lost;
        offset += n;
        data = data.subspan(n);
        read_hello(connection);
    }
}

// Reads at most one hello per datagram, because info() describes one. Clients send a second one
// only after the server asked for it.
void QuicHello::read_hello(Connection& connection) noexcept {
    for (Bytes ready = connection.crypto.ready(); !ready.empty() && !completed_;
         ready = connection.crypto.ready()) {
        if (connection.phase == Phase::done) {  // after HelloRetryRequest (RFC 8446, 4.1.4)
            connection.phase = Phase::reading;
            connection.hello.reset();
        }
        std::size_t consumed = 0;
        const auto state = connection.hello.feed_handshake(ready, consumed);
        connection.crypto.consume(consumed);
        if (state == ClientHelloParser::State::not_tls) {
            gave_up_ = true;
            return;
        }
        if (state == ClientHelloParser::State::done) {
            connection.phase = Phase::done;
            completed_ = true;
        }
    }
}

}  // namespace minerwall::proto
