// Tells which names can change a decision. Inspection asks it when a packet has more names than
// there is room for, and drops the names that cannot matter.
//
// The compiler makes it as a part of the Ruleset. Its functions are fast path: any worker, no lock,
// no allocation. A name in no list costs its look-ups; any other name costs decisions.
#pragma once

#include "policy/facts.hpp"
#include "policy/list_set.hpp"

namespace minerwall::policy {

class Ruleset;

class NamesOfInterest {
  public:
    // rules: the Ruleset that contains this object, which must not move.
    explicit NamesOfInterest(const Ruleset& rules) noexcept : rules_(rules) {}

    // Whether the decision for `facts` has their DNS name as its reason (Decision::why).
    bool has_dns_name(const Facts& facts, unsigned worker) const noexcept;

    // Whether the name changes the decision: another rule matches `named`, or `named` with
    // `target`, than `nameless`. Of the decisions for `named`, the rule that comes first counts.
    // named: `nameless` with a server_name, and `learned` for that name.
    // target: the same with the server that the name means, if the name is an address; otherwise
    // null.
    bool has_server_name(const Facts& nameless, const Facts& named, const Facts* target,
                         unsigned worker) const noexcept;

  private:
    friend class Compiler;

    const Ruleset& rules_;
    Test dns_names_;     // every list in which a rule looks up a DNS name
    Test server_names_;  // ... or a server's name
};

}  // namespace minerwall::policy
