// What the daemon's parts may read of each other.
//
// The daemon owns the parts. To change one, a class gets it by its constructor.
#pragma once

#include "machine/config.hpp"
#include "minerwalld/devices.hpp"
#include "minerwalld/event_output.hpp"
#include "minerwalld/workers.hpp"
#include "policy/store.hpp"

namespace minerwall::daemon {

struct Appliance {
    const machine::Config& config;
    const policy::Store& store;
    const Devices& devices;
    const Workers& workers;
    const EventOutput& events;
};

}  // namespace minerwall::daemon
