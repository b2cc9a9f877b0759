// Hyperscan nominates, the tokenizer confirms.
//
// For bytes of a stream whose opening says nothing (a capture that starts mid-stream, a decoy line
// before the first message), one Hyperscan pass over the segment tells whether any word of a mining
// protocol is in it at all. Only then are the places where a message could start tried with the
// tokenizer: the segment's first byte and every line's. What counts is a whole protocol unit: a
// mining message that is quoted inside a text is none, and neither is one followed by a text.
#pragma once

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "match/prefilter.hpp"
#include "proto/stratum/stratum.hpp"

namespace minerwall::inspect {

class Nominator {
  public:
    Nominator(const match::Prefilter& prefilter, unsigned worker) noexcept
        : prefilter_(prefilter), worker_(worker) {}

    enum class Result : std::uint8_t {
        nothing,
        open_message,  // `scanner` stands inside an unfinished JSON value at the segment's end
        mining,        // `out` is filled
    };
    // begins: the segment's first byte begins a line, or follows bytes that nobody saw. `scanner`
    // is only meaningful after open_message: it goes on with the next segment. `start`: where in
    // the segment it began to count.
    Result look(Bytes segment, bool begins, proto::StratumScanner& scanner, MiningInfo& out,
                std::size_t& start) const noexcept;

  private:
    const match::Prefilter& prefilter_;
    unsigned worker_;
};

}  // namespace minerwall::inspect
