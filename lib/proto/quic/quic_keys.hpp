// Derives the keys of QUIC Initials and opens the packets (RFC 9001, 5; RFC 9369, 3.3).
//
// Their encryption protects only against accidents: the keys follow from the connection ID that the
// client chose for the server in its first Initial, which every node on the path sees.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "proto/quic/quic_header.hpp"

using EVP_CIPHER = struct evp_cipher_st;
using EVP_CIPHER_CTX = struct evp_cipher_ctx_st;

namespace minerwall::proto {

struct QuicInitialKeys {
    std::array<std::uint8_t, 16> key;
    std::array<std::uint8_t, 12> iv;
    std::array<std::uint8_t, 16> header_key;
};

// The sender of the Initials: the two directions have different keys.
enum class QuicRole : std::uint8_t { client, server };

// False if the version is unknown. Allocates nothing; any thread.
bool derive_quic_initial_keys(QuicVersion version, Bytes destination_id, QuicRole role,
                              QuicInitialKeys& out) noexcept;

struct QuicOpened {
    Bytes payload;  // the frames; valid until the opener's next call
    std::uint64_t packet_number = 0;
};

// AES-128-GCM and header protection with OpenSSL's contexts, fetched once. Each worker creates its
// own at start; then one thread at a time.
class QuicOpener {
  public:
    // Allocates; throws std::bad_alloc, or std::runtime_error if libcrypto lacks a cipher.
    QuicOpener();
    ~QuicOpener();
    QuicOpener(const QuicOpener&) = delete;
    QuicOpener& operator=(const QuicOpener&) = delete;

    // The client's keys for a connection's first ID, of which the last few are remembered: a
    // datagram may hold many Initials, and each derivation costs as much as reading 2 KiB. Null: no
    // such version. Valid until the next call.
    const QuicInitialKeys* client_keys(QuicVersion version, Bytes destination_id) noexcept;

    // Fast path; allocates nothing (tests/unit/proto/quic_keys_test.cpp measures that).
    // Removes the protection of an Initial: `packet` as QuicPackets cuts it, `number_offset` as its
    // header says. `expected` is the packet number after the highest one seen, to complete the
    // truncated one (RFC 9000, A.3). False: the packet is too short, or has other keys.
    bool open(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset,
              std::uint64_t expected, QuicOpened& out) noexcept;

  private:
    struct Free {
        void operator()(EVP_CIPHER* cipher) const noexcept;
        void operator()(EVP_CIPHER_CTX* context) const noexcept;
    };
    using Cipher = std::unique_ptr<EVP_CIPHER, Free>;
    using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

    // The fields under header protection.
    struct Unmasked {
        std::uint8_t first = 0;
        std::array<std::uint8_t, 4> number{};
        unsigned number_size = 0;
    };

    static Cipher fetch(const char* name);
    static Context make_context();

    bool unmask(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset,
                Unmasked& out) noexcept;
    bool decrypt(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset,
                 const Unmasked& header, std::uint64_t number, QuicOpened& out) noexcept;

    static constexpr std::size_t kMaxPacket = 65535;  // the largest UDP datagram

    Cipher gcm_, ecb_;
    Context gcm_context_, ecb_context_;
    std::unique_ptr<std::uint8_t[]> plain_;

    struct Known {
        QuicVersion version = QuicVersion::unknown;
        std::uint8_t id_size = 0;
        std::array<std::uint8_t, kMaxQuicConnectionId> id;
        QuicInitialKeys keys;
    };
    std::array<Known, 4> known_{};
    std::uint8_t next_ = 0;
};

// The packet number that a truncated one of `bytes` bytes means (RFC 9000, A.3).
std::uint64_t decode_quic_packet_number(std::uint64_t truncated, unsigned bytes,
                                        std::uint64_t expected) noexcept;

}  // namespace minerwall::proto
