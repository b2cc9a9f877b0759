// The order of events and the framing of bodies. http_head.cpp and http_values.cpp read heads.
#include "proto/http/http.hpp"

#include "proto/http/http_blank.hpp"

namespace minerwall::proto {
namespace {

// Values of word_ in a chunk's size.
enum : std::uint8_t { kSizeStart, kSizeDigits };

constexpr std::uint32_t kMaxMethodSize = 256;

// -1: not a hexadecimal digit.
constexpr int hex_digit(std::uint8_t c) noexcept {
    const std::uint8_t lower = to_lower(c);
    return is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

HttpEvent HttpParser::next(Bytes in, std::size_t& consumed, Bytes& body) noexcept {
    consumed = 0;
    body = {};
    for (;;) {
        switch (stage_) {
            case Stage::resync:
                begin_message();
                stage_ = Stage::head;
                part_ = Part::version;
                word_ = kVersion.size();
                lines_size_ = kVersion.size();
                break;
            case Stage::head:
                consumed += read_lines(in.subspan(consumed));
                if (head_complete_) {
                    start_body();
                    return HttpEvent::head_done;
                }
                if (stage_ == Stage::head) {
                    return consumed < in.size() ? HttpEvent::odd_line : HttpEvent::need_more;
                }
                break;
            case Stage::probe:
                if (const HttpEvent event = probe_body(in, consumed, body);
                    event != HttpEvent::body_bytes || !body.empty()) {
                    return event;
                }
                break;
            case Stage::length_body:
            case Stage::chunk_data: {
                if (left_ == 0) {
                    end_content();
                    break;
                }
                body = take(in, consumed, left_);
                left_ -= body.size();
                return body.empty() ? HttpEvent::need_more : HttpEvent::body_bytes;
            }
            case Stage::close_body:
                body = take(in, consumed, in.size());
                return body.empty() ? HttpEvent::need_more : HttpEvent::body_bytes;
            case Stage::chunk:
                consumed += read_lines(in.subspan(consumed));
                if (stage_ == Stage::chunk) {
                    return HttpEvent::need_more;
                }
                break;
            case Stage::message_end:
                stage_ = lost_ ? Stage::not_http : Stage::head;
                part_ = Part::before;
                lines_size_ = 0;
                return HttpEvent::message_done;
            case Stage::tunnel:
                return HttpEvent::tunnel;
            case Stage::not_http:
                return HttpEvent::not_http;
        }
    }
}

Bytes HttpParser::take(Bytes in, std::size_t& consumed, std::uint64_t limit) noexcept {
    const std::size_t n = std::min<std::uint64_t>(in.size() - consumed, limit);
    const Bytes out = in.subspan(consumed, n);
    consumed += n;
    return out;
}

// The offset of the byte that ends a line from `at` on, or the size. In a request's head a CR may
// end it.
std::size_t HttpParser::find_line_end(Bytes in, std::size_t at) const noexcept {
    const auto find = [&](char what, std::size_t end) {
        const void* found = std::memchr(in.data() + at, what, end - at);
        return found == nullptr
                   ? end
                   : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - in.data());
    };
    const std::size_t end = find('\n', in.size());
    return part_ == Part::skip && role_ == HttpRole::request ? find('\r', end) : end;
}

std::size_t HttpParser::read_lines(Bytes in) noexcept {
    in = in.first(std::min<std::size_t>(in.size(), kMaxLinesSize - lines_size_));
    std::size_t used = 0;
    while (used < in.size()) {
        if (part_ == Part::skip || part_ == Part::chunk_skip || part_ == Part::trailer) {
            used = find_line_end(in, used);
            if (used == in.size()) {
                break;
            }
        }
        const std::uint8_t c = in[used];
        if (part_ == Part::before) {
            if (!read_first_byte(c)) {
                break;
            }
        } else if (part_ < Part::line_start) {
            // A CR inside a line counts as a blank (RFC 9112, 2.2); one before the LF becomes a
            // blank at the line's end.
            if (part_ == Part::method && lines_size_ + used > kMaxMethodSize) {
                fail();
                break;
            }
            role_ == HttpRole::request ? read_request_line(c)
                                       : read_status_line(c == '\r' ? std::uint8_t{' '} : c);
        } else if (part_ < Part::chunk_size) {
            // Right behind a request line, this is not a header: the sender put a line of HTTP
            // before its JSON, for a receiver that skips unknown lines.
            // Test the byte first, because it hardly ever is one of these two.
            if ((c == '{' || c == '[') && part_ == Part::line_start && !odd_line_ &&
                role_ == HttpRole::request) {
                end_value();
                headers_ == 0 ? fail() : void(odd_line_ = true);
                break;
            }
            if (part_ == Part::line_start_cr && c != '\n' && c != '\r') {
                end_head();  // to llhttp, a CR alone ends it
                break;
            }
            read_header(c);
        } else if (!read_chunk_line(c)) {
            if (stage_ != Stage::chunk) {
                break;
            }
            continue;
        }
        ++used;
        if (head_complete_ || (stage_ != Stage::head && stage_ != Stage::chunk)) {
            break;
        }
    }
    lines_size_ += static_cast<std::uint32_t>(used);
    if (lines_size_ >= kMaxLinesSize && !head_complete_ &&
        (stage_ == Stage::head || stage_ == Stage::chunk)) {
        fail();
    }
    return used;
}

void HttpParser::start_body() noexcept {
    head_complete_ = false;
    lines_size_ = 0;
    probe_ = 0;
    left_ = head_.content_length;
    if (role_ == HttpRole::request) {
        upgrade_pending_ = head_.upgrade;
        if (head_.method == "CONNECT") {
            stage_ = Stage::tunnel;
        } else if (head_.chunked || (head_.has_content_length && !bad_length_)) {
            start_content();
        } else if (bad_length_ || other_coding_) {
            head_.framing_error = true;
            fail();
        } else {
            stage_ = Stage::message_end;
        }
        return;
    }
    const bool interim = head_.status < 200;
    const bool opens_tunnel = !interim && connect_pending_ && head_.status < 300;
    connect_pending_ = connect_pending_ && interim;
    if (head_.status == 101 || opens_tunnel) {
        stage_ = Stage::tunnel;
    } else if (interim || head_.status == 204 || head_.status == 304) {
        stage_ = Stage::message_end;
    } else {
        if (!head_.chunked && (bad_length_ || other_coding_)) {  // RFC 9112, 6.3: until close
            head_.framing_error = bad_length_;
            head_.has_content_length = false;
        }
        const bool nothing = !head_.chunked && head_.has_content_length && left_ == 0;
        stage_ = nothing ? Stage::message_end : Stage::probe;
    }
}

void HttpParser::start_content() noexcept {
    if (head_.chunked) {
        stage_ = Stage::chunk;
        part_ = Part::chunk_size;
        word_ = 0;
        left_ = 0;
    } else {
        stage_ = head_.has_content_length ? Stage::length_body : Stage::close_body;
    }
}

void HttpParser::end_content() noexcept {
    if (stage_ == Stage::chunk_data) {
        stage_ = Stage::chunk;
        part_ = Part::chunk_end;
        lines_size_ = 0;
    } else {
        stage_ = Stage::message_end;
    }
}

// The answer to a HEAD has a body's headers but no body: what follows is the next answer's first
// line. If it turns out to be a body that only begins like one, we still know the consumed bytes,
// because they are kVersion's.
HttpEvent HttpParser::probe_body(Bytes in, std::size_t& consumed, Bytes& body) noexcept {
    while (consumed < in.size() && probe_ < kVersion.size() &&
           in[consumed] == static_cast<std::uint8_t>(kVersion[probe_])) {
        ++probe_;
        ++consumed;
    }
    if (probe_ == kVersion.size()) {
        stage_ = Stage::resync;
        return HttpEvent::message_done;
    }
    if (consumed == in.size()) {
        return HttpEvent::need_more;
    }
    start_content();
    if (probe_ == 0) {
        return HttpEvent::body_bytes;
    }
    if (stage_ == Stage::chunk) {  // a chunk's size cannot begin with H
        fail();
        return HttpEvent::not_http;
    }
    body = as_bytes(kVersion).first(probe_);
    if (stage_ == Stage::length_body) {
        lost_ = probe_ > left_;  // "TTP.." does not start a message
        body = body.first(std::min<std::uint64_t>(probe_, left_));
        left_ -= body.size();
    }
    return HttpEvent::body_bytes;
}

// Sizes, extensions and trailers of a chunked body (RFC 9112, 7.1).
// False: the byte belongs to what follows. Takes what evhttp and llhttp take: numbers as strtoll()
// reads them, empty lines before them, a CR alone at their end, no line's end behind a chunk.
bool HttpParser::read_chunk_line(std::uint8_t c) noexcept {
    switch (part_) {
        case Part::chunk_size:
            return read_chunk_size(c);
        case Part::chunk_cr:  // Go passes more of them
            if (c != '\n' && c != '\r') {
                end_chunk_size();
                return false;
            }
            [[fallthrough]];
        case Part::chunk_skip:
            if (c == '\n') {
                end_chunk_size();
            }
            return true;
        case Part::chunk_end:
            if (c == '\n' || (c != '\r' && c != 0)) {
                part_ = Part::chunk_size;
                word_ = 0;
                left_ = 0;
                return c == '\n';
            }
            return true;
        case Part::trailer_start:
        case Part::trailer_start_cr:
            if (c == '\n') {
                stage_ = Stage::message_end;
            } else {
                part_ = c == '\r' ? Part::trailer_start_cr : Part::trailer;
            }
            return true;
        default:  // Part::trailer, at its LF
            part_ = Part::trailer_start;
            return true;
    }
}

bool HttpParser::read_chunk_size(std::uint8_t c) noexcept {
    if (const int digit = hex_digit(c); digit >= 0) {
        word_ = kSizeDigits;
        (left_ >> 60) != 0 ? fail() : void(left_ = left_ * 16 + static_cast<unsigned>(digit));
    } else if (word_ == kSizeStart) {
        // An empty line or a sign, before the number.
        c == '\n' || c == '+' || c == 0 || is_value_blank(c) ? void() : fail();
    } else if ((c == 'x' || c == 'X') && left_ == 0) {
        // 0x1f
    } else if (c == '\n' || c == '\r' || c == ';' || c == 0 || is_value_blank(c)) {
        part_ = c == '\r' ? Part::chunk_cr : Part::chunk_skip;
        if (c == '\n') {
            end_chunk_size();
        }
    } else {
        fail();
    }
    return true;
}

void HttpParser::end_chunk_size() noexcept {
    part_ = Part::trailer_start;
    stage_ = left_ == 0 ? Stage::chunk : Stage::chunk_data;
}

}  // namespace minerwall::proto
