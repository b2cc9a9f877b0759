#include "minerwalld/forwarding.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <chrono>
#include <thread>

#include "minerwalld/wall_clock.hpp"

namespace minerwall::daemon {

int Forwarding::worker_main(void* argument) {
    const auto* launched = static_cast<const Launched*>(argument);
    launched->worker->run(*launched->stop, launched->clock);
    return 0;
}

void Forwarding::launch() {
    clock_ = {wall_now(), rte_rdtsc(), rte_get_tsc_hz()};
    launched_.reserve(workers_.count());
    for (std::size_t w = 0; w < workers_.count(); ++w) {
        launched_.push_back({&workers_.at(w), &stop_, clock_});
    }
    for (unsigned w = 0; w < launched_.size(); ++w) {
        rte_eal_remote_launch(worker_main, &launched_[w], machine::Eal::worker_lcore(w));
    }
    running_ = true;
}

void Forwarding::stop() {
    running_ = false;
    stop_ = true;
    rte_eal_mp_wait_lcore();
    for (std::size_t w = 0; w < workers_.count(); ++w) {
        workers_.at(w).drain_handover();
    }
    end_flows();
}

// The rings hold fewer records than a table has flows: wait for the writer, within a bound, and
// only while it goes on.
void Forwarding::end_flows() {
    using Clock = std::chrono::steady_clock;
    constexpr unsigned kChunk = 512;
    constexpr std::chrono::seconds kInAll{10}, kWithoutProgress{1};
    const Clock::time_point deadline = Clock::now() + kInAll;
    bool goes_on = events_.drains();
    for (std::size_t w = 0; w < workers_.count(); ++w) {
        const event::Ring& ring = workers_.ring(w);
        std::size_t cursor = 0;
        while (workers_.at(w).end_flows(cursor, kChunk, event::EndReason::shutdown)) {
            std::size_t level = ring.level();
            Clock::time_point moved = Clock::now();
            while (goes_on && ring.level() + 2 * kChunk > ring.capacity()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                const Clock::time_point now = Clock::now();
                if (ring.level() < level) {
                    level = ring.level();
                    moved = now;
                }
                goes_on = now < deadline && now - moved < kWithoutProgress;
            }
        }
    }
}

}  // namespace minerwall::daemon
