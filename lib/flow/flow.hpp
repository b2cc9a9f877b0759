// One flow: two cache lines in two arrays. `Flow` is all that a packet of a judged flow needs;
// `FlowDetails` is for rare events: begin, end, reports. Pools hold the records that only few flows
// have (a parser's state, a name, a miner's finding), and the flow refers to them by index.
// docs/adr/0012-flow-layout.md gives the layout and the reasons.
#pragma once

#include <cstdint>
#include <utility>

#include "base/action.hpp"
#include "base/time.hpp"
#include "base/unreadable.hpp"
#include "flow/key.hpp"
#include "flow/shares.hpp"

namespace minerwall::flow {

inline constexpr std::uint32_t kNone = 0xffffffff;

enum class FlowState : std::uint8_t { fresh, established, closed };

// Directions as seen from the client.
enum class Direction : std::uint8_t { to_server = 0, to_client = 1 };
constexpr unsigned index(Direction d) noexcept {
    return static_cast<unsigned>(d);
}
constexpr Direction opposite(Direction d) noexcept {
    return d == Direction::to_server ? Direction::to_client : Direction::to_server;
}

struct alignas(64) Flow {
    enum Flag : std::uint32_t {
        client_is_low = 1 << 0,     // the client is the low end of the key
        started = 1 << 1,           // a SYN was seen: sequence numbers and roles are certain
        sequence_known_0 = 1 << 2,  // next_sequence[to_server] is valid
        sequence_known_1 = 1 << 3,
        fin_0 = 1 << 4,  // FIN seen from the client
        fin_1 = 1 << 5,
        judged = 1 << 6,     // `verdict` was decided under `epoch`
        settled_0 = 1 << 7,  // the client's bytes can teach nothing more
        settled_1 = 1 << 8,
        enforced = 1 << 9,  // the path carries out `verdict` (not observe mode)
        mining = 1 << 10,   // recognised as mining by payload, name or address
        reset_seen = 1 << 11,
        alerted = 1 << 12,  // a detection was reported
        counted_exhausted = 1 << 13,
        unfinished_0 = 1 << 14,  // the client's NIC completes its checksums later: not checked
        unfinished_1 = 1 << 15,
        // Wire ends where packets from the low and from the high end of the key came in.
        low_at_first = 1 << 16,
        low_at_second = 1 << 17,
        high_at_first = 1 << 18,
        high_at_second = 1 << 19,
        ends = 0xf << 16,          // the four bits above
        lost_beginning = 1 << 20,  // the beginning was not read: inspection resumes in the middle
        coin_node = 1 << 21,       // a node of a coin talks to its peers
        torn = 1 << 22,            // closed while the parser was inside a line
        miner_spoke = 1 << 23,     // the client itself sent a mining message
        // FlowDetails has a name, a finding. Without both, a question to the policy does not touch
        // that line.
        has_name = 1 << 24,
        has_finding = 1 << 25,
        // A segment far from the direction's bytes came: FlowDetails::jump.
        jumped_0 = 1 << 26,
        jumped_1 = 1 << 27,
        // Since the last packet from its right end, one in the low, in the high end's name came
        // in at the wrong one.
        low_strayed = 1 << 28,
        high_strayed = 1 << 29,
        has_unreadable = 1 << 30,  // FlowDetails::unreadable is not empty
    };

    CompactKey key;              // 18
    std::uint16_t epoch;         // low half of the policy's epoch under which `verdict` was decided
    std::uint32_t last_seen_ms;  // of the table's clock; wraps after 49 days
    std::uint32_t flags;         // bits of Flag
    std::uint32_t inspection;    // the half streams (TCP), a handshake's (QUIC), or kNone
    union {
        std::uint32_t next_sequence[2];  // TCP: the direction's next byte
        std::uint32_t dns_queries[2];    // UDP: what the client asked last (flow::DnsQueries)
    };
    // Counted by FlowTable::count(), which carries over into FlowDetails: packets from 2^32 - 1 to
    // 1, so that a direction that was heard never looks silent, bytes from 2^32 - 1 to 0.
    std::uint32_t packets[2];  // by Direction
    std::uint32_t bytes[2];    // frames as on the wire, without FCS
    std::uint16_t rule;        // the rule that decided, or policy::kNoRule
    Action verdict : 4;
    FlowState state : 4;
    std::uint8_t app : 4;          // inspect::App
    std::uint8_t resets_sent : 4;  // bounded, so that we do not answer a persistent peer for ever
    union {
        std::uint8_t unsampled;      // TCP, settled: see path/resample.cpp
        std::uint8_t quic_initials;  // UDP: Initials that were read, up to a bound
    };
    std::uint8_t
        window_scales;     // TCP: of the SYNs, until half streams keep them (tcp::WindowScales)
    std::uint8_t dropped;  // counted by FlowTable::count_drop(), which carries over
    // TCP, a nibble for each direction: the largest window that its receiver offered is at most
    // 4^nibble bytes; 0: it offered none yet. See tcp/window.hpp.
    std::uint8_t windows;

