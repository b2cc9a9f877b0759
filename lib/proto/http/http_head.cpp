// The lines of a head: the first line, and which header a line has.
#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <memory>

#include "proto/http/http.hpp"
#include "proto/http/http_blank.hpp"

namespace minerwall::proto {
namespace {

// Node's llhttp needs no version behind these.
constexpr std::string_view kMethods[] = {"GET",     "POST",    "HEAD",  "PUT",  "DELETE",
                                         "OPTIONS", "CONNECT", "TRACE", "PATCH"};

// Values of target_.
enum : std::uint8_t { kTargetStart, kScheme, kFirstSlash, kSecondSlash, kAuthority, kPath };

// In the order of HttpParser::Header.
constexpr std::array<std::string_view, 11> kHeaderNames = {
    "host",           "user-agent",
    "content-length", "transfer-encoding",
    "content-type",   "x-mining-extensions",
    "x-stratum",      "x-long-polling",
    "x-roll-ntime",   "upgrade",
    "origin",
};

// The names that begin with `c`, a bit for each. Most headers of a head are none of them.
constexpr unsigned names_with_first(std::uint8_t c) noexcept {
    constexpr std::array<std::uint16_t, 32> kByLetter = [] {
        std::array<std::uint16_t, 32> names{};
        for (unsigned i = 0; i < kHeaderNames.size(); ++i) {
            auto& mask = names[kHeaderNames[i][0] & 0x1f];
            mask = static_cast<std::uint16_t>(mask | 1u << i);
        }
        return names;
    }();
    return kByLetter[c & 0x1f];
}

// RFC 9110, 5.6.2.
constexpr bool is_token_char(std::uint8_t c) noexcept {
    const std::uint8_t lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c)) != std::string_view::npos;
}
constexpr bool is_scheme_char(std::uint8_t c) noexcept {
    const std::uint8_t lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.';
}

}  // namespace

void HttpParser::begin_message() noexcept {
    std::construct_at(&head_);  // in place: an assignment would copy 656 bytes
    header_ = Header::other;
    headers_ = 0;
    word_ = 0;
    head_complete_ = odd_line_ = false;
    bad_length_ = false;
    other_coding_ = false;
}

void HttpParser::end_head() noexcept {
    end_value();
    head_complete_ = true;
}

// False: the byte does not belong to this head.
bool HttpParser::read_first_byte(std::uint8_t c) noexcept {
    // Rest of the last message (RFC 9112, 2.2); http.server and evhttp also pass blanks.
    if (c == '\n' || is_value_blank(c)) {
        return true;
    }
    if (role_ == HttpRole::request ? !is_token_char(c) : c != 'H') {
        stage_ = upgrade_pending_ ? Stage::tunnel : Stage::not_http;
        return false;
    }
    begin_message();
    if (role_ == HttpRole::request) {
        part_ = Part::method;
        read_request_line(c);
    } else {
        part_ = Part::version;
        read_status_line(c);
    }
    return true;
}

void HttpParser::read_request_line(std::uint8_t c) noexcept {
    switch (part_) {
        case Part::method:
            if (is_line_blank(c)) {
                part_ = Part::target_gap;
            } else if (is_token_char(c)) {
                head_.method.push_back(static_cast<char>(c));
            } else {
                fail();
            }
            return;
        case Part::target_gap:
            if (!is_line_blank(c)) {
                part_ = Part::target;
                target_ = head_.method == "CONNECT" ? kAuthority : kTargetStart;
                authority_.reset();
                c == '\n' ? fail() : read_target(c);
            }
            return;
        case Part::target:
            if (c == '\n' || is_line_blank(c)) {
                end_authority();
                part_ = Part::version;
                word_ = kWordStart;
                protocol_ = false;
                c == '\n' ? end_request_line() : void();
            } else {
                read_target(c);
            }
            return;
        default:
            c == '\n' ? end_request_line() : match_protocol(c);
    }
}

// The version is the line's last word, of any protocol and number: servers compare little of it.
// Some take all words before it, with the blanks, as the target.
void HttpParser::match_protocol(std::uint8_t c) noexcept {
    if (is_line_blank(c)) {
        word_ = kWordStart;
        return;
    }
    const bool letter = to_lower(c) >= 'a' && to_lower(c) <= 'z';
    if (word_ == kWordStart || (word_ == kLetters && c != '/')) {
        word_ = letter ? kLetters : kOtherWord;
        protocol_ = false;
    } else if (word_ == kLetters) {
        word_ = kProtocol;
        protocol_ = true;
    }
}

void HttpParser::end_request_line() noexcept {
    const bool known = std::find(std::begin(kMethods), std::end(kMethods), head_.method.view()) !=
                       std::end(kMethods);
    if (protocol_ || known) {
        part_ = Part::line_start;
        has_first_line_ = true;
    } else {
        fail();
    }
}

