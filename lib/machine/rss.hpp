// Symmetric receive-side scaling: both directions of a flow on the same queue.
//
// The Toeplitz hash with a key of period 16 bits does not change when source and destination are
// swapped, because addresses and ports are multiples of 16 bits (Woo and Park, "Scalable TCP
// Session Monitoring with Symmetric Receive-side Scaling", 2012). Control plane.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace minerwall::machine {

// 0x6D5A, repeated to the length that the device wants (40 bytes, some 52).
std::vector<std::uint8_t> symmetric_key(std::size_t bytes);

// Computes the queue of both directions for sample flows of TCP and UDP in IPv4 and IPv6, from the
// key and the redirection table (queue by hash, a power of two long). Also false if all samples use
// one queue of several, because a device that does not spread is of no use.
bool rss_is_symmetric(std::span<const std::uint8_t> key, std::span<const std::uint16_t> table,
                      unsigned queues);

}  // namespace minerwall::machine
