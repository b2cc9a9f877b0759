// DNS messages in a TCP stream: each behind its length of two bytes (RFC 1035, 4.2.2; RFC 7766, 8).
//
// A push parser of one direction, fed from its first byte, in any pieces. A message may be as long
// as 65535 bytes, of which the first ones are kept: header, question and what answers there are in
// front. They are the same bytes whatever the cutting. Fixed size, no allocation, one thread at a
// time.
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
        message,  // a whole one went by: message() until the next feed()
    };

    // User-provided, so that `{}` does not clear the room.
    DnsStream() noexcept {}

    void reset() noexcept {
        stage_ = Stage::size_high;
        size_ = have_ = 0;
        message_ = {};
    }
    // Reads to the end of the next message; all of `in` where it answers need_more. A client may
    // ask many questions at once (RFC 7766, 6.2.1.1): feed the rest until nothing is left. Messages
    // of no length are passed over, as servers do.
    State feed(Bytes in, std::size_t& consumed) noexcept;

    // The first bytes of the message, for parse_dns_question and read_dns_answers; its records end
    // early where it was cut. A view of what was fed, or of the bytes kept here.
    Bytes message() const noexcept { return message_; }
    std::uint16_t message_size() const noexcept { return size_; }
    bool cut() const noexcept { return size_ > message_.size(); }

  private:
    enum class Stage : std::uint8_t { size_high, size_low, body };

    Bytes message_;
    std::uint16_t size_ = 0;
    std::uint16_t have_ = 0;  // bytes of the message that went by
    Stage stage_ = Stage::size_high;
    std::array<std::uint8_t, kMaxKept> kept_;
};

// Do these bytes open a stream of DNS messages? Asked where a port says so: the bytes have to
// agree. `ok` asks for a length that fits a message, a query or a
// response with one question of a known class and, in a query, no answers. `truncated`: so far it
// may be one.
DnsStatus classify_dns_stream(Bytes first) noexcept;

}  // namespace minerwall::proto
