#include "proto/proxy_header/proxy_header.hpp"

#include <algorithm>

namespace minerwall::proto {
namespace {

constexpr unsigned kVersion2 = 2;    // the high half of the command's byte
constexpr std::uint8_t kFields = 4;  // two addresses, two ports

bool is_field_char(std::uint8_t c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' ||
           c == ':';
}

bool is_white(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

ProxyHeaderEvent ProxyHeaderParser::next(Bytes in, std::size_t& consumed, Bytes& content) noexcept {
    consumed = 0;
    content = {};
    while (stage_ != Stage::done && stage_ != Stage::wrong) {
        if (consumed == in.size()) {
            return ProxyHeaderEvent::need_more;
        }
        if (stage_ == Stage::body || stage_ == Stage::any_text) {
            const Bytes rest = in.subspan(consumed);
            const std::size_t size = pass_over(rest);
            consumed += size;
            if (size != 0) {
                content = rest.first(size);
                return ProxyHeaderEvent::content;
            }
        } else if (read(in[consumed])) {
            ++consumed;
        } else {
            stage_ = Stage::wrong;
        }
    }
    return stage_ == Stage::done ? ProxyHeaderEvent::done : ProxyHeaderEvent::not_proxy_header;
}

// Returns the number of bytes that belong to the body or the text, 0 if the text is too long.
std::size_t ProxyHeaderParser::pass_over(Bytes in) noexcept {
    if (stage_ == Stage::body) {
        const std::size_t size = std::min<std::size_t>(left_, in.size());
        left_ = static_cast<std::uint16_t>(left_ - size);
        stage_ = left_ == 0 ? Stage::done : Stage::body;
        return size;
    }
    std::size_t size = 0;
    while (size < in.size() && stage_ == Stage::any_text) {
        if (line_ == kMaxLine) {
            stage_ = Stage::wrong;
            break;
        }
        ++line_;
        const std::uint8_t c = in[size++];
        if (carriage_return_ && c == '\n') {
            stage_ = Stage::done;
        }
        carriage_return_ = c == '\r';
    }
    return size;
}

// Returns false, without a change, if the byte cannot be in a header here.
bool ProxyHeaderParser::read(std::uint8_t c) noexcept {
    if (stage_ == Stage::first && is_white(c)) {
        return true;
    }
    const bool binary = stage_ >= Stage::command;
    if (!binary && line_ == kMaxLine) {
        return false;
    }
    line_ = static_cast<std::uint8_t>(line_ + (binary ? 0 : 1));
    switch (stage_) {
        case Stage::first:
            if (c == 'P') {
                return expect("ROXY ", Stage::family);
            }
            return c == 0 && expect(kProxySignature.substr(1), Stage::command);
        case Stage::literal:
            if (c != static_cast<std::uint8_t>(literal_.front())) {
                return false;
            }
            literal_.remove_prefix(1);
            return !literal_.empty() || go(then_);
        case Stage::family:
            if (c == 'T') {
                return expect("CP", Stage::tcp_version);
            }
            return c == 'U' && expect("NKNOWN", Stage::any_text);
        case Stage::tcp_version:
            return (c == '4' || c == '6') && expect(" ", Stage::field);
        case Stage::field:
            return read_field(c);
        case Stage::line_feed:
            return c == '\n' && go(Stage::done);
        case Stage::command:
            return c >> 4 == kVersion2 && go(Stage::address_family);
        case Stage::address_family:
            return go(Stage::length_high);
        case Stage::length_high:
            left_ = static_cast<std::uint16_t>(c << 8);
            return go(Stage::length_low);
        case Stage::length_low:
            left_ = static_cast<std::uint16_t>(left_ | c);
            return go(left_ == 0 ? Stage::done : Stage::body);
        case Stage::any_text:
        case Stage::body:
        case Stage::done:
        case Stage::wrong:
            break;
    }
    return false;
}

bool ProxyHeaderParser::read_field(std::uint8_t c) noexcept {
    if (is_field_char(c)) {
        in_field_ = true;
        return true;
    }
    if (!in_field_) {
        return false;
    }
    const bool last = fields_ + 1 == kFields;
    if (c == ' ' && !last) {
        ++fields_;
        in_field_ = false;
        return true;
    }
    // Some receivers also take a bare LF.
    return last && (c == '\r' || c == '\n') && go(c == '\r' ? Stage::line_feed : Stage::done);
}

bool ProxyHeaderParser::expect(std::string_view text, Stage then) noexcept {
    literal_ = text;
    then_ = then;
    return go(Stage::literal);
}

bool ProxyHeaderParser::go(Stage stage) noexcept {
    stage_ = stage;
    return true;
}

}  // namespace minerwall::proto
