// The workers on their lcores: starts them, stops them and ends their flows. Main thread only.
#pragma once

#include <atomic>
#include <vector>

#include "minerwalld/appliance.hpp"

namespace minerwall::daemon {

class Forwarding {
  public:
    // `appliance` outlives this object.
    explicit Forwarding(Appliance& appliance) : appliance_(appliance) {}

    void launch();
    bool running() const noexcept { return running_; }
    // Waits for the workers, then drops the packets in hand-over rings and ends all flows.
    void stop();

    const path::Worker::Clock& clock() const noexcept { return clock_; }  // after launch()

  private:
    struct Launched {
        path::Worker* worker;
        const std::atomic<bool>* stop;
        path::Worker::Clock clock;
    };
    static int worker_main(void* launched);
    void end_flows();

    Appliance& appliance_;
    std::vector<Launched> launched_;
    std::atomic<bool> stop_{false};
    bool running_ = false;
    path::Worker::Clock clock_{};
};

}  // namespace minerwall::daemon
