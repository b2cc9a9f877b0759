// Reads the header of the PROXY protocol, which a proxy puts in front of a connection to tell its
// server the client's address. Source: HAProxy, "The PROXY protocol, versions 1 & 2".
//
// A push parser of bounded state: it looks for the header's end only and keeps no addresses. It
// follows the lengths that the header gives and does not judge the rest, because receivers differ
// in what they refuse. Segmentation cannot change the result. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace minerwall::proto {

// The signature of version 2 is 12 bytes. The first four are CR LF CR LF, which OpeningClassifier
// skips as white space; these are the others.
inline constexpr std::string_view kProxySignature{"\0\r\nQUIT\n", 8};

enum class ProxyHeaderEvent : std::uint8_t {
    need_more,         // all bytes are used
    content,           // `content` has a piece that we only pass over: addresses, or any text
    done,              // the first byte not consumed starts the connection's own protocol; stays so
    not_proxy_header,  // stays so; the first wrong byte and the rest are not consumed
};

class ProxyHeaderParser {
  public:
    // The longest line of version 1, with its end. Receivers take 107 bytes. A header of version 2
    // has up to 16 + 65,535 bytes by its format, and receivers take fewer.
    static constexpr unsigned kMaxLine = 255;

    // Reads the next event in `in`. Call it with the remaining bytes (in.subspan(consumed)) until
    // it returns anything but content. The parser skips white space in front, however much of it
    // the caller has skipped already.
    ProxyHeaderEvent next(Bytes in, std::size_t& consumed, Bytes& content) noexcept;

  private:
    enum class Stage : std::uint8_t {
        first,    // also the white space before it
        literal,  // the rest of a fixed text; `then_` follows
        // Version 1
        family,
        tcp_version,
        field,  // addresses and ports, with one blank between them
        line_feed,
        any_text,  // after UNKNOWN, up to CR LF
        // Version 2
        command,
        address_family,
        length_high,
        length_low,
        body,  // addresses and further values
        // End states
        done,
        wrong,
    };

    bool read(std::uint8_t c) noexcept;
    bool read_field(std::uint8_t c) noexcept;
    bool expect(std::string_view text, Stage then) noexcept;
    bool go(Stage stage) noexcept;
    std::size_t pass_over(Bytes in) noexcept;

    std::string_view literal_;
    Stage stage_ = Stage::first;
    Stage then_ = Stage::first;
    std::uint8_t line_ = 0;    // bytes of version 1 so far
    std::uint8_t fields_ = 0;  // complete ones
    bool in_field_ = false;
    bool carriage_return_ = false;  // the last byte of any_text
    std::uint16_t left_ = 0;        // bytes of `body`
};

}  // namespace minerwall::proto
