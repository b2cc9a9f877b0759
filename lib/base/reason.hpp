// Why a packet was not forwarded. Every drop on the path has exactly one reason: it is a counter of
// the ledger, the `reason` label of minerwall_dropped_packets_total, a member of `dropped` in a
// `stats` event, and a line of docs/ledger.md.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall {

enum class Reason : std::uint8_t {
    policy_drop,      // the verdict of the flow or of the reassembled packet is drop
    policy_reset,     // the flow's verdict is reset
    policy_sinkhole,  // a DNS message that we answered ourselves
    flow_table_full,  // no room for a new flow, and the failure policy is `drop`
    tx_full,          // the egress queue stayed full through every retry
    tx_error,         // the egress end refused the frame (too long for its MTU, link down)
    rx_truncated,     // the ingress end could not deliver the whole frame
    handover_full,    // the owning worker's hand-over ring was full
    // These keep a receiver from reading bytes that we did not judge:
    stream_conflict,       // TCP, QUIC: other bytes, or another SYN, in place of those judged
    stream_memory_full,    // TCP: no room to remember it (`drop`), or to judge all that it brings
    fragment_conflict,     // IP: fragments of one packet overlap with different bytes
    fragment_memory_full,  // IP: no room for the fragment (`drop`), or its source used up its share
    work_share,            // the worker is overloaded, and the source used up its share of it
    shutdown,              // in a ring or a queue when the daemon stopped
};
inline constexpr unsigned kReasonCount = 14;
static_assert(kReasonCount == static_cast<unsigned>(Reason::shutdown) + 1, "shutdown stays last");

// What else a drop needs: path/may_drop.hpp asks.
enum class ReasonKind : std::uint8_t {
    policy,  // a rule demands it, and both the rule and the policy enforce
    guard,   // our own bounds demand it, and the policy enforces
    device,  // the packet cannot be forwarded, whatever the policy says
};

constexpr ReasonKind kind_of(Reason reason) noexcept {
    switch (reason) {
        case Reason::policy_drop:
        case Reason::policy_reset:
        case Reason::policy_sinkhole:
            return ReasonKind::policy;
        case Reason::flow_table_full:
        case Reason::handover_full:
        case Reason::stream_conflict:
        case Reason::stream_memory_full:
        case Reason::fragment_conflict:
        case Reason::fragment_memory_full:
        case Reason::work_share:
            return ReasonKind::guard;
        case Reason::tx_full:
        case Reason::tx_error:
        case Reason::rx_truncated:
        case Reason::shutdown:
            return ReasonKind::device;
    }
    __builtin_unreachable();
}
// A reason without a kind does not compile: a constant expression cannot reach the end of
// kind_of().
static_assert([] {
    for (unsigned i = 0; i < kReasonCount; ++i) {
        (void)kind_of(static_cast<Reason>(i));
    }
    return true;
}());

constexpr std::string_view to_text(Reason reason) noexcept {
    constexpr std::string_view kText[kReasonCount] = {
        "policy_drop",        "policy_reset",      "policy_sinkhole",
        "flow_table_full",    "tx_full",           "tx_error",
        "rx_truncated",       "handover_full",     "stream_conflict",
        "stream_memory_full", "fragment_conflict", "fragment_memory_full",
        "work_share",         "shutdown"};
    return kText[static_cast<unsigned>(reason)];
}

}  // namespace minerwall
