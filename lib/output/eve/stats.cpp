#include "output/eve/stats.hpp"

#include "output/eve/json_text.hpp"
#include "output/eve/names.hpp"
#include "output/eve/timestamp.hpp"

namespace minerwall::output {
namespace {

using Sum = std::uint64_t;

Sum sum(event::WorkerSpan workers, Counter WorkerCounters::*member) noexcept {
    Sum total = 0;
    for (const WorkerCounters* worker : workers) {
        total += (worker->*member).get();
    }
    return total;
}

void write_row(JsonText& json, const event::LedgerRow& row) {
    json.number("received", row.received_packets);
    json.number("received_bytes", row.received_bytes);
    json.number("crafted", row.crafted_packets);
    json.number("crafted_bytes", row.crafted_bytes);
    json.number("sent", row.sent_packets);
    json.number("sent_bytes", row.sent_bytes);
    json.number("handed_in", row.handed_in);
    json.number("handed_out", row.handed_out);
    json.begin_object("dropped");
    for (unsigned i = 0; i < kReasonCount; ++i) {
        json.number(to_text(static_cast<Reason>(i)), row.dropped[i]);
    }
    json.end_object();
    json.begin_object("observed");
    for (unsigned i = 0; i < kReasonCount; ++i) {
        if (const auto reason = static_cast<Reason>(i); kind_of(reason) != ReasonKind::device) {
            json.number(to_text(reason), row.observed[i]);
        }
    }
    json.end_object();
    json.signed_number("in_flight", row.in_flight());
}

void write_ledger(JsonText& json, event::WorkerSpan workers,
                  std::span<const std::string> port_names) {
    const event::Ledger ledger = event::read_ledger(workers, port_names.size());
    json.begin_object("ledger");
    write_row(json, ledger.total);
    json.boolean("balanced", ledger.balanced());
    json.begin_array("ports");
    for (std::size_t port = 0; port < ledger.rows.size(); ++port) {
        event::LedgerRow row;
        for (const event::LedgerRow& of_worker : ledger.rows[port]) {
            row += of_worker;
        }
        json.begin_object();
        json.text("port", port_names[port]);
        write_row(json, row);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

void write_losses(JsonText& json, const DeviceLosses& losses) {
    json.number("missed", losses.missed);
    json.number("errors", losses.errors);
    json.number("no_buffer", losses.no_buffer);
}

// Beside the ledger, which begins where a worker receives a packet.
void write_devices(JsonText& json, const Stats& stats) {
    DeviceLosses total;
    for (const DeviceLosses& of_port : stats.devices) {
        total.missed += of_port.missed;
        total.errors += of_port.errors;
        total.no_buffer += of_port.no_buffer;
    }
    json.begin_object("device");
    write_losses(json, total);
    json.begin_array("ports");
    for (std::size_t port = 0; port < stats.devices.size(); ++port) {
        json.begin_object();
        json.text("port", stats.port_names[port]);
        write_losses(json, stats.devices[port]);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

}  // namespace

std::string stats_line(const Stats& stats) {
    const event::WorkerSpan workers = stats.workers;
    const auto total = [&](Counter WorkerCounters::*member) { return sum(workers, member); };
    using W = WorkerCounters;
    JsonText json;
    json.clear();
    json.begin_object();
    write_timestamp(json, stats.time);
    if (!stats.captures.empty()) {
        json.text("pcap_filename", stats.captures);
    }
    json.plain("event_type", "stats");
    json.begin_object("stats");
    json.number("uptime", stats.uptime);
    json.number("policy_version", stats.policy_version);
    write_ledger(json, workers, stats.port_names);
    if (!stats.devices.empty()) {
        write_devices(json, stats);
    }

    json.begin_object("flows");
    json.number("created", total(&W::flows_created));
    json.number("ended", total(&W::flows_ended));
    json.number("active", total(&W::flows_active));
    json.number("capacity", total(&W::flow_table_capacity));
    json.number("table_full", total(&W::flow_table_full));
    json.number("untracked_pkts", total(&W::untracked_packets));
    json.end_object();

    json.begin_object("inspection");
    json.number("active", total(&W::inspections_active));
    json.number("exhausted", total(&W::inspection_exhausted));
    json.number("stream_gaps", total(&W::stream_gaps));
    json.number("retransmitted", total(&W::retransmitted_segments));
    json.number("bad_checksums", total(&W::bad_checksums));
    json.number("held_segments", total(&W::stream_held_segments));
    json.number("memory_exhausted", total(&W::stream_memory_exhausted));
    json.number("ignored_segments", total(&W::stream_ignored_segments));
    json.number("resampled", total(&W::resampled_segments));
    json.number("fragments", total(&W::fragments));
    json.number("reassembled", total(&W::datagrams_reassembled));
    json.number("fragment_table_full", total(&W::fragment_table_full));
    json.number("fragments_expired", total(&W::fragments_expired));
    json.number("tunnelled", total(&W::tunnelled_packets));
    json.end_object();

    json.begin_object("unreadable");
    for (unsigned i = 0; i < kUnreadableCount; ++i) {
        Sum n = 0;
        for (const WorkerCounters* worker : workers) {
            n += worker->unreadable[i].get();
        }
        json.number(to_text(static_cast<Unreadable>(i)), n);
    }
    json.end_object();

    json.begin_object("detections");
    for (unsigned i = 1; i < kDialectCount; ++i) {
        Sum n = 0;
        for (const WorkerCounters* worker : workers) {
            n += worker->detections_by_dialect[i].get();
        }
        json.number(to_text(static_cast<Dialect>(i)), n);
    }
    json.number("learned", total(&W::detections_by_learned));
    json.number("name", total(&W::detections_by_name));
    json.number("address", total(&W::detections_by_address));
    json.end_object();

    json.begin_object("learned");
    json.number("known", total(&W::learned_addresses));
    json.number("total", total(&W::learned_total));
    json.number("refused", total(&W::learned_refused));
    json.number("full", total(&W::learned_full));
    json.end_object();

    json.begin_object("crafted");
    json.number("resets", total(&W::resets_crafted));
    json.number("sinkholes", total(&W::sinkholes_crafted));
    json.number("failed", total(&W::craft_failed));
    json.end_object();

    json.begin_object("events");
    json.number("written", total(&W::events_written));
    json.number("lost", total(&W::events_lost));
    json.number("lines_lost", stats.lost);
    json.end_object();

    json.end_object();
    json.end_object();
    json.raw('\n');
    return std::string(json.view());
}

}  // namespace minerwall::output
