#include "inspect/nominate.hpp"

#include <algorithm>
#include <cstring>

#include "proto/json/json_bytes.hpp"

namespace minerwall::inspect {
namespace {

// A message must be the last thing in the segment, or another message must follow. Otherwise it is
// a quotation.
bool only_messages_follow(Bytes rest, bool comments) noexcept {
    // The last bracket of a batch.
    std::size_t i = 0;
    while (i < rest.size() && (proto::is_json_blank(rest[i]) ||
                               proto::kJsonClass[rest[i]] == proto::JsonClass::close)) {
        ++i;
    }
    return i == rest.size() || proto::opens_json(rest[i]) ||
           (comments && proto::kJsonClass[rest[i]] == proto::JsonClass::comment);
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

bool may_open_json(Bytes segment, std::size_t at) noexcept {
    while (at < segment.size() && proto::is_json_blank(segment[at])) {
        ++at;
    }
    if (at == segment.size() || !proto::leads_json(segment[at])) {
        return false;
    }
    const std::uint8_t first = segment[at];
    const auto begin = segment.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = segment.begin() + static_cast<std::ptrdiff_t>(next_line(segment, at));
    return proto::opens_json(first) || std::any_of(begin, end, [](std::uint8_t c) {
               return proto::opens_json(c) || proto::kJsonClass[c] == proto::JsonClass::quote ||
                      proto::kJsonClass[c] == proto::JsonClass::comment;
           });
}

Nominator::Result Nominator::look(Bytes segment, bool begins, proto::StratumScanner& scanner,
                                  MiningInfo& out, std::size_t& start) const noexcept {
    start = begins ? 0 : next_line(segment, 0);
    bool asked = false;
    bool nominated = false;
    for (;;) {
        while (start < segment.size() && proto::is_json_blank(segment[start])) {
            ++start;
        }
        if (start >= segment.size()) {
            return Result::nothing;
        }
        if (!may_open_json(segment, start)) {
            start = next_line(segment, start);
            continue;
        }
        // Without a mining word, the segment completes no mining message. But one may begin here,
        // and have the word in the next segment.
        nominated = asked ? nominated : prefilter_.nominate(segment, worker_);
        asked = true;
        // One pass: behind the first value, the scanner itself finds every line that opens another,
        // so it reads each byte once, however many lines end in an error.
        scanner.reset(proto::Carrier::json_lines);
        std::size_t at = start;
        auto state = proto::StratumScanner::State::mining;
        while (at < segment.size() && state == proto::StratumScanner::State::mining) {
            std::size_t consumed = 0;
            state = scanner.feed(segment.subspan(at), out, consumed);
            at += consumed;
            if (state != proto::StratumScanner::State::mining) {
                break;
            }
            // The patterns do not know what only lenient receivers read. Words alone may show a
            // message before its end.
            MiningInfo other;
            while (scanner.lenient() && scanner.mid_message() && at < segment.size()) {
                scanner.feed(segment.subspan(at, 1), other, consumed);
                ++at;
            }
            if ((nominated || scanner.lenient()) &&
                only_messages_follow(segment.subspan(at), scanner.lenient())) {
                return Result::mining;
            }
        }
        if (state != proto::StratumScanner::State::not_json) {
            return scanner.mid_message() || scanner.doubtful() ? Result::open_message
                                                               : Result::nothing;
        }
        start = next_line(segment, at);
    }
}

}  // namespace minerwall::inspect
