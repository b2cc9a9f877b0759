// The last two questions that the client of a DNS flow over UDP asked: we believe no answer to
// another question. A TCP flow keeps its sequence numbers in the same place. Two, because resolvers
// ask for A and AAAA at once. Owner's thread only.
#pragma once

#include "flow/flow.hpp"

namespace minerwall::flow {

class DnsQueries {
  public:
    explicit DnsQueries(Flow& flow) noexcept : flow_(flow) {}

    // hash: of the message id and the question. recursion: the RD bit, which a stub sets and a
    // resolver that asks an authority does not (RFC 1035, 4.1.1). second: the query came in at the
    // wire's second end.
    void note(std::uint32_t hash, bool recursion, bool second) noexcept {
        flow_.dns_queries[1] = flow_.dns_queries[0];
        flow_.dns_queries[0] =
            (hash & ~kBits) | kValid | (recursion ? kRecursion : 0u) | (second ? kSecond : 0u);
    }
    // Whether an answer that came in at this end answers one of them. An attacker who forges query
    // and answer sends both at one end; where the ends are unknown, any end matches.
    bool asked(std::uint32_t hash, bool second, bool ends_unknown, bool& recursion) const noexcept {
        for (const std::uint32_t slot : flow_.dns_queries) {
            if ((slot & ~kBits) == (hash & ~kBits) && (slot & kValid) != 0 &&
                (ends_unknown || ((slot & kSecond) != 0) != second)) {
                recursion = (slot & kRecursion) != 0;
                return true;
            }
        }
        return false;
    }

  private:
    static constexpr std::uint32_t kValid = 1, kRecursion = 2, kSecond = 4, kBits = 7;
    Flow& flow_;
};

}  // namespace minerwall::flow
