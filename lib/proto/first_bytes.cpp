#include "proto/first_bytes.hpp"

#include <algorithm>

#include "proto/dns/dns_stream.hpp"
#include "proto/http/http_blank.hpp"
#include "proto/peers/coin_p2p.hpp"
#include "proto/proxy_header/proxy_header.hpp"
#include "proto/socks/socks.hpp"
#include "proto/stratum2/stratum2_setup.hpp"

namespace minerwall::proto {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Each word ends at the byte that excludes all other meanings.
struct Word {
    std::string_view text;
    Opening opening;
};
constexpr Word kWords[] = {
    {"{", Opening::json},
    {"[", Opening::json},
    {"GET ", Opening::http_request},
    {"POST ", Opening::http_request},
    {"HEAD ", Opening::http_request},
    {"PUT ", Opening::http_request},
    {"DELETE ", Opening::http_request},
    {"OPTIONS ", Opening::http_request},
    {"CONNECT ", Opening::http_request},
    {"TRACE ", Opening::http_request},
    {"PATCH ", Opening::http_request},
    {"HTTP/1.", Opening::http_response},
    {"PROXY TCP4 ", Opening::proxy_header},
    {"PROXY TCP6 ", Opening::proxy_header},
    {"PROXY UNKNOWN", Opening::proxy_header},
};

// A method of any name: a letter first, then also digits, hyphens and underscores.
constexpr bool is_method_char(std::uint8_t c, bool first) noexcept {
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (!first && ((c >= '0' && c <= '9') || c == '-' || c == '_'));
}

constexpr bool is_white(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Values in front of an object of JSON, and no method.
constexpr bool is_json_literal(std::string_view word) noexcept {
    while (!word.empty()) {
        std::size_t found = 0;
        for (const std::string_view one :
             {"null", "true", "false", "NaN", "nan", "Infinity", "undefined"}) {
            found = word.starts_with(one) ? one.size() : found;
        }
        if (found == 0) {
            return false;
        }
        word.remove_prefix(found);
    }
    return true;
}

// A request with another method: a name, a blank, and a path or later a version. A name that fills
// the space may be one.
Opening classify_method(Bytes bytes, std::size_t space) noexcept {
    std::size_t i = 0;
    while (i < bytes.size() && is_method_char(bytes[i], i == 0)) {
        ++i;
    }
    if (i == bytes.size()) {
        return i == space ? Opening::http_request : Opening::need_more;
    }
    if (i != 0 && is_json_literal(as_text(bytes.first(i)))) {
        return Opening::json;
    }
    if (i == 0 || !is_line_blank(bytes[i]) ||
        as_text(bytes.first(i)) == "PRI") {  // HTTP/2's preface
        return Opening::unknown;
    }
    while (i < bytes.size() && is_line_blank(bytes[i])) {
        ++i;
    }
    const Bytes target = bytes.subspan(i);
    if (!target.empty() && (target[0] == '/' || target[0] == '*' || target[0] == '?')) {
        return Opening::http_request;
    }
    // Any other target: the version must follow.
    constexpr std::string_view kVersion = " http/";
    std::size_t alike = 0;
    for (const std::uint8_t c : target) {
        if (c == '\r' || c == '\n') {
            return Opening::unknown;
        }
        const std::uint8_t plain = is_line_blank(c) ? std::uint8_t{' '} : to_lower(c);
        alike = plain == static_cast<std::uint8_t>(kVersion[alike]) ? alike + 1
                : plain == ' '                                      ? 1
                                                                    : 0;
        if (alike == kVersion.size()) {
            return Opening::http_request;
        }
    }
    return bytes.size() == space ? Opening::unknown : Opening::need_more;
}

bool begins_known_word(Bytes bytes) noexcept {
    return std::any_of(std::begin(kWords), std::end(kWords), [&](const Word& word) {
        const std::size_t n = std::min(word.text.size(), bytes.size());
        return as_text(bytes.first(n)) == word.text.substr(0, n);
    });
}

// Classifies bytes without leading white space and byte order mark.
Opening classify_word(Bytes bytes, std::size_t space) noexcept {
    bool possible = false;
    for (const Word& word : kWords) {
        const std::size_t n = std::min(word.text.size(), bytes.size());
        bool same = true;
        for (std::size_t i = 0; i < n && same; ++i) {
            // Servers also accept a tab between the words of a first line (RFC 9112, 3).
            const std::uint8_t c = i != 0 && is_line_blank(bytes[i]) ? std::uint8_t{' '} : bytes[i];
            same = c == static_cast<std::uint8_t>(word.text[i]);
        }
        if (same && n == word.text.size()) {
            return word.opening;
        }
        possible = possible || same;
    }
    return possible ? Opening::need_more : classify_method(bytes, space);
}

// A record: handshake, or the alert or ChangeCipherSpec that a lenient peer accepts before it;
// major version 3; length up to 2^14 + 256 (RFC 8446, 5.1 and 5.2).
constexpr bool is_record_type(std::uint8_t c) noexcept {
    return c >= 20 && c <= 22;
}
Opening classify_record(Bytes bytes) noexcept {
    if ((bytes.size() > 1 && bytes[1] != 3) || (bytes.size() > 3 && bytes[3] > 0x41)) {
        return Opening::unknown;
    }
    return bytes.size() > 3 ? Opening::tls : Opening::need_more;
}

// The rest of the PROXY protocol's signature, behind CR LF CR LF.
Opening classify_signature(Bytes bytes) noexcept {
    if (!kProxySignature.starts_with(as_text(bytes))) {
        return Opening::unknown;
    }
    return bytes.size() < kProxySignature.size() ? Opening::need_more : Opening::proxy_header;
}

// Servers skip messages of length 0 before the first one.
DnsStatus classify_dns(Bytes bytes) noexcept {
    while (bytes.size() > 1 && bytes[0] == 0 && bytes[1] == 0) {
        bytes = bytes.subspan(2);
    }
    return bytes.empty() ? DnsStatus::truncated : classify_dns_stream(bytes);
}

}  // namespace

Opening classify_opening(Bytes prefix) noexcept {
    return OpeningClassifier{}.feed(prefix);
}

Opening OpeningClassifier::feed(Bytes in) noexcept {
    const OpeningClassifier before = *this;
    for (const std::uint8_t c : in) {
        if (size_ == 0 && is_white(c)) {
            constexpr std::uint8_t kCr = '\r', kLf = '\n';
            signature_ = signature_ && skipped_ < 4 && c == (skipped_ % 2 == 0 ? kCr : kLf);
            ++skipped_;
            continue;
        }
        pending_[size_++] = c;
        const Opening opening = classify();
        if (opening != Opening::need_more) {
            *this = before;  // the caller still has this piece
            return opening;
        }
    }
    if (whole_words_ && size_ != 0 && is_method_char(pending_[0], true) &&
        !begins_known_word(pending())) {
        *this = before;
        return Opening::unknown;
    }
    return Opening::need_more;
}

// Classifies pending_, whose last byte is new; without it, no word was complete.
Opening OpeningClassifier::classify() noexcept {
    if (dns_ && skipped_ == 0) {
        const DnsStatus status = classify_dns(pending());
        if (status == DnsStatus::ok ||
            (status == DnsStatus::truncated && size_ == pending_.size())) {
            return Opening::dns;
        }
        if (status == DnsStatus::truncated) {
            return Opening::need_more;
        }
    }
    const Opening text = classify_text();
    if (text == Opening::unknown && binary_ && signature_ && skipped_ == 4 && !mark_seen_) {
        return classify_signature(pending());
    }
    return text == Opening::unknown && binary_ && skipped_ == 0 ? classify_binary() : text;
}

// Each classifier returns `other` or `need_more` for bytes that open one of the other protocols.
Opening OpeningClassifier::classify_binary() const noexcept {
    static_assert(kCoinP2pPrefix <= sizeof pending_, "they are undecided no longer than that");
    const Bytes bytes = pending();
    const SocksOpening socks = classify_socks(bytes);
    const Stratum2Opening stratum2 = classify_stratum2(bytes);
    const CoinP2p coin = classify_stream(bytes);
    if (socks == SocksOpening::socks) {
        return Opening::socks;
    }
    if (stratum2 == Stratum2Opening::client) {
        return Opening::stratum2_client;
    }
    if (stratum2 == Stratum2Opening::server) {
        return Opening::stratum2_server;
    }
    if (coin != CoinP2p::none && coin != CoinP2p::need_more) {
        return Opening::coin_p2p;
    }
    const bool undecided = socks == SocksOpening::need_more ||
                           stratum2 == Stratum2Opening::need_more || coin == CoinP2p::need_more;
    return undecided && size_ < pending_.size() ? Opening::need_more : Opening::unknown;
}

Opening OpeningClassifier::classify_text() noexcept {
    const Bytes bytes = pending();
    if (skipped_ == 0 && is_record_type(bytes[0])) {
        return classify_record(bytes);
    }
    if (!mark_seen_ && as_text(bytes) == kByteOrderMark.substr(0, bytes.size())) {
        if (bytes.size() == kByteOrderMark.size()) {
            mark_seen_ = true;
            skipped_ += bytes.size();
            size_ = 0;
        }
        return Opening::need_more;
    }
    return classify_word(bytes, pending_.size());
}

}  // namespace minerwall::proto
