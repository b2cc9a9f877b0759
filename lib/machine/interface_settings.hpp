// What minerwall changes on a kernel interface, and how it was before: up or down, IPv6, offloads.
//
// Control plane, one thread. `control` is an AF_INET datagram socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minerwall::machine {

struct InterfaceSettings {
    int index = 0;
    std::string address;  // hardware address, in hex
    bool up = false;
    std::string ipv6;                                     // text of disable_ipv6; empty: absent
    std::vector<std::pair<unsigned, unsigned>> offloads;  // set command, value

    bool operator==(const InterfaceSettings&) const = default;
};

// Of an interface that is there.
InterfaceSettings read_settings(int control, const std::string& name);

bool ipv6_is_on(const std::string& name);
// IPv6 off, so that this host does not speak into the wire. False: the kernel refused.
bool switch_ipv6_off(const std::string& name);
// Offloads off, so that the sockets see the frames of the wire.
void switch_offloads_off(int control, const std::string& name);

// Puts everything back, if the interface of that index is still the same. Returns its name, or an
// empty text.
std::string restore_settings(int control, const InterfaceSettings& before);

// Lines of a file, and back; nullopt if it is not such a file.
std::string to_text(const InterfaceSettings& settings);
std::optional<InterfaceSettings> settings_from(std::string_view text);

}  // namespace minerwall::machine
