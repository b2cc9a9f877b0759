// Symmetric receive-side scaling: both directions of a flow on the same queue.
//
// The Toeplitz hash with a key of period 16 bits does not change when source and destination are
// swapped, since addresses and ports are multiples of 16 bits (Woo and Park, "Scalable TCP Session
// Monitoring with Symmetric Receive-side Scaling", 2012). Control plane.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace minerwall::machine {

// 0x6D5A repeated over the length that the device wants (40 bytes, some 52).
std::vector<std::uint8_t> symmetric_key(std::size_t bytes);

// Computes, over sample flows of TCP and UDP in IPv4 and IPv6, the queue of both directions by the
// key and the redirection table (queue by hash, a power of two long). False also when all samples
// end in one queue of several: a device that does not spread is no use either.
bool rss_is_symmetric(std::span<const std::uint8_t> key, std::span<const std::uint16_t> table,
                      unsigned queues);

}  // namespace minerwall::machine
