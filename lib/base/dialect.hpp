// The mining protocols that payload inspection tells apart. The texts are the values of
// `mining.dialect` in events, of the `dialect` label in metrics and of `app` in a policy's rules.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall {

enum class Dialect : std::uint8_t {
    none,
    stratum_v1,        // mining.* over JSON lines; ZIP-301, NiceHash, EthereumStratum included
    cryptonote,        // login / job / submit over JSON lines (xmrig and others; Grin, Beam)
    ethproxy,          // eth_submitLogin / eth_getWork / eth_submitWork over JSON lines
    getwork,           // getwork over HTTP or as lines
    getblocktemplate,  // getblocktemplate / submitblock, likewise (BIP 22, 23)
    eth_getwork,       // eth_getWork over HTTP
    monero_daemon,     // get_block_template / submit_block of a Monero node's JSON-RPC
    webminer,          // browser miners over WebSocket (Coinhive's protocol and its successors)
    stratum_v2,        // Stratum V2, plain or by the shape of its encrypted handshake
    p2pool,            // Monero P2Pool's peer-to-peer protocol
    duinocoin,         // Duino-Coin's comma-separated lines
    coin_p2p,          // a coin's node talks to its peers: not mining, a category of its own
};
inline constexpr unsigned kDialectCount = 13;

constexpr std::string_view to_text(Dialect dialect) noexcept {
    constexpr std::string_view kText[kDialectCount] = {
        "none",        "stratum-v1",    "cryptonote", "ethproxy",   "getwork", "getblocktemplate",
        "eth-getwork", "monero-daemon", "webminer",   "stratum-v2", "p2pool",  "duinocoin",
        "coin-p2p"};
    return kText[static_cast<unsigned>(dialect)];
}
// The daemon recognises and names coin P2P, but running a node is not mining.
constexpr bool is_mining(Dialect dialect) noexcept {
    return dialect != Dialect::none && dialect != Dialect::coin_p2p;
}

}  // namespace minerwall
