#include "machine/kernel_calls.hpp"

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>

namespace minerwall::machine {
namespace {

ifreq request_for(const std::string& name) {
    ifreq r{};
    std::memcpy(r.ifr_name, name.data(), std::min(name.size(), sizeof r.ifr_name - 1));
    return r;
}

}  // namespace

int interface_index(int control, const std::string& name) {
    ifreq r = request_for(name);
    return name.size() < IFNAMSIZ && ioctl(control, SIOCGIFINDEX, &r) == 0 ? r.ifr_ifindex : 0;
}

std::string interface_name(int control, int index) {
    ifreq r{};
    r.ifr_ifindex = index;
    return ioctl(control, SIOCGIFNAME, &r) == 0 ? r.ifr_name : std::string{};
}

std::optional<short> interface_flags(int control, const std::string& name) {
    ifreq r = request_for(name);
    return ioctl(control, SIOCGIFFLAGS, &r) == 0 ? std::optional(r.ifr_flags) : std::nullopt;
}

bool set_interface_up(int control, const std::string& name, bool up) {
    ifreq r = request_for(name);
    if (ioctl(control, SIOCGIFFLAGS, &r) != 0) {
        return false;
    }
    r.ifr_flags = static_cast<short>(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
    return ioctl(control, SIOCSIFFLAGS, &r) == 0;
}

unsigned interface_mtu(int control, const std::string& name) {
    ifreq r = request_for(name);
    return ioctl(control, SIOCGIFMTU, &r) == 0 ? static_cast<unsigned>(r.ifr_mtu) : 0;
}

std::string interface_address(int control, const std::string& name) {
    ifreq r = request_for(name);
    if (ioctl(control, SIOCGIFHWADDR, &r) != 0) {
        return {};
    }
    std::string out;
    for (unsigned i = 0; i < 6; ++i) {
        out += fmt::format("{:02x}", static_cast<unsigned char>(r.ifr_hwaddr.sa_data[i]));
    }
    return out;
}

bool ethtool(int control, const std::string& name, ethtool_value& value) {
    ifreq r = request_for(name);
    r.ifr_data = reinterpret_cast<char*>(&value);
    return ioctl(control, SIOCETHTOOL, &r) == 0;
}

}  // namespace minerwall::machine
