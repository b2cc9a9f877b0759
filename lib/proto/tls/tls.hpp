// What a TLS ClientHello reveals unencrypted (RFC 8446, 4.1.2 and 5.1; RFC 6066, 3; RFC 7301, 3.1;
// RFC 9849 for Encrypted ClientHello).
//
// A push parser: feed it the bytes of one stream direction from the first one; segmentation cannot
// change the result. It keeps only the texts and the short lists that it looks for, so a hello
// spread over many records needs no buffer. It skips other bytes in jumps. One thread at a time.
//
// It does not read DTLS (another record and message header, messages in fragments), or a hello in
// the form of SSLv2 (RFC 5246, E.2), which has no extensions and so no name.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "proto/host_text.hpp"
#include "proto/host_text_list.hpp"

namespace minerwall::proto {

// Values without meaning that a receiver must ignore: 0a0a, 1a1a, .. fafa (RFC 8701, 2).
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
    bool truncated = false;  // one of them had more than fits
    // The first protocol of ALPN that is not GREASE, even if it is empty.
    std::uint8_t alpn_size = 0;
    std::uint8_t alpn_first = 0;  // its bytes
    std::uint8_t alpn_last = 0;
    std::array<std::uint16_t, kMaxCiphers> ciphers;
    std::array<std::uint16_t, kMaxExtensions> extensions;
    std::array<std::uint16_t, kMaxAlgorithms> algorithms;  // signature_algorithms

    // User-provided, so that `{}` does not clear the arrays.
    ClientHelloLists() noexcept {}
};

// The first byte of an encrypted_client_hello extension. An `outer` may be GREASE, which by design
// only the server can tell (RFC 9849, 6.2). `inner` belongs inside the encryption; in the clear it
// is a client's mistake, or a probe.
enum class EchType : std::uint8_t { none, outer, inner, unknown };

struct ClientHelloInfo {
    HostText server_name;  // see host_text.hpp; a longer name loses its first labels
    // Other texts that a server might take for its name. Well-behaved clients send one name and
    // most servers refuse more. Some accept a second name, in the list or in a second extension;
    // some end a name at a NUL (servers written in C) or a colon (nginx takes the rest for a port).
    // If the buffer is too small, the parser keeps the latest name and sets names_lost.
    HostTextList<320> other_names;
    FixedText<32> alpn;  // the first protocol that is not GREASE; odd bytes as \DDD
    // The highest of supported_versions that is not GREASE; without one, the legacy version.
    std::uint16_t highest_version = 0;
    bool has_sni = false;            // a host_name of at least one byte
    bool has_sni_extension = false;  // even if it is empty
    bool has_alpn = false;
    bool has_ech = false;  // real or GREASE: server_name is the outer name
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
        done,     // all extensions are read
        not_tls,  // not TLS, not a ClientHello, or contradictory lengths
    };

    ClientHelloParser() noexcept {}

    void reset() noexcept { *this = {}; }
    // Reads as far as it needs to. `consumed` is the number of bytes read: all of them for
    // need_more, and none after `done` or `not_tls`.
    State feed(Bytes in, std::size_t& consumed) noexcept;
    // The same for handshake bytes without records, with the message's header: the content of
    // QUIC's CRYPTO frames (RFC 9001, 4). Feed one parser with only one of the two functions.
    State feed_handshake(Bytes in, std::size_t& consumed) noexcept;

    State state() const noexcept { return state_; }
    const ClientHelloInfo& info() const noexcept { return info_; }
    // The server's name is complete, though the hello may not be. Judge it now, because a blocked
    // hello should not reach its server complete. `other_names` may still grow.
    bool name_ready() const noexcept { return info_.has_sni; }
    // State::not_tls because the hello says that it is longer than we read.
    bool too_long() const noexcept { return too_long_; }

  private:
    // The kind of the bytes up to stop_. `message_header` to `ech_type` are numbers, `ciphers` to
    // `versions` are lists of 16-bit words.
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
    HostText name_;  // the name that we read now
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
    bool alpn_read_ = false;  // lists.alpn_* are complete
    bool versions_read_ = false;
    bool algorithms_read_ = false;
    bool too_long_ = false;
};

}  // namespace minerwall::proto
