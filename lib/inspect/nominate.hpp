// Hyperscan nominates, the tokenizer confirms.
//
// This is for streams whose opening says nothing: a capture that starts mid-stream, a decoy line
// before the first message. One Hyperscan pass over the segment finds out whether it has any word
// of a mining protocol. Only then does the tokenizer confirm a message, where one could start: at
// the segment's first byte and at every line's, behind blanks, other values and comments. Only a
// whole protocol unit counts. A mining message that a text quotes does not count, nor does one that
// a text follows.
#pragma once

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "match/prefilter.hpp"
#include "proto/stratum/stratum.hpp"

namespace minerwall::inspect {

// Whether a message may begin in the line from `at` on: it opens a value there, or behind other
// values and comments, or has a string or comment that may end in another line.
bool may_open_json(Bytes segment, std::size_t at = 0) noexcept;

class Nominator {
  public:
    Nominator(const match::Prefilter& prefilter, unsigned worker) noexcept
        : prefilter_(prefilter), worker_(worker) {}

    enum class Result : std::uint8_t {
        nothing,
        open_message,  // `scanner` is inside an unfinished JSON value at the segment's end
        mining,        // `out` is filled
    };
    // begins: the segment's first byte begins a line, or follows bytes that we did not read.
    // `scanner` has a meaning only after open_message: then feed it the next segment. `start`: the
    // offset in the segment at which it began to count.
    Result look(Bytes segment, bool begins, proto::StratumScanner& scanner, MiningInfo& out,
                std::size_t& start) const noexcept;

    // The segment has a word of a mining protocol.
    bool has_word(Bytes segment) const noexcept { return prefilter_.nominate(segment, worker_); }

  private:
    const match::Prefilter& prefilter_;
    unsigned worker_;
};

}  // namespace minerwall::inspect
