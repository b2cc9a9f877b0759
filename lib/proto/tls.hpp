// What a TLS ClientHello tells in the clear (RFC 8446, 4.1.2 and 5.1; RFC 6066, 3; RFC 7301, 3.1).
//
// A push parser: it is fed the bytes of one stream direction from its first one, in any pieces, and
// says the same for every way of cutting them. It keeps no bytes but the texts it looks for, so a
// hello spread over many records needs no buffer. Bulk is skipped in jumps. One thread at a time.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "proto/host_text.hpp"

namespace minerwall::proto {

struct ClientHelloInfo {
    HostText server_name;  // see host_text.hpp; a name longer than that loses its first labels
    FixedText<32> alpn;    // the first protocol that is no GREASE (RFC 8701); odd bytes as \DDD
    std::uint16_t legacy_version = 0;
    bool has_sni = false;  // a host_name of at least one byte
    bool has_alpn = false;
    bool has_ech = false;  // encrypted_client_hello or its GREASE: server_name is the outer name
};

class ClientHelloParser {
  public:
    enum class State : std::uint8_t {
        need_more,
        done,     // every extension was read
        not_tls,  // not a TLS stream, not a ClientHello, or lengths that contradict each other
    };

    void reset() noexcept { *this = {}; }
    // Reads as far as it has to; `consumed` bytes were looked at, all of them while need_more.
    // After `done` and `not_tls` nothing more is consumed.
    State feed(Bytes in, std::size_t& consumed) noexcept;

    State state() const noexcept { return state_; }
    const ClientHelloInfo& info() const noexcept { return info_; }
    // The server's name is whole, and may be judged before the hello is: a blocked one should not
    // reach its server complete.
    bool name_ready() const noexcept { return info_.has_sni; }

  private:
    // What the bytes up to stop_ are. Those from `message_header` to `protocol_size` are numbers.
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
        random,
        session,
        ciphers,
        compressions,
        extension,
        name,
        other_name,
        protocol,
    };

    void read_record_byte(std::uint8_t byte) noexcept;
    void read_message(Bytes in) noexcept;
    void advance() noexcept;
    void start_message() noexcept;
    void start_extension() noexcept;
    void finish_name() noexcept;
    void finish_protocol() noexcept;
    void next_extension() noexcept;
    void next_name() noexcept;
    void next_protocol() noexcept;
    void expect(Item item, std::uint32_t size, std::uint32_t limit) noexcept;
    void fail() noexcept { state_ = State::not_tls; }

    ClientHelloInfo info_;
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
};

}  // namespace minerwall::proto
