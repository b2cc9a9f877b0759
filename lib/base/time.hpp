// Time on the path: nanoseconds since the Unix epoch, never decreasing. A live daemon takes it from
// the TSC and a replay from the capture; the path sees only the number.
#pragma once

#include <cstdint>

namespace minerwall {

using Nanos = std::uint64_t;
inline constexpr Nanos kNanosPerMilli = 1'000'000;
inline constexpr Nanos kNanosPerSecond = 1'000'000'000;

}  // namespace minerwall
