#include "machine/packet_sockets.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace minerwall::machine {
namespace {

// Linux 6.4; older kernels refuse the flag, and KernelQueue drops such frames itself.
constexpr unsigned kFanoutIgnoreOutgoing = 0x4000;
constexpr int kSendBufferBytes = 4 << 20;

template <class T>
bool set_option(int fd, int level, int option, const T& value) {
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

// While the sockets of a fanout group join one after the other, each of them would get every frame.
// A filter that accepts nothing keeps them empty until all have joined.
bool shut_out(int fd) {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    return set_option(fd, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

std::string failed(const char* what) {
    return errno == EPERM ? fmt::format(
                                "{}: not permitted; run as root or give the service CAP_NET_RAW "
                                "and CAP_NET_ADMIN",
                                what)
                          : fmt::format("{}: {}", what, std::strerror(errno));
}

// An empty text, or what failed.
std::string set_up(int fd, int interface, const PacketSockets::Options& options) {
    const int one = 1;
    if (!shut_out(fd) || !set_option(fd, SOL_PACKET, PACKET_AUXDATA, one) ||
        !set_option(fd, SOL_PACKET, PACKET_VNET_HDR, one)) {
        return failed("set up the packet socket");
    }
    set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, one);  // Linux 4.20
    const int bytes = static_cast<int>(options.receive_buffer_mb << 20);
    if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
        set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
    }
    if (!set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, kSendBufferBytes)) {
        set_option(fd, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
    }
    if (options.qdisc_bypass && !set_option(fd, SOL_PACKET, PACKET_QDISC_BYPASS, one)) {
        return failed("bypass traffic control");
    }
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(ETH_P_ALL);
    where.sll_ifindex = interface;
    if (bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        return failed("bind the packet socket");
    }
    packet_mreq member{};
    member.mr_ifindex = interface;
    for (const int type : {PACKET_MR_PROMISC, PACKET_MR_ALLMULTI}) {
        member.mr_type = static_cast<unsigned short>(type);
        if (!set_option(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)) {
            return failed("set promiscuous mode");
        }
    }
    return {};
}

// The first socket opens the group, the others join it.
std::string join(const std::vector<int>& fds) {
    unsigned fanout = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID | kFanoutIgnoreOutgoing;
    if (unsigned all = fanout << 16; !set_option(fds[0], SOL_PACKET, PACKET_FANOUT, all)) {
        fanout &= ~kFanoutIgnoreOutgoing;
        all = fanout << 16;
        if (!set_option(fds[0], SOL_PACKET, PACKET_FANOUT, all)) {
            return failed("open the fanout group");
        }
    }
    unsigned group = 0;  // the kernel chose a free id
    socklen_t size = sizeof group;
    if (getsockopt(fds[0], SOL_PACKET, PACKET_FANOUT, &group, &size) != 0) {
        return failed("read the fanout group");
    }
    fanout &= ~unsigned{PACKET_FANOUT_FLAG_UNIQUEID};
    const unsigned argument = (group & 0xffff) | (fanout << 16);
    for (std::size_t i = 1; i < fds.size(); ++i) {
        if (!set_option(fds[i], SOL_PACKET, PACKET_FANOUT, argument)) {
            return failed("join the fanout group");
        }
    }
    return {};
}

}  // namespace

PacketSockets::~PacketSockets() {
    for (const int fd : fds_) {
        close(fd);
    }
}

std::string PacketSockets::open(int interface, const Options& options) {
    for (unsigned i = 0; i < options.count; ++i) {
        // Protocol 0: the socket receives nothing before bind() names the interface.
        const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            return failed("open a packet socket");
        }
        fds_.push_back(fd);
        if (std::string error = set_up(fd, interface, options); !error.empty()) {
            return error;
        }
    }
    if (fds_.size() > 1) {
        if (std::string error = join(fds_); !error.empty()) {
            return error;
        }
    }
    const int one = 1;
    for (const int fd : fds_) {
        if (!set_option(fd, SOL_SOCKET, SO_DETACH_FILTER, one)) {
            return failed("open the packet socket's filter");
        }
    }
    return {};
}

std::vector<int> PacketSockets::release() noexcept {
    return std::exchange(fds_, {});
}

bool PacketSockets::bound(int fd, int interface) noexcept {
    sockaddr_ll where{};
    socklen_t size = sizeof where;
    return getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size) == 0 &&
           where.sll_ifindex == interface;
}

}  // namespace minerwall::machine
