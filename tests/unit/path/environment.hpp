// EAL and packet buffers, once for this process.
#pragma once

#include "host/eal.hpp"
#include "host/pools.hpp"

namespace minerwall::path {

inline constexpr unsigned kTestFrames = 8191;
inline constexpr unsigned kTestCrafted = 127;

host::Pools& test_pools();
// Buffers of both pools that are not back.
unsigned buffers_in_use();

}  // namespace minerwall::path
