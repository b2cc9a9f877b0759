#include "inspect/stream.hpp"

#include <algorithm>
#include <memory>

#include "inspect/dns_message.hpp"
#include "inspect/mining_notes.hpp"
#include "proto/json/json_bytes.hpp"

namespace minerwall::inspect {
namespace {

// The number of segments that we read before we settle a direction with no known protocol.
constexpr std::uint8_t kPatience = 4;
constexpr std::uint8_t kMidstreamPatience = 16;
constexpr std::uint32_t kPatienceBytes = 2048;
// Comments and values in front of the first object.
constexpr std::uint32_t kMaybeJsonBytes = 16384;
// A JSON stream this long without mining belongs to another protocol.
constexpr std::uint64_t kJsonMessages = 256;
constexpr std::uint32_t kJsonBytes = 1 << 20;
// Proxies that a client may name one behind the other. A chain costs more than any other bytes.
constexpr std::uint8_t kMostTunnels = 8;

}  // namespace

void Stream::start(bool client, bool midstream) noexcept {
    client_ = client;
    upgraded_ = false;
    tunnels_ = 0;
    offset_ = 0;
    restart(midstream);
}

void Stream::restart(bool midstream) noexcept {
    mode_ = Mode::opening;
    midstream_ = midstream;
    segment_begins_ = false;
    line_begins_ = true;
    segments_ = 0;
    opening_ = proto::OpeningClassifier{!midstream, false, midstream};
}

// The stream is not the protocol that it looked like, or that protocol does not matter. Reads the
// rest like a stream joined in the middle.
void Stream::give_way() noexcept {
    restart(true);
    mode_ = Mode::unknown;
}

// The same, but a stream that was unknown before is read with no more patience than it had.
void Stream::give_back() noexcept {
    const std::uint8_t segments = midstream_ ? segments_ : std::uint8_t{0};
    give_way();
    segments_ = segments;
}

// Another protocol begins: reads it like the start of a connection.
void Stream::enter_tunnel(bool upgraded) noexcept {
    upgraded_ = upgraded;
    restart(false);
    if (tunnels_ == kMostTunnels) {
        mode_ = Mode::unknown;  // it is searched for mining, but its names are not read
        return;
    }
    ++tunnels_;
}

Stream::Outcome Stream::feed(Bytes bytes, Tools& tools, ConnectionNotes& notes,
                             Evidence& out) noexcept {
    Outcome outcome = Outcome::go_on;
    do {
        const Mode before = mode_;
        switch (mode_) {
            case Mode::opening:
                outcome = feed_opening(bytes, tools, notes, out);
                break;
            case Mode::json:
                outcome = feed_json(bytes, out);
                break;
            case Mode::http:
                outcome = feed_http(bytes, tools.nominator, notes, out);
                break;
            case Mode::tls:
                outcome = feed_tls(bytes, out);
                break;
            case Mode::proxy_header:
                outcome = feed_proxy_header(bytes, out);
                break;
            case Mode::socks:
                outcome = feed_socks(bytes, out);
                break;
            case Mode::websocket:
                outcome = feed_websocket(bytes, out);
                break;
            case Mode::dns:
                return feed_dns(bytes, tools, out);
            case Mode::stratum2:
                outcome = feed_stratum2(bytes, out);
                break;
            case Mode::unknown:
                outcome = feed_unknown(bytes, tools, out);
                break;
        }
        if (mode_ == before && before != Mode::opening) {
            return outcome;
        }
    } while (outcome == Outcome::go_on && !bytes.empty());
    return outcome;
}

Stream::Outcome Stream::feed_json(Bytes& bytes, Evidence& out) noexcept {
    if (may_be_json() && segment_begins_ && begins_in_segment(bytes)) {
        mode_ = Mode::opening;
        opening_ = proto::OpeningClassifier{};
        return Outcome::go_on;
    }
    while (!bytes.empty()) {
        MiningInfo info;
        std::size_t consumed = 0;
        const auto state = state_.json.feed(bytes, info, consumed);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        offset_ += static_cast<std::uint32_t>(consumed);
        if (state_.json.saw_value()) {
            out.app = App::json;
        }
        if (state == proto::StratumScanner::State::not_json) {
            if (out.has_mining) {
                return Outcome::flow_settled;
            }
            mode_ = Mode::unknown;
            line_begins_ = false;  // the rest of a line
            return Outcome::go_on;
        }
        if (state == proto::StratumScanner::State::mining) {
            info.offset += base_;
            add(out, info);
        } else if (bytes.empty() || consumed == 0) {
            break;
        }
    }
    bytes = {};
    if (out.has_mining) {
        return Outcome::flow_settled;
    }
    const bool plenty = state_.json.messages() > kJsonMessages || offset_ > kJsonBytes;
    return plenty && !state_.json.mid_message() ? Outcome::settled : Outcome::go_on;
}

Stream::Outcome Stream::feed_tls(Bytes& bytes, Evidence& out) noexcept {
    out.app = App::tls;
    const bool knew = state_.tls.name_ready();
    std::size_t consumed = 0;
    const auto state = state_.tls.feed(bytes, consumed);
    const proto::ClientHelloInfo& hello = state_.tls.info();
    if (state_.tls.name_ready() && !knew) {
        out.name_source = NameSource::sni;
        out.names.add(hello.server_name.view());
    }
    if (state == proto::ClientHelloParser::State::need_more) {
        return Outcome::go_on;
    }
    note_hello(hello, 't', NameSource::sni, out);
    if (state == proto::ClientHelloParser::State::done) {
        out.has_hello = true;
        // The server's half of the handshake has no name, and the rest is encrypted.
        return Outcome::flow_settled;
    }
    if (state_.tls.too_long()) {
        out.unreadable |= bit_of(Unreadable::tls_hello);
    }
    give_back();  // a record's head does not prove TLS: look at the whole segment again
    return Outcome::go_on;
}

Stream::Outcome Stream::feed_dns(Bytes bytes, Tools& tools, Evidence& out) noexcept {
    out.app = App::dns;
    while (!bytes.empty()) {
        std::size_t consumed = 0;
        const auto state = state_.dns.feed(bytes, consumed);
        offset_ += static_cast<std::uint32_t>(consumed);
        if (state == proto::DnsStream::State::message) {
            read_dns_message(state_.dns.message(), tools.answers, out);
        }
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
    }
    return Outcome::go_on;  // each message is judged, so it never settles
}

Stream::Outcome Stream::feed_stratum2(Bytes& bytes, Evidence& out) noexcept {
    const Bytes whole = bytes;
    const std::uint32_t offset = offset_;
    while (!bytes.empty()) {
        MiningInfo info;
        std::size_t consumed = 0;
        const auto state = state_.stratum2.feed(bytes, info, consumed);
        offset_ += static_cast<std::uint32_t>(consumed);
        bytes = bytes.subspan(std::min(consumed, bytes.size()));
        if (state == proto::Stratum2Reader::State::not_stratum2) {
            if (out.has_mining) {
                return Outcome::flow_settled;
            }
            bytes = whole;  // the head does not prove Stratum V2
            offset_ = offset;
            give_way();
            return Outcome::go_on;
        }
        if (state == proto::Stratum2Reader::State::mining) {
            info.dialect = Dialect::stratum_v2;
            add(out, info);
        } else if (consumed == 0) {
            break;
        }
    }
    return out.has_mining ? Outcome::flow_settled : Outcome::go_on;
}

// Whether a known protocol begins with a segment, inside an unknown one: TLS behind STARTTLS, a
// request behind a few words.
bool Stream::begins_in_segment(Bytes bytes) noexcept {
    const bool first = segment_begins_;
    segment_begins_ = false;
    if (!first ||
        (midstream_ &&
         mode_ == Mode::unknown)) {  // midstream, every segment's opening is examined anyway
        return false;
    }
    const proto::Opening opening = proto::classify_opening(bytes);
    return opening == proto::Opening::tls || opening == proto::Opening::http_request;
}

Stream::Outcome Stream::feed_unknown(Bytes& bytes, Tools& tools, Evidence& out) noexcept {
    if (begins_in_segment(bytes)) {
        mode_ = Mode::opening;
        opening_ = proto::OpeningClassifier{};
        return Outcome::go_on;
    }
    // Behind the first values or comments of a connection there is no quotation.
    if (offset_ == 0 && !midstream_ && tunnels_ == 0 && may_open_json(bytes)) {
        begin_json();
        return Outcome::go_on;
    }
    const Bytes whole = bytes;
    bytes = {};
    if (tools.leaves_unknown) [[unlikely]] {
        ++tools.left_unknown;
        line_begins_ = whole.back() == '\n';
        offset_ += static_cast<std::uint32_t>(whole.size());
        return Outcome::go_on;
    }
    return look_for_lines(whole, tools.nominator, out);
}

Stream::Outcome Stream::look_for_lines(Bytes bytes, const Nominator& nominator,
                                       Evidence& out) noexcept {
    MiningInfo info;
    std::size_t start = 0;
    const Nominator::Result result = nominator.look(bytes, line_begins_, state_.json, info, start);
    line_begins_ = bytes.back() == '\n' ||
                   (line_begins_ && std::all_of(bytes.begin(), bytes.end(), proto::is_json_blank));
    base_ = offset_ + static_cast<std::uint32_t>(start);
    offset_ += static_cast<std::uint32_t>(bytes.size());
    switch (result) {
        case Nominator::Result::nothing:
            break;
        case Nominator::Result::open_message:
            mode_ = Mode::json;
            if (state_.json.saw_value()) {
                out.app = App::json;
            }
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
    if (mode_ != Mode::opening && mode_ != Mode::unknown && !may_be_json()) {
        return Outcome::go_on;
    }
    if (mode_ == Mode::opening && !midstream_) {
        return Outcome::go_on;  // blanks, or the first letters of a word
    }
    if (may_be_json() && offset_ < kMaybeJsonBytes) {
        segment_begins_ = true;
        return Outcome::go_on;
    }
    // Require both, so that tiny segments do not exhaust the patience before a message comes.
    ++segments_;
    const bool enough =
        segments_ >= (midstream_ ? kMidstreamPatience : kPatience) && offset_ >= kPatienceBytes;
    if (enough || segments_ == UINT8_MAX) {
        return Outcome::settled;
    }
    segment_begins_ = line_begins_ = true;
    if (midstream_ && mode_ == Mode::unknown) {
        // The next segment may open a message, whatever this one was. If this one was too short to
        // decide, the next one may also be its rest.
        mode_ = Mode::opening;
        opening_ = proto::OpeningClassifier{false, false, true};
    }
    return Outcome::go_on;
}

}  // namespace minerwall::inspect
