// The workers on their lcores: starts them, stops them and ends their flows. Main thread only.
#pragma once

#include <atomic>
#include <vector>

#include "minerwalld/event_output.hpp"
#include "minerwalld/workers.hpp"

namespace minerwall::daemon {

class Forwarding {
  public:
    // Both outlive this object. events: drains the workers' rings.
    Forwarding(Workers& workers, const EventOutput& events) : workers_(workers), events_(events) {}

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

    Workers& workers_;
    const EventOutput& events_;
    std::vector<Launched> launched_;
    std::atomic<bool> stop_{false};
    bool running_ = false;
    path::Worker::Clock clock_{};
};

}  // namespace minerwall::daemon
