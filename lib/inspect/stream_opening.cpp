// How a stream begins: the first bytes choose its parser.
#include <algorithm>
#include <memory>

#include "inspect/mining_notes.hpp"
#include "inspect/stream.hpp"
#include "proto/peers/coin_p2p.hpp"

namespace minerwall::inspect {

Stream::Outcome Stream::begin(proto::Opening opening, ConnectionNotes& notes) noexcept {
    if (!client_ && notes.request_open && opening != proto::Opening::http_response) {
        notes.not_in_turn = true;
    }
    switch (opening) {
        case proto::Opening::json:
            begin_json();
            return Outcome::go_on;
        case proto::Opening::http_request:
        case proto::Opening::http_response: {
            if (opening == proto::Opening::http_response && client_ && !midstream_) {
                mode_ = Mode::unknown;  // a client does not open with an answer
                return Outcome::go_on;
            }
            mode_ = Mode::http;
            const bool request = opening == proto::Opening::http_request;
            std::construct_at(&state_.http.parser,
                              request ? proto::HttpRole::request : proto::HttpRole::response);
            if (!request && notes.connect) {
                state_.http.parser.expect_connect_answer();
            }
            state_.http.request = request;
            state_.http.body_open = state_.http.body_ignored = false;
            state_.http.searched = 0;
            state_.http.beside = false;
            return Outcome::go_on;
        }
        case proto::Opening::tls:
            mode_ = Mode::tls;
            std::construct_at(&state_.tls);
            return Outcome::go_on;
        case proto::Opening::proxy_header:
            begin_proxy_header();
            return Outcome::go_on;
        case proto::Opening::socks:
            notes.socks = true;
            begin_socks(proto::SocksRole::client);
            return Outcome::go_on;
        case proto::Opening::stratum2_client:
        case proto::Opening::stratum2_server:
            mode_ = Mode::stratum2;
            std::construct_at(&state_.stratum2, opening == proto::Opening::stratum2_client
                                                    ? proto::Role::client
                                                    : proto::Role::server);
            return Outcome::go_on;
        case proto::Opening::dns:
            mode_ = Mode::dns;
            std::construct_at(&state_.dns);
            return Outcome::go_on;
        case proto::Opening::coin_p2p:
            give_way();  // the first bytes may be a decoy
            return Outcome::go_on;
        case proto::Opening::unknown:
        case proto::Opening::need_more:
            if (upgraded_) {  // a WebSocket frame cannot begin like JSON or TLS
                begin_websocket();
                return Outcome::go_on;
            }
            mode_ = Mode::unknown;
            return Outcome::go_on;
    }
    return Outcome::settled;
}

Stream::Outcome Stream::feed_opening(Bytes& bytes, Tools& tools, ConnectionNotes& notes,
                                     Evidence& out) noexcept {
    if (tunnels_ == 0 && opening_.is_fresh()) {
        if (notes.socks && !client_ && !midstream_ && offset_ == 0) {
            begin_socks(proto::SocksRole::server);  // because the client opened with SOCKS
            return Outcome::go_on;
        }
        if (notes.dns) {
            opening_ = proto::OpeningClassifier{!midstream_, true, midstream_};
        }
    }
    proto::Opening opening = opening_.feed(bytes);
    if (opening == proto::Opening::unknown && midstream_ && !opening_.pending().empty()) {
        // The undecided bytes of earlier segments may be the end of something else.
        proto::OpeningClassifier anew{false, tunnels_ == 0 && notes.dns, true};
        const proto::Opening again = anew.feed(bytes);
        if (again != proto::Opening::unknown) {
            offset_ += static_cast<std::uint32_t>(opening_.skipped() + opening_.pending().size());
            opening_ = anew;
            opening = again;
        }
    }
    if (opening == proto::Opening::need_more) {
        bytes = {};
        return Outcome::go_on;
    }
    // First feed the bytes that the classifier held back while undecided. They are a prefix of what
    // earlier segments brought.
    const proto::OpeningClassifier kept = opening_;
    const Bytes held = kept.pending();
    offset_ += static_cast<std::uint32_t>(kept.skipped());
    base_ = offset_;
    if (opening == proto::Opening::coin_p2p) {
        note_coin(held, bytes, out);
    }
    if (const Outcome outcome = begin(opening, notes); outcome != Outcome::go_on) {
        return outcome;
    }
    // The held bytes are at most the first words of a message, so they cannot complete one.
    return held.empty() ? Outcome::go_on : feed(held, tools, notes, out);
}

void Stream::note_coin(Bytes held, Bytes bytes, Evidence& out) const noexcept {
    std::array<std::uint8_t, proto::kCoinP2pPrefix> prefix;
    const std::size_t first = std::min(held.size(), prefix.size());
    const std::size_t second = std::min(bytes.size(), prefix.size() - first);
    std::copy_n(held.begin(), first, prefix.begin());
    std::copy_n(bytes.begin(), second, prefix.begin() + first);
    MiningInfo info;
    info.dialect = Dialect::coin_p2p;
    info.algorithm.assign(to_text(proto::classify_stream({prefix.data(), first + second})));
    info.offset = base_;
    out.app = App::coin_p2p;
    add(out, info);
}

}  // namespace minerwall::inspect
