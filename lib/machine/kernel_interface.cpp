#include "machine/kernel_interface.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace minerwall::machine {

namespace {

// Linux 6.4; older kernels refuse the flag, and KernelQueue drops such frames itself.
constexpr unsigned kFanoutIgnoreOutgoing = 0x4000;
constexpr unsigned kLongestHeaders = ETH_HLEN + 4 * 4;  // four VLAN tags
constexpr int kSendBufferBytes = 4 << 20;
constexpr unsigned kCarrierPolls = 100;
constexpr unsigned kCarrierPollMicros = 10'000;

ifreq request_for(const std::string& name) {
    ifreq r{};
    std::memcpy(r.ifr_name, name.data(), std::min(name.size(), sizeof r.ifr_name - 1));
    return r;
}

bool ethtool(int control, const std::string& name, ethtool_value& value) {
    ifreq r = request_for(name);
    r.ifr_data = reinterpret_cast<char*>(&value);
    return ioctl(control, SIOCETHTOOL, &r) == 0;
}

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

std::string ipv6_switch(const std::string& name) {
    return "/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6";
}

std::string no_permission(const std::string& name, const char* what) {
    return fmt::format(
        "wire end {}: {}: not permitted; run as root or give the service CAP_NET_RAW and "
        "CAP_NET_ADMIN",
        name, what);
}

}  // namespace

std::unique_ptr<KernelInterface> KernelInterface::open(const std::string& name,
                                                       const KernelOptions& options,
                                                       std::string& error,
                                                       std::vector<std::string>& warnings) {
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0) {
        error = fmt::format("wire end {}: socket: {}", name, std::strerror(errno));
        return nullptr;
    }
    std::unique_ptr<KernelInterface> self(new KernelInterface(name, control));
    if (!self->prepare(error, warnings) || !self->open_sockets(options, error)) {
        return nullptr;
    }
    // The kernel reports a carrier, and starts to send, a moment after the interface is up.
    for (unsigned wait = 0; wait < kCarrierPolls && !self->refresh_link(); ++wait) {
        usleep(kCarrierPollMicros);
    }
    return self;
}

KernelInterface::~KernelInterface() {
    queues_.clear();
    restore();
    close(control_);
}

bool KernelInterface::prepare(std::string& error, std::vector<std::string>& warnings) {
    ifreq r = request_for(name_);
    if (name_.size() >= IFNAMSIZ || ioctl(control_, SIOCGIFINDEX, &r) != 0) {
        error = fmt::format("wire end {}: no such network interface (`ip link` lists them)", name_);
        return false;
    }
    index_ = r.ifr_ifindex;
    if (ioctl(control_, SIOCGIFMTU, &r) != 0) {
        error = fmt::format("wire end {}: cannot read the MTU: {}", name_, std::strerror(errno));
        return false;
    }
    mtu_ = static_cast<unsigned>(r.ifr_mtu);
    r = request_for(name_);
    if (ioctl(control_, SIOCGIFFLAGS, &r) != 0) {
        error = fmt::format("wire end {}: cannot read the flags: {}", name_, std::strerror(errno));
        return false;
    }
    flags_before_ = r.ifr_flags;
    if ((flags_before_ & IFF_LOOPBACK) != 0) {
        error = fmt::format("wire end {}: the loopback interface cannot be an end", name_);
        return false;
    }
    ifreq address = request_for(name_);
    if (ioctl(control_, SIOCGIFADDR, &address) == 0) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(address.ifr_addr);
        char text[INET_ADDRSTRLEN] = "";
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
        warnings.push_back(fmt::format(
            "wire end {} has the address {}: this host answers into the wire; remove it with "
            "`ip address flush dev {}`",
            name_, text, name_));
    }

    // IPv6 first: otherwise the interface comes up and announces itself on the wire.
    switch_ipv6_off(warnings);
    switch_offloads_off();
    if ((flags_before_ & IFF_UP) == 0) {
        r.ifr_flags = static_cast<short>(flags_before_ | IFF_UP);
        if (ioctl(control_, SIOCSIFFLAGS, &r) != 0) {
            error = errno == EPERM ? no_permission(name_, "bring the interface up")
                                   : fmt::format("wire end {}: cannot bring the interface up: {}",
                                                 name_, std::strerror(errno));
            return false;
        }
    }
    return true;
}

void KernelInterface::switch_ipv6_off(std::vector<std::string>& warnings) {
    std::ifstream in(ipv6_switch(name_));
    std::string before;
    if (!(in >> before) || before == "1") {
        return;  // the kernel has no IPv6, or it is off
    }
    std::ofstream out(ipv6_switch(name_));
    if (out << "1" << std::flush) {
        ipv6_before_ = before;
    } else {
        warnings.push_back(fmt::format(
            "wire end {}: IPv6 cannot be switched off: this host may speak into the wire", name_));
    }
}

