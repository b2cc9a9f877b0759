// One flow: two cache lines. The first is all that a judged flow's packet needs, the second holds
// what is counted and when it ends. What only few flows have (a parser's state, a name, what was
// found of a miner) lives in pools and is named here by index.
#pragma once

#include <cstdint>
#include <utility>

#include "base/action.hpp"
#include "base/time.hpp"
#include "flow/key.hpp"

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
    enum Flag : std::uint16_t {
        client_is_low = 1 << 0,     // which end of the key is the client
        started = 1 << 1,           // a SYN was seen: sequence numbers and roles are certain
        sequence_known_0 = 1 << 2,  // next_sequence[to_server] is valid
        sequence_known_1 = 1 << 3,
        fin_0 = 1 << 4,  // FIN seen from the client
        fin_1 = 1 << 5,
        judged = 1 << 6,     // `verdict` was decided under `epoch`
        settled_0 = 1 << 7,  // nothing more to learn from the client's bytes
        settled_1 = 1 << 8,
        enforced = 1 << 9,  // `verdict` is carried out (not observe mode)
        mining = 1 << 10,   // recognised as mining by payload, name or address
        reset_seen = 1 << 11,
        alerted = 1 << 12,  // a detection was written
        counted_exhausted = 1 << 13,
        unfinished_0 = 1 << 14,  // the client's checksums are left to its NIC: not checked
        unfinished_1 = 1 << 15,
    };

    // What was too much for `flags`.
    enum More : std::uint8_t {
        // Ends of the wire where packets from the low and from the high end of the key came in.
        low_at_first = 1 << 0,
        low_at_second = 1 << 1,
        high_at_first = 1 << 2,
        high_at_second = 1 << 3,
        ends = 0xf,               // all four of them
        lost_beginning = 1 << 4,  // it is read again from somewhere in its middle
        coin_node = 1 << 5,       // a coin's node talks to its peers
        torn = 1 << 6,            // closed in the middle of a line that was being read
        miner_spoke = 1 << 7,     // the client itself has sent a mining message
    };

    FlowKey key;                 // 42
    std::uint16_t epoch;         // policy under which `verdict` was decided, its low half
    std::uint32_t last_seen_ms;  // of the table's clock; wraps after 49 days
    std::uint16_t flags;
    std::uint16_t rule;  // that decided, or policy::kNoRule
    Action verdict : 4;
    FlowState state : 4;
    std::uint8_t app : 4;          // inspect::App
    std::uint8_t resets_sent : 4;  // bounded: a peer that goes on is not answered for ever
    std::uint8_t more;             // bits of More
    std::uint8_t unsampled;        // payload packets since a settled flow was last looked into
    std::uint32_t inspection;      // stream states, or kNone
    std::uint32_t name;            // name record, or kNone

    std::uint64_t packets[2];  // by Direction
    std::uint64_t bytes[2];    // frames as on the wire, without FCS
    Nanos first_seen;
    std::uint32_t next_sequence[2];
    std::uint32_t wheel_next, wheel_prev;
    std::uint32_t finding;  // what is known of a miner, or kNone
    std::uint16_t wheel_slot;
    std::uint16_t dropped;  // packets of it that were dropped; saturates

    bool has(More bit) const noexcept { return (more & bit) != 0; }
    void set(More bit) noexcept { more = static_cast<std::uint8_t>(more | bit); }
    void clear(More bit) noexcept { more = static_cast<std::uint8_t>(more & ~bit); }
    bool has(Flag flag) const noexcept { return (flags & flag) != 0; }
    void set(Flag flag) noexcept { flags = static_cast<std::uint16_t>(flags | flag); }
    void clear(Flag flag) noexcept { flags = static_cast<std::uint16_t>(flags & ~flag); }
    static Flag settled(Direction d) noexcept {
        return d == Direction::to_server ? settled_0 : settled_1;
    }
    static Flag sequence_known(Direction d) noexcept {
        return d == Direction::to_server ? sequence_known_0 : sequence_known_1;
    }

    static Flag unfinished(Direction d) noexcept {
        return d == Direction::to_server ? unfinished_0 : unfinished_1;
    }

    // 65,536 reloads within one flow's silence would have to go by for a false match.
    bool judged_under(std::uint32_t policy) const noexcept {
        return has(judged) && epoch == static_cast<std::uint16_t>(policy);
    }

    const IpAddress& client() const noexcept { return has(client_is_low) ? key.low : key.high; }
    const IpAddress& server() const noexcept { return has(client_is_low) ? key.high : key.low; }
    std::uint16_t client_port() const noexcept {
        return has(client_is_low) ? key.low_port : key.high_port;
    }
    std::uint16_t server_port() const noexcept {
        return has(client_is_low) ? key.high_port : key.low_port;
    }
    // The roles were guessed from the ports and the payload says otherwise.
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
        std::swap(packets[0], packets[1]);
        std::swap(bytes[0], bytes[1]);
        std::swap(next_sequence[0], next_sequence[1]);
    }
    Direction direction(bool sender_is_low) const noexcept {
        return sender_is_low == has(client_is_low) ? Direction::to_server : Direction::to_client;
    }
};
static_assert(sizeof(Flow) == 128, "two cache lines a flow");

}  // namespace minerwall::flow
