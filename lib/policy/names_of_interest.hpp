// Which names the rules can say anything about. Inspection asks it when a packet brings more names
// than there is room for: those that cannot matter make room for the next ones.
//
// Made by the compiler, part of its Ruleset. The questions are fast path: any worker, no lock, no
// allocation. A name that is on no list costs its look-ups; any other costs decisions.
#pragma once

#include "policy/facts.hpp"
#include "policy/list_set.hpp"

namespace minerwall::policy {

class Ruleset;

class NamesOfInterest {
  public:
    // rules: whose part it is; it stays where it is.
    explicit NamesOfInterest(const Ruleset& rules) noexcept : rules_(rules) {}

    // `facts` are decided as they are because of their DNS name: Decision::why says so.
    bool has_dns_name(const Facts& facts, unsigned worker) const noexcept;

    // Another rule decides `named`, or `named` and `target`, than `nameless`. Of two decisions the
    // rule that stands first counts.
    // named: `nameless` with a server_name, and `learned` as it is with that name.
    // target: with the server that the name means, where the name is an address; null: it is none.
    bool has_server_name(const Facts& nameless, const Facts& named, const Facts* target,
                         unsigned worker) const noexcept;

  private:
    friend class Compiler;

    const Ruleset& rules_;
    Test dns_names_;     // every list that a rule looks up a DNS name in
    Test server_names_;  // ... a server's name
};

}  // namespace minerwall::policy
