// Both directions of a TCP connection under inspection: a stream for each, the notes that they
// share, and the protocols that only both directions together reveal.
#pragma once

#include <type_traits>

#include "flow/flow.hpp"
#include "inspect/stream.hpp"
#include "proto/duinocoin/duinocoin.hpp"
#include "proto/peers/p2pool.hpp"
#include "proto/stratum2/stratum2.hpp"

namespace minerwall::inspect {

class Connection {
  public:
    // midstream: the connection's first bytes were not read. dns: one of the ports is DNS's.
    void start(bool midstream, bool dns) noexcept;
    // After start(): goes on where a connection was that parked_as() described; 0: nowhere.
    void resume(std::uint8_t parked) noexcept;
    // If no parser is inside a message: the few bits that resume() needs, never 0. Otherwise 0.
    // done_0, done_1: a direction that is not read any more.
    std::uint8_t parked_as(bool done_0, bool done_1) const noexcept;
    // Bytes of a direction are missing.
    void lose_track(flow::Direction direction) noexcept;

    Stream::Outcome feed(flow::Direction direction, Bytes bytes, Tools& tools,
                         Evidence& out) noexcept;
    Stream::Outcome end_segment(flow::Direction direction) noexcept {
        return stream_[index(direction)].end_segment();
    }
    // What was read of the direction so far does not affect how the next bytes are read.
    bool is_unknown(flow::Direction direction) const noexcept {
        return !hand_shaking_ && stream_[index(direction)].is_unknown();
    }

  private:
    bool shake_hands(flow::Direction direction, Bytes bytes, Evidence& out) noexcept;

    Stream stream_[2];
    ConnectionNotes notes_;
    bool hand_shaking_;  // one of the detectors may still recognise the connection
    bool spoken_;
    flow::Direction first_;  // of the connection's first bytes
    flow::Direction asks_;   // of Duino-Coin's miner, by the first byte of all
    proto::Stratum2Detector stratum2_;
    proto::P2PoolDetector p2pool_;
    proto::DuinoCoinDetector duinocoin_;
};
static_assert(std::is_trivially_destructible_v<Connection>, "they live in a pool of raw records");

}  // namespace minerwall::inspect
