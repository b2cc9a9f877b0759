// A pair of virtual Ethernet interfaces in a network namespace of this test process, and a plain
// packet socket that sends and receives frames without the code under test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/kernel_interface.hpp"

namespace minerwall::machine {

using Frame = std::vector<std::uint8_t>;

// False with the reason if we may not create namespaces or links: the test then skips.
bool enter_namespace(std::string& why_not);
bool run(const std::string& command);

short link_flags(const char* name);  // IFF_*

class VethPair {
  public:
    explicit VethPair(unsigned mtu = 1500);  // links "near" and "far", both up
    ~VethPair();
};

class RawSocket {
  public:
    explicit RawSocket(const std::string& interface, bool with_offload_header = false);
    ~RawSocket();
    bool send(const Frame& frame);
    // Sends with an offload header: leaves the checksum from `start` on open at start + offset;
    // segment_bytes > 0 makes a super-frame.
    bool send_offloaded(const Frame& frame, std::uint16_t start, std::uint16_t offset,
                        std::uint16_t segment_bytes = 0);
    std::vector<Frame> receive(std::size_t count);  // fewer if no more come

  private:
    int fd_;
};

// An Ethernet header of the given type (`types` includes tags, as 16-bit words), then a pattern up
// to `size` bytes in total.
Frame make_frame(std::size_t size, const std::vector<std::uint16_t>& types = {0x88b5},
                 std::uint8_t seed = 1);

// Polls until `count` frames came or a second has passed. Frees the mbufs.
std::vector<Frame> receive(KernelQueue& queue, std::size_t count);
Frame copy_of(const rte_mbuf& mbuf);
rte_mbuf* mbuf_of(const Frame& frame);  // from the test's pool, in as many segments as needed

std::unique_ptr<KernelInterface> open_end(const std::string& name, unsigned workers = 1);

}  // namespace minerwall::machine
