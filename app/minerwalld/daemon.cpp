#include "minerwalld/daemon.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <thread>

#include "event/ledger.hpp"
#include "exit_code.hpp"
#include "minerwalld/learned_file.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall::daemon {
namespace {

constexpr unsigned kHandoverSlots = 1024;  // packets between two workers
constexpr std::uint64_t kStatsSeconds = 60;

flow::HashKey random_secret() {
    flow::HashKey secret{};
    // Short reads cannot happen below 256 bytes (getrandom(2)); without entropy the addresses of
    // this process are better than a constant.
    if (getrandom(&secret, sizeof secret, 0) != static_cast<ssize_t>(sizeof secret)) {
        secret.k0 = rte_rdtsc();
        secret.k1 = reinterpret_cast<std::uintptr_t>(&secret);
    }
    return secret;
}

bool wants(const machine::Config& config, std::string_view type) {
    const auto& types = config.events.types;
    return config.events.file != "none" &&
           std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

Nanos wall_now() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<Nanos>(now.tv_sec) * kNanosPerSecond + static_cast<Nanos>(now.tv_nsec);
}

Daemon::Daemon(machine::Config config, Log& log)
    : config_(std::move(config)), log_(log), store_(config_.workers.count) {}

Daemon::~Daemon() {
    stop();
    exposer_.stop();  // where start() failed halfway
    workers_.clear();
    tables_.reset();
    ports_.clear();
    for (rte_ring* ring : handover_rings_) {
        rte_ring_free(ring);
    }
    pools_.reset();
    eal_.reset();
}

bool Daemon::open_devices() {
    std::string error;
    if (auto eal = machine::Eal::start(machine::eal_options(config_), error)) {
        eal_.emplace(std::move(*eal));
    } else {
        log_.error("{}", error);
        return false;
    }
    if (!eal_->note().empty()) {
        log_.info("{}", eal_->note());
    }
    if (auto pools = machine::Pools::create(machine::pool_options(config_), error)) {
        pools_.emplace(std::move(*pools));
    } else {
        log_.error("{}", error);
        return false;
    }
    std::vector<std::string> warnings;
    ports_ = machine::open_ports(config_, *pools_, error, warnings);
    for (const std::string& warning : warnings) {
        log_.warning("{}", warning);
    }
    if (ports_.empty()) {
        log_.error("{}", error);
        return false;
    }
    return true;
}

void Daemon::make_handover(std::vector<path::Handover>& handovers) {
    const unsigned n = config_.workers.count;
    handovers.resize(n);
    const bool needed = n > 1 && std::any_of(ports_.begin(), ports_.end(),
                                             [](const auto& port) { return port->needs_rehash(); });
    for (path::Handover& handover : handovers) {
        handover.needed = needed;
        for (std::size_t port = 0; n > 1 && !needed && port < ports_.size(); port += 2) {
            handover.spread.push_back(&ports_[port]->spread());
        }
        handover.to.assign(n, nullptr);
        handover.from.assign(n, nullptr);
    }
    // Even where the NICs spread flows: fragments, tunnels and IPv6 extension headers are beyond
    // them.
    for (unsigned from = 0; from < n; ++from) {
        for (unsigned to = 0; to < n; ++to) {
            if (from == to) {
                continue;
            }
            rte_ring* ring =
                rte_ring_create(fmt::format("handover_{}_{}", from, to).c_str(), kHandoverSlots,
                                SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
            if (ring == nullptr) {
                throw std::bad_alloc();
            }
            handover_rings_.push_back(ring);
            handovers[from].to[to] = ring;
            handovers[to].from[from] = ring;
        }
    }
}

bool Daemon::make_workers() {
    std::vector<path::Handover> handovers;
    make_handover(handovers);
    prefilter_ = std::make_unique<match::Prefilter>(config_.workers.count);

    path::WorkerOptions options;
    options.workers = config_.workers.count;
    options.flows.capacity = config_.flows.capacity;
    options.inspection.states = config_.flows.inspections;
    options.inspection.quic_hellos = config_.flows.quic_handshakes;
    options.flows.drop_when_full = config_.flows.when_full == machine::WhenFull::drop;
    options.streams.memory_kb = config_.streams.memory_kb;
    options.streams.flow_kb = config_.streams.flow_kb;
    options.streams.drop_when_full = config_.streams.when_full == machine::WhenFull::drop;
    options.fragments.limits.datagrams = config_.fragments.datagrams;
    options.fragments.limits.memory_kb = config_.fragments.memory_kb;
    options.fragments.limits.timeout_ms = config_.fragments.timeout_s * 1000;
    options.fragments.drop_when_full = config_.fragments.when_full == machine::WhenFull::drop;
    options.learning.capacity = config_.learning.capacity;
    options.io.burst = std::min(config_.workers.burst, path::Burst::kMax);
    options.io.tx_retries = config_.workers.tx_retries;
    options.flows.timeouts.tcp_fresh = config_.flows.tcp_new_timeout_s;
    options.flows.timeouts.tcp_established = config_.flows.tcp_timeout_s;
    options.flows.timeouts.tcp_closed = config_.flows.tcp_closed_timeout_s;
    options.flows.timeouts.udp_fresh = config_.flows.udp_new_timeout_s;
    options.flows.timeouts.udp_established = config_.flows.udp_timeout_s;
    options.flows.timeouts.other = config_.flows.other_timeout_s;
    options.secret = random_secret();
    options.events.alerts = wants(config_, "alert");
    options.events.dns = wants(config_, "dns");
    options.events.flows = wants(config_, "flow");
    options.events.learned = wants(config_, "learned");
    tables_ = std::make_unique<path::SharedTables>(options);
    for (unsigned w = 0; w < config_.workers.count; ++w) {
        options.worker = w;
        std::vector<machine::Queue*> queues;
        for (const auto& port : ports_) {
            queues.push_back(&port->queue(w));
        }
        counters_.push_back(std::make_unique<WorkerCounters>());
        rings_.push_back(std::make_unique<event::Ring>(config_.events.ring));
        workers_.push_back(std::make_unique<path::Worker>(
            options, std::move(queues), store_, *rings_[w],
            path::PacketPools{pools_->crafted(), pools_->datagrams()}, *prefilter_, *tables_,
            std::move(handovers[w]), *counters_[w]));
    }
    heartbeats_.assign(config_.workers.count, 0);
    return true;
}

bool Daemon::start_outputs() {
    if (config_.events.file != "none") {
        event::SinkOptions options;
        options.path = config_.events.file;
        sink_ = std::make_unique<event::Sink>(options);
        if (const std::string error = sink_->open(); !error.empty()) {
            log_.error("events: {}", error);
            return false;
        }
        event::EveOptions eve;
        eve.port_names = port_names();
        std::vector<event::Ring*> rings;
        for (const auto& ring : rings_) {
            rings.push_back(ring.get());
        }
        writer_ = std::make_unique<event::WriterThread>(std::move(rings), std::move(eve), *sink_);
        if (const std::string error = writer_->start(); !error.empty()) {
            log_.error("events: {}", error);
            return false;
        }
    }
    if (config_.metrics.enabled) {
        metrics::ExposerOptions options;
        options.listen = config_.metrics.listen;
        if (const std::string error = exposer_.start(options, metrics_source()); !error.empty()) {
            log_.error("metrics: {}", error);
            return false;
        }
    }
    return true;
}

int Daemon::worker_main(void* argument) {
    const auto* launched = static_cast<const Launched*>(argument);
    launched->worker->run(*launched->stop, launched->clock);
    return 0;
}

void Daemon::launch() {
    started_at_ = wall_now();
    clock_ = {started_at_, rte_rdtsc(), rte_get_tsc_hz()};
    launched_.reserve(workers_.size());
    for (const auto& worker : workers_) {
        launched_.push_back({worker.get(), &stop_, clock_});
    }
    for (unsigned w = 0; w < launched_.size(); ++w) {
        rte_eal_remote_launch(worker_main, &launched_[w], machine::Eal::worker_lcore(w));
    }
    running_ = true;
}

int Daemon::start(std::unique_ptr<policy::Ruleset> ruleset) {
    if (!open_devices()) {
        return kExitFailed;
    }
    const policy::Ruleset* rules = ruleset.get();
    store_.publish(std::move(ruleset));
    note_policy();
    if (!make_workers() || !start_outputs()) {
        return kExitFailed;
    }
    launch();
    for (const machine::WireConfig& wire : config_.wires) {
        log_.info("wire {}: {} <-> {}", wire.name, wire.ends[0].name, wire.ends[1].name);
    }
    log_.info("{} worker{}, {}, flows: {} each{}", workers_.size(), workers_.size() == 1 ? "" : "s",
              eal_->uses_hugepages() ? "hugepages" : "no hugepages",
              counters_[0]->flow_table_capacity.get(),
              workers_[0]->context().handover.needed
                  ? ", hand-over between workers (no symmetric RSS on some end)"
                  : "");
    log_.info("policy {} (version {}): {} rules, {} list entries, mode {}", config_.policy,
              rules->epoch(), rules->rule_count(), rules->entry_count(),
              rules->observe() ? "observe" : "enforce");
    log_.info("events to {}, metrics {}",
              config_.events.file == "-" ? "standard output" : config_.events.file,
              config_.metrics.enabled ? "on http://" + config_.metrics.listen + "/metrics"
                                      : std::string("off"));
    log_.info("ready");
    sd_notifyf(0, "READY=1\nSTATUS=forwarding, policy version %u", rules->epoch());
    return kExitOk;
}

void Daemon::note_policy() {
    // This thread is the only one that publishes: what current() gives stays.
    const policy::Ruleset& rules = *store_.current();
    const std::lock_guard lock(told_);
    policy_state_.version = rules.epoch();
    policy_state_.loaded_at = static_cast<double>(rules.loaded_at()) / 1e9;
    policy_state_.rules = rules.rule_count();
    policy_state_.list_entries = rules.entry_count();
    policy_state_.enforcing = !rules.observe();
    rule_slots_.resize(kMaxRuleSlots);
    for (std::uint16_t i = 0; i < rules.rule_count(); ++i) {
        const policy::RuleInfo& rule = rules.rule(i);
        rule_slots_[rule.counter_slot] = {
            rule.counter_slot == kMaxRuleSlots - 1 ? "other" : rule.name, rule.action};
    }
}

void Daemon::reload() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
               static_cast<unsigned long long>(now.tv_sec) * 1000000 +
                   static_cast<unsigned long long>(now.tv_nsec) / 1000);
    policy::LoadResult result = policy::load(config_.policy, config_.workers.count);
    for (const settings::Diagnostic& d : result.diagnostics) {
        log_.warning("{}", settings::format(d));
    }
    std::uint32_t version = store_.current()->epoch();
    if (result.ok()) {
        version = store_.publish(std::move(result.ruleset));
        note_policy();
        ++reloads_ok_;
        log_.info("policy {} reloaded: version {}", config_.policy, version);
    } else {
        ++reloads_failed_;
        log_.error("policy {} is not valid: version {} stays in force", config_.policy, version);
    }
    sd_notifyf(0, "READY=1\nSTATUS=forwarding, policy version %u%s", version,
               result.diagnostics.empty() ? "" : " (last reload had something to say)");
}

