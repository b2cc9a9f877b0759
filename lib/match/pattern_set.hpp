// Regular expressions over a block of bytes: a Hyperscan database and its known-answer test.
//
// Block mode, no start of match, each pattern reported once. A match only nominates; a parser
// decides what the bytes mean. Hyperscan's vector loads may touch up to 63 bytes behind the block
// on the same page, but never an unmapped page, so a caller need not copy. A memory checker that
// works on single bytes may report this as an over-read of the library.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "match/no_entry.hpp"

struct hs_database;
struct hs_scratch;

namespace minerwall::match {

class PatternSet {
  public:
    // Fast path. The lowest id of the patterns that match, or kNoEntry. An empty set matches
    // nothing; a set without a scratch does not either.
    std::uint32_t first_match(Bytes bytes, hs_scratch* scratch) const noexcept;
    // Whether any pattern matches; stops at the first match.
    bool any_match(Bytes bytes, hs_scratch* scratch) const noexcept;

    const hs_database* database() const noexcept { return database_.get(); }
    bool empty() const noexcept { return database_ == nullptr; }
    std::size_t memory_bytes() const noexcept { return memory_bytes_; }

  private:
    friend class PatternSetBuilder;
    struct Free {
        void operator()(hs_database* database) const noexcept;
    };
    std::unique_ptr<hs_database, Free> database_;
    std::size_t memory_bytes_ = 0;
};

// One expression (PCRE syntax, as far as Hyperscan supports it) with a text that it must match and
// one that it must not. A missing sample is not tested.
struct Pattern {
    std::string expression;
    bool caseless = false;
    std::string matches;
    std::string differs;
};

// Why a pattern was refused: `pattern` is its id, or kNoEntry for the set as a whole.
struct PatternError {
    std::uint32_t pattern = kNoEntry;
    std::string message;
};

// Why Hyperscan refuses `expression`, or empty. Control plane.
std::string expression_fault(const std::string& expression, bool caseless);

// Control plane; throws std::bad_alloc.
class PatternSetBuilder {
  public:
    // Returns the pattern's id: 0, 1, 2...
    std::uint32_t add(Pattern pattern);
    // Compiles, then runs the known-answer test: a database that misses its own samples is not
    // returned (some releases of Vectorscan had such ones). On error the set is empty and `errors`
    // lists all faulty patterns.
    PatternSet build(std::vector<PatternError>& errors);

  private:
    std::vector<Pattern> patterns_;
};

}  // namespace minerwall::match
