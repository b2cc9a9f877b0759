// What a TLS ClientHello tells in the clear (RFC 8446, 4.1.2 and 5.1; RFC 6066, 3; RFC 7301, 3.1;
// RFC 9849 for Encrypted ClientHello).
//
// A push parser: it is fed the bytes of one stream direction from its first one, in any pieces, and
// says the same for every way of cutting them. It keeps no bytes but the texts and the short lists
// it looks for, so a hello spread over many records needs no buffer. Bulk is skipped in jumps. One
// thread at a time.
//
// Not read: DTLS (another record and message header, messages in fragments), and a hello in the
// form of SSLv2 (RFC 5246, E.2), which has no extensions and so no name to tell.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "proto/host_text.hpp"
#include "proto/host_text_list.hpp"

namespace minerwall::proto {

// Values that mean nothing and that a receiver has to ignore: 0a0a, 1a1a, .. fafa (RFC 8701, 2).
constexpr bool is_grease(std::uint16_t value) noexcept {
    return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

// What identifies the client's software (ja4.hpp), in the order of the wire and without GREASE.
struct ClientHelloLists {
    static constexpr std::size_t kMaxCiphers = 128;
    static constexpr std::size_t kMaxExtensions = 128;
    static constexpr std::size_t kMaxAlgorithms = 64;

    std::uint8_t cipher_count = 0;
    std::uint8_t extension_count = 0;
    std::uint8_t algorithm_count = 0;
    bool truncated = false;  // one of them had more than there is room for
    // The first protocol of ALPN that is no GREASE, though it be empty.
    std::uint8_t alpn_size = 0;
    std::uint8_t alpn_first = 0;  // its bytes
    std::uint8_t alpn_last = 0;
    std::array<std::uint16_t, kMaxCiphers> ciphers;
    std::array<std::uint16_t, kMaxExtensions> extensions;
    std::array<std::uint16_t, kMaxAlgorithms> algorithms;  // signature_algorithms

    // User-provided, so that `{}` does not clear the arrays.
    ClientHelloLists() noexcept {}
};

// The first byte of an encrypted_client_hello extension. What `outer` carries may be GREASE: that
// is made so that nobody but the server can tell (RFC 9849, 6.2). `inner` belongs inside the
// encryption; in the clear it is a client's mistake, or a probe.
enum class EchType : std::uint8_t { none, outer, inner, unknown };

struct ClientHelloInfo {
    HostText server_name;  // see host_text.hpp; a name longer than that loses its first labels
    // Whatever else a server might take for its name. Well-behaved clients send one name and
    // servers refuse more, but not all do: a second name in the list or in a second extension, and
    // what stands before a NUL (servers written in C) or before a colon (nginx takes it for a
    // port). Where the room is too small the latest name is kept, and names_lost set.
    HostTextList<320> other_names;
    FixedText<32> alpn;  // the first protocol that is no GREASE (RFC 8701); odd bytes as \DDD
    std::uint16_t legacy_version = 0;
    // The highest of supported_versions that is no GREASE; legacy_version where there is none.
    std::uint16_t highest_version = 0;
    bool has_sni = false;            // a host_name of at least one byte
    bool has_sni_extension = false;  // though it be empty
    bool has_alpn = false;
    bool has_ech = false;  // encrypted_client_hello or its GREASE: server_name is the outer name
    bool has_psk = false;  // the client resumes a session
    bool has_early_data = false;
    bool names_lost = false;
    EchType ech = EchType::none;
    ClientHelloLists lists;
};

class ClientHelloParser {
  public:
    enum class State : std::uint8_t {
        need_more,
        done,     // every extension was read
        not_tls,  // not a TLS stream, not a ClientHello, or lengths that contradict each other
    };

    ClientHelloParser() noexcept {}

    void reset() noexcept { *this = {}; }
    // Reads as far as it has to; `consumed` bytes were looked at, all of them while need_more.
    // After `done` and `not_tls` nothing more is consumed.
    State feed(Bytes in, std::size_t& consumed) noexcept;
    // The same from handshake bytes without records, header of the message included: what QUIC
    // carries in CRYPTO frames (RFC 9001, 4). One parser is fed by one of the two, never by both.
    State feed_handshake(Bytes in, std::size_t& consumed) noexcept;

    State state() const noexcept { return state_; }
    const ClientHelloInfo& info() const noexcept { return info_; }
    // The server's name is whole, and may be judged before the hello is: a blocked one should not
    // reach its server complete. Of `other_names` some may still come.
    bool name_ready() const noexcept { return info_.has_sni; }

  private:
    // What the bytes up to stop_ are. Those from `message_header` to `ech_type` are numbers, those
    // from `ciphers` to `versions` are lists of 16-bit words.
    enum class Item : std::uint8_t {
        message_header,
        version,
        session_size,
        ciphers_size,
        compressions_size,
        extensions_size,
        extension_header,
        names_size,
        name_header,
        protocols_size,
        protocol_size,
        algorithms_size,
        versions_size,
        ech_type,
        ciphers,
        algorithms,
        versions,
        random,
        session,
        compressions,
        extension,
        name,
        other_name,
        protocol,
    };

    void read_record_byte(std::uint8_t byte) noexcept;
    void read_message(Bytes in) noexcept;
    void read_item(Bytes part) noexcept;
    void read_name(Bytes part) noexcept;
    void read_protocol(Bytes part) noexcept;
    void advance() noexcept;
    void start_message() noexcept;
    void start_extension() noexcept;
    void start_extensions() noexcept;
    void start_name_list() noexcept;
    void start_name() noexcept;
    void start_protocols() noexcept;
    void start_protocol() noexcept;
    void start_words(Item item) noexcept;
    void add_word(std::uint16_t word) noexcept;
    void add_extension(std::uint16_t type) noexcept;
    void add_other_name(const HostText& name) noexcept;
    void finish_name() noexcept;
    void finish_protocol() noexcept;
    void finish_ech_type() noexcept;
    void next_extension() noexcept;
    void next_name() noexcept;
    void next_protocol() noexcept;
    void skip_extension() noexcept;
    void expect(Item item, std::uint32_t size, std::uint32_t limit) noexcept;
    void expect_name(Item item, std::uint32_t size, std::uint32_t limit) noexcept;
    void fail() noexcept { state_ = State::not_tls; }

    ClientHelloInfo info_;
    HostText name_;  // the one being read
    State state_ = State::need_more;
    Item item_ = Item::message_header;

    // The record layer.
    std::uint8_t header_have_ = 0;
    std::uint8_t record_type_ = 0;
    std::uint8_t odd_records_ = 0;
    std::uint8_t record_size_high_ = 0;
    std::uint16_t record_left_ = 0;

    // The handshake message. Offsets count from its first byte.
    std::uint32_t at_ = 0;
    std::uint32_t stop_ = 4;   // where item_ ends
    std::uint32_t value_ = 0;  // the last bytes of item_, as a number
    std::uint32_t message_end_ = 0;
    std::uint32_t extensions_end_ = 0;
    std::uint32_t extension_end_ = 0;
    std::uint32_t list_end_ = 0;
    std::uint8_t protocol_size_ = 0;
    std::uint8_t protocol_first_ = 0;
    bool begun_ = false;      // a word has its first byte, a protocol has one, a name was cut
    bool alpn_read_ = false;  // lists.alpn_* are known
    bool versions_read_ = false;
    bool algorithms_read_ = false;
};

}  // namespace minerwall::proto