void HttpParser::match_version(std::uint8_t c) noexcept {
    const bool fits = word_ < kVersion.size() ? c == static_cast<std::uint8_t>(kVersion[word_])
                                              : word_ == kVersion.size() && is_digit(c);
    word_ = fits ? static_cast<std::uint8_t>(word_ + 1) : kNoVersion;
}

void HttpParser::read_target(std::uint8_t c) noexcept {
    head_.target.push_back(static_cast<char>(c));
    switch (target_) {
        case kTargetStart:
        case kScheme:
            target_ = is_scheme_char(c)                ? kScheme
                      : c == ':' && target_ == kScheme ? kFirstSlash
                                                       : kPath;
            return;
        case kFirstSlash:
            target_ = c == '/' ? kSecondSlash : kPath;
            return;
        case kSecondSlash:
            target_ = c == '/' ? kAuthority : kPath;
            return;
        case kAuthority:
            if (c == '/' || c == '?' || c == '#') {
                end_authority();
            } else {
                authority_.feed(head_.host, c);
            }
            return;
        default:
            return;
    }
}

void HttpParser::end_authority() noexcept {
    if (target_ == kAuthority) {
        strip_trailing_dots(head_.host);
        head_.host_in_target = !head_.host.empty();
        head_.port = authority_.port();
        target_ = kPath;
    }
}

void HttpParser::read_status_line(std::uint8_t c) noexcept {
    switch (part_) {
        case Part::version:
            if (word_ == kVersionWhole) {
                is_blank(c) ? void(part_ = Part::status_gap) : fail();
                word_ = 0;
                return;
            }
            match_version(c);
            if (word_ == kNoVersion || word_ == 0) {
                fail();
            }
            return;
        case Part::status_gap:
            if (is_blank(c)) {
                return;
            }
            part_ = Part::status;
            [[fallthrough]];
        case Part::status:
            if (is_digit(c) && word_ < 3) {
                ++word_;
                head_.status = static_cast<std::uint16_t>(head_.status * 10 + (c - '0'));
            } else if (word_ == 3 && head_.status >= 100 && (is_blank(c) || c == '\n')) {
                has_first_line_ = true;
                part_ = c == '\n' ? Part::line_start : Part::skip;
            } else {
                fail();
            }
            return;
        default:  // the reason, up to its LF
            part_ = Part::line_start;
    }
}

void HttpParser::read_header(std::uint8_t c) noexcept {
    switch (part_) {
        case Part::line_start:
        case Part::line_start_cr:
            if (c == '\n') {
                end_head();
            } else if (c == '\r') {
                part_ = Part::line_start_cr;
            } else if (is_blank(c) && headers_ == 0) {
                part_ = Part::line_start;  // nothing to fold: llhttp passes it
            } else if (!is_blank(c)) {
                end_value();
                headers_ = 1;
                word_ = 0;
                part_ = Part::name;
                read_name(c);
            } else {  // obs-fold continues the value (RFC 9112, 5.2)
                part_ = header_ == Header::other ? Part::skip : Part::value;
                read_value(' ');
            }
            return;
        case Part::name:
        case Part::name_gap:
            read_name(c);
            return;
        case Part::value:
            if (c == '\n') {
                part_ = Part::line_start;
            } else if (c == '\r' && role_ == HttpRole::request) {
                part_ = Part::value_cr;
            } else {
                read_value(is_value_blank(c) ? std::uint8_t{' '} : c);
            }
            return;
        case Part::value_cr:
            // To http.server a CR ends a line. To others it is a blank; they see one header less.
            part_ = c == '\r' ? Part::value_cr : Part::line_start;
            if (c != '\n' && c != '\r') {
                read_header(c);
            }
            return;
        default:  // Part::skip, at its end
            part_ = c == '\r' ? Part::value_cr : Part::line_start;
    }
}

void HttpParser::read_name(std::uint8_t c) noexcept {
    if (c == '\n') {  // a line without a colon
        part_ = Part::line_start;
        return;
    }
    if (is_blank(c) || c == '\r') {
        part_ = Part::name_gap;
        return;
    }
    if (c != ':') {
        // The first byte that fits no known name decides about the line.
        std::uint16_t alike = 0;
        unsigned left = part_ != Part::name ? 0 : word_ == 0 ? names_with_first(c) : candidates_;
        for (; left != 0; left &= left - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(left));
            const bool same = word_ < kHeaderNames[i].size() &&
                              static_cast<std::uint8_t>(kHeaderNames[i][word_]) == to_lower(c);
            alike = static_cast<std::uint16_t>(alike | (unsigned{same} << i));
        }
        candidates_ = alike;
        ++word_;
        part_ = alike == 0 ? Part::skip : part_;
        return;
    }
    part_ = Part::skip;
    for (unsigned i = 0; i < kHeaderNames.size(); ++i) {
        if ((candidates_ >> i & 1) != 0 && word_ == kHeaderNames[i].size()) {
            header_ = static_cast<Header>(i);
            part_ = begin_value() ? Part::value : Part::skip;
        }
    }
}

}  // namespace minerwall::proto
