// Which protocol a stream direction opens with, told from as few bytes as can tell it. Any thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

enum class Opening : std::uint8_t {
    need_more,      // what is there begins more than one of the others
    json,           // `{` or `[`
    http_request,   // a method of RFC 9110 or PATCH, and a blank
    http_response,  // `HTTP/1.`
    tls,            // a record of TLS or SSLv3 whose length is legal
    unknown,
};

// White space and one UTF-8 byte order mark in front of JSON or HTTP do not matter, for their
// servers skip them too. Says need_more for an empty prefix and for white space only.
Opening classify_opening(Bytes prefix) noexcept;

// The same for a stream that comes in pieces. Feed it until it says something else than need_more;
// then hand pending() and after it the piece that decided to the parser of the protocol.
class OpeningClassifier {
  public:
    void reset() noexcept { *this = {}; }
    Opening feed(Bytes in) noexcept;

    // The undecided bytes of the earlier pieces, at most 16, without the white space (and the byte
    // order mark) before them.
    Bytes pending() const noexcept { return {pending_.data(), size_}; }
    // How many bytes of the earlier pieces are not in pending(): white space, as much as there was.
    std::uint64_t skipped() const noexcept { return skipped_; }

  private:
    Opening judge() noexcept;

    std::array<std::uint8_t, 16> pending_{};
    std::uint8_t size_ = 0;
    bool mark_seen_ = false;
    std::uint64_t skipped_ = 0;
};

}  // namespace minerwall::proto
