// DNS messages in a TCP stream, each behind a length of two bytes (RFC 1035, 4.2.2; RFC 7766, 8).
//
// A push parser of one direction, from its first byte. A message may have 65535 bytes; the parser
// keeps the first ones, which hold the header, the question and the first answers. Segmentation
// cannot change which. Fixed size, no allocation, one thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "proto/dns/dns.hpp"

namespace minerwall::proto {

class DnsStream {
  public:
    static constexpr std::size_t kMaxKept = 2048;

    enum class State : std::uint8_t {
        need_more,
        message,  // a message is complete: message() until the next feed()
    };

    // User-provided, so that `{}` does not clear the buffer.
    DnsStream() noexcept {}

    void reset() noexcept {
        stage_ = Stage::size_high;
        size_ = have_ = 0;
        message_ = {};
    }
    // Reads to the end of the next message; uses all of `in` if it returns need_more. A client may
    // ask many questions at once (RFC 7766, 6.2.1.1), so feed the rest until nothing is left. Skips
    // messages of length 0, as servers do.
    State feed(Bytes in, std::size_t& consumed) noexcept;

    // The first bytes of the message, for parse_dns_question and read_dns_answers; if it was cut,
    // its records end early. A view of what was fed, or of the bytes kept here.
    Bytes message() const noexcept { return message_; }
    bool cut() const noexcept { return size_ > message_.size(); }
    // No byte of the next message came.
    bool is_between() const noexcept { return stage_ == Stage::size_high; }

  private:
    enum class Stage : std::uint8_t { size_high, size_low, body };

    Bytes message_;
    std::uint16_t size_ = 0;
    std::uint16_t have_ = 0;  // bytes of the message read so far
    Stage stage_ = Stage::size_high;
    std::array<std::uint8_t, kMaxKept> kept_;
};

// Whether these bytes open a stream of DNS messages. Call it if a port says DNS; the bytes must
// agree. `ok` needs a length that fits a message, and a query or response with one question of a
// known class; a query must have no answers. `truncated`: the bytes may still become one.
DnsStatus classify_dns_stream(Bytes first) noexcept;

}  // namespace minerwall::proto
