// EAL and packet buffers, set up once per process.
#pragma once

#include "machine/eal.hpp"
#include "machine/pools.hpp"

namespace minerwall::path {

inline constexpr unsigned kTestFrames = 8191;
inline constexpr unsigned kTestCrafted = 127;

machine::Pools& test_pools();
// The buffers of both pools in use.
unsigned buffers_in_use();

}  // namespace minerwall::path
