// Recognises Duino-Coin's text protocol from both directions of a connection. Sources: the readme
// of revoxhere/duino-coin ("Socket API"), Bilaboz/duino-coin-pools (mining.js).
//
//     server  3.0                                        its version
//     client  MOTD                                       sometimes; the server answers with text
//     client  JOB,user[,difficulty[,key]]
//     server  last hash,expected hash,difficulty         SHA-1 in hexadecimal
//     client  nonce,hashrate,miner,rig                   and again JOB,...
//
// A message may have no line end. A comma-separated line proves nothing, so only the pair counts: a
// request for a job, and an answer of two hashes and a number. No share has passed by then.
//
// Messages are found by their place in the stream, regardless of segmentation. One thread at a
// time.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/fixed_text.hpp"
#include "base/mining_info.hpp"
#include "proto/peers/handshake.hpp"

namespace minerwall::proto {

class DuinoCoinDetector {
  public:
    // Bounds of a request, and of a server's text before it. Real ones have below 100 bytes and
    // 512.
    static constexpr unsigned kMaxRequest = 512;
    static constexpr unsigned kMaxText = 2048;

    void reset() noexcept { *this = {}; }

    // Feeds the connection's next bytes, from its first byte on. The caller feeds both ends in the
    // order in which their bytes passed. The answer is
    // - yes: at the first digit of the first job's difficulty.
    // - no: from the first byte that does not fit.
    HandshakeResult feed(Role role, Bytes bytes) noexcept;

    HandshakeResult result() const noexcept { return result_; }

    // Fills in the user, and the request as evidence.
    void describe(MiningInfo& out) const noexcept;

  private:
    enum class Request : std::uint8_t { begin, word, user, rest, ended };
    enum class Answer : std::uint8_t {
        version,  // before a request
        text,     // behind the version
        job,      // the job's first hash, or a version that comes late
        late_version,
        second_hash,
        difficulty,
    };

    bool read_request(std::uint8_t c) noexcept;
    bool read_answer(std::uint8_t c) noexcept;
    bool read_version(std::uint8_t c) noexcept;
    bool read_hash(std::uint8_t c, Answer then) noexcept;
    bool expect(std::string_view word, Request then) noexcept;
    bool asked() const noexcept { return request_ >= Request::user && !user_.empty(); }

    FixedText<40> user_;
    std::string_view word_;  // what is left of a word of the request
    HandshakeResult result_ = HandshakeResult::undecided;
    Request request_ = Request::begin;
    Request then_ = Request::begin;  // behind the word
    Answer answer_ = Answer::version;
    std::uint16_t requested_ = 0;  // bytes of the request
    std::uint16_t answered_ = 0;   // bytes of the server before the request
    std::uint8_t digits_ = 0;      // of the hash or the number so far
    bool numeric_ = true;          // they are decimal
};

}  // namespace minerwall::proto
