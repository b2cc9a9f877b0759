// The conservation ledger, read from the workers' counters, and as a table for people.
//
//   received + handed in + crafted = sent + handed out + Σ dropped by reason
//
// Exact while the workers are at rest. While they run, a reader gets counters of different instants
// and `in_flight` shows the difference; it returns to zero.
//
// Control plane: any thread, allocates.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/counters.hpp"

namespace minerwall::event {

struct LedgerRow {
    std::uint64_t received_packets = 0, received_bytes = 0;
    std::uint64_t crafted_packets = 0, crafted_bytes = 0;
    std::uint64_t sent_packets = 0, sent_bytes = 0;
    std::uint64_t handed_in = 0, handed_out = 0;
    std::array<std::uint64_t, kReasonCount> dropped{};
    // Sent, and dropped in enforce mode. Not a part of the equation.
    std::array<std::uint64_t, kReasonCount> observed{};

    std::uint64_t dropped_packets() const noexcept;
    std::int64_t in_flight() const noexcept;  // 0: this row is balanced
    bool used() const noexcept;
    LedgerRow& operator+=(const LedgerRow& other) noexcept;
};

struct Ledger {
    std::vector<std::vector<LedgerRow>> rows;  // [port][worker], as many ports as named
    LedgerRow total;

    // True if every row is balanced and every packet that was handed out was handed in.
    bool balanced() const noexcept;
};

using WorkerSpan = std::span<const WorkerCounters* const>;

Ledger read_ledger(WorkerSpan workers, std::size_t ports);
LedgerRow read_row(const PortCounters& counters) noexcept;

// A table for people: one row per port and worker, a total, the drops by reason, what observing
// forwarded in place of a drop, and whether it balances. Ends with '\n'. Port names by index; an
// unnamed port has the text "port N".
std::string ledger_text(WorkerSpan workers, std::span<const std::string> port_names);

}  // namespace minerwall::event
