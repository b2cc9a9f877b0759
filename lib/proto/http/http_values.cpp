// The values of the headers that HttpParser reads, byte by byte.
#include "proto/http/http.hpp"

namespace minerwall::proto {
namespace {

constexpr std::string_view kChunked = "chunked";
constexpr std::string_view kJson = "json";

// Values of word_.
enum : std::uint8_t { kLengthStart, kLengthDigits, kLengthEnd };
enum : std::uint8_t { kHostStart, kHostInside, kHostEnd };
constexpr std::uint8_t kOtherCoding = 0xff;
constexpr std::uint8_t kMediaTypeEnd = 0xff;

template <std::size_t N>
void append_text(FixedText<N>& out, std::uint8_t c, std::uint8_t& blank) noexcept {
    if (is_blank(c)) {
        blank = out.empty() ? 0 : 1;
        return;
    }
    if (blank != 0) {
        out.push_back(' ');
        blank = 0;
    }
    out.push_back(static_cast<char>(c));
}

}  // namespace

// False: we do not need the value. If two headers fill one text, the first one counts.
bool HttpParser::begin_value() noexcept {
    word_ = 0;
    bool wanted = false;
    switch (header_) {
        case Header::host:
            authority_.reset();
            to_other_host_ = !head_.host.empty();
            wanted = !to_other_host_ || head_.other_host.empty();
            break;
        case Header::user_agent:
            wanted = head_.user_agent.empty();
            break;
        case Header::stratum:
            wanted = head_.stratum_url.empty();
            break;
        case Header::content_length:
            left_ = 0;
            wanted = true;
            break;
        case Header::transfer_encoding:
        case Header::content_type:
            wanted = true;
            break;
        case Header::mining_extensions:
            head_.mining_extensions = true;
            break;
        case Header::long_polling:
            head_.long_polling = true;
            break;
        case Header::roll_ntime:
            head_.roll_ntime = true;
            break;
        case Header::upgrade:
            head_.upgrade = true;
            break;
        case Header::origin:
            head_.origin = true;
            break;
        case Header::other:
            break;
    }
    header_ = wanted ? header_ : Header::other;
    return wanted;
}

void HttpParser::read_value(std::uint8_t c) noexcept {
    switch (header_) {
        case Header::host:
            return read_host(c);
        case Header::user_agent:
            return append_text(head_.user_agent, c, word_);
        case Header::stratum:
            return append_text(head_.stratum_url, c, word_);
        case Header::content_length:
            return read_length(c);
        case Header::transfer_encoding:
            return read_coding(c);
        case Header::content_type:
            return read_media_type(c);
        default:
            return;
    }
}

// Called at the end of a value's last line, which only the next line's first byte reveals.
void HttpParser::end_value() noexcept {
    switch (header_) {
        case Header::host:
            end_host();
            break;
        case Header::content_length:
            end_length();
            break;
        case Header::transfer_encoding:
            end_coding();
            break;
        default:
            break;
    }
    header_ = Header::other;
}

void HttpParser::read_host(std::uint8_t c) noexcept {
    if (is_blank(c)) {
        word_ = word_ == kHostInside ? std::uint8_t{kHostEnd} : word_;
        return;
    }
    if (word_ == kHostEnd) {
        return;
    }
    word_ = kHostInside;
    if (to_other_host_) {
        authority_.feed(head_.other_host, c);
    } else {
        authority_.feed(head_.host, c);
    }
}

void HttpParser::end_host() noexcept {
    if (!to_other_host_) {
        strip_trailing_dots(head_.host);
        head_.port = authority_.port();
        return;
    }
    strip_trailing_dots(head_.other_host);
    const std::string_view host = head_.host.view();
    std::string_view other = head_.other_host.view();
    // A long name may have lost its beginning: then compare only the ends.
    const bool cut = host.size() > head_.other_host.capacity();
    if (cut && other.starts_with('~')) {
        other.remove_prefix(1);
    }
    if (cut ? host.ends_with(other) : host == other) {
        head_.other_host.clear();
    }
}

// Digits. A proxy may join two equal headers into `5, 5` (RFC 9110, 8.6).
void HttpParser::read_length(std::uint8_t c) noexcept {
    if (c == '+' && word_ == kLengthStart) {
        return;  // C's and Python's numbers may have one
    }
    if (is_digit(c) && word_ != kLengthEnd) {
        word_ = kLengthDigits;
        if (left_ > (UINT64_MAX >> 5)) {
            bad_length_ = true;
        } else {
            left_ = left_ * 10 + (c - '0');
        }
    } else if (is_blank(c)) {
        word_ = word_ == kLengthDigits ? std::uint8_t{kLengthEnd} : word_;
    } else if (c == ',') {
        end_length();
        word_ = kLengthStart;
        left_ = 0;
    } else {
        bad_length_ = true;
    }
}

void HttpParser::end_length() noexcept {
    const bool differs = head_.has_content_length && head_.content_length != left_;
    bad_length_ = bad_length_ || word_ == kLengthStart || differs;
    head_.has_content_length = true;
    head_.content_length = left_;
}

// `chunked` must be the last coding of all Transfer-Encoding headers together.
void HttpParser::read_coding(std::uint8_t c) noexcept {
    if (c == ',') {
        end_coding();
        word_ = 0;
    } else if (word_ == kChunked.size()) {
        // evhttp compares no further
    } else if (is_blank(c)) {
        word_ = word_ == 0 ? std::uint8_t{0} : kOtherCoding;
    } else if (word_ < kChunked.size() &&
               to_lower(c) == static_cast<std::uint8_t>(kChunked[word_])) {
        ++word_;
    } else {
        word_ = kOtherCoding;
    }
}

void HttpParser::end_coding() noexcept {
    if (word_ != 0) {  // an empty list element does not count
        head_.chunked = word_ == kChunked.size();
        other_coding_ = !head_.chunked;
    }
}

// Looks for `json` in the type or its suffix: application/json, application/json-rpc, problem+json.
void HttpParser::read_media_type(std::uint8_t c) noexcept {
    if (c == ';') {
        word_ = kMediaTypeEnd;
    } else if (word_ != kMediaTypeEnd) {
        const std::uint8_t lower = to_lower(c);
        word_ = lower == static_cast<std::uint8_t>(kJson[word_])
                    ? static_cast<std::uint8_t>(word_ + 1)
                : lower == 'j' ? std::uint8_t{1}
                               : std::uint8_t{0};
        if (word_ == kJson.size()) {
            head_.content_type_json = true;
            word_ = kMediaTypeEnd;
        }
    }
}

}  // namespace minerwall::proto
