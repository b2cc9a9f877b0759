// What a scrape reads from the running daemon.
#pragma once

#include "metrics/source.hpp"
#include "minerwalld/appliance.hpp"
#include "minerwalld/policy_control.hpp"

namespace minerwall::daemon {

// The callbacks run on the exposer's threads: they read only atomics and what a mutex guards. All
// that `appliance` names, and `policy`, must outlive the source.
metrics::Source metrics_source(const Appliance& appliance, const PolicyControl& policy);

}  // namespace minerwall::daemon
