// Streams that carry other protocols: HTTP with its bodies and tunnels, WebSocket, SOCKS.
#include <algorithm>
#include <memory>

#include "inspect/mining_notes.hpp"
#include "inspect/stream.hpp"
#include "proto/json/json_bytes.hpp"

namespace minerwall::inspect {
namespace {

// No mining message is so short; {"method":"login"} has 18 bytes and says too little.
constexpr std::uint16_t kShortestMessage = 18;
// The number of pieces of bodies out of turn that we search.
constexpr std::uint8_t kBodyPatience = 64;

// Whether the first byte that no receiver skips opens a JSON value, or what may stand before one.
enum class Content : std::uint8_t { blank, json, other };
Content content_of(Bytes bytes) noexcept {
    const auto first = std::find_if_not(bytes.begin(), bytes.end(), proto::is_json_blank);
    if (first == bytes.end()) {
        return Content::blank;
    }
    return proto::leads_json(*first) ? Content::json : Content::other;
}

}  // namespace

void Stream::note_head(const proto::HttpHead& head, Evidence& out) const noexcept {
    if (!head.host.empty()) {
        out.name_source = NameSource::http_host;
        out.names.add(head.host.view());
        // If a request names two hosts, servers differ over which one they take.
        out.names.add(head.other_host.view());
        out.target_port = head.host_in_target ? head.port : std::uint16_t{0};
    }
    const bool pool_speaks = head.long_polling || head.roll_ntime || !head.stratum_url.empty();
    if (!head.mining_extensions && !pool_speaks) {
        return;
    }
    MiningInfo info;
    info.dialect = Dialect::getwork;  // these headers are getwork's; the body may say more
    info.speaker = head.mining_extensions ? Speaker::miner : Speaker::pool;
    info.method.assign(head.mining_extensions      ? "X-Mining-Extensions"
                       : !head.stratum_url.empty() ? "X-Stratum"
                       : head.long_polling         ? "X-Long-Polling"
                                                   : "X-Roll-NTime");
    info.agent.assign(head.user_agent.view());
    info.pool.assign(head.stratum_url.empty() ? head.host.view() : head.stratum_url.view());
    info.evidence.assign(head.method.view());
    info.evidence.push_back(' ');
    info.evidence.append(head.target.view());
    info.offset = offset_;
    add(out, info);
}

// The server does not talk HTTP, or answers a request that has not ended: no matter what the heads
// say, searches a piece of a body like unknown bytes.
void Stream::search_body(Bytes body, const Nominator& nominator, Evidence& out) noexcept {
    Http& http = state_.http;
    const std::uint32_t begin = offset_ - static_cast<std::uint32_t>(body.size());
    if (http.searched == 0) {
        http.body_open = false;
    }
    if (http.searched == kBodyPatience) {
        return;
    }
    ++http.searched;
    MiningInfo info;
    bool mining = false;
    if (http.body_open) {
        std::size_t read = 0;
        mining = http.body.feed(body, info, read) == proto::StratumScanner::State::mining;
        http.body_open = !mining && http.body.mid_message();
    } else {
        std::size_t start = 0;
        const Nominator::Result result = nominator.look(body, true, http.body, info, start);
        mining = result == Nominator::Result::mining;
        http.body_open = result == Nominator::Result::open_message;
        base_ = begin + static_cast<std::uint32_t>(start);
    }
    if (mining) {
        info.offset += base_;
        add(out, info);
    }
}

// Lines of JSON inside a request's head: HTTP's servers pass over them, another receiver may pass
// over the rest. True: one is mining.
bool Stream::read_beside(Bytes piece, Evidence& out) noexcept {
    MiningInfo info;
    std::size_t read = 0;
    if (state_.http.body.feed(piece, info, read) != proto::StratumScanner::State::mining) {
        return false;
    }
    info.offset += base_;
    add(out, info);
    return true;
}

// Reads a piece of a body: scans JSON, ignores anything else to its end.
void Stream::read_body(Bytes body, Evidence& out) noexcept {
    Http& http = state_.http;
    if (http.body_ignored) {
        return;
    }
    if (!http.body_open) {
        const Content content = content_of(body);
        if (content != Content::json) {
            http.body_ignored = content == Content::other;
            return;
        }
        std::construct_at(&http.body);
        http.body.reset(http.request ? proto::Carrier::http_request_body
                                     : proto::Carrier::http_response_body);
        http.body_open = true;
        base_ = offset_ - static_cast<std::uint32_t>(body.size());
    }
    MiningInfo info;
    std::size_t read = 0;
    const auto state = http.body.feed(body, info, read);
    http.body_ignored = state != proto::StratumScanner::State::scanning;
    if (state != proto::StratumScanner::State::mining) {
        return;
    }
    const proto::HttpHead& head = http.parser.head();
    info.offset += base_;
    if (info.agent.empty()) {
        info.agent.assign(head.user_agent.view());
    }
    if (info.pool.empty() && http.request) {
        info.pool.assign(head.host.view());
    }
    if (out.has_mining) {
        out.mining.dialect = info.dialect;  // the body is more precise than a header
        // But keep the method X-Stratum, which says that a header named the pool.
        if (!info.method.empty() && out.mining.method != "X-Stratum") {
            out.mining.method = info.method;
        }
    }
    add(out, info);
}

Stream::Outcome Stream::feed_http(Bytes& bytes, const Nominator& nominator, ConnectionNotes& notes,
                                  Evidence& out) noexcept {
    Http& http = state_.http;
    for (;;) {
        std::size_t consumed = 0;
        Bytes body;
        const proto::HttpEvent event = http.parser.next(bytes, consumed, body);
        if (http.beside && read_beside(bytes.first(std::min(consumed, bytes.size())), out)) {
            return Outcome::flow_settled;
        }
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        out.app = http.parser.has_first_line() ? App::http : out.app;
        switch (event) {
            case proto::HttpEvent::need_more:
                if (!out.has_mining) {
                    return Outcome::go_on;
                }
                // A miner's request settles only its direction: the answer may name another pool
                // (X-Stratum).
                return http.request ? Outcome::settled : Outcome::flow_settled;
            case proto::HttpEvent::odd_line:
                note_head(http.parser.head(), out);
                std::construct_at(&http.body);
                http.body.reset(proto::Carrier::json_lines);
                http.beside = true;
                base_ = offset_;
                break;
            case proto::HttpEvent::head_done:
                http.beside = false;
                note_head(http.parser.head(), out);
                notes.browser = notes.browser || http.parser.head().origin;
                notes.connect =
                    notes.connect || (http.request && http.parser.head().method == "CONNECT");
                http.body_open = http.body_ignored = false;
                if (http.request) {
                    notes.request_open = true;
                } else if (http.parser.head().status >= 200) {
                    notes.not_in_turn = notes.not_in_turn || notes.request_open;
                }
                break;
            case proto::HttpEvent::body_bytes:
                if (notes.not_in_turn) {
                    search_body(body, nominator, out);
                } else {
                    read_body(body, out);
                }
                break;
            case proto::HttpEvent::message_done:
                notes.request_open = notes.request_open && !http.request;
                break;
            case proto::HttpEvent::tunnel:
                if (out.has_mining) {
                    return Outcome::flow_settled;
                }
                enter_tunnel(http.parser.head().upgrade);
                return Outcome::go_on;
            case proto::HttpEvent::not_http:
                if (http.parser.too_long()) {
                    out.unreadable |= bit_of(Unreadable::http_head);
                }
                if (out.has_mining) {
                    return Outcome::flow_settled;
                }
                if (!http.parser.has_first_line() && !midstream_) {
                    mode_ = Mode::unknown;  // words that only begin like a request
                    line_begins_ = false;
                    return Outcome::go_on;
                }
                // A request line may be a decoy before the first message, so read the rest like a
                // stream joined in the middle. Skip the opening, which might look like HTTP again,
                // unless TLS takes the connection over.
                restart(true);
                if (proto::classify_opening(bytes) != proto::Opening::tls) {
                    mode_ = Mode::unknown;
                }
                return Outcome::go_on;
        }
    }
}

void Stream::begin_json() noexcept {
    mode_ = Mode::json;
    std::construct_at(&state_.json);
    state_.json.reset(proto::Carrier::json_lines);
}

void Stream::begin_socks(proto::SocksRole role) noexcept {
    mode_ = Mode::socks;
    std::construct_at(&state_.socks, role);
}

Stream::Outcome Stream::feed_socks(Bytes& bytes, Evidence& out) noexcept {
    for (;;) {
        std::size_t consumed = 0;
        const proto::SocksEvent event = state_.socks.next(bytes, consumed);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        switch (event) {
            case proto::SocksEvent::need_more:
                return Outcome::go_on;
            case proto::SocksEvent::target:
                out.app = App::socks;
                out.name_source = NameSource::socks;
                out.names.add(state_.socks.target().host.view());
                out.target_port = state_.socks.target().port;
                break;
            case proto::SocksEvent::tunnel:
                enter_tunnel(false);
                return Outcome::go_on;
            case proto::SocksEvent::refused:
                return Outcome::settled;
            case proto::SocksEvent::not_socks:
                restart(true);  // a few bytes in front of another protocol
                return Outcome::go_on;
        }
    }
}

void Stream::begin_websocket() noexcept {
    mode_ = Mode::websocket;
    std::construct_at(&state_.websocket.parser, kShortestMessage);
    std::construct_at(&state_.websocket.message);
    state_.websocket.open = state_.websocket.ignored = false;
}

void Stream::read_websocket_piece(Bytes piece, Evidence& out) noexcept {
    WebSocket& websocket = state_.websocket;
    if (websocket.ignored) {
        return;
    }
    if (!websocket.open) {
        const Content content = content_of(piece);
        if (content != Content::json) {
            websocket.ignored = content == Content::other;
            return;
        }
        websocket.message.reset(proto::Carrier::websocket);
        websocket.open = true;
    }
    while (!piece.empty()) {
        MiningInfo info;
        std::size_t consumed = 0;
        const auto state = websocket.message.feed(piece, info, consumed);
        if (state == proto::StratumScanner::State::mining) {
            info.offset = base_;
            add(out, info);
        }
        if (state == proto::StratumScanner::State::not_json || consumed == 0) {
            websocket.ignored = true;
            return;
        }
        piece = piece.subspan(std::min(consumed, piece.size()));
    }
}

Stream::Outcome Stream::feed_websocket(Bytes& bytes, Evidence& out) noexcept {
    out.app = App::websocket;
    WebSocket& websocket = state_.websocket;
    for (;;) {
        std::size_t consumed = 0;
        Bytes piece;
        const proto::WebSocketEvent event = websocket.parser.next(bytes, consumed, piece);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        switch (event) {
            case proto::WebSocketEvent::need_more:
                return out.has_mining ? Outcome::flow_settled : Outcome::go_on;
            case proto::WebSocketEvent::message_begin:
                websocket.open = websocket.ignored = false;
                base_ = offset_;
                break;
            case proto::WebSocketEvent::payload_bytes:
                read_websocket_piece(piece, out);
                break;
            case proto::WebSocketEvent::message_done:
                break;
            case proto::WebSocketEvent::not_websocket:
                if (out.has_mining) {
                    return Outcome::flow_settled;
                }
                upgraded_ = false;
                restart(true);  // an upgrade to another protocol
                return Outcome::go_on;
        }
    }
}

}  // namespace minerwall::inspect
