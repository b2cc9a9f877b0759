#include "inspect/connection.hpp"

#include "inspect/mining_notes.hpp"

namespace minerwall::inspect {

void Connection::start(bool midstream, bool dns) noexcept {
    notes_ = ConnectionNotes{};
    notes_.dns = dns;
    for (const auto direction : {flow::Direction::to_server, flow::Direction::to_client}) {
        stream_[index(direction)].start(direction == flow::Direction::to_server, midstream);
    }
    hand_shaking_ = !midstream;
    spoken_ = false;
    first_ = asks_ = flow::Direction::to_server;
    stratum2_.reset();
    p2pool_.reset();
    duinocoin_.reset();
}

void Connection::lose_track(flow::Direction direction) noexcept {
    hand_shaking_ = false;  // gaps make its sizes unknown
    stream_[index(direction)].lose_track();
}

// Detects the handshakes that show in sizes and turns. True: it recognised one.
bool Connection::shake_hands(flow::Direction direction, Bytes bytes, Evidence& out) noexcept {
    using proto::HandshakeResult;
    const auto role =
        direction == flow::Direction::to_server ? proto::Role::client : proto::Role::server;
    if (!spoken_ && !bytes.empty()) {
        spoken_ = true;
        first_ = direction;
        // A pool of Duino-Coin begins with its version, whichever end opened the connection.
        const bool version = bytes.front() >= '0' && bytes.front() <= '9';
        asks_ = version ? flow::opposite(direction) : direction;
    }
    MiningInfo info;
    // A miner speaks first, even if the other end opened the connection.
    const auto miner = direction == first_ ? proto::Role::client : proto::Role::server;
    if (stratum2_.result() != HandshakeResult::no &&
        stratum2_.feed(miner, bytes) == HandshakeResult::yes) {
        stratum2_.describe(info);
        info.dialect = Dialect::stratum_v2;
        add(out, info);
        return true;
    }
    if (p2pool_.result() != HandshakeResult::no &&
        p2pool_.feed(role, bytes) == HandshakeResult::yes) {
        p2pool_.describe(info);
        info.dialect = Dialect::p2pool;
        add(out, info);
        return true;
    }
    if (duinocoin_.result() != HandshakeResult::no &&
        duinocoin_.feed(direction == asks_ ? proto::Role::client : proto::Role::server, bytes) ==
            HandshakeResult::yes) {
        duinocoin_.describe(info);
        add(out, info);
        return true;
    }
    hand_shaking_ = stratum2_.result() != HandshakeResult::no ||
                    p2pool_.result() != HandshakeResult::no ||
                    duinocoin_.result() != HandshakeResult::no;
    return false;
}

Stream::Outcome Connection::feed(flow::Direction direction, Bytes bytes, Tools& tools,
                                 Evidence& out) noexcept {
    if (hand_shaking_ && shake_hands(direction, bytes, out)) {
        return Stream::Outcome::flow_settled;
    }
    const Stream::Outcome outcome = stream_[index(direction)].feed(bytes, tools, notes_, out);
    out.browser = out.browser || notes_.browser;
    return outcome;
}

}  // namespace minerwall::inspect
