#include "proto/stratum/stratum.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace minerwall::proto {
namespace {

// The host of an endpoint that a payload names, without a scheme. Empty if the text is neither an
// address nor a name of several labels, because such a host cannot be learned.
std::string_view host_of(std::string_view text) noexcept {
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    text = text.substr(0, text.find('/'));
    const bool plausible = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' ||
               c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
    return plausible && text.find_first_of(".:") != std::string_view::npos ? text
                                                                           : std::string_view{};
}

unsigned port_of(std::string_view text, int base) noexcept {
    unsigned port = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port, base);
    const bool whole = error == std::errc{} && stop == text.data() + text.size();
    return whole && port <= 0xffff ? port : 0;
}

// EthereumStratum/2.0.0 (EIP 1571: mining.hello, mining.reconnect) writes numbers in hexadecimal.
int base_of(const MessageShape& shape) noexcept {
    return shape.has_method(Method::reconnect) ? 10 : 16;
}

// The part of a login "wallet.worker" behind its first dot. Mail addresses are excluded, because
// they have dots of their own.
std::string_view worker_of(std::string_view login) noexcept {
    const std::size_t dot = login.find('.');
    const bool two =
        dot != std::string_view::npos && dot != 0 && login.find('@') == std::string_view::npos;
    return two ? login.substr(dot + 1) : std::string_view{};
}

