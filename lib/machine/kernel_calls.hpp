// The questions to the kernel about an interface, and the orders.
//
// Control plane; any thread. `control` is an AF_INET datagram socket.
#pragma once

#include <optional>
#include <string>

struct ethtool_value;

namespace minerwall::machine {

int interface_index(int control, const std::string& name);  // 0: none of this name
std::string interface_name(int control, int index);         // empty: none of this index
std::optional<short> interface_flags(int control, const std::string& name);  // IFF_*
bool set_interface_up(int control, const std::string& name, bool up);        // false: errno
unsigned interface_mtu(int control, const std::string& name);                // 0: unknown
// Its hardware address in hex; empty: unknown.
std::string interface_address(int control, const std::string& name);
bool ethtool(int control, const std::string& name, ethtool_value& value);  // false: errno

}  // namespace minerwall::machine
