#include "metrics/collector.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "metrics/families.hpp"
#include "metrics/worker_metrics.hpp"

namespace minerwall::metrics {
namespace {

using Workers = std::vector<const WorkerCounters*>;

Labels worker_label(std::size_t worker) {
    return {{"worker", std::to_string(worker)}};
}

Labels port_labels(const Source& s, std::size_t port) {
    Labels labels = {{"port", s.port_names[port]}};
    if (port < s.wire_names.size() && !s.wire_names[port].empty()) {
        labels.push_back({"wire", s.wire_names[port]});
    }
    return labels;
}

std::size_t ports_of(const Source& s) {
    return std::min<std::size_t>(s.port_names.size(), kMaxPorts);
}

void each_worker(Families& f, const Source& s, Counter WorkerCounters::*member) {
    for (std::size_t w = 0; w < s.workers.size(); ++w) {
        f.sample(worker_label(w), (s.workers[w]->*member).get());
    }
}

void each_port_and_worker(Families& f, const Source& s, Counter PortCounters::*member) {
    for (std::size_t p = 0; p < ports_of(s); ++p) {
        for (std::size_t w = 0; w < s.workers.size(); ++w) {
            Labels labels = port_labels(s, p);
            labels.push_back({"worker", std::to_string(w)});
            f.sample(std::move(labels), (s.workers[w]->port[p].*member).get());
        }
    }
}

struct PortMetric {
    const char* name;
    const char* help;
    Counter PortCounters::*member;
};
constexpr PortMetric kPortMetrics[] = {
    {"minerwall_received_packets_total", "Packets received, by the port where they came in.",
     &PortCounters::received_packets},
    {"minerwall_received_bytes_total", "Bytes of received frames, without FCS.",
     &PortCounters::received_bytes},
    {"minerwall_crafted_packets_total",
     "Packets made here (resets, DNS answers), by the port of the packet that caused them.",
     &PortCounters::crafted_packets},
    {"minerwall_crafted_bytes_total", "Bytes of the frames made here.",
     &PortCounters::crafted_bytes},
    {"minerwall_sent_packets_total",
     "Packets sent, by the port where they came in: with drops, the ledger's other side.",
     &PortCounters::sent_packets},
    {"minerwall_sent_bytes_total", "Bytes of the frames sent, by the port where they came in.",
     &PortCounters::sent_bytes},
    {"minerwall_handed_in_packets_total", "Packets taken over from another worker.",
     &PortCounters::handed_in},
    {"minerwall_handed_out_packets_total", "Packets handed over to another worker.",
     &PortCounters::handed_out},
    {"minerwall_transmitted_packets_total", "Packets sent, by the port where they went out.",
     &PortCounters::transmitted_packets},
    {"minerwall_transmitted_bytes_total", "Bytes sent, by the port where they went out.",
     &PortCounters::transmitted_bytes},
    {"minerwall_transmit_retries_total",
     "Times that a full transmit queue was asked again, by the port where packets go out.",
     &PortCounters::transmit_retries},
};

template <typename Wanted>
void each_reason(Families& f, const Source& s,
                 std::array<Counter, kReasonCount> PortCounters::*member, Wanted wanted) {
    for (std::size_t p = 0; p < ports_of(s); ++p) {
        for (std::size_t w = 0; w < s.workers.size(); ++w) {
            for (unsigned r = 0; r < kReasonCount; ++r) {
                const auto reason = static_cast<Reason>(r);
                if (wanted(reason)) {
                    Labels labels = port_labels(s, p);
                    labels.push_back({"worker", std::to_string(w)});
                    labels.push_back({"reason", std::string(to_text(reason))});
                    f.sample(std::move(labels), (s.workers[w]->port[p].*member)[r].get());
                }
            }
        }
    }
}

void add_ledger(Families& f, const Source& s) {
    for (const PortMetric& metric : kPortMetrics) {
        f.counter(metric.name, metric.help);
        each_port_and_worker(f, s, metric.member);
    }
    f.counter("minerwall_dropped_packets_total",
              "Packets not forwarded, by the port where they came in and the reason.");
    each_reason(f, s, &PortCounters::dropped_packets, [](Reason) { return true; });
    f.counter("minerwall_observed_drops_total",
              "Forwarded packets that are dropped in enforce mode, by port and reason.");
    // What a device loses is lost in observe mode as well.
    each_reason(f, s, &PortCounters::observed_drops,
                [](Reason reason) { return kind_of(reason) != ReasonKind::device; });
}

using W = WorkerCounters;

// By flow::Worth.
constexpr std::array<std::string_view, 4> kWorths = {"unanswered", "brief", "open", "needed"};

void add_workers(Families& f, const Source& s) {
    for (const WorkerMetric& metric : kWorkerMetrics) {
        metric.level ? f.gauge(metric.name, metric.help) : f.counter(metric.name, metric.help);
        each_worker(f, s, metric.member);
    }
    f.counter("minerwall_flows_evicted_total",
              "Flows that made room for new ones, by what they were worth.");
    for (std::size_t w = 0; w < s.workers.size(); ++w) {
        for (unsigned i = 0; i < kWorths.size(); ++i) {
            f.sample({{"worker", std::to_string(w)}, {"worth", std::string(kWorths[i])}},
                     s.workers[w]->flows_evicted[i].get());
        }
    }
    f.counter("minerwall_shed_total", "Work that an overloaded worker left out, by rung.");
    for (std::size_t w = 0; w < s.workers.size(); ++w) {
        for (unsigned r = 1; r < kRungCount; ++r) {
            const std::string rung(to_text(static_cast<Rung>(r)));
            f.sample({worker_label(w)[0], {"rung", rung}}, s.workers[w]->shed[r].get());
        }
    }
    f.gauge("minerwall_flow_table_load_ratio", "Flows in the table by its capacity, 0 to 1.");
    for (std::size_t w = 0; w < s.workers.size(); ++w) {
        const auto capacity = static_cast<double>(s.workers[w]->flow_table_capacity.get());
        const auto active = static_cast<double>(s.workers[w]->flows_active.get());
        f.sample(worker_label(w), capacity > 0 ? active / capacity : 0.0);
    }
    if (s.cycles_per_second > 0) {
        f.counter("minerwall_worker_busy_seconds_total", "Time spent on bursts that had a packet.");
        for (std::size_t w = 0; w < s.workers.size(); ++w) {
            f.sample(worker_label(w),
                     static_cast<double>(s.workers[w]->busy_cycles.get()) / s.cycles_per_second);
        }
    }
}

std::uint64_t sum(const Workers& workers, Counter WorkerCounters::*member) {
    std::uint64_t total = 0;
    for (const WorkerCounters* worker : workers) {
        total += (worker->*member).get();
    }
    return total;
}

void add_unreadable(Families& f, const Source& s) {
    f.counter("minerwall_unreadable_packets_total",
              "Packets that a bound kept minerwall from reading to the end, by bound.");
    for (unsigned kind = 0; kind < kUnreadableCount; ++kind) {
        std::uint64_t total = 0;
        for (const WorkerCounters* worker : s.workers) {
            total += worker->unreadable[kind].get();
        }
        f.sample({{"kind", std::string(to_text(static_cast<Unreadable>(kind)))}}, total);
    }
}

void add_detections(Families& f, const Source& s) {
    f.counter("minerwall_detections_total",
              "Mining recognised, by what gave it away; dialect is \"none\" but for payload.");
    for (unsigned d = 1; d < kDialectCount; ++d) {
        std::uint64_t total = 0;
        for (const WorkerCounters* worker : s.workers) {
            total += worker->detections_by_dialect[d].get();
        }
        f.sample({{"recognised_by", "payload"},
                  {"dialect", std::string(to_text(static_cast<Dialect>(d)))}},
                 total);
    }
    f.sample({{"recognised_by", "name"}, {"dialect", "none"}},
             sum(s.workers, &W::detections_by_name));
    f.sample({{"recognised_by", "address"}, {"dialect", "none"}},
             sum(s.workers, &W::detections_by_address));
    f.sample({{"recognised_by", "learned"}, {"dialect", "none"}},
             sum(s.workers, &W::detections_by_learned));

    if (!s.rules) {
        return;
    }
    f.counter("minerwall_verdicts_total", "Flows, and DNS messages, that a rule decided.");
    const std::vector<RuleSlot> rules = s.rules();
    for (std::size_t slot = 0; slot < rules.size() && slot < kMaxRuleSlots; ++slot) {
        if (rules[slot].name.empty()) {
            continue;
        }
        std::uint64_t total = 0;
        for (const WorkerCounters* worker : s.workers) {
            total += worker->verdicts_by_rule[slot].get();
        }
        f.sample({{"rule", rules[slot].name}, {"action", std::string(to_text(rules[slot].action))}},
                 total);
    }
}

void add_policy(Families& f, const Source& s, double now) {
    if (s.policy) {
        const PolicyState policy = s.policy();
        f.gauge("minerwall_policy_version", "Version number of the policy in force.");
        f.sample({}, std::uint64_t{policy.version});
        f.gauge("minerwall_policy_loaded_timestamp_seconds", "When that policy came into force.");
        f.sample({}, policy.loaded_at);
        f.gauge("minerwall_policy_age_seconds", "For how long it has been in force.");
        f.sample({}, std::max(0.0, now - policy.loaded_at));
        f.gauge("minerwall_policy_rules", "Rules of that policy.");
        f.sample({}, policy.rules);
        f.gauge("minerwall_policy_list_entries", "Entries of all its lists.");
        f.sample({}, policy.list_entries);
        f.gauge("minerwall_policy_enforcing", "1: verdicts are enforced, 0: observe mode.");
        f.sample({}, policy.enforcing ? 1.0 : 0.0);
    }
    if (s.reloads) {
        const Reloads reloads = s.reloads();
        f.counter("minerwall_policy_reloads_total", "Attempts to load a policy, by result.");
        f.sample({{"result", "ok"}}, reloads.succeeded);
        f.sample({{"result", "failed"}}, reloads.failed);
    }
}

void add_levels(Families& f, const std::function<std::vector<Level>()>& read, const char* label,
                const char* used, const char* used_help, const char* capacity,
                const char* capacity_help) {
    if (!read) {
        return;
    }
    const std::vector<Level> levels = read();
    f.gauge(used, used_help);
    for (const Level& level : levels) {
        f.sample({{label, level.name}}, level.used);
    }
    f.gauge(capacity, capacity_help);
    for (const Level& level : levels) {
        f.sample({{label, level.name}}, level.capacity);
    }
}

void add_devices(Families& f, const Source& s) {
    if (!s.devices) {
        return;
    }
    const std::vector<Device> devices = s.devices();
    const std::size_t count = std::min(devices.size(), ports_of(s));
    const auto each = [&](auto value) {
        for (std::size_t p = 0; p < count; ++p) {
            f.sample(port_labels(s, p), value(devices[p]));
        }
    };
    f.counter("minerwall_device_missed_packets_total",
              "Packets that the device dropped because no receive descriptor was free.");
    each([](const Device& d) { return d.missed_packets; });
    f.counter("minerwall_device_error_packets_total", "Packets that reached the device broken.");
    each([](const Device& d) { return d.error_packets; });
    f.counter("minerwall_device_no_buffer_total",
              "Failures to get a buffer for a received packet.");
    each([](const Device& d) { return d.no_buffer; });
    f.gauge("minerwall_port_up", "1: the end of the wire is there and in use.");
    each([](const Device& d) { return d.up ? 1.0 : 0.0; });
    f.counter("minerwall_port_retaken_total",
              "Times that the end was taken again, after its interface was replaced.");
    each([](const Device& d) { return d.retaken; });
    f.gauge("minerwall_port_link_up", "1: the port has a carrier.");
    each([](const Device& d) { return d.link_up ? 1.0 : 0.0; });
    f.gauge("minerwall_port_speed_bytes", "Link speed in bytes per second, 0 when unknown.");
    each([](const Device& d) { return d.bytes_per_second; });
}

void add_events(Families& f, const Source& s) {
    f.counter("minerwall_events_lost_total",
              "Events lost: the ring to the writer was full, or the log took no more.");
    f.sample({{"stage", "ring"}}, sum(s.workers, &W::events_lost));
    if (s.event_log) {
        const EventLog log = s.event_log();
        f.sample({{"stage", "log"}}, log.lines_lost);
        f.counter("minerwall_event_lines_written_total", "Lines written to the event log.");
        f.sample({}, log.lines_written);
        f.counter("minerwall_event_log_errors_total", "Writes to the event log that failed.");
        f.sample({}, log.write_errors);
    }
    add_levels(f, s.event_rings, "ring", "minerwall_event_ring_used_slots",
               "Events that wait for the writer.", "minerwall_event_ring_capacity_slots",
               "Events that the ring has room for.");
}

}  // namespace

Collector::Collector(Source source) : source_(std::move(source)), loads_(source_.workers.size()) {}

std::vector<Collector::Load> Collector::loads() const {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    if (now - looked_at_ < std::chrono::seconds(1)) {
        return loads_;  // a second scraper gets the first one's result
    }
    looked_at_ = now;
    for (std::size_t w = 0; w < loads_.size(); ++w) {
        const WorkerCounters& counters = *source_.workers[w];
        Load next{counters.busy_cycles.get(), counters.idle_cycles.get(), 0, 0, 0};
        for (const PortCounters& port : counters.port) {
            next.packets += port.received_packets.get();
        }
        const auto busy = static_cast<double>(next.busy - loads_[w].busy);
        const auto idle = static_cast<double>(next.idle - loads_[w].idle);
        const auto packets = static_cast<double>(next.packets - loads_[w].packets);
        next.busy_ratio = busy + idle > 0 ? busy / (busy + idle) : 0;
        next.cycles_per_packet = packets > 0 ? busy / packets : 0;
        loads_[w] = next;
    }
    return loads_;
}

std::vector<prometheus::MetricFamily> Collector::Collect() const {
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    Families f;
    f.gauge("minerwall_build_info", "Always 1; the labels say what is running.");
    f.sample({{"version", source_.build.version},
              {"dpdk", source_.build.dpdk},
              {"hyperscan", source_.build.hyperscan}},
             1.0);
    f.gauge("minerwall_start_time_seconds", "When the daemon started.");
    f.sample({}, source_.start_time);
    add_ledger(f, source_);
    add_workers(f, source_);

    const std::vector<Load> lately = loads();
    f.gauge("minerwall_worker_busy_ratio",
            "Share of the time since the last scrape that went to packets, 0 to 1.");
    for (std::size_t w = 0; w < lately.size(); ++w) {
        f.sample(worker_label(w), lately[w].busy_ratio);
    }
    f.gauge("minerwall_worker_packet_cycles", "TSC cycles per packet since the last scrape.");
    for (std::size_t w = 0; w < lately.size(); ++w) {
        f.sample(worker_label(w), lately[w].cycles_per_packet);
    }

    add_unreadable(f, source_);
    add_detections(f, source_);
    add_policy(f, source_, now.count());
    add_events(f, source_);
    add_levels(f, source_.mempools, "pool", "minerwall_mempool_used_buffers",
               "Packet buffers in use.", "minerwall_mempool_capacity_buffers",
               "Packet buffers of the pool.");
    add_devices(f, source_);
    return f.take();
}

}  // namespace minerwall::metrics