template <std::size_t N>
void put_endpoint(FixedText<N>& out, std::string_view host, unsigned port) noexcept {
    if (host.empty()) {
        return;
    }
    const auto colons = std::count(host.begin(), host.end(), ':');
    const bool bare_ipv6 = colons > 1 && host[0] != '[';
    if (bare_ipv6) {
        out.push_back('[');
    }
    out.append(host);
    if (bare_ipv6) {
        out.push_back(']');
    }
    const bool has_port = colons == 1 || host.find("]:") != std::string_view::npos;
    if (port == 0 || has_port) {
        return;
    }
    char digits[5];
    const auto end = std::to_chars(digits, digits + sizeof digits, port).ptr;
    out.push_back(':');
    out.append({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

void StratumScanner::reset(Carrier carrier, StreamStart start) noexcept {
    tokens_.reset();
    position_ = 0;
    messages_ = 0;
    message_offset_ = 0;
    carrier_ = carrier;
    seen_value_ = false;
    mid_stream_ = start == StreamStart::mid_stream;
    skipping_ = false;
    not_json_ = false;
    stream_.close();
    line_.close();
    evidence_.clear();
    loose_.active = loose_.only = false;
    stream_.base = line_.base = 0;  // callers may reset raw memory
    watch_depth();
}

StratumScanner::State StratumScanner::feed(Bytes bytes, MiningInfo& out,
                                           std::size_t& consumed) noexcept {
    consumed = 0;
    if (not_json_) {
        return State::not_json;
    }
    chunk_ = bytes.data();
    const std::uint8_t* at = chunk_;
    const std::uint8_t* end = chunk_ + bytes.size();
    evidence_from_ = chunk_;
    const bool found = next_message(at, end, out);
    if (stream_.active) {
        note_evidence(at);
    }
    consumed = static_cast<std::size_t>(at - chunk_);
    position_ += consumed;
    chunk_ = evidence_from_ = nullptr;
    return found ? State::mining : not_json_ ? State::not_json : State::scanning;
}

// Reads up to the end of the next mining message, of the bytes, or of what can be read.
bool StratumScanner::next_message(const std::uint8_t*& at, const std::uint8_t* end,
                                  MiningInfo& out) noexcept {
    while (at < end && !not_json_) {
        if (loose_.active ? read_doubtful(at, end, out) : read(at, end, out)) {
            return true;
        }
    }
    return false;
}

// The same by the tokenizer, also up to the first place that receivers read differently.
bool StratumScanner::read(const std::uint8_t*& at, const std::uint8_t* end,
                          MiningInfo& out) noexcept {
    const bool doubted = loose_.active;
    while (at < end) {
        if (skipping_) {
            const void* lf = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
            if (lf == nullptr) {
                at = end;
                return false;
            }
            at = static_cast<const std::uint8_t*>(lf);
            skipping_ = false;
        }
        const JsonToken token = tokens_.next(at, end);
        if (token == JsonToken::more) {
            return false;
        }
        if (token >= JsonToken::odd) {
            if (token == JsonToken::odd) {
                doubt();
            } else if (!recover()) {
                return false;
            }
            if (loose_.active != doubted) {
                return false;
            }
            continue;
        }
        if (token == JsonToken::begin_object || token == JsonToken::begin_array) {
            open(token, at - 1);
            continue;
        }
        if (tokens_.depth() == 0 && token != JsonToken::end) {
            continue;  // a value in front of a message
        }
        // Both readings must see the token, whatever the first one returns.
        const bool by_stream = advance(stream_, token);
        const bool by_line = line_.active && advance(line_, token) && !by_stream;
        if (by_stream || by_line) {
            note_evidence(at);
            fill(by_stream ? stream_.shape : line_.shape, out);
            return true;
        }
    }
    return false;
}

// Called after an error of the tokenizer. False: this is not a stream of JSON values.
bool StratumScanner::recover() noexcept {
    if (!holds_lines(carrier_) || !(seen_value_ || mid_stream_)) {
        not_json_ = !loose_.active;
        loose_.only = loose_.active;
        return false;
    }
    mid_stream_ = false;
    // A line's start that does not fit the value around it may still open a value of its own.
    skipping_ = !(tokens_.inside() && tokens_.first_on_line());
    tokens_.restart();
    stream_.close();
    line_.close();
    watch_depth();
    return true;
}

void StratumScanner::open(JsonToken token, const std::uint8_t* at) noexcept {
    seen_value_ = true;
    const std::uint32_t container = tokens_.depth() - 1;
    const bool line_starts = holds_lines(carrier_) && container > 0 && tokens_.first_on_line();
    if (line_starts) {
        line_.close();
        line_.base = container;
    }
    if (begin(stream_, token, container)) {
        note_start(at);
    }
    // Report what the line shows, unless the value around it already looks like a message.
    if (line_starts && stream_.shape.method().empty()) {
        note_start(at);
    }
    if (line_.active || line_starts) {
        begin(line_, token, container);
    }
    watch_depth();
}

void StratumScanner::note_start(const std::uint8_t* at) noexcept {
    evidence_.clear();
    evidence_from_ = at;
    message_offset_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(position_ + static_cast<std::uint64_t>(at - chunk_),
                                std::numeric_limits<std::uint32_t>::max()));
    texts_.clear();
}

// True: a top-level value or a message of this reading starts here.
bool StratumScanner::begin(Reading& reading, JsonToken token, std::uint32_t container) noexcept {
    const bool object = token == JsonToken::begin_object;
    if (!reading.active) {
        reading.active = true;
        reading.batch = !object;
        reading.in_message = object;
        reading.quiet = reading.deepest();
        reading.odd = false;
    } else if (reading.batch && !reading.in_message && object && container == reading.outside()) {
        reading.in_message = true;
    } else {
        const bool matters =
            container <= reading.quiet && reading.in_message &&
            reading.shape.open(container - reading.outside(), object ? kObject : kArray);
        if (!matters) {
            reading.quiet = std::min(reading.quiet, container);
        }
        return false;
    }
    if (reading.in_message) {
        reading.shape.start();
    }
    return true;
}

// Takes any token but a begin. True: it completes a mining message of this reading (recognised_).
bool StratumScanner::advance(Reading& reading, JsonToken token) noexcept {
    const std::uint32_t depth = tokens_.depth();
    if (depth > reading.quiet) {
        return false;  // only the other reading needs it
    }
    bool mining = false;
    if (reading.in_message) {
        const unsigned level = depth - reading.outside();
        MessageShape& shape = reading.shape;
        switch (token) {
            case JsonToken::key:
                shape.key(level, tokens_.text());
                break;
            case JsonToken::string: {
                std::string_view text = tokens_.text();
                if (tokens_.lenient()) {
                    // The end, to receivers that use C strings.
                    text = text.substr(0, text.find('\0', 1));
                }
                shape.value(level, kString, text, tokens_.text_cut(), &texts_);
                break;
            }
            case JsonToken::scalar: {
                const char c = tokens_.text()[0];
                const JsonKind kind = c == 'n' ? kNull : c == 't' || c == 'f' ? kBoolean : kNumber;
                shape.value(level, kind, tokens_.text(), tokens_.text_cut(), &texts_);
                break;
            }
            default:  // JsonToken::end
                if (level > 0) {
                    shape.close(level + 1);
                    break;
                }
                reading.in_message = false;
                recognised_ = shape.recognise(carrier_);
                mining = recognised_.dialect != Dialect::none;
                break;
        }
    }
    if (token == JsonToken::end) {
        reading.quiet = reading.deepest();
        if (depth == reading.base) {
            if (&reading == &stream_) {
                ++messages_;
                loose_.clean = static_cast<std::uint8_t>(loose_.clean + (stream_.odd ? 0 : 1));
            }
            reading.close();
        }
        watch_depth();
    }
    return mining;
}

// Sets the tokenizer to deliver no deeper than a reading may need.
void StratumScanner::watch_depth() noexcept {
    std::uint32_t depth = stream_.active ? stream_.quiet : 0;
    if (line_.active) {
        depth = std::max(depth, line_.quiet);
    }
    tokens_.set_quiet(depth);
}

void StratumScanner::note_evidence(const std::uint8_t* at) noexcept {
    if (evidence_from_ != nullptr && evidence_.size() < evidence_.capacity()) {
        evidence_.append({reinterpret_cast<const char*>(evidence_from_),
                          static_cast<std::size_t>(at - evidence_from_)});
    }
    evidence_from_ = at;
}

void StratumScanner::fill(const MessageShape& shape, MiningInfo& out) const noexcept {
    out.clear();
    out.dialect = recognised_.dialect;
    out.speaker = recognised_.speaker;
    out.offset = message_offset_;
    out.evidence.assign(evidence_.view());
    out.method.assign(recognised_.method.empty() ? shape.method() : recognised_.method);
    out.algorithm.assign(texts_.algorithm.view());
    out.agent.assign(shape.first() == First::agent ? texts_.first.view() : texts_.agent.view());
    if (shape.first() == First::login || !shape.params_is_array()) {
        out.login.assign(texts_.first.view());
    }
    const std::string_view worker = texts_.worker.view();
    out.worker.assign(worker.empty() ? worker_of(out.login.view()) : worker);
    fill_endpoint(shape, out);
}

// The address that the message names: the one that the miner uses, or is redirected to.
void StratumScanner::fill_endpoint(const MessageShape& shape, MiningInfo& out) const noexcept {
    const std::string_view host = texts_.host.view();
    const std::string_view port = texts_.port.view();
    if (shape.has_method(Method::reconnect) || shape.has_method(Method::mining_reconnect)) {
        if (shape.params_is_array()) {  // [host, port, wait]
            put_endpoint(out.next_pool, host_of(texts_.first.view()),
                         port_of(texts_.second.view(), 10));
        } else {
            put_endpoint(out.next_pool, host_of(host), port_of(port, base_of(shape)));
        }
    } else if (shape.has_method(Method::mining_hello)) {
        if (shape.params_is_array()) {  // [agent, host, port]
            put_endpoint(out.pool, host_of(texts_.second.view()), port_of(host, 10));
        } else {
            put_endpoint(out.pool, host_of(host), port_of(port, base_of(shape)));
        }
    } else if (shape.first() == First::agent) {  // [agent, session, host, port]
        put_endpoint(out.pool, host_of(host), port_of(port, 10));
    } else if (recognised_.dialect == Dialect::webminer) {
        put_endpoint(out.pool, host_of(host), 0);
    }
}

}  // namespace minerwall::proto
