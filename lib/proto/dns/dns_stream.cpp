#include "proto/dns/dns_stream.hpp"

#include <algorithm>

namespace minerwall::proto {
namespace {

constexpr std::size_t kMinMessage = kDnsHeaderSize + 5;  // a question about the root

// Opcode QUERY and one question. A query also has no answers and no authority records, and at most
// OPT, TSIG and SIG(0) behind.
bool is_plain_header(const std::uint8_t* header) noexcept {
    const std::uint16_t flags = load_be16(header + 2);
    const bool response = (flags & 0x8000) != 0;
    const bool question = (flags & 0x7800) == 0 && load_be16(header + 4) == 1;
    const bool bare =
        load_be16(header + 6) == 0 && load_be16(header + 8) == 0 && load_be16(header + 10) <= 3;
    return question && (response || bare);
}

}  // namespace

DnsStream::State DnsStream::feed(Bytes in, std::size_t& consumed) noexcept {
    consumed = 0;
    while (consumed < in.size()) {
        if (stage_ == Stage::size_high) {
            size_ = static_cast<std::uint16_t>(in[consumed++] << 8);
            stage_ = Stage::size_low;
            continue;
        }
        if (stage_ == Stage::size_low) {
            size_ = static_cast<std::uint16_t>(size_ | in[consumed++]);
            have_ = 0;
            stage_ = size_ == 0 ? Stage::size_high : Stage::body;
            continue;
        }
        const std::size_t n = std::min<std::size_t>(size_ - have_, in.size() - consumed);
        const Bytes part = in.subspan(consumed, n);
        consumed += n;
        const std::size_t kept = std::min<std::size_t>(size_, kMaxKept);
        const bool one_piece = n == size_;  // nearly always, and then we need no copy
        if (!one_piece && have_ < kept) {
            std::memcpy(kept_.data() + have_, part.data(), std::min<std::size_t>(n, kept - have_));
        }
        have_ = static_cast<std::uint16_t>(have_ + n);
        if (have_ == size_) {
            stage_ = Stage::size_high;
            message_ = one_piece ? part.first(kept) : Bytes{kept_}.first(kept);
            return State::message;
        }
    }
    return State::need_more;
}

DnsStatus classify_dns_stream(Bytes first) noexcept {
    if (first.size() < 2) {
        return DnsStatus::truncated;
    }
    const std::size_t size = load_be16(first.data());
    if (size < kMinMessage) {
        return DnsStatus::not_dns;
    }
    const Bytes message = first.subspan(2, std::min(size, first.size() - 2));
    if (message.size() < kDnsHeaderSize) {
        return DnsStatus::truncated;
    }
    if (!is_plain_header(message.data())) {
        return DnsStatus::not_dns;
    }
    DnsQuestion question;
    const DnsStatus status = parse_dns_question(message, question);
    // The question cannot continue beyond the message's length.
    return status == DnsStatus::truncated && message.size() == size ? DnsStatus::not_dns : status;
}

}  // namespace minerwall::proto
