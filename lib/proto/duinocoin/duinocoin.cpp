#include "proto/duinocoin/duinocoin.hpp"

namespace minerwall::proto {
namespace {

constexpr unsigned kHashDigits = 40;  // SHA-1
constexpr unsigned kMajorDigits = 2;  // of a version
constexpr unsigned kMaxNumber = 8;    // digits of a version behind its point

bool is_digit(std::uint8_t c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_hex(std::uint8_t c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_line_end(std::uint8_t c) noexcept {
    return c == '\r' || c == '\n';
}
// Any language, but no binary data.
bool is_text(std::uint8_t c) noexcept {
    return c >= 0x20 || c == '\t' || is_line_end(c);
}

}  // namespace

HandshakeResult DuinoCoinDetector::feed(Role role, Bytes bytes) noexcept {
    for (const std::uint8_t c : bytes) {
        if (result_ != HandshakeResult::undecided) {
            break;
        }
        if (role == Role::client) {
            result_ = read_request(c) ? result_ : HandshakeResult::no;
            continue;
        }
        if (asked() && answer_ < Answer::job) {
            answer_ = Answer::job;
            digits_ = 0;
            numeric_ = true;
        }
        if (answer_ == Answer::difficulty) {
            result_ = is_digit(c) ? HandshakeResult::yes : HandshakeResult::no;
        } else if (!read_answer(c)) {
            result_ = HandshakeResult::no;
        }
    }
    return result_;
}

// False: this byte is not allowed here.
bool DuinoCoinDetector::read_request(std::uint8_t c) noexcept {
    if (++requested_ > kMaxRequest) {
        return false;
    }
    switch (request_) {
        case Request::begin:
            if (c == 'M') {
                return expect("OTD", Request::begin);
            }
            return is_line_end(c) || (c == 'J' && expect("OB,", Request::user));
        case Request::word:
            if (c != static_cast<std::uint8_t>(word_.front())) {
                return false;
            }
            word_.remove_prefix(1);
            request_ = word_.empty() ? then_ : Request::word;
            return true;
        case Request::user:
            if (c == ',' || is_line_end(c)) {
                request_ = c == ',' ? Request::rest : Request::ended;
                return !user_.empty();
            }
            user_.push_back(static_cast<char>(c));
            return c > 0x20 && c < 0x7f;
        case Request::rest:
            request_ = is_line_end(c) ? Request::ended : Request::rest;
            return is_text(c);
        case Request::ended:
            return is_line_end(c);  // a client waits for its job
    }
    return false;
}

bool DuinoCoinDetector::read_answer(std::uint8_t c) noexcept {
    switch (answer_) {
        case Answer::version:
        case Answer::text:
            if (++answered_ > kMaxText) {
                return false;
            }
            return answer_ == Answer::text ? is_text(c) : read_version(c);
        case Answer::job:
            if (is_line_end(c) && digits_ == 0) {
                return true;  // of the version
            }
            if (c == '.' && numeric_ && digits_ != 0 && digits_ <= kMajorDigits) {
                answer_ = Answer::late_version;
                digits_ = 0;
                return true;
            }
            return read_hash(c, Answer::second_hash);
        case Answer::late_version:
            if (is_line_end(c) && digits_ != 0) {
                answer_ = Answer::job;
                digits_ = 0;
                numeric_ = true;
                return true;
            }
            return (is_digit(c) || c == '.') && ++digits_ <= kMaxNumber;
        case Answer::second_hash:
            return read_hash(c, Answer::difficulty);
        case Answer::difficulty:
            break;
    }
    return false;
}

// One or two digits and a point.
bool DuinoCoinDetector::read_version(std::uint8_t c) noexcept {
    if (c == '.' && digits_ != 0) {
        answer_ = Answer::text;
        return true;
    }
    return is_digit(c) && ++digits_ <= kMajorDigits;
}

bool DuinoCoinDetector::read_hash(std::uint8_t c, Answer then) noexcept {
    if (c == ',' && digits_ == kHashDigits) {
        answer_ = then;
        digits_ = 0;
        return true;
    }
    numeric_ = numeric_ && is_digit(c);
    return is_hex(c) && ++digits_ <= kHashDigits;
}

bool DuinoCoinDetector::expect(std::string_view word, Request then) noexcept {
    word_ = word;
    then_ = then;
    request_ = Request::word;
    return true;
}

void DuinoCoinDetector::describe(MiningInfo& out) const noexcept {
    out.clear();
    out.dialect = Dialect::duinocoin;
    out.speaker = Speaker::pool;
    out.method.assign("JOB");
    out.login.assign(user_.view());
    out.evidence.assign("JOB,");
    out.evidence.append(user_.view());
}

}  // namespace minerwall::proto
