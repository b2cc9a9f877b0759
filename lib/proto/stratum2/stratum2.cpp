#include "proto/stratum2/stratum2.hpp"

#include <charconv>

namespace minerwall::proto {
namespace {

constexpr RandomnessLimits kClientKey = {64, 56, 45, 43};
constexpr RandomnessLimits kServerKey = {234, 108, 130, 124};
constexpr RandomnessLimits kOldServerKey = {170, 90, 104, 95};

constexpr std::size_t kFrameOverhead = 22 + 16;
// Protocol, versions, flags and port, and five strings of 0 to 255 bytes each with its length
// (3.6.1).
constexpr std::size_t kMinSetup = kFrameOverhead + 11 + 5;
constexpr std::size_t kMaxSetup = kFrameOverhead + 11 + 5 * 256;
constexpr std::size_t kSuccess = kFrameOverhead + 6;

template <std::size_t N>
void append_number(FixedText<N>& out, unsigned number) noexcept {
    char text[8];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    out.append({text, static_cast<std::size_t>(end - text)});
}

}  // namespace

HandshakeResult Stratum2Detector::feed(Role role, Bytes bytes) noexcept {
    if (bytes.empty() || result_ == HandshakeResult::no || result_ == HandshakeResult::yes) {
        return result_;
    }
    const bool client_turn = turn_ == Turn::client_key || turn_ == Turn::setup;
    if (client_turn != (role == Role::client)) {
        take_turn();
    }
    if (result_ == HandshakeResult::undecided || result_ == HandshakeResult::likely) {
        count(bytes);
    }
    return result_;
}

// Called when the other end begins to speak: the turn of the first end is complete.
void Stratum2Detector::take_turn() noexcept {
    const std::uint16_t size = size_;
    size_ = 0;
    switch (turn_) {
        case Turn::client_key:
            turn_ = Turn::server_key;
            randomness_.reset();
            // count() has already tested 64 bytes.
            return size == kClientKey.size ? void() : refuse();
        case Turn::server_key: {
            const RandomnessLimits& limits =
                size == kOldServerKey.size ? kOldServerKey : kServerKey;
            if (size != limits.size || !randomness_.within(limits)) {
                return refuse();
            }
            server_key_size_ = size;
            turn_ = Turn::setup;
            result_ = HandshakeResult::likely;
            return;
        }
        case Turn::setup:
            setup_size_ = size;
            turn_ = Turn::answer;
            return size >= kMinSetup ? void() : refuse();
        case Turn::answer:
            result_ = size == kSuccess ? HandshakeResult::yes : HandshakeResult::no;
    }
}

void Stratum2Detector::count(Bytes bytes) noexcept {
    constexpr std::size_t kMost[] = {kClientKey.size, kServerKey.size, kMaxSetup, kSuccess};
    if (bytes.size() > kMost[static_cast<unsigned>(turn_)] - size_) {
        return refuse();
    }
    if (turn_ == Turn::client_key || turn_ == Turn::server_key) {
        randomness_.feed(bytes);
    }
    size_ = static_cast<std::uint16_t>(size_ + bytes.size());
    if (turn_ == Turn::client_key && size_ == kClientKey.size && !randomness_.within(kClientKey)) {
        refuse();
    }
}

void Stratum2Detector::describe(MiningInfo& out) const noexcept {
    out.clear();
    out.dialect = Dialect::stratum_v2;
    out.speaker = Speaker::miner;
    out.method.assign("SetupConnection");
    out.evidence.assign("Noise NX 64, ");
    append_number(out.evidence, server_key_size_);
    if (setup_size_ != 0) {
        out.evidence.append(", ");
        append_number(out.evidence, setup_size_);
    }
    if (result_ == HandshakeResult::yes) {
        out.evidence.append(", 44");
    }
}

}  // namespace minerwall::proto
