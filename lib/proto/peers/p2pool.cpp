#include "proto/peers/p2pool.hpp"

namespace minerwall::proto {
namespace {

// The types of the messages, and their offsets in a direction.
constexpr std::uint8_t kChallenge = 0x00, kSolution = 0x01, kListenPort = 0x02;
constexpr std::uint8_t kPeerIdAt = 1 + 8;
constexpr std::uint8_t kSolutionAt = kPeerIdAt + 8;
constexpr std::uint8_t kWorkAt = kSolutionAt + 1 + 24;
constexpr std::uint8_t kSaltAt = kWorkAt + 8;
constexpr std::uint8_t kListenPortAt = kSaltAt + 8;
constexpr std::uint8_t kPortHighAt = kListenPortAt + 1 + 2;  // the port's upper half is 0
constexpr std::uint8_t kKnown = kListenPortAt + 1 + 4;

// The limit for the hash's last 64-bit word w: w * 10000 < 2^64 (CHALLENGE_DIFFICULTY).
constexpr std::uint64_t kMostWork = ~std::uint64_t{0} / 10000;

// Challenge, peer id, hash and salt; the proof of work makes 13 of their bits 0.
constexpr RandomnessLimits kRandomPart = {56, 64, 37, 40};

}  // namespace

HandshakeResult P2PoolDetector::feed(Role role, Bytes bytes) noexcept {
    Peer& peer = peers_[static_cast<unsigned>(role)];
    const Peer& other = peers_[1 - static_cast<unsigned>(role)];
    for (const std::uint8_t c : bytes) {
        if (result_ == HandshakeResult::no || result_ == HandshakeResult::yes ||
            peer.size == kKnown) {
            break;
        }
        if (!read(peer, other, c)) {
            result_ = HandshakeResult::no;
        } else if (peer.size == kListenPortAt && proves_work(peer)) {
            result_ = HandshakeResult::yes;
        } else if (peer.size == kSolutionAt + 1 && result_ == HandshakeResult::undecided) {
            result_ = HandshakeResult::likely;
        }
    }
    return result_;
}

// False: this byte is not allowed here.
bool P2PoolDetector::read(Peer& peer, const Peer& other, std::uint8_t c) noexcept {
    const std::uint8_t at = peer.size++;
    switch (at) {
        case 0:
            return c == kChallenge;
        case kSolutionAt:
            // A solution answers the other end's challenge. The two ids differ, because p2pool
            // refuses to talk to itself.
            return c == kSolution && other.size >= kSolutionAt && peer.id != other.id;
        case kListenPortAt:
            return c == kListenPort;
        default:
            break;
    }
    if (at > kListenPortAt) {
        return at < kPortHighAt || c == 0;
    }
    peer.randomness.feed({&c, 1});
    if (at >= kPeerIdAt && at < kSolutionAt) {
        peer.id = peer.id << 8 | c;
    } else if (at >= kWorkAt && at < kSaltAt) {
        peer.work |= std::uint64_t{c} << (8 * (at - kWorkAt));
    }
    return at + 1 != kListenPortAt || peer.randomness.within(kRandomPart);
}

bool P2PoolDetector::proves_work(const Peer& peer) noexcept {
    return peer.work <= kMostWork;
}

void P2PoolDetector::describe(MiningInfo& out) const noexcept {
    constexpr char kHex[] = "0123456789abcdef";
    out.clear();
    out.dialect = Dialect::p2pool;
    out.method.assign("HANDSHAKE_SOLUTION");
    out.evidence.assign("P2Pool peers");
    for (const Peer& peer : peers_) {
        out.evidence.push_back(' ');
        for (int shift = 60; shift >= 0; shift -= 4) {
            out.evidence.push_back(kHex[peer.id >> shift & 15]);
        }
    }
}

}  // namespace minerwall::proto
