#include "event/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace minerwall::event {
namespace {

// A running worker is between two bursts for a good part of each turn, so a reader that retries
// soon meets it there. 4,096 readings of a row take at most a few hundred microseconds.
constexpr int kReadings = 4096;

std::string port_label(std::span<const std::string> names, std::size_t port) {
    return port < names.size() && !names[port].empty() ? names[port] : fmt::format("port {}", port);
}

template <typename Row>
void add_line(std::string& out, std::string_view label, std::string_view worker, const Row& row) {
    fmt::format_to(
        std::back_inserter(out), "{:<16} {:>6} {:>14} {:>10} {:>14} {:>14} {:>10} {:>10} {}\n",
        label, worker, row.received_packets, row.crafted_packets, row.sent_packets,
        row.dropped_packets(), row.handed_in, row.handed_out,
        row.in_flight() == 0 ? "balanced" : fmt::format("{:+} in flight", row.in_flight()));
}

void add_reasons(std::string& out, std::string_view what,
                 const std::array<std::uint64_t, kReasonCount>& packets) {
    for (unsigned i = 0; i < kReasonCount; ++i) {
        if (packets[i] != 0) {
            fmt::format_to(std::back_inserter(out), "  {}, {}: {}\n", what,
                           to_text(static_cast<Reason>(i)), packets[i]);
        }
    }
}

}  // namespace

std::uint64_t LedgerRow::dropped_packets() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : dropped) {
        sum += n;
    }
    return sum;
}

std::int64_t LedgerRow::in_flight() const noexcept {
    return static_cast<std::int64_t>(received_packets + handed_in + crafted_packets - sent_packets -
                                     handed_out - dropped_packets());
}

bool LedgerRow::used() const noexcept {
    return (received_packets | crafted_packets | sent_packets | handed_in | handed_out |
            dropped_packets()) != 0;
}

LedgerRow& LedgerRow::operator+=(const LedgerRow& other) noexcept {
    received_packets += other.received_packets;
    received_bytes += other.received_bytes;
    crafted_packets += other.crafted_packets;
    crafted_bytes += other.crafted_bytes;
    sent_packets += other.sent_packets;
    sent_bytes += other.sent_bytes;
    handed_in += other.handed_in;
    handed_out += other.handed_out;
    for (unsigned i = 0; i < kReasonCount; ++i) {
        dropped[i] += other.dropped[i];
        observed[i] += other.observed[i];
    }
    return *this;
}

LedgerRow read_row(const PortCounters& c) noexcept {
    LedgerRow row;
    for (int reading = 0; reading < kReadings; ++reading) {
        // Read what left before what came: a packet that passes meanwhile appears in flight, and
        // never as one too many.
        row.sent_packets = c.sent_packets.get();
        row.handed_out = c.handed_out.get();
        for (unsigned i = 0; i < kReasonCount; ++i) {
            row.dropped[i] = c.dropped_packets[i].get();
        }
        row.crafted_packets = c.crafted_packets.get();
        row.handed_in = c.handed_in.get();
        row.received_packets = c.received_packets.get();
        if (row.in_flight() == 0) {
            break;
        }
    }
    for (unsigned i = 0; i < kReasonCount; ++i) {
        row.observed[i] = c.observed_drops[i].get();
    }
    row.received_bytes = c.received_bytes.get();
    row.crafted_bytes = c.crafted_bytes.get();
    row.sent_bytes = c.sent_bytes.get();
    return row;
}

Ledger read_ledger(WorkerSpan workers, std::size_t ports) {
    Ledger ledger;
    ledger.rows.resize(std::min<std::size_t>(ports, kMaxPorts));
    for (std::size_t port = 0; port < ledger.rows.size(); ++port) {
        for (const WorkerCounters* worker : workers) {
            ledger.rows[port].push_back(read_row(worker->port[port]));
            ledger.total += ledger.rows[port].back();
        }
    }
    return ledger;
}

bool Ledger::balanced() const noexcept {
    for (const auto& port : rows) {
        for (const LedgerRow& row : port) {
            if (row.in_flight() != 0) {
                return false;
            }
        }
    }
    return total.handed_in == total.handed_out;
}

std::string ledger_text(WorkerSpan workers, std::span<const std::string> port_names) {
    const Ledger ledger = read_ledger(workers, port_names.size());
    std::string out =
        fmt::format("{:<16} {:>6} {:>14} {:>10} {:>14} {:>14} {:>10} {:>10}\n", "port", "worker",
                    "received", "crafted", "sent", "dropped", "handed in", "handed out");
    for (std::size_t port = 0; port < ledger.rows.size(); ++port) {
        for (std::size_t worker = 0; worker < ledger.rows[port].size(); ++worker) {
            const LedgerRow& row = ledger.rows[port][worker];
            if (row.used()) {
                add_line(out, port_label(port_names, port), std::to_string(worker), row);
            }
        }
    }
    add_line(out, "total", "", ledger.total);
    add_reasons(out, "dropped", ledger.total.dropped);
    add_reasons(out, "observed, not dropped", ledger.total.observed);
    out += ledger.balanced() ? "ledger: balanced\n" : "ledger: NOT balanced\n";
    return out;
}

}  // namespace minerwall::event
