#include "minerwalld/forwarding.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <chrono>
#include <thread>

namespace minerwall::daemon {

int Forwarding::worker_main(void* argument) {
    const auto* launched = static_cast<const Launched*>(argument);
    launched->worker->run(*launched->stop, launched->clock);
    return 0;
}

void Forwarding::launch() {
    clock_ = {wall_now(), rte_rdtsc(), rte_get_tsc_hz()};
    launched_.reserve(appliance_.workers.size());
    for (const auto& worker : appliance_.workers) {
        launched_.push_back({worker.get(), &stop_, clock_});
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
    for (const auto& worker : appliance_.workers) {
        worker->drain_handover();
    }
    end_flows();
}

// The rings hold fewer records than a table has flows: wait for the writer, within a bound.
void Forwarding::end_flows() {
    constexpr unsigned kChunk = 512;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (std::size_t w = 0; w < appliance_.workers.size(); ++w) {
        const event::Ring& ring = *appliance_.rings[w];
        std::size_t cursor = 0;
        while (appliance_.workers[w]->end_flows(cursor, kChunk, event::EndReason::shutdown)) {
            while (ring.level() + 2 * kChunk > ring.capacity() && appliance_.writer != nullptr &&
                   std::chrono::steady_clock::now() < deadline) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        }
    }
}

}  // namespace minerwall::daemon
