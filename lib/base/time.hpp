// Time on the path: nanoseconds since the Unix epoch, never going back. Live it comes from the TSC,
// in a replay from the capture; the path only ever sees the number that it was handed.
#pragma once

#include <cstdint>

namespace minerwall {

using Nanos = std::uint64_t;
inline constexpr Nanos kNanosPerMilli = 1'000'000;
inline constexpr Nanos kNanosPerSecond = 1'000'000'000;

}  // namespace minerwall
