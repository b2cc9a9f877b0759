#include "output/drain.hpp"

#include <utility>

namespace minerwall::output {

Drain::Drain(std::vector<event::Ring*> rings, std::vector<Consumer*> consumers)
    : rings_(std::move(rings)), consumers_(std::move(consumers)) {}

std::size_t Drain::once(std::size_t burst) {
    const std::int64_t offset = clock_offset_.load(std::memory_order_relaxed);
    std::size_t count = 0;
    for (event::Ring* ring : rings_) {
        for (std::size_t i = 0; i < burst; ++i) {
            const event::Record* record = ring->peek();
            if (record == nullptr) {
                break;
            }
            for (Consumer* consumer : consumers_) {
                consumer->consume(*record, offset);
            }
            ring->release();
            ++count;
        }
    }
    return count;
}

void Drain::all() {
    while (once() != 0) {
    }
}

void Drain::write_stats(Stats stats) const {
    stats.lost = counts().lost;
    for (Consumer* consumer : consumers_) {
        consumer->write_stats(stats);
    }
}

void Drain::write_end_change(const EndChange& change) const {
    for (Consumer* consumer : consumers_) {
        consumer->write_end_change(change);
    }
}

Counts Drain::counts() const noexcept {
    Counts sum;
    for (const Consumer* consumer : consumers_) {
        sum += consumer->counts();
    }
    return sum;
}

void Drain::flush() noexcept {
    for (Consumer* consumer : consumers_) {
        consumer->flush();
    }
}

}  // namespace minerwall::output