// Written again only when something was learned or went.
void Daemon::list_learned() {
    if (config_.learning.file == "none") {
        return;
    }
    std::uint64_t state = 0;
    for (const auto& counters : counters_) {
        state += (counters->learned_total.get() << 32) + counters->learned_addresses.get();
    }
    if (state == learned_state_ && seconds_ != 1) {
        return;
    }
    learned_state_ = state;
    const std::string error = write_learned(config_.learning.file, tables_->all_learned(),
                                            clock_.at(rte_rdtsc()), wall_now());
    if (!error.empty()) {
        log_.error("learned addresses: {}", error);
    }
}

void Daemon::every_second() {
    ++seconds_;
    for (const auto& port : ports_) {
        (void)port->link();
    }
    if (writer_ != nullptr) {
        // The TSC and the system's clock drift apart; events are stamped with the latter.
        writer_->set_clock_offset(static_cast<std::int64_t>(wall_now()) -
                                  static_cast<std::int64_t>(clock_.at(rte_rdtsc())));
    }
    list_learned();
    bool alive = true;
    for (std::size_t w = 0; w < workers_.size(); ++w) {
        const std::uint64_t beat = counters_[w]->heartbeat.get();
        if (beat == heartbeats_[w]) {
            alive = false;
            log_.warning("worker {} has not turned for a second", w);
        }
        heartbeats_[w] = beat;
    }
    if (alive) {
        sd_notify(0, "WATCHDOG=1");
    }
    if (seconds_ % kStatsSeconds == 0) {
        write_stats();
    }
}

