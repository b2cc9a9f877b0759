// Recognises coin nodes that talk to their peers. That is a category of its own, because running a
// node is not mining.
//
// Covers Bitcoin and its relatives (message header: Bitcoin developer reference, P2P network),
// Monero and other CryptoNote coins (levin header: monero/contrib/epee, levin_base.h), and
// Ethereum's node discovery v4 (devp2p, discv4.md). Does not cover BIP324, RLPx and discovery v5,
// whose bytes look random to an observer. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace minerwall::proto {

enum class CoinP2p : std::uint8_t {
    need_more,
    none,
    bitcoin,
    bitcoin_cash,
    litecoin,
    dogecoin,
    dash,
    zcash,
    monero,    // any coin that speaks levin
    ethereum,  // any chain that uses Ethereum's discovery
};

// Empty for need_more and none.
std::string_view to_text(CoinP2p coin) noexcept;

// Classifies the first bytes of either direction of a TCP connection; kCoinP2pPrefix bytes always
// suffice. Test networks count as their coin; the magic that all regression tests share counts as
// Bitcoin's.
inline constexpr std::size_t kCoinP2pPrefix = 33;
CoinP2p classify_stream(Bytes prefix) noexcept;

// Classifies a UDP message of `size` bytes on the wire; `bytes` holds all of it or at least the
// first 256. Never need_more. It does not verify the packet's hash, because a Keccak per message
// costs too much for a category.
CoinP2p classify_udp(Bytes bytes, std::size_t size) noexcept;
inline CoinP2p classify_udp(Bytes bytes) noexcept {
    return classify_udp(bytes, bytes.size());
}

}  // namespace minerwall::proto
