#include "machine/interface_settings.hpp"

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <net/if.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>

#include "machine/kernel_calls.hpp"

namespace minerwall::machine {
namespace {

struct Offload {
    std::uint32_t get, set;
    std::uint32_t clear;  // bits to clear
};

// Segmentation before checksums, because the kernel refuses the reverse. Some drivers do not know
// an offload or do not switch it off. KernelQueue handles stripped tags and open checksums, and
// counts super-frames as truncated.
constexpr Offload kOffloads[] = {
    {ETHTOOL_GTSO, ETHTOOL_STSO, ~0U},
    {ETHTOOL_GGSO, ETHTOOL_SGSO, ~0U},
    {ETHTOOL_GGRO, ETHTOOL_SGRO, ~0U},
    {ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, ~0U},
    {ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM, ~0U},
    {ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_LRO},
    {ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_RXVLAN},
};

std::string ipv6_switch(const std::string& name) {
    return "/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6";
}

std::string ipv6_state(const std::string& name) {
    std::string state;
    std::ifstream(ipv6_switch(name)) >> state;
    return state;
}

}  // namespace

InterfaceSettings read_settings(int control, const std::string& name) {
    InterfaceSettings now;
    now.index = interface_index(control, name);
    now.address = interface_address(control, name);
    now.up = (interface_flags(control, name).value_or(0) & IFF_UP) != 0;
    now.ipv6 = ipv6_state(name);
    for (const Offload& o : kOffloads) {
        ethtool_value value{o.get, 0};
        if (ethtool(control, name, value) && (value.data & o.clear) != 0) {
            now.offloads.emplace_back(o.set, value.data);
        }
    }
    return now;
}

bool ipv6_is_on(const std::string& name) {
    return ipv6_state(name) == "0";  // empty: the kernel has no IPv6
}

bool switch_ipv6_off(const std::string& name) {
    std::ofstream out(ipv6_switch(name));
    return static_cast<bool>(out << "1" << std::flush);
}

void switch_offloads_off(int control, const std::string& name) {
    for (const Offload& o : kOffloads) {
        ethtool_value value{o.get, 0};
        if (ethtool(control, name, value) && (value.data & o.clear) != 0) {
            ethtool_value off{o.set, value.data & ~o.clear};
            ethtool(control, name, off);
        }
    }
}

std::string restore_settings(int control, const InterfaceSettings& before) {
    const std::string name = interface_name(control, before.index);
    if (before.index == 0 || name.empty() || interface_address(control, name) != before.address) {
        return {};
    }
    if (!before.up) {
        set_interface_up(control, name, false);
    }
    for (auto o = before.offloads.rbegin(); o != before.offloads.rend(); ++o) {
        ethtool_value value{o->first, o->second};
        ethtool(control, name, value);
    }
    if (!before.ipv6.empty() && ipv6_state(name) != before.ipv6) {
        std::ofstream(ipv6_switch(name)) << before.ipv6 << std::flush;
    }
    return name;
}

std::string to_text(const InterfaceSettings& settings) {
    std::string out = fmt::format("index {}\naddress {}\nup {:d}\n", settings.index,
                                  settings.address, settings.up);
    if (!settings.ipv6.empty()) {
        out += fmt::format("disable_ipv6 {}\n", settings.ipv6);
    }
    for (const auto& [command, value] : settings.offloads) {
        out += fmt::format("ethtool {} {}\n", command, value);
    }
    return out + "end\n";
}

std::optional<InterfaceSettings> settings_from(std::string_view text) {
    std::istringstream in{std::string(text)};
    InterfaceSettings out;
    std::string key;
    while (in >> key) {
        if (key == "end") {
            return out.index > 0 ? std::optional(out) : std::nullopt;
        }
        if (key == "index") {
            in >> out.index;
        } else if (key == "address") {
            in >> out.address;
        } else if (key == "up") {
            in >> out.up;
        } else if (key == "disable_ipv6") {
            in >> out.ipv6;
        } else if (key == "ethtool") {
            std::pair<unsigned, unsigned> offload;
            in >> offload.first >> offload.second;
            out.offloads.push_back(offload);
        } else {
            return std::nullopt;
        }
        if (!in) {
            return std::nullopt;
        }
    }
    return std::nullopt;  // cut off
}

}  // namespace minerwall::machine