void Daemon::run() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
        sigaddset(&signals, signal);
    }
    auto next = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
            next - std::chrono::steady_clock::now());
        timespec wait{0, std::clamp<long>(left.count(), 0, 999'999'999)};
        switch (sigtimedwait(&signals, nullptr, &wait)) {
            case SIGTERM:
            case SIGINT:
                return;
            case SIGHUP:
                reload();
                break;
            case SIGUSR1:
                if (sink_ != nullptr) {
                    if (const std::string error = sink_->reopen(); !error.empty()) {
                        log_.error("events: {}", error);
                    }
                }
                break;
            default:
                break;
        }
        if (std::chrono::steady_clock::now() >= next) {
            every_second();
            next += std::chrono::seconds(1);
        }
    }
}

// The rings hold fewer records than a table has flows: give the writer its time, within a bound.
void Daemon::end_flows() {
    constexpr unsigned kChunk = 512;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (std::size_t w = 0; w < workers_.size(); ++w) {
        std::size_t cursor = 0;
        while (workers_[w]->end_flows(cursor, kChunk, event::EndReason::shutdown)) {
            while (rings_[w]->level() + 2 * kChunk > rings_[w]->capacity() && writer_ != nullptr &&
                   std::chrono::steady_clock::now() < deadline) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        }
    }
}

