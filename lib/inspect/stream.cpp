#include "inspect/stream.hpp"

#include <algorithm>
#include <memory>

namespace minerwall::inspect {
namespace {

// Segments that are looked at before a direction is held to be none of ours.
constexpr std::uint8_t kPatience = 4;
constexpr std::uint8_t kMidstreamPatience = 16;
constexpr std::uint32_t kPatienceBytes = 2048;
// A JSON stream that has said so much without mining is somebody else's.
constexpr std::uint64_t kJsonMessages = 256;
constexpr std::uint32_t kJsonBytes = 1 << 20;

// A second message of the same stream tells what the first one did not: the wallet comes in
// `authorize`, the agent in `subscribe`.
template <std::size_t N>
void fill_in(FixedText<N>& known, const FixedText<N>& more) noexcept {
    if (known.empty()) {
        known = more;
    }
}
void add(Evidence& out, const MiningInfo& info) noexcept {
    if (!out.has_mining) {
        out.has_mining = true;
        out.mining = info;
        return;
    }
    fill_in(out.mining.login, info.login);
    fill_in(out.mining.agent, info.agent);
    fill_in(out.mining.pool, info.pool);
    fill_in(out.mining.algorithm, info.algorithm);
}

bool is_space(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

void Stream::start(bool midstream) noexcept {
    offset_ = 0;
    restart(midstream);
}

void Stream::restart(bool midstream) noexcept {
    mode_ = Mode::opening;
    midstream_ = midstream;
    segments_ = 0;
    opening_ = proto::OpeningClassifier{};
}

Stream::Outcome Stream::feed(Bytes bytes, const Nominator& nominator, Evidence& out) noexcept {
    switch (mode_) {
        case Mode::opening:
            return feed_opening(bytes, nominator, out);
        case Mode::json:
            return feed_json(bytes, out);
        case Mode::http: {
            const Outcome outcome = feed_http(bytes, out);
            const bool afresh = outcome == Outcome::go_on && mode_ == Mode::opening;
            return afresh && !bytes.empty() ? feed_opening(bytes, nominator, out) : outcome;
        }
        case Mode::tls:
            return feed_tls(bytes, out);
        case Mode::unknown:
            return feed_unknown(bytes, nominator, out);
    }
    return Outcome::settled;
}

Stream::Outcome Stream::begin(proto::Opening opening) noexcept {
    switch (opening) {
        case proto::Opening::json:
            mode_ = Mode::json;
            std::construct_at(&state_.json);
            state_.json.reset(proto::Carrier::json_lines);
            return Outcome::go_on;
        case proto::Opening::http_request:
        case proto::Opening::http_response: {
            mode_ = Mode::http;
            const bool request = opening == proto::Opening::http_request;
            std::construct_at(&state_.http.parser,
                              request ? proto::HttpRole::request : proto::HttpRole::response);
            state_.http.request = request;
            state_.http.body_open = state_.http.body_ignored = false;
            return Outcome::go_on;
        }
        case proto::Opening::tls:
            mode_ = Mode::tls;
            std::construct_at(&state_.tls);
            return Outcome::go_on;
        case proto::Opening::unknown:
        case proto::Opening::need_more:
            mode_ = Mode::unknown;
            return Outcome::go_on;
    }
    return Outcome::settled;
}

Stream::Outcome Stream::feed_opening(Bytes bytes, const Nominator& nominator,
                                     Evidence& out) noexcept {
    const proto::Opening opening = opening_.feed(bytes);
    if (opening == proto::Opening::need_more) {
        return Outcome::go_on;
    }
    // What the classifier held back while it was undecided comes first; it is a prefix of what was
    // fed before this segment.
    const Bytes held = opening_.pending();
    offset_ += static_cast<std::uint32_t>(opening_.skipped());
    base_ = offset_;
    if (const Outcome outcome = begin(opening); outcome != Outcome::go_on) {
        return outcome;
    }
    Outcome outcome = Outcome::go_on;
    if (!held.empty()) {
        outcome = feed(held, nominator, out);
    }
    return outcome == Outcome::go_on ? feed(bytes, nominator, out) : outcome;
}

Stream::Outcome Stream::feed_json(Bytes bytes, Evidence& out) noexcept {
    out.app = App::json;
    while (!bytes.empty()) {
        MiningInfo info;
        std::size_t consumed = 0;
        const auto state = state_.json.feed(bytes, info, consumed);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        if (state == proto::StratumScanner::State::not_json) {
            if (out.has_mining) {
                return Outcome::flow_settled;
            }
            if (midstream_) {
                mode_ = Mode::unknown;
                return Outcome::go_on;
            }
            return Outcome::settled;
        }
        if (state == proto::StratumScanner::State::mining) {
            info.offset += base_;
            add(out, info);
        } else if (bytes.empty() || consumed == 0) {
            break;
        }
    }
    if (out.has_mining) {
        return Outcome::flow_settled;
    }
    const bool plenty = state_.json.messages() > kJsonMessages || offset_ > kJsonBytes;
    return plenty && !state_.json.mid_message() ? Outcome::settled : Outcome::go_on;
}

void Stream::note_head(const proto::HttpHead& head, Evidence& out) const noexcept {
    if (!head.host.empty()) {
        out.name_source = NameSource::http_host;
        out.names.add(head.host.view());
        // A request that names two hosts goes to whichever its reader prefers.
        out.names.add(head.other_host.view());
    }
    const bool pool_speaks = head.long_polling || head.roll_ntime || !head.stratum_url.empty();
    if (!head.mining_extensions && !pool_speaks) {
        return;
    }
    MiningInfo info;
    info.dialect = Dialect::getwork;  // these headers are getwork's; a body may still say more
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

Stream::Outcome Stream::feed_http(Bytes& bytes, Evidence& out) noexcept {
    out.app = App::http;
    Http& http = state_.http;
    for (;;) {
        std::size_t consumed = 0;
        Bytes body;
        const proto::HttpEvent event = http.parser.next(bytes, consumed, body);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        switch (event) {
            case proto::HttpEvent::need_more:
                return out.has_mining ? Outcome::flow_settled : Outcome::go_on;
            case proto::HttpEvent::head_done:
                note_head(http.parser.head(), out);
                http.body_open = http.body_ignored = false;
                break;
            case proto::HttpEvent::body_bytes: {
                if (http.body_ignored) {
                    break;
                }
                if (!http.body_open) {
                    const auto first = std::find_if_not(body.begin(), body.end(), is_space);
                    if (first == body.end()) {
                        break;
                    }
                    if (*first != '{' && *first != '[' && *first != 0xef) {
                        http.body_ignored = true;
                        break;
                    }
                    std::construct_at(&http.body);
                    http.body.reset(http.request ? proto::Carrier::http_request_body
                                                 : proto::Carrier::http_response_body);
                    http.body_open = true;
                    base_ = offset_ - static_cast<std::uint32_t>(body.size());
                }
                MiningInfo info;
                std::size_t read = 0;
                if (http.body.feed(body, info, read) == proto::StratumScanner::State::mining) {
                    const proto::HttpHead& head = http.parser.head();
                    info.offset += base_;
                    if (info.agent.empty()) {
                        info.agent.assign(head.user_agent.view());
                    }
                    if (info.pool.empty() && http.request) {
                        info.pool.assign(head.host.view());
                    }
                    if (out.has_mining) {
                        out.mining.dialect = info.dialect;  // the body knows better than a header
                        out.mining.method = info.method;
                    }
                    add(out, info);
                    http.body_ignored = true;
                }
                break;
            }
            case proto::HttpEvent::message_done:
                break;
            case proto::HttpEvent::tunnel:
                // Another protocol begins: it is read like the start of a connection.
                restart(false);
                return Outcome::go_on;
            case proto::HttpEvent::not_http:
                if (out.has_mining) {
                    return Outcome::flow_settled;
                }
                // A request line may be a decoy before the first message: what follows is read
                // like a stream joined in the middle.
                restart(true);
                return Outcome::go_on;
        }
    }
}

Stream::Outcome Stream::feed_tls(Bytes bytes, Evidence& out) noexcept {
    out.app = App::tls;
    const bool knew = state_.tls.name_ready();
    std::size_t consumed = 0;
    const auto state = state_.tls.feed(bytes, consumed);
    if (state_.tls.name_ready() && !knew) {
        out.name_source = NameSource::sni;
        out.names.add(state_.tls.info().server_name.view());
    }
    if (state == proto::ClientHelloParser::State::need_more) {
        return Outcome::go_on;
    }
    // The server's half of the handshake has no name to tell, what follows is encrypted.
    return state == proto::ClientHelloParser::State::done ? Outcome::flow_settled
                                                          : Outcome::settled;
}

Stream::Outcome Stream::feed_unknown(Bytes bytes, const Nominator& nominator,
                                     Evidence& out) noexcept {
    MiningInfo info;
    std::size_t start = 0;
    const Nominator::Result result = nominator.look(bytes, state_.json, info, start);
    base_ = offset_ + static_cast<std::uint32_t>(start);
    offset_ += static_cast<std::uint32_t>(bytes.size());
    switch (result) {
        case Nominator::Result::nothing:
            break;
        case Nominator::Result::open_message:
            mode_ = Mode::json;
            out.app = App::json;
            break;
        case Nominator::Result::mining:
            out.app = App::json;
            info.offset += base_;
            add(out, info);
            return Outcome::flow_settled;
    }
    return Outcome::go_on;
}

Stream::Outcome Stream::end_segment() noexcept {
    if (mode_ == Mode::json || mode_ == Mode::http || mode_ == Mode::tls) {
        return Outcome::go_on;
    }
    if (mode_ == Mode::opening && !midstream_) {
        return Outcome::go_on;  // blanks, or the first letters of a word
    }
    // Both: tiny segments must not use up the patience before a message is in sight.
    ++segments_;
    const bool enough =
        segments_ >= (midstream_ ? kMidstreamPatience : kPatience) && offset_ >= kPatienceBytes;
    if (enough || segments_ == UINT8_MAX) {
        return Outcome::settled;
    }
    if (midstream_) {
        // The next segment may open a message, whatever this one was.
        mode_ = Mode::opening;
        opening_ = proto::OpeningClassifier{};
    }
    return Outcome::go_on;
}

}  // namespace minerwall::inspect
