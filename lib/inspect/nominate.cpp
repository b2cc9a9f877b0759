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

// A message must be the last thing in the segment, or another message must follow. Otherwise it is
// a quotation.
bool only_messages_follow(Bytes rest) noexcept {
    std::size_t i = 0;
    while (i < rest.size() && is_space(rest[i])) {
        ++i;
    }
    return i == rest.size() || opens_value(rest[i]);
}

// The offset behind the first line end from `at` on; without one, the segment's size.
std::size_t next_line(Bytes segment, std::size_t at) noexcept {
    const void* newline =
        at < segment.size() ? std::memchr(segment.data() + at, '\n', segment.size() - at) : nullptr;
    return newline == nullptr ? segment.size()
                              : static_cast<std::size_t>(static_cast<const std::uint8_t*>(newline) -
                                                         segment.data()) +
                                    1;
}

}  // namespace

Nominator::Result Nominator::look(Bytes segment, bool begins, proto::StratumScanner& scanner,
                                  MiningInfo& out, std::size_t& start) const noexcept {
    start = begins ? 0 : next_line(segment, 0);
    for (;;) {
        while (start < segment.size() && is_space(segment[start])) {
            ++start;
        }
        if (start >= segment.size()) {
            return Result::nothing;
        }
        if (opens_value(segment[start])) {
            break;
        }
        start = next_line(segment, start);
    }
    // Without a mining word, the segment completes no mining message. But one may begin here, and
    // have the word in the next segment.
    const bool nominated = prefilter_.nominate(segment, worker_);
    // One pass: behind the first value, the scanner itself finds every line that opens another, so
    // it reads each byte once, however many lines end in an error.
    scanner.reset(proto::Carrier::json_lines);
    for (std::size_t at = start; at < segment.size();) {
        std::size_t consumed = 0;
        const auto state = scanner.feed(segment.subspan(at), out, consumed);
        at += consumed;
        if (state != proto::StratumScanner::State::mining) {
            break;
        }
        if (nominated && only_messages_follow(segment.subspan(at))) {
            return Result::mining;
        }
    }
    return scanner.mid_message() ? Result::open_message : Result::nothing;
}

}  // namespace minerwall::inspect