void Daemon::stop() {
    if (!running_) {
        return;
    }
    running_ = false;
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
    // First, while the wire still forwards: its server takes up to two seconds to end.
    exposer_.stop();
    stop_ = true;
    rte_eal_mp_wait_lcore();
    for (const auto& worker : workers_) {
        worker->drain_handover();
    }
    end_flows();
    if (writer_ != nullptr) {
        writer_->stop();
        write_stats();
        sink_->close();
    }
}

void Daemon::write_stats() {
    if (sink_ == nullptr || !wants(config_, "stats")) {
        return;
    }
    event::StatsInput input;
    input.time = wall_now();
    input.uptime = (input.time - started_at_) / kNanosPerSecond;
    input.policy_version = store_.current()->epoch();
    input.lines_lost = sink_->lines_lost();
    event::write_stats(*sink_, counters(), port_names(), input);
}

std::vector<const WorkerCounters*> Daemon::counters() const {
    std::vector<const WorkerCounters*> out;
    for (const auto& counters : counters_) {
        out.push_back(counters.get());
    }
    return out;
}

std::vector<std::string> Daemon::port_names() const {
    std::vector<std::string> out;
    for (const auto& port : ports_) {
        out.push_back(port->name());
    }
    return out;
}

bool Daemon::ledger_balanced() const {
    return event::read_ledger(counters(), ports_.size()).balanced();
}

std::string Daemon::ledger_text() const {
    return event::ledger_text(counters(), port_names());
}

}  // namespace minerwall::daemon
