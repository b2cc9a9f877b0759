// What the traffic showed of a miner: parsers of proto/ fill it, the flow keeps it, event/ writes
// it. A field is empty if the traffic did not show it. Plain data of fixed size.
#pragma once

#include "base/dialect.hpp"
#include "base/fixed_text.hpp"

namespace minerwall {

// Who sends a message of this kind. The message tells this itself; the flow's direction does not:
// in a stream that was joined midway, client and server may be swapped.
enum class Speaker : std::uint8_t { unknown, miner, pool };

struct MiningInfo {
    Dialect dialect = Dialect::none;
    Speaker speaker = Speaker::unknown;
    FixedText<40> method;      // as on the wire, unescaped: "mining.subscribe", "login", "job"
    FixedText<120> login;      // login, wallet, worker name or site key, whole and unescaped
    FixedText<64> worker;      // rig: a member of its own, or the part after the login's first dot
    FixedText<96> agent;       // miner software, or an HTTP User-Agent
    FixedText<96> pool;        // pool's host[:port] if the payload names it (ZIP-301, X-Stratum)
    FixedText<96> next_pool;   // host[:port] that the pool sends its miner to (client.reconnect)
    FixedText<24> algorithm;   // algorithm or coin, if the payload names it
    FixedText<120> evidence;   // the first bytes of the message that decided
    std::uint32_t offset = 0;  // where that message starts, bytes from the stream's first byte

    void clear() noexcept {
        dialect = Dialect::none;
        speaker = Speaker::unknown;
        method.clear();
        login.clear();
        worker.clear();
        agent.clear();
        pool.clear();
        next_pool.clear();
        algorithm.clear();
        evidence.clear();
        offset = 0;
    }
};

}  // namespace minerwall
