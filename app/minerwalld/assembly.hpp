// From configuration to objects, in the order in which they need each other.
//
// Main thread only, before traffic flows. Each function logs a failure and returns false.
#pragma once

#include "minerwalld/appliance.hpp"
#include "minerwalld/log.hpp"

namespace minerwall::daemon {

// EAL, buffer pools and ports.
bool open_devices(Appliance& appliance, const Log& log);
// Counters, event rings, shared tables and workers on the open ports. Throws std::bad_alloc if
// there is no memory.
void make_workers(Appliance& appliance);
// The event file and the thread that writes it, if the configuration asks for events.
bool start_events(Appliance& appliance, const Log& log);

// The options of all workers, except their number. Each call makes a new secret.
path::WorkerOptions worker_options(const machine::Config& config);

}  // namespace minerwall::daemon
