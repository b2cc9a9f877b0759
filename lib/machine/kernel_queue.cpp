#include "machine/kernel_queue.hpp"

#include <fcntl.h>
#include <net/ethernet.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.hpp"

namespace minerwall::machine {

namespace {

constexpr unsigned kTagBytes = 4;
constexpr unsigned kAddressBytes = 2 * ETH_ALEN;

// The kernel removes the outermost VLAN tag of every frame and delivers it separately. Put it back
// with the TPID that it had on the wire: 0x88a8 must not become 0x8100.
void restore_tag(rte_mbuf& frame, const tpacket_auxdata& aux) noexcept {
    if (frame.data_len < kAddressBytes) {
        return;
    }
    char* const start = rte_pktmbuf_prepend(&frame, kTagBytes);
    if (start == nullptr) {
        return;  // opening the port refuses a pool without headroom
    }
    std::memmove(start, start + kTagBytes, kAddressBytes);
    const bool has_tpid = (aux.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    auto* const tag = reinterpret_cast<std::uint8_t*>(start) + kAddressBytes;
    store_be16(tag, has_tpid ? aux.tp_vlan_tpid : std::uint16_t{ETHERTYPE_VLAN});
    store_be16(tag + 2, aux.tp_vlan_tci);
}

// A host (or container) on this machine may leave a frame's checksum to the hardware; the field
// then holds only the sum over the pseudo header. Complete it as a NIC would, otherwise the
// receiver and our inspector discard the frame.
bool complete_checksum(rte_mbuf& frame, const VirtioHeader& virtio) noexcept {
    const std::uint32_t start = virtio.csum_start;
    const std::uint32_t field = start + virtio.csum_offset;
    if (field + 2 > frame.data_len || start >= frame.pkt_len) {
        return false;
    }
    std::uint16_t sum = 0;
    if (rte_raw_cksum_mbuf(&frame, start, frame.pkt_len - start, &sum) != 0) {
        return false;
    }
    sum = static_cast<std::uint16_t>(~sum);
    if (sum == 0) {
        sum = 0xffff;  // RFC 768: zero means no checksum; for TCP the two are equal
    }
    std::memcpy(rte_pktmbuf_mtod_offset(&frame, char*, field), &sum, sizeof sum);
    return true;
}

const tpacket_auxdata* find_aux(msghdr& header) noexcept {
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
            return reinterpret_cast<const tpacket_auxdata*>(CMSG_DATA(c));
        }
    }
    return nullptr;
}

// The kernel has no room at the moment; a retry does not help against any other error.
bool is_passing(int error) noexcept {
    return error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EINTR;
}

}  // namespace

KernelQueue::KernelQueue(int fd, rte_mempool* pool, unsigned frame_capacity,
                         const std::atomic<bool>& carrier)
    : fd_(fd), pool_(pool), carrier_(carrier) {
    data_room_ = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
    rx_slots_.resize(kBurst);
    rx_mbufs_.resize(std::size_t{kBurst} * kMaxSegments);
    rx_iov_.resize(std::size_t{kBurst} * (1 + kMaxSegments));
    rx_messages_.resize(kBurst);
    tx_iov_.resize(std::size_t{kBurst} * (1 + kMaxTxSegments));
    tx_messages_.resize(kBurst);
    for (unsigned slot = 0; slot < kBurst; ++slot) {
        iovec* const iov = &rx_iov_[std::size_t{slot} * (1 + kMaxSegments)];
        iov[0] = {&rx_slots_[slot].virtio, sizeof(VirtioHeader)};
        rx_messages_[slot].msg_hdr.msg_iov = iov;
        rx_messages_[slot].msg_hdr.msg_name = &rx_slots_[slot].from;
        rx_messages_[slot].msg_hdr.msg_control = rx_slots_[slot].control;
    }
    wanted_segments_ = segments_for(frame_capacity);
    lengthen(wanted_segments_);
}

KernelQueue::~KernelQueue() {
    close(fd_);
    for (rte_mbuf* m : rx_mbufs_) {
        if (m != nullptr) {
            rte_pktmbuf_free_seg(m);
        }
    }
}

// The kernel swaps the socket behind the number at once. A call of the worker that runs meanwhile
// ends on the old one, so no lock is needed.
bool KernelQueue::replace_socket(int fd) noexcept {
    const bool replaced = dup3(fd, fd_, O_CLOEXEC) >= 0;
    close(fd);
    return replaced;
}

void KernelQueue::raise_frame_capacity(unsigned bytes) noexcept {
    const unsigned segments = segments_for(bytes);
    if (segments > wanted_segments_.load(std::memory_order_relaxed)) {
        wanted_segments_.store(segments, std::memory_order_relaxed);
    }
}

unsigned KernelQueue::segments_for(unsigned frame) const noexcept {
    return std::clamp((frame + data_room_ - 1) / data_room_, 1U, kMaxSegments);
}

// Keeps the gap of each slot at its front, see fill().
void KernelQueue::lengthen(unsigned segments) noexcept {
    const unsigned more = segments - segments_;
    for (unsigned slot = 0; slot < kBurst; ++slot) {
        rte_mbuf** const mbufs = &rx_mbufs_[std::size_t{slot} * kMaxSegments];
        iovec* const iov = &rx_iov_[std::size_t{slot} * (1 + kMaxSegments) + 1];
        std::copy_backward(mbufs, mbufs + segments_, mbufs + segments);
        std::copy_backward(iov, iov + segments_, iov + segments);
        std::fill_n(mbufs, more, nullptr);
        rx_messages_[slot].msg_hdr.msg_iovlen = 1 + segments;
    }
    segments_ = segments;
}

