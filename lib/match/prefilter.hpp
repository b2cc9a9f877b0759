// Which payloads are worth a parser's time: Hyperscan nominates, proto/ confirms.
//
// Every message of the dialects in base/dialect.hpp holds at least one of the patterns, in one
// piece or with an escape in it. A payload without a pattern is in none of them. The converse does
// not hold: some pattern nominates most kinds of JSON-RPC now and then.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "match/pattern_set.hpp"
#include "match/scratch_set.hpp"

namespace minerwall::match {

// The built-in patterns, each with its samples; for tests and documentation.
const std::vector<Pattern>& prefilter_patterns();

class Prefilter {
  public:
    // Control plane. Throws std::runtime_error if the known-answer test fails, because then the
    // machine's Hyperscan cannot be trusted.
    explicit Prefilter(unsigned workers);

    // Fast path. `worker` is below `workers`; only one thread at a time may use each.
    bool nominate(Bytes payload, unsigned worker) const noexcept {
        return set_.any_match(payload, scratch_.at(worker));
    }

  private:
    PatternSet set_;
    ScratchSet scratch_;
};

}  // namespace minerwall::match
