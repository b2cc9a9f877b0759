#include "minerwalld/devices.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace minerwall::daemon {

Devices::Devices(machine::EndLocks locks, machine::Eal eal, machine::Pools pools)
    : locks_(std::move(locks)), eal_(std::move(eal)), pools_(std::move(pools)) {}

std::unique_ptr<Devices> Devices::open(const machine::Config& config, const Log& log) {
    machine::EndLocks locks;
    std::string error = locks.take(config.wires);
    if (error.empty() && config.learning.file != "none") {
        error = locks.take_file(config.learning.file);
    }
    if (!error.empty()) {
        log.error("{}", error);
        return nullptr;
    }
    for (const std::string& name : locks.clear_leftovers()) {
        log.info("interface {}: put back what a killed daemon had changed", name);
    }
    machine::EalOptions options = machine::eal_options(config);
    options.log = log.stream();
    std::optional<machine::Eal> eal = machine::Eal::start(options, error);
    if (!eal) {
        log.error("{}", error);
        return nullptr;
    }
    if (!eal->note().empty()) {
        log.info("{}", eal->note());
    }
    std::optional<machine::Pools> pools =
        machine::Pools::create(machine::pool_options(config), error);
    if (!pools) {
        log.error("{}", error);
        return nullptr;
    }
    std::unique_ptr<Devices> devices(
        new Devices(std::move(locks), std::move(*eal), std::move(*pools)));
    std::vector<std::string> warnings;
    devices->ports_ =
        machine::open_ports(config, devices->pools_, &devices->locks_, error, warnings);
    for (const std::string& warning : warnings) {
        log.warning("{}", warning);
    }
    if (devices->ports_.empty()) {
        log.error("{}", error);
        return nullptr;
    }
    return devices;
}

void Devices::close_ports() {
    ports_.clear();
    locks_.release();
    eal_.remove_runtime_directory();
}

std::vector<machine::Queue*> Devices::queues(unsigned worker) {
    std::vector<machine::Queue*> out;
    for (const auto& port : ports_) {
        out.push_back(&port->queue(worker));
    }
    return out;
}

std::vector<std::string> Devices::port_names() const {
    std::vector<std::string> out;
    for (const auto& port : ports_) {
        out.push_back(port->name());
    }
    return out;
}

bool Devices::needs_rehash() const {
    return std::any_of(ports_.begin(), ports_.end(),
                       [](const auto& port) { return port->needs_rehash(); });
}

std::vector<const machine::Spread*> Devices::spreads() const {
    std::vector<const machine::Spread*> out;
    for (std::size_t port = 0; port < ports_.size(); port += 2) {
        out.push_back(&ports_[port]->spread());
    }
    return out;
}

}  // namespace minerwall::daemon
