// The metrics page for Prometheus: http://HOST:PORT/metrics.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "metrics/source.hpp"

namespace minerwall::metrics {

struct ExposerOptions {
    // Numeric HOST:PORT, IPv6 in brackets. Loopback unless the operator opens it, because the page
    // names rules and wires.
    std::string listen = "127.0.0.1:9477";
    // The server cuts off a scraper that does not finish its request or read the answer in this
    // time.
    std::chrono::milliseconds request_timeout{2000};
};

// Control plane, one thread. The server has two threads; further scrapes wait.
class Exposer {
  public:
    Exposer();
    ~Exposer();  // stop()
    Exposer(const Exposer&) = delete;
    Exposer& operator=(const Exposer&) = delete;

    // Empty on success, else one line that says what is wrong ("… Address already in use"). The
    // objects that `source` points at must live until stop(). Does not throw.
    std::string start(const ExposerOptions& options, Source source);
    // Takes up to 2 seconds, the server's poll interval: call it while the wire still forwards.
    void stop() noexcept;

  private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace minerwall::metrics
