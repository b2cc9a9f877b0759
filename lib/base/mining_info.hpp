// What the wire showed of a miner: filled by the parsers of proto/, kept by the flow, written out
// by event/. Every field is empty where the wire did not show it. Plain data of fixed size.
#pragma once

#include "base/dialect.hpp"
#include "base/fixed_text.hpp"

namespace minerwall {

// Who speaks a message of this kind, told by the message itself and not by the flow's direction:
// a capture that starts mid-stream may have the ends the wrong way round.
enum class Speaker : std::uint8_t { unknown, miner, pool };

struct MiningInfo {
    Dialect dialect = Dialect::none;
    Speaker speaker = Speaker::unknown;
    FixedText<40> method;      // as on the wire, unescaped: "mining.subscribe", "login", "job"
    FixedText<120> login;      // login, wallet, worker name or site key, whole and unescaped
    FixedText<64> worker;      // rig: a member of its own, or what follows the login's first dot
    FixedText<96> agent;       // miner software, or an HTTP User-Agent
    FixedText<96> pool;        // pool's host[:port] where the payload names it (ZIP-301, X-Stratum)
    FixedText<96> next_pool;   // host[:port] that the pool sends its miner to (client.reconnect)
    FixedText<24> algorithm;   // algorithm or coin where the payload names it
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
