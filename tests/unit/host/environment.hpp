// EAL and pools, once for this process.
#pragma once

#include "host/eal.hpp"
#include "host/pools.hpp"

namespace minerwall::host {

inline constexpr unsigned kTestWorkers = 2;
inline constexpr unsigned kTestMbufs = 4095;

const Eal& test_eal();
Pools& test_pools();
unsigned frames_in_use();  // buffers of the frame pool that are not back

}  // namespace minerwall::host
