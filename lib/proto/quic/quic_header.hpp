// What a QUIC long header says in the clear (RFC 8999; RFC 9000, 17.2; RFC 9369, 3.2).
//
// Whole-datagram functions, no state. Nothing here is decrypted: the low four bits of an Initial's
// first byte and its packet number are still under header protection. The fixed bit is not asked
// for: it may be greased (RFC 9287). Fast path, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

// Versions whose Initials can be read: the salt, the labels and the type bits are known.
// draft29 stands for drafts 29 to 32, which share a salt; drafts 33 and 34 have version 1's.
enum class QuicVersion : std::uint8_t { unknown, v1, v2, draft29 };

enum class QuicPacketType : std::uint8_t {
    initial,
    zero_rtt,
    handshake,
    retry,
    version_negotiation,
    unknown_version,  // a long header of a version not in QuicVersion; 0x?a?a?a?a is greasing
};

inline constexpr std::size_t kMaxQuicConnectionId = 20;  // RFC 9000, 17.2: versions 1 and 2

struct QuicLongHeader {
    QuicPacketType type = QuicPacketType::unknown_version;
    QuicVersion version = QuicVersion::unknown;
    std::uint32_t version_number = 0;
    Bytes destination_id;           // up to 255 bytes where the version is unknown (RFC 8999, 5.1)
    Bytes source_id;                // as above
    Bytes token;                    // of an Initial; empty but after Retry or NEW_TOKEN
    std::size_t number_offset = 0;  // where the protected packet number starts; 0: there is none
    std::size_t size = 0;           // bytes of this packet; the next coalesced one starts there
};

QuicVersion quic_version(std::uint32_t number) noexcept;

// The first packet of `datagram`. False: no long header, or its lengths do not fit the datagram, or
// a connection ID is longer than a known version allows; a receiver drops such a packet.
// A packet without a length of its own (Retry, version negotiation, unknown version) takes all.
bool parse_quic_long_header(Bytes datagram, QuicLongHeader& out) noexcept;

// Walks the packets that were coalesced into one datagram (RFC 9000, 12.2), up to the first one
// that is no long header: a short header, padding or rubbish always is the last.
class QuicPackets {
  public:
    explicit QuicPackets(Bytes datagram) noexcept : rest_(datagram) {}
    // `packet` is the header and all its payload.
    bool next(QuicLongHeader& header, Bytes& packet) noexcept;

  private:
    Bytes rest_;
};

// RFC 9000, 16. False, with `in` as it was, where it is cut.
bool take_quic_varint(Bytes& in, std::uint64_t& value) noexcept;

// Does this datagram carry an Initial of a known version that is long enough to be decrypted? The
// test that a dispatcher asks of UDP on any port: one comparison settles nearly all other traffic.
// Nothing is decrypted, so a server's Initial answers true as well. The 1200 bytes that a client's
// first datagram must have (RFC 9000, 14.1) are not asked for: a server may be forgiving.
bool looks_like_quic_initial(Bytes datagram) noexcept;

}  // namespace minerwall::proto
