// The packets of one turn through the stages, as parallel arrays: each stage runs over the
// whole burst, so that its code and its prefetches stay hot.
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

// What becomes of a packet, decided by `decide`, carried out by `enforce`.
enum class Disposition : std::uint8_t {
    forward,
    drop,      // with `reason`
    reset,     // drop, and answer with a RST to one or both ends
    sinkhole,  // drop, and answer the DNS message
};

// Which resets `enforce` sends, with which numbers. Written for the few packets that are reset.
struct ResetPlan {
    bool reset_sender, reset_receiver;
    std::uint32_t to_sender_seq, to_sender_ack;
    std::uint32_t to_receiver_seq;
};

struct Burst {
    static constexpr unsigned kMax = 32;

    unsigned count = 0;
    std::uint16_t port = 0;  // ingress, ours

    // Packets that wait until those before them went the whole way: see track().
    std::array<rte_mbuf*, kMax> later;
    std::array<rte_mbuf*, kMax> later_datagram;
    unsigned later_count = 0;
    bool again = false;  // these are such packets

    std::array<rte_mbuf*, kMax> mbuf;
    // The reassembled copy of the datagram that this packet, its last fragment, completes; null for
    // every other packet. Where it is set, `frame` describes it and not the packet.
    std::array<rte_mbuf*, kMax> datagram;
    std::array<packet::Frame, kMax> frame;
    std::array<flow::FlowKey, kMax> key;
    std::array<std::uint64_t, kMax> hash;
    std::array<bool, kMax> keyed{};  // has a flow key
    std::array<bool, kMax> sender_is_low{};
    std::array<bool, kMax> news;            // `evidence` has something
    std::array<bool, kMax> untracked_drop;  // the table is full, and that means drop
    std::array<std::uint32_t, kMax> flow;   // or flow::kNone
    std::array<flow::Direction, kMax> direction;
    std::array<std::uint32_t, kMax> expected;  // TCP: the receiver's next sequence number before it
    std::array<Disposition, kMax> disposition;
    std::array<Reason, kMax> reason;
    std::array<ResetPlan, kMax> reset_plan;         // where `disposition` is reset
    std::array<std::uint16_t, kMax> sinkhole_rule;  // whose answer is sent, where it is sinkhole
    std::array<inspect::Evidence, kMax> evidence;

    // The bytes that `frame` describes.
    const rte_mbuf* bytes_of(unsigned i) const noexcept {
        return datagram[i] != nullptr ? datagram[i] : mbuf[i];
    }

    // Packet `from` takes the place `to`, before it: of what the stages up to track() know.
    void move(unsigned from, unsigned to) noexcept {
        if (from != to) {
            mbuf[to] = mbuf[from];
            datagram[to] = datagram[from];
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
        std::copy_n(later_datagram.begin(), later_count, datagram.begin());
        count = later_count;
        again = true;
        later_count = 0;
        return count != 0;
    }
};

}  // namespace minerwall::path
