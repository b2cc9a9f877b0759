#include "minerwalld/device_losses.hpp"

#include <fmt/format.h>

namespace minerwall::daemon {

std::vector<output::DeviceLosses> device_losses(const Devices& devices) {
    std::vector<output::DeviceLosses> out;
    for (std::size_t port = 0; port < devices.port_count(); ++port) {
        const machine::PortStats stats = devices.stats(port);
        out.push_back({stats.rx_missed, stats.rx_errors, stats.rx_no_mbuf});
    }
    return out;
}

std::string losses_text(std::span<const std::string> port_names,
                        std::span<const output::DeviceLosses> losses) {
    std::string out;
    for (std::size_t port = 0; port < losses.size(); ++port) {
        const output::DeviceLosses& lost = losses[port];
        if ((lost.missed | lost.errors | lost.no_buffer) != 0) {
            out += fmt::format(
                "lost by the device {} before the ledger: {} missed, {} broken, {} times no "
                "buffer\n",
                port_names[port], lost.missed, lost.errors, lost.no_buffer);
        }
    }
    return out.empty() ? "lost by devices before the ledger: nothing\n" : out;
}

}  // namespace minerwall::daemon
