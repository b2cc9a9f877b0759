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
    // Told of a connection's first bytes only, where `binary` was asked for:
    socks,            // a client's greeting or request
    stratum2_client,  // Stratum V2 in the clear
    stratum2_server,
    coin_p2p,  // a coin's node speaks
    dns,       // DNS over TCP; only where `dns` was asked for
    unknown,
};

// White space and one UTF-8 byte order mark in front of JSON or HTTP do not matter, for their
// servers skip them too. Says need_more for an empty prefix and for white space only.
Opening classify_opening(Bytes prefix) noexcept;

// The same for a stream that comes in pieces. Feed it until it says something else than need_more;
// then hand pending() and after it the piece that decided to the parser of the protocol.
class OpeningClassifier {
  public:
    // binary: these are a connection's first bytes, and may be those of a binary protocol. A stream
    // that is joined in its middle has too many bytes that look like the few such a one opens with.
    // dns: a port says DNS. Anybody may use that port, so the bytes have to agree.
    explicit OpeningClassifier(bool binary = false, bool dns = false) noexcept
        : binary_(binary), dns_(dns) {}
    Opening feed(Bytes in) noexcept;

    bool is_fresh() const noexcept { return size_ == 0 && skipped_ == 0; }
    // The undecided bytes of the earlier pieces, at most 40, without the white space (and the byte
    // order mark) before them.
    Bytes pending() const noexcept { return {pending_.data(), size_}; }
    // How many bytes of the earlier pieces are not in pending(): white space, as much as there was.
    std::uint64_t skipped() const noexcept { return skipped_; }

  private:
    Opening judge() noexcept;
    Opening judge_text() noexcept;
    Opening judge_binary() const noexcept;

    std::array<std::uint8_t, 40> pending_{};
    std::uint8_t size_ = 0;
    bool binary_ = false;
    bool dns_ = false;
    bool mark_seen_ = false;
    std::uint64_t skipped_ = 0;
};

}  // namespace minerwall::proto
