// Decides from the fewest possible bytes which protocol a stream direction opens with. Any thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

enum class Opening : std::uint8_t {
    need_more,  // the bytes may begin several of the others
    json,       // `{` or `[`, or a literal before them
    // A method of RFC 9110 or PATCH, and a blank; another name, a blank, and `/`, `*`, `?` or
    // `http`; a name that fills the classifier's memory.
    http_request,
    http_response,  // `HTTP/1.`
    tls,            // a record of TLS or SSLv3 whose length is legal
    proxy_header,   // `PROXY TCP4 ` and the like; with `binary`, also version 2's signature without
                    // its CR LF CR LF
    // Only for a connection's first bytes, and only with `binary`:
    socks,            // a client's greeting or request
    stratum2_client,  // Stratum V2 in the clear
    stratum2_server,
    coin_p2p,  // a coin's node
    dns,       // DNS over TCP; only where `dns` was asked for
    unknown,
};

// Skips white space and one UTF-8 byte order mark in front of JSON or HTTP, as their servers do.
// Returns need_more for an empty prefix and for white space only.
Opening classify_opening(Bytes prefix) noexcept;

// The same for a stream in pieces. Feed it until it returns something other than need_more. Then
// hand pending() and the piece that decided to the protocol's parser.
class OpeningClassifier {
  public:
    // binary: these are a connection's first bytes, and may open a binary protocol. In the middle
    // of a stream, too many bytes look like such an opening.
    // dns: a port says DNS. The bytes must agree, because any client may use that port.
    // whole_words: a method of no known name must begin and end in one piece. In the middle of a
    // stream, single letters would be undecided for long.
    explicit OpeningClassifier(bool binary = false, bool dns = false,
                               bool whole_words = false) noexcept
        : binary_(binary), dns_(dns), whole_words_(whole_words) {}
    Opening feed(Bytes in) noexcept;

    bool is_fresh() const noexcept { return size_ == 0 && skipped_ == 0; }
    // The undecided bytes of the earlier pieces, at most 40, without the white space (and the byte
    // order mark) before them.
    Bytes pending() const noexcept { return {pending_.data(), size_}; }
    // The number of bytes of earlier pieces that pending() leaves out: white space of any length.
    std::uint64_t skipped() const noexcept { return skipped_; }

  private:
    Opening classify() noexcept;
    Opening classify_text() noexcept;
    Opening classify_binary() const noexcept;

    std::array<std::uint8_t, 40> pending_{};
    std::uint8_t size_ = 0;
    bool binary_ = false;
    bool dns_ = false;
    bool whole_words_ = false;
    bool mark_seen_ = false;
    bool signature_ = true;  // the skipped bytes may be the first ones of version 2's signature
    std::uint64_t skipped_ = 0;
};

}  // namespace minerwall::proto
