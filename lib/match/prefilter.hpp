// Which payloads are worth a parser's time: Hyperscan nominates, proto/ confirms.
//
// Every message of the dialects in base/dialect.hpp holds at least one of the patterns, in one
// piece or with an escape in it; a payload without any is none of them. The other way round says
// nothing: most JSON-RPC is nominated by some pattern now and then.
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
    // Control plane. Throws std::runtime_error where the known-answer test fails: the machine's
    // Hyperscan cannot be trusted then.
    explicit Prefilter(unsigned workers);

    // Fast path. `worker` below `workers`, each used by one thread at a time.
    bool nominate(Bytes payload, unsigned worker) const noexcept {
        return set_.any_match(payload, scratch_.at(worker));
    }

  private:
    PatternSet set_;
    ScratchSet scratch_;
};

}  // namespace minerwall::match
