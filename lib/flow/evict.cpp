// Which flow makes room when the table is full: the cheapest one of a few that the hash chooses. A
// list in the order of worth would cost every packet that changes it; a sample costs only the new
// flow that finds no place.
#include "flow/table.hpp"

namespace minerwall::flow {
namespace {

// So long a living connection has to be silent to make room for any new one.
constexpr std::uint32_t kIdleMs = 10'000;
// An answer comes sooner than this, or the sender repeats (RFC 6298, 2.1).
constexpr std::uint32_t kPatienceMs = 1'000;

}  // namespace

bool FlowTable::Candidate::is_cheaper_than(const Candidate& other) const noexcept {
    if (worth != other.worth) {
        return worth < other.worth;
    }
    // A host with many connections has no less right to a new one. A flood's are older on average
    // than a connection that waits for its answer.
    if (worth >= Worth::open && size != other.size) {
        return size > other.size;
    }
    return silent_ms > other.silent_ms;
}

FlowTable::Candidate FlowTable::candidate(std::uint32_t id, std::uint32_t now_ms) const noexcept {
    const Flow& flow = flows_[id];
    const SourceId source = details_[id].source;
    return {id, is_greedy(source), worth_of(flow), shares_.size_of(source),
            now_ms - flow.last_seen_ms};
}

bool FlowTable::is_flooded(const Candidate& best, unsigned cheap, unsigned seen) noexcept {
    return best.worth <= Worth::brief &&
           (best.greedy || cheap > seen / 8 || best.silent_ms >= kPatienceMs);
}

bool FlowTable::may_replace(const Candidate& old, SourceId source, bool flooded) const noexcept {
    const bool greedy = is_greedy(source);
    const bool larger = old.greedy && !greedy;
    switch (old.worth) {
        case Worth::unanswered:
        case Worth::brief:
            return !greedy || old.greedy || flooded;
        case Worth::open:
            return larger || old.size > shares_.size_with_one_more(source) ||
                   old.silent_ms >= kIdleMs;
        case Worth::needed:
            return larger;
    }
    return false;
}

}  // namespace minerwall::flow
