// Coin nodes that talk to their peers: a category of its own, for running a node is not mining.
//
// Bitcoin and its relatives (message header: Bitcoin developer reference, P2P network), Monero and
// other CryptoNote coins (levin header: monero/contrib/epee, levin_base.h), Ethereum's node
// discovery v4 (devp2p, discv4.md). Not here, for their bytes are random to an onlooker: BIP324,
// RLPx and discovery v5. Any thread.
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
    ethereum,  // any chain that uses its discovery
};

// Empty for need_more and none.
std::string_view to_text(CoinP2p coin) noexcept;

// Of the first bytes of either direction of a TCP connection; kCoinP2pPrefix of them always tell.
// The test networks count as their coin; the one magic of all regression tests is Bitcoin's.
inline constexpr std::size_t kCoinP2pPrefix = 33;
CoinP2p classify_stream(Bytes prefix) noexcept;

// Of a UDP datagram, whole or at least its first 256 bytes with `size` bytes on the wire. Never
// need_more. The packet's hash is not verified: a Keccak per datagram is too dear for a category.
CoinP2p classify_datagram(Bytes bytes, std::size_t size) noexcept;
inline CoinP2p classify_datagram(Bytes bytes) noexcept {
    return classify_datagram(bytes, bytes.size());
}

}  // namespace minerwall::proto
