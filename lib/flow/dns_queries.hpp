// What the client of a DNS flow over UDP asked last: an answer to something else is nobody's. Kept
// where a TCP flow has its sequence numbers. Two questions, for resolvers ask for A and AAAA at
// once. The owner's thread.
#pragma once

#include "flow/flow.hpp"

namespace minerwall::flow {

class DnsQueries {
  public:
    explicit DnsQueries(Flow& flow) noexcept : flow_(flow) {}

    // hash: of the message's id and its question. recursion: RD, which a stub sets and a resolver
    // that asks an authority does not (RFC 1035, 4.1.1). second: the end of the wire that it came
    // in at.
    void note(std::uint32_t hash, bool recursion, bool second) noexcept {
        flow_.next_sequence[1] = flow_.next_sequence[0];
        flow_.next_sequence[0] =
            (hash & ~kBits) | kValid | (recursion ? kRecursion : 0u) | (second ? kSecond : 0u);
    }
    // Whether an answer that came in at this end answers one of them. Forged pairs of question and
    // answer come in at one end; where ends are not known, any does.
    bool asked(std::uint32_t hash, bool second, bool ends_unknown, bool& recursion) const noexcept {
        for (const std::uint32_t slot : flow_.next_sequence) {
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
