// The member names and methods by which the recogniser tells JSON mining dialects apart. Source:
// handbook "Mining on the wire"; BIP 22, BIP 310, ZIP 301, EthereumStratum 1 and 2 (EIP 1571),
// Alephium's stratum, the CryptoNote pool protocol, Grin's and Beam's stratum, Monero's daemon RPC,
// Coinhive's and webminerpool's clients. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/mining_info.hpp"

namespace minerwall::proto {

// The kinds of a JSON value, as bits.
enum JsonKind : std::uint8_t {
    kString = 1,
    kNumber = 2,
    kBoolean = 4,
    kNull = 8,
    kObject = 16,
    kArray = 32,
    kAnyKind = 63,
};

enum class Key : std::uint8_t {
    none,
    agent,
    algo,
    api_key,
    bits,
    blob,
    blockhashing_blob,
    blocktemplate_blob,
    code,
    coinbaseaux,
    coinbasetxn,
    coinbasevalue,
    curtime,
    data,
    difficulty,
    error,
    extra_nonce,
    hash1,
    hashes,
    height,
    host,
    id,
    identifier,
    input,
    job,
    job_id,
    jsonrpc,
    login,
    method,
    midstate,
    name,
    nonce,
    nonceprefix,
    output,
    params,
    pass,
    password,
    pool,
    port,
    pre_pow,
    previousblockhash,
    proto,
    public_address,
    reserve_size,
    result,
    rigid,
    site_key,
    status,
    target,
    template_request,
    token,
    transactions,
    tx_backlog,
    type,
    user_id,
    wallet_address,
    worker,
    count,  // the number of keys
};
static_assert(static_cast<unsigned>(Key::count) <= 64, "a set of keys is one word");
constexpr std::uint64_t bit(Key key) noexcept {
    return std::uint64_t{1} << static_cast<unsigned>(key);
}

struct KeyWord {
    Key key = Key::none;
    std::uint8_t kinds = 0;     // JsonKind bits that this member has in a mining message
    bool may_be_empty = false;  // an empty string counts
};
// Compares names without regard to case, as Go's encoding/json does (with its two non-ASCII folds,
// U+017F for s and U+212A for k), and Json.NET. Pools written in Go accept "Method" for "method". A
// NUL ends a name, as it does for receivers that use C strings.
KeyWord find_key(std::string_view name) noexcept;

// Groups of methods with the same required shape.
enum class Method : std::uint8_t {
    none,
    mining_known,
    mining_hello,
    mining_reconnect,
    mining_other,
    set_extranonce,
    reconnect,
    show_message,
    get_version,
    set_gzip,
    login,
    submit,
    job,
    keepalived,
    getjobtemplate,
    block_template,
    solution,
    result,
    eth,
    getwork,
    getblocktemplate,
    get_block_template,
    submitblock,
    submit_block,
    get_miner_data,
};
constexpr std::uint32_t bit(Method method) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(method);
}

// The meaning of a method's first parameter.
enum class First : std::uint8_t { other, agent, login };

struct MethodWord {
    Method method = Method::none;
    Speaker speaker = Speaker::unknown;
    First first = First::other;
};
// The words of browser miners' messages: values of `type` (Coinhive and its forks) and of
// `identifier` (webminerpool). All of them are everyday words, so the members decide.
enum class WebWord : std::uint8_t {
    none,
    auth,
    authed,
    hash_accepted,
    job,
    submit,
    handshake,
    identified_job,
    solved,
    hashsolved,
};
// `none` has no bit: most values of `type` are not in the list.
constexpr std::uint16_t bit(WebWord word) noexcept {
    return static_cast<std::uint16_t>((1U << static_cast<unsigned>(word)) & ~1U);
}
WebWord find_type(std::string_view name) noexcept;
WebWord find_identifier(std::string_view name) noexcept;

// An exact match up to a NUL, because receivers that use C strings do not see what follows it.
MethodWord find_method(std::string_view name) noexcept;

}  // namespace minerwall::proto
