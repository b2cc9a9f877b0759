// EAL and pools, set up once per process.
#pragma once

#include "machine/eal.hpp"
#include "machine/pools.hpp"

namespace minerwall::machine {

inline constexpr unsigned kTestWorkers = 2;
inline constexpr unsigned kTestMbufs = 4095;

const Eal& test_eal();
Pools& test_pools();
unsigned frames_in_use();  // buffers of the frame pool in use

}  // namespace minerwall::machine
