// The fast half of a wire end on a kernel interface: one AF_PACKET socket of one worker.
//
// docs/adr/0002-kernel-ends.md says why this is not net_af_packet. recvmmsg() receives frames
// straight into chains of mbufs, and sendmmsg() sends them straight from mbufs; see packet(7). The
// queue keeps the chains that a call did not fill for the next one.
//
// rx() and tx() belong to the one worker that owns the queue; any thread may read the counters.
// KernelInterface opens the socket, joins it to its fanout group and closes it.
#pragma once

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/counters.hpp"

struct rte_mbuf;
struct rte_mempool;

namespace minerwall::machine {

// struct virtio_net_hdr of <linux/virtio_net.h>, whose header is not C++: PACKET_VNET_HDR puts it
// in front of each frame.
struct VirtioHeader {
    static constexpr std::uint8_t kNeedsChecksum = 1;

    std::uint8_t flags, gso_type;
    std::uint16_t hdr_len, gso_size, csum_start, csum_offset;  // host byte order
};
static_assert(sizeof(VirtioHeader) == 10);

class KernelQueue {
  public:
    static constexpr unsigned kBurst = 32;        // frames per system call
    static constexpr unsigned kMaxSegments = 36;  // buffers of the longest frame, see open
    static constexpr unsigned kMaxTxSegments = 64;

    // Takes over the socket. `frame_capacity`: the longest frame that is delivered whole, bytes.
    // The queues of an interface share `carrier`, which the control thread writes.
    KernelQueue(int fd, rte_mempool* pool, unsigned frame_capacity,
                const std::atomic<bool>& carrier);
    ~KernelQueue();
    KernelQueue(const KernelQueue&) = delete;
    KernelQueue& operator=(const KernelQueue&) = delete;

    // At most min(n, kBurst) frames, in the order of the wire, with VLAN tags in place. Completes
    // the checksums that the sending host left to its hardware.
    std::uint16_t rx(rte_mbuf** out, std::uint16_t n) noexcept;

    // Returns how many of the first frames the kernel took and frees those; the caller keeps the
    // others. Fewer than n: retry later, unless tx_refused(). Then the kernel will never take the
    // first remaining frame (too long for the MTU, interface down or gone, malformed).
    std::uint16_t tx(rte_mbuf** in, std::uint16_t n) noexcept;
    bool tx_refused() const noexcept { return tx_refused_; }

    // Frames since the last call that were longer than frame_capacity and not delivered.
    std::uint32_t take_truncated() noexcept {
        const std::uint32_t n = truncated_;
        truncated_ = 0;
        return n;
    }

    int fd() const noexcept { return fd_; }  // for a worker that sleeps in poll(2)

    // Control thread, while the worker runs: from its next call on, the worker uses this socket
    // under the old number. Takes the socket over. False with errno if the kernel refuses.
    bool replace_socket(int fd) noexcept;
    // Control thread, while the worker runs: frames up to this length are delivered whole from the
    // worker's next rx() on. It never shrinks.
    void raise_frame_capacity(unsigned bytes) noexcept;

    struct Counters {
        Counter rx_errors;            // recvmmsg() failed
        Counter rx_no_mbuf;           // calls without a buffer; the frames wait in the kernel
        Counter truncated;            // total of take_truncated()
        Counter checksums_completed;  // the sender's checksum offload is on
        Counter tx_errors;            // frames refused
    };
    const Counters& counters() const noexcept { return counters_; }

  private:
    struct RxSlot {
        VirtioHeader virtio;
        sockaddr_ll from;
        alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(tpacket_auxdata))];
    };
    unsigned segments_for(unsigned frame) const noexcept;
    void lengthen(unsigned segments) noexcept;
    bool fill(unsigned slot) noexcept;
    rte_mbuf* take(unsigned slot, unsigned length) noexcept;
    bool deliver(unsigned slot, rte_mbuf*& frame) noexcept;

    int fd_;
    rte_mempool* pool_;
    unsigned segments_ = 0;  // buffers per slot; there is room for kMaxSegments
    std::atomic<unsigned> wanted_segments_{0};
    unsigned data_room_;  // bytes per buffer
    bool tx_refused_ = false;
    std::uint32_t truncated_ = 0;
    const std::atomic<bool>& carrier_;
    Counters counters_;

    std::vector<RxSlot> rx_slots_;
    std::vector<rte_mbuf*> rx_mbufs_;  // [slot][segment]; null: not allocated yet
    std::vector<iovec> rx_iov_;        // [slot][1 + segment]
    std::vector<mmsghdr> rx_messages_;
    std::vector<iovec> tx_iov_;
    std::vector<mmsghdr> tx_messages_;
    VirtioHeader no_offload_{};
};

}  // namespace minerwall::machine
