#include "veth.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "environment.hpp"

namespace minerwall::machine {

bool run(const std::string& command) {
    return std::system(command.c_str()) == 0;
}

bool enter_namespace(std::string& why_not) {
    static const bool entered = unshare(CLONE_NEWNET) == 0;
    if (!entered) {
        why_not = "cannot make a network namespace: needs root";
        return false;
    }
    static const bool has_veth =
        run("ip link add probe1 type veth peer name probe2 2>/dev/null && ip link del probe1");
    if (!has_veth) {
        why_not = "cannot make veth links (iproute2, kernel module veth)";
    }
    return has_veth;
}

short link_flags(const char* name) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq r{};
    std::strcpy(r.ifr_name, name);
    ioctl(fd, SIOCGIFFLAGS, &r);
    close(fd);
    return r.ifr_flags;
}

VethPair::VethPair(unsigned mtu) {
    const std::string size = std::to_string(mtu);
    EXPECT_TRUE(run("ip link add near mtu " + size + " type veth peer name far mtu " + size +
                    " && sysctl -qw net.ipv6.conf.far.disable_ipv6=1 2>/dev/null;"
                    " ip link set far up && ip link set near up"));
    // The kernel discards frames until it has noticed the carrier.
    for (const char* const name : {"near", "far"}) {
        for (unsigned wait = 0; wait < 200 && (link_flags(name) & IFF_RUNNING) == 0; ++wait) {
            usleep(10'000);
        }
        EXPECT_NE(link_flags(name) & IFF_RUNNING, 0) << name;
    }
}

VethPair::~VethPair() {
    run("ip link del near 2>/dev/null");
}

RawSocket::RawSocket(const std::string& interface, bool with_offload_header)
    : fd_(socket(AF_PACKET, SOCK_RAW, 0)) {
    const int one = 1;
    setsockopt(fd_, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one);
    setsockopt(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    if (with_offload_header) {
        setsockopt(fd_, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one);
    }
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(ETH_P_ALL);
    where.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
}

RawSocket::~RawSocket() {
    close(fd_);
}

bool RawSocket::send(const Frame& frame) {
    return ::send(fd_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size());
}

bool RawSocket::send_offloaded(const Frame& frame, std::uint16_t start, std::uint16_t offset,
                               std::uint16_t segment_bytes) {
    VirtioHeader header{};
    header.flags = VirtioHeader::kNeedsChecksum;
    header.csum_start = start;
    header.csum_offset = offset;
    if (segment_bytes != 0) {
        header.gso_type = 1;  // VIRTIO_NET_HDR_GSO_TCPV4
        header.gso_size = segment_bytes;
        header.hdr_len = static_cast<std::uint16_t>(start + 20);
    }
    Frame copy = frame;
    const iovec parts[2] = {{&header, sizeof header}, {copy.data(), copy.size()}};
    return writev(fd_, parts, 2) == static_cast<ssize_t>(sizeof header + frame.size());
}

std::vector<Frame> RawSocket::receive(std::size_t count) {
    std::vector<Frame> out;
    pollfd ready{fd_, POLLIN, 0};
    while (out.size() < count && poll(&ready, 1, 1000) == 1) {
        Frame frame(70000);
        iovec iov{frame.data(), frame.size()};
        alignas(cmsghdr) char control[256];
        msghdr message{};
        message.msg_iov = &iov;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t size = recvmsg(fd_, &message, 0);
        if (size < 0) {
            break;
        }
        frame.resize(static_cast<std::size_t>(size));
        tpacket_auxdata aux;
        std::memcpy(&aux, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof aux);
        if ((aux.tp_status & TP_STATUS_VLAN_VALID) != 0) {
            const std::uint16_t tag[2] = {htons(aux.tp_vlan_tpid), htons(aux.tp_vlan_tci)};
            const auto* const bytes = reinterpret_cast<const std::uint8_t*>(tag);
            frame.insert(frame.begin() + 12, bytes, bytes + 4);
        }
        out.push_back(std::move(frame));
    }
    return out;
}

Frame make_frame(std::size_t size, const std::vector<std::uint16_t>& types, std::uint8_t seed) {
    Frame frame = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    for (const std::uint16_t type : types) {
        frame.push_back(static_cast<std::uint8_t>(type >> 8));
        frame.push_back(static_cast<std::uint8_t>(type));
    }
    for (unsigned i = 0; frame.size() < size; ++i) {
        frame.push_back(static_cast<std::uint8_t>(seed + i * 7));
    }
    return frame;
}

Frame copy_of(const rte_mbuf& mbuf) {
    Frame out;
    for (const rte_mbuf* m = &mbuf; m != nullptr; m = m->next) {
        const auto* const data = rte_pktmbuf_mtod(m, const std::uint8_t*);
        out.insert(out.end(), data, data + m->data_len);
    }
    EXPECT_EQ(out.size(), mbuf.pkt_len);
    return out;
}

rte_mbuf* mbuf_of(const Frame& frame) {
    rte_mempool* const pool = test_pools().frames(0);
    rte_mbuf* const head = rte_pktmbuf_alloc(pool);
    rte_mbuf* tail = head;
    for (std::size_t at = 0; at < frame.size();) {
        if (at > 0) {
            tail->next = rte_pktmbuf_alloc(pool);
            tail = tail->next;
            ++head->nb_segs;
        }
        const std::size_t here = std::min<std::size_t>(frame.size() - at, 2048);
        std::memcpy(rte_pktmbuf_mtod(tail, char*), frame.data() + at, here);
        tail->data_len = static_cast<std::uint16_t>(here);
        at += here;
    }
    head->pkt_len = static_cast<std::uint32_t>(frame.size());
    return head;
}

std::vector<Frame> receive(KernelQueue& queue, std::size_t count) {
    std::vector<Frame> out;
    rte_mbuf* burst[KernelQueue::kBurst];
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (out.size() < count && std::chrono::steady_clock::now() < end) {
        const std::uint16_t n = queue.rx(burst, KernelQueue::kBurst);
        for (std::uint16_t i = 0; i < n; ++i) {
            out.push_back(copy_of(*burst[i]));
            rte_pktmbuf_free(burst[i]);
        }
        if (n == 0) {
            usleep(200);
        }
    }
    return out;
}

std::unique_ptr<KernelInterface> open_end(const std::string& name, unsigned workers) {
    KernelOptions options;
    options.workers = workers;
    options.pool = test_pools().frames(0);
    std::string error;
    std::vector<std::string> warnings;
    auto end = KernelInterface::open(name, options, error, warnings);
    EXPECT_NE(end, nullptr) << error;
    return end;
}

}  // namespace minerwall::machine
