#include "inspect/nominate.hpp"

#include <cstring>

namespace minerwall::inspect {
namespace {

bool opens_value(std::uint8_t c) noexcept {
    return c == '{' || c == '[';
}
bool is_space(std::uint8_t c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr unsigned kMaxStarts = 16;  // lines of one segment that are tried

// What stands behind a message must be nothing or another message, or it was a quotation.
bool only_messages_follow(Bytes rest) noexcept {
    std::size_t i = 0;
    while (i < rest.size() && is_space(rest[i])) {
        ++i;
    }
    return i == rest.size() || opens_value(rest[i]);
}

}  // namespace

Nominator::Result Nominator::look(Bytes segment, proto::StratumScanner& scanner, MiningInfo& out,
                                  std::size_t& start) const noexcept {
    start = 0;
    if (segment.empty()) {
        return Result::nothing;
    }
    unsigned tries = kMaxStarts;
    if (!prefilter_.nominate(segment, worker_)) {
        // No word of mining in it. But a message may begin in its last line and show the word in
        // the next segment.
        const void* newline = memrchr(segment.data(), '\n', segment.size());
        if (newline != nullptr) {
            start = static_cast<std::size_t>(static_cast<const std::uint8_t*>(newline) -
                                             segment.data()) +
                    1;
        }
        tries = 1;
    }
    while (start < segment.size() && tries != 0) {
        while (start < segment.size() && is_space(segment[start])) {
            ++start;
        }
        if (start < segment.size() && opens_value(segment[start])) {
            --tries;
            scanner.reset(proto::Carrier::json_lines);
            std::size_t consumed = 0;
            const auto state = scanner.feed(segment.subspan(start), out, consumed);
            if (state == proto::StratumScanner::State::mining &&
                only_messages_follow(segment.subspan(start + consumed))) {
                return Result::mining;
            }
            if (state == proto::StratumScanner::State::scanning && scanner.mid_message()) {
                return Result::open_message;
            }
        }
        const void* newline = start < segment.size() ? std::memchr(segment.data() + start, '\n',
                                                                   segment.size() - start)
                                                     : nullptr;
        if (newline == nullptr) {
            break;
        }
        start =
            static_cast<std::size_t>(static_cast<const std::uint8_t*>(newline) - segment.data()) +
            1;
    }
    return Result::nothing;
}

}  // namespace minerwall::inspect
