// The packet sockets of an end on a kernel interface, one per worker, joined by fanout.
//
// Control plane, one thread.
#pragma once

#include <string>
#include <vector>

namespace minerwall::machine {

// Closes what it still holds.
class PacketSockets {
  public:
    PacketSockets() = default;
    ~PacketSockets();
    PacketSockets(const PacketSockets&) = delete;
    PacketSockets& operator=(const PacketSockets&) = delete;

    struct Options {
        unsigned count = 1;
        unsigned receive_buffer_mb = 16;  // of each socket
        bool qdisc_bypass = false;        // PACKET_QDISC_BYPASS: no traffic control on egress
    };
    // Opens all of them, promiscuous, on the interface of this index. Frames wait in them from now
    // on. Returns an empty text, or what failed.
    std::string open(int interface, const Options& options);
    // Hands the sockets over to the caller.
    std::vector<int> release() noexcept;

    // The socket still receives from that interface. The kernel takes it off an interface that is
    // deleted or leaves the network namespace, for ever.
    static bool bound(int fd, int interface) noexcept;

  private:
    std::vector<int> fds_;
};

}  // namespace minerwall::machine
