// EAL and packet buffers, once for this process.
#pragma once

#include "machine/eal.hpp"
#include "machine/pools.hpp"

namespace minerwall::path {

inline constexpr unsigned kTestFrames = 8191;
inline constexpr unsigned kTestCrafted = 127;

machine::Pools& test_pools();
// Buffers of both pools that are not back.
unsigned buffers_in_use();

}  // namespace minerwall::path
