// What a QUIC long header shows unencrypted (RFC 8999; RFC 9000, 17.2; RFC 9369, 3.2).
//
// Whole-datagram functions without state. They decrypt nothing: the low four bits of an Initial's
// first byte and its packet number still are under header protection. They ignore the fixed bit,
// which may be greased (RFC 9287). Fast path, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

// Versions whose Initials we can read, because we know the salt, the labels and the type bits.
// draft29 stands for drafts 29 to 32, which share a salt; drafts 33 and 34 have version 1's.
enum class QuicVersion : std::uint8_t { unknown, v1, v2, draft29 };

enum class QuicPacketType : std::uint8_t {
    initial,
    zero_rtt,
    handshake,
    retry,
    version_negotiation,
    unknown_version,  // a long header of another version; 0x?a?a?a?a is greasing
};

inline constexpr std::size_t kMaxQuicConnectionId = 20;  // RFC 9000, 17.2: versions 1 and 2

struct QuicLongHeader {
    QuicPacketType type = QuicPacketType::unknown_version;
    QuicVersion version = QuicVersion::unknown;
    std::uint32_t version_number = 0;
    Bytes destination_id;           // up to 255 bytes if the version is unknown (RFC 8999, 5.1)
    Bytes source_id;                // as above
    Bytes token;                    // of an Initial; empty unless after Retry or NEW_TOKEN
    std::size_t number_offset = 0;  // offset of the protected packet number; 0: none
    std::size_t size = 0;           // bytes of this packet; the next coalesced one follows
};

QuicVersion quic_version(std::uint32_t number) noexcept;

// Reads the first packet of `datagram`. False if it has no long header, if its lengths exceed the
// datagram, or if a connection ID is too long for a known version; a receiver drops such a packet.
// A packet without a length (Retry, version negotiation, unknown version) takes the whole datagram.
bool parse_quic_long_header(Bytes datagram, QuicLongHeader& out) noexcept;

// Walks the packets coalesced into one datagram (RFC 9000, 12.2), up to the first one without a
// long header. A short header, padding or invalid bytes always are the last.
class QuicPackets {
  public:
    explicit QuicPackets(Bytes datagram) noexcept : rest_(datagram) {}
    // `packet` is the header and all its payload.
    bool next(QuicLongHeader& header, Bytes& packet) noexcept;

  private:
    Bytes rest_;
};

// RFC 9000, 16. False if the varint is cut; `in` stays as it was.
bool take_quic_varint(Bytes& in, std::uint64_t& value) noexcept;

// Whether this datagram carries an Initial of a known version that is long enough to be decrypted.
// Meant for UDP on any port: one comparison excludes nearly all other traffic. It decrypts nothing,
// so it is true for a server's Initial as well. It does not require the 1200 bytes of a client's
// first datagram (RFC 9000, 14.1), because a server may accept less.
bool looks_like_quic_initial(Bytes datagram) noexcept;

}  // namespace minerwall::proto
