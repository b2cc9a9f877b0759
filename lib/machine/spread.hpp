// Which queue a NIC gives a flow to, computed in software: for packets that it could not look into
// (the pieces of a datagram, IPv6 behind extension headers), so that they meet their flow's others.
//
// Made on the control plane from what was read back from the device; queue() from any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"

namespace minerwall::machine {

struct Spread {
    std::vector<std::uint8_t> key;     // of the Toeplitz hash, 40 bytes or more
    std::vector<std::uint16_t> table;  // queue by the low bits of the hash; a power of two long
    std::uint64_t types = 0;           // RTE_ETH_RSS_*: what is hashed with its ports

    // Ports are of TCP and UDP only.
    unsigned queue(const IpAddress& src, const IpAddress& dst, std::uint8_t ip_proto,
                   std::uint16_t src_port, std::uint16_t dst_port) const noexcept;
};

}  // namespace minerwall::machine
