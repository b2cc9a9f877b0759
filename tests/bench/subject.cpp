#include "bench/subject.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "event/ledger.hpp"

namespace minerwall::bench {
namespace {

// More events than a lap can write: one for each packet, and 64 ended flows a turn.
constexpr std::size_t kEvents = 4096;
constexpr Nanos kStart = Nanos{1'700'000'000} * kNanosPerSecond;
constexpr flow::HashKey kSecret{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL};

path::WorkerOptions with_secret(path::WorkerOptions options) {
    options.secret = kSecret;
    options.io.burst = Loop::kBurst;
    return options;
}

}  // namespace

Subject::Subject(Loop& loop, const match::Prefilter& prefilter,
                 std::unique_ptr<policy::Ruleset> ruleset, const path::WorkerOptions& options)
    : loop_(loop),
      counters_(std::make_unique<WorkerCounters>()),
      ring_(kEvents),
      store_(1),
      now_(kStart) {
    store_.publish(std::move(ruleset));
    store_.register_worker(0);
    const path::WorkerOptions chosen = with_secret(options);
    tables_ = std::make_unique<path::SharedTables>(chosen);
    worker_ = std::make_unique<path::Worker>(chosen, path::Ports{{&loop.queue(0), &loop.queue(1)}},
                                             store_, ring_, loop.packet_pools(), prefilter,
                                             *tables_, path::Handover{}, *counters_);
    worker_->start_clock(now_);
}

Subject::~Subject() {
    store_.unregister_worker(0);
}

Loop::Cycles Subject::lap(Nanos step) {
    const Loop::Cycles cycles = loop_.forward([&] {
        now_ += step;
        return worker_->turn(now_);
    });
    loop_.collect();
    drop_events();
    return cycles;
}

void Subject::end_all_flows() {
    const path::WorkerOptions& options = context().options;
    now_ += Nanos{options.flows.timeouts.tcp_established + 1} * kNanosPerSecond;
    constexpr unsigned kPatience = 1u << 20;
    for (unsigned turns = 0; context().flows.size() != 0; ++turns) {
        if (turns == kPatience) {
            throw std::runtime_error("flows do not end");
        }
        now_ += kNanosPerMilli;
        worker_->turn(now_);
        drop_events();
    }
}

void Subject::drop_events() noexcept {
    while (ring_.peek() != nullptr) {
        ring_.release();
        ++events_;
    }
}

void Subject::check_ledger() const {
    const WorkerCounters* const workers[] = {counters_.get()};
    const event::Ledger ledger = event::read_ledger(workers, 2);
    const event::LedgerRow& total = ledger.total;
    if (!ledger.balanced() || total.received_packets != total.sent_packets ||
        total.crafted_packets != 0) {
        throw std::runtime_error(fmt::format("{} packets were received, {} crafted, {} sent",
                                             total.received_packets, total.crafted_packets,
                                             total.sent_packets));
    }
    if (counters_->flow_table_full.get() != 0 || counters_->inspection_exhausted.get() != 0 ||
        counters_->events_lost.get() != 0) {
        throw std::runtime_error(
            fmt::format("{} flows found no place, {} no stream state, {} events were lost",
                        counters_->flow_table_full.get(), counters_->inspection_exhausted.get(),
                        counters_->events_lost.get()));
    }
}

}  // namespace minerwall::bench
