// The two TCP options that say what a receiver takes: window scale (RFC 7323, 2) and timestamps
// (RFC 7323, 3). Any thread.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::tcp {

struct TcpOptions {
    bool has_scale = false;
    bool has_timestamps = false;
    std::uint8_t scale = 0;                 // at most 14
    std::uint32_t timestamp = 0, echo = 0;  // TSval, TSecr
};

// options: the bytes between the fixed header and the payload. Stacks disagree about an option that
// occurs twice or that follows a broken one, so this leaves it out.
inline TcpOptions read_tcp_options(Bytes options) noexcept {
    constexpr std::uint8_t kEnd = 0, kNop = 1, kScale = 3, kTimestamps = 8;
    constexpr std::uint8_t kMaxScale = 14;  // RFC 7323, 2.3
    TcpOptions out;
    unsigned scales = 0, timestamps = 0;
    while (!options.empty() && options[0] != kEnd) {
        if (options[0] == kNop) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) {
            break;
        }
        if (options[0] == kScale && options[1] == 3) {
            ++scales;
            out.scale = options[2] < kMaxScale ? options[2] : kMaxScale;
        } else if (options[0] == kTimestamps && options[1] == 10) {
            ++timestamps;
            out.timestamp = load_be32(options.data() + 2);
            out.echo = load_be32(options.data() + 6);
        }
        options = options.subspan(options[1]);
    }
    out.has_scale = scales == 1;
    out.has_timestamps = timestamps == 1;
    return out;
}

}  // namespace minerwall::tcp
