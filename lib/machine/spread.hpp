// Computes in software which queue a NIC gives a flow to. The NIC cannot look into some packets
// (fragments, IPv6 with extension headers), and they must join the others of their
// flow.
//
// The control plane makes it from what it read back from the device; any thread may call queue().
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"

namespace minerwall::machine {

struct Spread {
    std::vector<std::uint8_t> key;     // of the Toeplitz hash, 40 bytes or more
    std::vector<std::uint16_t> table;  // queue by the low bits of the hash; a power of two long
    std::uint64_t types = 0;           // RTE_ETH_RSS_*: what is hashed with its ports

    // Only TCP and UDP have ports here.
    unsigned queue(const IpAddress& src, const IpAddress& dst, std::uint8_t ip_proto,
                   std::uint16_t src_port, std::uint16_t dst_port) const noexcept;
};

}  // namespace minerwall::machine