// Segmentation before checksums, because the kernel refuses the reverse. Some drivers do not know
// an offload or do not switch it off. KernelQueue handles stripped tags and open checksums, and
// counts super-frames as truncated.
void KernelInterface::switch_offloads_off() {
    struct Offload {
        unsigned get, set;
        unsigned clear;  // bits to clear
    };
    static constexpr Offload kOffloads[] = {
        {ETHTOOL_GTSO, ETHTOOL_STSO, ~0U},
        {ETHTOOL_GGSO, ETHTOOL_SGSO, ~0U},
        {ETHTOOL_GGRO, ETHTOOL_SGRO, ~0U},
        {ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, ~0U},
        {ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM, ~0U},
        {ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_LRO},
        {ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_RXVLAN},
    };
    for (const Offload& o : kOffloads) {
        ethtool_value value{o.get, 0};
        if (!ethtool(control_, name_, value) || (value.data & o.clear) == 0) {
            continue;
        }
        ethtool_value off{o.set, value.data & ~o.clear};
        if (ethtool(control_, name_, off)) {
            offloads_before_.emplace_back(o.set, value.data);
        }
    }
}

bool KernelInterface::open_sockets(const KernelOptions& options, std::string& error) {
    const auto failed = [&](const char* what) {
        error = errno == EPERM
                    ? no_permission(name_, what)
                    : fmt::format("wire end {}: {}: {}", name_, what, std::strerror(errno));
        return false;
    };
    unsigned fanout = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID | kFanoutIgnoreOutgoing;
    unsigned group = 0;
    const int one = 1;
    for (unsigned worker = 0; worker < options.workers; ++worker) {
        // Protocol 0: the socket receives nothing before bind() names the interface.
        const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            return failed("open a packet socket");
        }
        queues_.push_back(
            std::make_unique<KernelQueue>(fd, options.pool, mtu_ + kLongestHeaders, carrier_));

        sockaddr_ll where{};
        where.sll_family = AF_PACKET;
        where.sll_protocol = htons(ETH_P_ALL);
        where.sll_ifindex = index_;
        const int bytes = static_cast<int>(options.receive_buffer_mb << 20);
        packet_mreq member{};
        member.mr_ifindex = index_;
        if (!shut_out(fd) || !set_option(fd, SOL_PACKET, PACKET_AUXDATA, one) ||
            !set_option(fd, SOL_PACKET, PACKET_VNET_HDR, one)) {
            return failed("set up the packet socket");
        }
        set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, one);  // Linux 4.20
        if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
            set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
        }
        if (!set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, kSendBufferBytes)) {
            set_option(fd, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
        }
        if (options.qdisc_bypass && !set_option(fd, SOL_PACKET, PACKET_QDISC_BYPASS, one)) {
            return failed("bypass traffic control");
        }
        if (bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
            return failed("bind the packet socket");
        }
        for (const int type : {PACKET_MR_PROMISC, PACKET_MR_ALLMULTI}) {
            member.mr_type = static_cast<unsigned short>(type);
            if (!set_option(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)) {
                return failed("set promiscuous mode");
            }
        }
        if (options.workers == 1) {
            continue;
        }
        unsigned argument = group | (fanout << 16);
        if (!set_option(fd, SOL_PACKET, PACKET_FANOUT, argument)) {
            fanout &= ~kFanoutIgnoreOutgoing;
            argument = group | (fanout << 16);
            if (worker > 0 || !set_option(fd, SOL_PACKET, PACKET_FANOUT, argument)) {
                return failed("join the fanout group");
            }
        }
        if (worker == 0) {  // the kernel chose a free id; the others join it
            socklen_t size = sizeof group;
            if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, &size) != 0) {
                return failed("read the fanout group");
            }
            group &= 0xffff;
            fanout &= ~unsigned{PACKET_FANOUT_FLAG_UNIQUEID};
        }
    }
    for (const auto& queue : queues_) {
        if (!set_option(queue->fd(), SOL_SOCKET, SO_DETACH_FILTER, one)) {
            return failed("open the packet socket's filter");
        }
    }
    return true;
}

bool KernelInterface::refresh_link() {
    ifreq r = request_for(name_);
    const bool up = ioctl(control_, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP) != 0 &&
                    (r.ifr_flags & IFF_RUNNING) != 0;
    carrier_.store(up, std::memory_order_relaxed);
    return up;
}

std::uint64_t KernelInterface::kernel_drops() {
    for (const auto& queue : queues_) {
        tpacket_stats stats{};  // each reading resets it atomically
        socklen_t size = sizeof stats;
        if (getsockopt(queue->fd(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
            drops_ += stats.tp_drops;
        }
    }
    return drops_;
}

void KernelInterface::restore() noexcept {
    if (index_ == 0) {
        return;
    }
    if ((flags_before_ & IFF_UP) == 0) {
        ifreq r = request_for(name_);
        if (ioctl(control_, SIOCGIFFLAGS, &r) == 0) {
            r.ifr_flags = static_cast<short>(r.ifr_flags & ~IFF_UP);
            ioctl(control_, SIOCSIFFLAGS, &r);
        }
    }
    for (auto o = offloads_before_.rbegin(); o != offloads_before_.rend(); ++o) {
        ethtool_value value{o->first, o->second};
        ethtool(control_, name_, value);
    }
    if (!ipv6_before_.empty()) {
        std::ofstream(ipv6_switch(name_)) << ipv6_before_ << std::flush;
    }
}

}  // namespace minerwall::machine