// A frame takes buffers from the front of its slot, so the gap is always at the front. Fill it from
// the back, so that this stays true if the pool runs empty halfway.
bool KernelQueue::fill(unsigned slot) noexcept {
    rte_mbuf** const mbufs = &rx_mbufs_[std::size_t{slot} * kMaxSegments];
    iovec* const iov = &rx_iov_[std::size_t{slot} * (1 + kMaxSegments) + 1];
    unsigned gap = 0;
    while (gap < segments_ && mbufs[gap] == nullptr) {
        ++gap;
    }
    while (gap > 0) {
        rte_mbuf* const m = rte_pktmbuf_alloc(pool_);
        if (m == nullptr) {
            return false;
        }
        --gap;
        mbufs[gap] = m;
        iov[gap] = {rte_pktmbuf_mtod(m, void*), data_room_};
    }
    return true;
}

rte_mbuf* KernelQueue::take(unsigned slot, unsigned length) noexcept {
    rte_mbuf** const mbufs = &rx_mbufs_[std::size_t{slot} * kMaxSegments];
    rte_mbuf* const head = mbufs[0];
    head->pkt_len = length;
    unsigned used = 0;
    for (unsigned left = length; left > 0; ++used) {
        rte_mbuf* const m = mbufs[used];
        const unsigned here = std::min(left, data_room_);
        m->data_len = static_cast<std::uint16_t>(here);
        left -= here;
        m->next = left > 0 ? mbufs[used + 1] : nullptr;
        mbufs[used] = nullptr;
    }
    head->nb_segs = static_cast<std::uint16_t>(used);
    return head;
}

bool KernelQueue::deliver(unsigned slot, rte_mbuf*& frame) noexcept {
    mmsghdr& message = rx_messages_[slot];
    const RxSlot& meta = rx_slots_[slot];
    // With fanout, older kernels deliver the frames that our other sockets send. Never loop those.
    if (message.msg_len <= sizeof(VirtioHeader) || meta.from.sll_pkttype == PACKET_OUTGOING) {
        return false;
    }
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        ++truncated_;
        counters_.truncated.add();
        return false;
    }
    frame = take(slot, message.msg_len - static_cast<unsigned>(sizeof(VirtioHeader)));
    if ((meta.virtio.flags & VirtioHeader::kNeedsChecksum) != 0 &&
        complete_checksum(*frame, meta.virtio)) {
        counters_.checksums_completed.add();
    }
    const tpacket_auxdata* const aux = find_aux(message.msg_hdr);
    if (aux != nullptr && (aux->tp_status & TP_STATUS_VLAN_VALID) != 0) {
        restore_tag(*frame, *aux);
    }
    return true;
}

std::uint16_t KernelQueue::rx(rte_mbuf** out, std::uint16_t n) noexcept {
    const unsigned want = std::min<unsigned>(n, kBurst);
    if (const unsigned wanted = wanted_segments_.load(std::memory_order_relaxed);
        wanted != segments_) {
        lengthen(wanted);
    }
    unsigned ready = 0;
    while (ready < want && fill(ready)) {
        msghdr& header = rx_messages_[ready].msg_hdr;
        header.msg_namelen = sizeof(sockaddr_ll);
        header.msg_controllen = sizeof(RxSlot::control);
        header.msg_flags = 0;
        ++ready;
    }
    if (ready < want) {
        counters_.rx_no_mbuf.add();
        if (ready == 0) {
            return 0;
        }
    }
    // MSG_TRUNC: the length is the frame's, even if the buffers were too short.
    const int got = recvmmsg(fd_, rx_messages_.data(), ready, MSG_DONTWAIT | MSG_TRUNC, nullptr);
    if (got < 0) {
        // An interface that is down or gone is no broken frame; KernelInterface::look() tells it.
        if (!is_passing(errno) && errno != ENETDOWN) {
            counters_.rx_errors.add();
        }
        return 0;
    }
    std::uint16_t count = 0;
    for (unsigned slot = 0; slot < static_cast<unsigned>(got); ++slot) {
        if (deliver(slot, out[count])) {
            ++count;
        }
    }
    return count;
}

std::uint16_t KernelQueue::tx(rte_mbuf** in, std::uint16_t n) noexcept {
    tx_refused_ = false;
    if (n > 0 && !carrier_.load(std::memory_order_relaxed)) {
        tx_refused_ = true;
        counters_.tx_errors.add();
        return 0;
    }
    std::uint16_t sent = 0;
    while (sent < n) {
        const unsigned want = std::min<unsigned>(n - sent, kBurst);
        unsigned ready = 0;
        iovec* iov = tx_iov_.data();
        for (; ready < want && in[sent + ready]->nb_segs <= kMaxTxSegments; ++ready) {
            iovec* const first = iov;
            *iov++ = {&no_offload_, sizeof no_offload_};
            for (rte_mbuf* m = in [sent + ready]; m != nullptr; m = m->next) {
                *iov++ = {rte_pktmbuf_mtod(m, void*), m->data_len};
            }
            tx_messages_[ready].msg_hdr = {};
            tx_messages_[ready].msg_hdr.msg_iov = first;
            tx_messages_[ready].msg_hdr.msg_iovlen = static_cast<std::size_t>(iov - first);
        }
        // Fewer than asked for: the next call retries the rest and learns why.
        const int taken = ready == 0 ? 0 : sendmmsg(fd_, tx_messages_.data(), ready, MSG_DONTWAIT);
        if (taken <= 0) {
            if (ready == 0 || !is_passing(errno)) {
                tx_refused_ = true;
                counters_.tx_errors.add();
            }
            break;
        }
        rte_pktmbuf_free_bulk(in + sent, static_cast<unsigned>(taken));
        sent = static_cast<std::uint16_t>(sent + taken);
    }
    return sent;
}

}  // namespace minerwall::machine
