// The packets of one turn as parallel arrays: each stage runs over the whole burst, so that its
// code and its prefetches stay hot.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/reason.hpp"
#include "flow/flow.hpp"
#include "inspect/evidence.hpp"
#include "inspect/payload.hpp"
#include "machine/queue.hpp"
#include "packet/frame.hpp"

namespace minerwall::path {

// What happens to a packet: `decide` sets it, `enforce` carries it out.
enum class Disposition : std::uint8_t {
    forward,
    observed,  // forward, and count: without observe mode it is dropped, with `reason`
    drop,      // with `reason`
    reset,     // drop, and send a RST to one or both ends
    sinkhole,  // drop, and answer the DNS query
};

// Which resets `enforce` sends, with which numbers. Written only for packets that are reset.
struct ResetPlan {
    bool reset_sender, reset_receiver;
    std::uint32_t to_sender_seq, to_sender_ack;
    std::uint32_t to_receiver_seq;
};

struct Burst {
    static constexpr unsigned kMax = 32;

    unsigned count = 0;
    std::uint16_t port = 0;  // ingress, by our index

    // Packets that wait until those before them went through all stages: see track().
    std::array<rte_mbuf*, kMax> later;
    std::array<rte_mbuf*, kMax> later_reassembled;
    unsigned later_count = 0;
    bool again = false;  // the burst consists of such packets

    std::array<rte_mbuf*, kMax> mbuf;
    // The copy of the reassembled packet that this packet, its last fragment, completes; null for
    // all other packets. If it is set, `frame` describes the copy and not the packet.
    std::array<rte_mbuf*, kMax> reassembled;
    std::array<packet::Frame, kMax> frame;
    std::array<flow::FlowKey, kMax> key;
    std::array<std::uint64_t, kMax> hash;
    std::array<bool, kMax> keyed{};  // has a flow key
    std::array<bool, kMax> sender_is_low{};
    std::array<bool, kMax> news;            // `evidence` has content
    std::array<bool, kMax> untracked_drop;  // the table is full, and the options say to drop
    std::array<std::uint32_t, kMax> flow;   // or flow::kNone
    std::array<flow::Direction, kMax> direction;
    std::array<std::uint32_t, kMax> expected;  // TCP: the receiver's next sequence number before it
    std::array<Disposition, kMax> disposition;
    std::array<Reason, kMax> reason;
    std::array<ResetPlan, kMax> reset_plan;         // if `disposition` is reset
    std::array<std::uint16_t, kMax> sinkhole_rule;  // the rule whose answer is sent
    std::array<inspect::Evidence, kMax> evidence;

    // The bytes that `frame` describes.
    const rte_mbuf* bytes_of(unsigned i) const noexcept {
        return reassembled[i] != nullptr ? reassembled[i] : mbuf[i];
    }

    // Moves packet `from` to the place `to`, before it, with what the stages up to track() know.
    void move(unsigned from, unsigned to) noexcept {
        if (from != to) {
            mbuf[to] = mbuf[from];
            reassembled[to] = reassembled[from];
            frame[to] = frame[from];
            key[to] = key[from];
            hash[to] = hash[from];
            keyed[to] = keyed[from];
            sender_is_low[to] = sender_is_low[from];
        }
    }

    // Makes the waiting packets the burst. False: there are none.
    bool take_later() noexcept {
        std::copy_n(later.begin(), later_count, mbuf.begin());
        std::copy_n(later_reassembled.begin(), later_count, reassembled.begin());
        count = later_count;
        again = true;
        later_count = 0;
        return count != 0;
    }
};

}  // namespace minerwall::path
