// What the devices lost before a worker received it, which the ledger cannot have. Any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "minerwalld/devices.hpp"
#include "output/stats.hpp"

namespace minerwall::daemon {

std::vector<output::DeviceLosses> device_losses(const Devices& devices);  // by port

// For people, beside the ledger: a line for each port that lost something, or one that none did.
std::string losses_text(std::span<const std::string> port_names,
                        std::span<const output::DeviceLosses> losses);

}  // namespace minerwall::daemon