    bool has(Flag flag) const noexcept { return (flags & flag) != 0; }
    void set(Flag flag) noexcept { flags |= flag; }
    void clear(Flag flag) noexcept { flags &= ~std::uint32_t{flag}; }
    static Flag settled(Direction d) noexcept {
        return d == Direction::to_server ? settled_0 : settled_1;
    }
    static Flag sequence_known(Direction d) noexcept {
        return d == Direction::to_server ? sequence_known_0 : sequence_known_1;
    }

    static Flag jumped(Direction d) noexcept {
        return d == Direction::to_server ? jumped_0 : jumped_1;
    }
    static Flag unfinished(Direction d) noexcept {
        return d == Direction::to_server ? unfinished_0 : unfinished_1;
    }

    // A false match would take 65,536 reloads while the flow is silent.
    bool judged_under(std::uint32_t policy) const noexcept {
        return has(judged) && epoch == static_cast<std::uint16_t>(policy);
    }

    std::uint16_t client_port() const noexcept {
        return has(client_is_low) ? key.low_port : key.high_port;
    }
    std::uint16_t server_port() const noexcept {
        return has(client_is_low) ? key.high_port : key.low_port;
    }
    // For roles that were guessed from the ports and that the payload contradicts.
    void swap_roles() noexcept {
        const auto swap_bits = [this](Flag a, Flag b) {
            const bool had_a = has(a);
            has(b) ? set(a) : clear(a);
            had_a ? set(b) : clear(b);
        };
        has(client_is_low) ? clear(client_is_low) : set(client_is_low);
        swap_bits(sequence_known_0, sequence_known_1);
        swap_bits(fin_0, fin_1);
        swap_bits(settled_0, settled_1);
        swap_bits(unfinished_0, unfinished_1);
        clear(jumped_0);
        clear(jumped_1);
        windows = static_cast<std::uint8_t>(windows << 4 | windows >> 4);
        std::swap(packets[0], packets[1]);
        std::swap(bytes[0], bytes[1]);
        std::swap(next_sequence[0], next_sequence[1]);
    }
    Direction direction(bool sender_is_low) const noexcept {
        return sender_is_low == has(client_is_low) ? Direction::to_server : Direction::to_client;
    }
};
static_assert(sizeof(Flow) == 64, "one cache line for a judged flow");

struct alignas(64) FlowDetails {
    std::uint32_t wheel_next, wheel_prev;
    Nanos first_seen;
    std::uint32_t name;     // name record, or kNone
    std::uint32_t finding;  // what we know of a miner, or kNone
    std::uint16_t wheel_slot;
    std::uint16_t dropped_carried;  // what Flow::dropped carried over; saturates
    // What Flow's other counters carried over, by the end that sent: 0 low, 1 high.
    std::uint32_t packets_carried[2];
    std::uint32_t bytes_carried[2];
    std::uint32_t jump[2];  // by Direction; see Flow::jumped_0
    std::uint32_t alerts;   // how many there were, written or not
    SourceId source;        // of the packet that began it
    std::uint8_t parked;    // what is kept of a parser's state (inspect::Connection::parked_as())
    UnreadableSet unreadable;  // what could not be read; valid with Flow::has_unreadable
    std::uint8_t free_[4];
};
static_assert(sizeof(FlowDetails) == 64, "one cache line for the rest");

}  // namespace minerwall::flow
