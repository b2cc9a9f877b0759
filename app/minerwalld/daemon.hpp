// The daemon's life: start, run, stop.
//
// Main thread only. After start() traffic flows, run() waits for signals, the destructor stops.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "metrics/exposer.hpp"
#include "minerwalld/appliance.hpp"
#include "minerwalld/end_watch.hpp"
#include "minerwalld/forwarding.hpp"
#include "minerwalld/housekeeping.hpp"
#include "minerwalld/log.hpp"
#include "minerwalld/loop.hpp"
#include "minerwalld/policy_control.hpp"

namespace minerwall::daemon {

class Daemon {
  public:
    Daemon(machine::Config config, const Log& log);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // Returns an exit code; kExitOk: workers are forwarding. Logs all failures.
    int start(std::unique_ptr<policy::Ruleset> ruleset);
    // Serves signals until TERM or INT. HUP reloads the policy, USR1 reopens the event file.
    // Returns an exit code; kExitEndLost: it gave up by itself.
    int run(Loop& loop);
    // Stops the workers, ends the flows and writes the remaining events; the ledger is final then.
    void stop();

    // Some thread of ours is not done, and nothing waits for it: a load of a policy, or a write to
    // a stuck disk or reader. Then do not destroy the daemon: give the ends back, and leave by
    // std::_Exit().
    bool busy() const { return policy_.loading() || stuck_; }
    void give_back() { devices_->close_ports(); }
    bool ledger_balanced() const;
    std::string ledger_text() const;  // and what devices lost before it

  private:
    bool start_metrics(const Appliance& appliance);
    void tell_ready() const;

    const Log& log_;
    const machine::Config config_;
    policy::Store store_;
    PolicyControl policy_;
    // From start() on, in the order in which they need each other.
    std::unique_ptr<Devices> devices_;
    std::optional<Workers> workers_;
    EventOutput events_;
    std::optional<Forwarding> forwarding_;
    std::optional<EndWatch> ends_;
    std::optional<Housekeeping> housekeeping_;
    bool stuck_ = false;
    metrics::Exposer exposer_;
};

}  // namespace minerwall::daemon
