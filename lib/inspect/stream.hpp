// One direction of a TCP flow under inspection: the protocol that it opened with, and the push
// parser that reads it. Parsers keep O(1) state and never read a byte twice, so segmentation cannot
// change what they find.
#pragma once

#include <cstdint>
#include <type_traits>

#include "inspect/connection_notes.hpp"
#include "inspect/evidence.hpp"
#include "inspect/tools.hpp"
#include "proto/dns/dns_stream.hpp"
#include "proto/first_bytes.hpp"
#include "proto/http/http.hpp"
#include "proto/proxy_header/proxy_header.hpp"
#include "proto/socks/socks.hpp"
#include "proto/stratum/stratum.hpp"
#include "proto/stratum2/stratum2_setup.hpp"
#include "proto/tls/tls.hpp"
#include "proto/websocket/websocket.hpp"

namespace minerwall::inspect {

class Stream {
  public:
    // Whether this direction may reveal more.
    enum class Outcome : std::uint8_t { go_on, settled, flow_settled };

    // Starts at the first byte of a connection (`midstream` false) or anywhere later. client: the
    // bytes come from the end that opened the connection, as far as we know.
    void start(bool client, bool midstream) noexcept;
    // Bytes are missing: reads the rest like a stream joined in the middle.
    void lose_track() noexcept { start(client_, true); }

    // Takes the next bytes of the direction and adds findings to `out`.
    Outcome feed(Bytes bytes, Tools& tools, ConnectionNotes& notes, Evidence& out) noexcept;
    // A segment ends here: in a stream joined in the middle, the next one may open a message.
    Outcome end_segment() noexcept;
    // No message is begun: a stream joined in the middle would read the next one as this would.
    bool is_between() const noexcept;
    // Behind an HTTP upgrade; upgrade() continues such a stream after start().
    bool is_upgraded() const noexcept { return upgraded_; }
    void upgrade() noexcept {
        upgraded_ = true;
        tunnels_ = 1;
    }
    // What was read so far does not affect how the next bytes are read.
    bool is_unknown() const noexcept {
        return mode_ == Mode::unknown ||
               (midstream_ && mode_ == Mode::opening && opening_.is_fresh());
    }

  private:
    void restart(bool midstream) noexcept;  // like start(), but the count of bytes continues
    void enter_tunnel(bool upgraded) noexcept;
    void give_way() noexcept;
    void give_back() noexcept;

    enum class Mode : std::uint8_t {
        opening,
        json,
        http,
        tls,
        proxy_header,
        socks,
        websocket,
        dns,
        stratum2,
        unknown,
    };

    // Leaves in `bytes` those of the recognised protocol.
    Outcome feed_opening(Bytes& bytes, Tools& tools, ConnectionNotes& notes,
                         Evidence& out) noexcept;
    // These leave in `bytes` those of the protocol inside a tunnel, or those that the parser does
    // not claim, and then change the mode.
    Outcome feed_json(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_http(Bytes& bytes, const Nominator& nominator, ConnectionNotes& notes,
                      Evidence& out) noexcept;
    Outcome feed_proxy_header(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_socks(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_websocket(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_tls(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_dns(Bytes bytes, Tools& tools, Evidence& out) noexcept;
    Outcome feed_stratum2(Bytes& bytes, Evidence& out) noexcept;
    Outcome feed_unknown(Bytes& bytes, Tools& tools, Evidence& out) noexcept;
    // Only values or comments so far, in front of an object or array: patience is bounded.
    bool may_be_json() const noexcept { return mode_ == Mode::json && !state_.json.saw_value(); }
    bool begins_in_segment(Bytes bytes) noexcept;
    Outcome look_for_lines(Bytes bytes, const Nominator& nominator, Evidence& out) noexcept;
    Outcome begin(proto::Opening opening, ConnectionNotes& notes) noexcept;
    void begin_json() noexcept;
    void begin_proxy_header() noexcept;
    void read_header_lines(Bytes content, Evidence& out) noexcept;
    void begin_socks(proto::SocksRole role) noexcept;
    void begin_websocket() noexcept;
    void read_websocket_piece(Bytes piece, Evidence& out) noexcept;
    void note_head(const proto::HttpHead& head, Evidence& out) const noexcept;
    bool read_beside(Bytes piece, Evidence& out) noexcept;
    void read_body(Bytes body, Evidence& out) noexcept;
    void search_body(Bytes body, const Nominator& nominator, Evidence& out) noexcept;
    void note_coin(Bytes held, Bytes bytes, Evidence& out) const noexcept;

    struct Http {
        proto::HttpParser parser;
        proto::StratumScanner body;
        bool body_open;     // `body` holds state of the current message
        bool body_ignored;  // the current message's body is not JSON
        bool request;
        bool beside;            // `body` reads the lines of the head
        std::uint8_t searched;  // pieces of bodies out of turn
    };
    struct ProxyHeader {
        proto::ProxyHeaderParser parser;
        proto::StratumScanner line;
        bool open;         // `line` is inside a message
        bool line_begins;  // only blanks since a line end
    };
    struct WebSocket {
        proto::WebSocketParser parser;
        proto::StratumScanner message;
        bool open;     // `message` holds state of the current message
        bool ignored;  // the current message is not JSON
    };
    union State {
        State() noexcept {}
        proto::StratumScanner json;
        Http http;
        proto::ClientHelloParser tls;
        ProxyHeader proxy_header;
        proto::SocksParser socks;
        WebSocket websocket;
        proto::DnsStream dns;
        proto::Stratum2Reader stratum2;
    };

    Mode mode_;
    bool client_;
    bool midstream_;
    std::uint8_t tunnels_;   // of proxies, one in the other
    bool upgraded_;          // after an HTTP upgrade: WebSocket or another protocol
    bool segment_begins_;    // the next bytes are a segment's first
    bool line_begins_;       // they may be a line's first
    std::uint8_t segments_;  // read without finding a protocol
    std::uint32_t offset_;   // of the next byte, from the stream's start
    std::uint32_t base_;     // the offset from which the current scanner counts
    proto::OpeningClassifier opening_;
    State state_;
};
static_assert(std::is_trivially_destructible_v<Stream>, "streams live in a pool of raw records");

}  // namespace minerwall::inspect
