// Which flow gives its parser's state to a flow that finds none, and what it keeps. An idle
// connection between two messages needs a few bytes instead of a state.
#include <utility>

#include "inspect/inspector.hpp"

namespace minerwall::inspect {
namespace {

using flow::Flow;

// Flows to compare; most of a pool that a flood filled are alike.
constexpr unsigned kSample = 8;
// A sender repeats what is not answered after this time (RFC 6298, 2.1).
constexpr std::uint32_t kPatienceMs = 1'000;

// What a flow loses with its state, the cheapest first.
enum class Loss : std::uint8_t {
    nothing,     // it is between two messages
    unanswered,  // one end sends, and the other was never heard
    guard,       // other bytes may replace judged ones that are not acknowledged
    message,     // a message whose beginning was read
};

bool is_answered(const Flow& flow) noexcept {
    return flow.packets[0] != 0 && flow.packets[1] != 0;
}

struct Candidate {
    Flow* flow = nullptr;
    Loss loss;
    unsigned size;  // of its source, Shares::size_of()
    std::uint32_t silent_ms;

    bool is_cheaper_than(const Candidate& other) const noexcept {
        if (loss != other.loss) {
            return loss < other.loss;
        }
        return size != other.size ? size > other.size : silent_ms > other.silent_ms;
    }
    // size: of the new flow's source.
    bool may_lose_to(unsigned newcomer) const noexcept {
        switch (loss) {
            case Loss::nothing:
                return true;
            case Loss::unanswered:
                return size >= newcomer || silent_ms >= kPatienceMs;
            case Loss::guard:
                return size >= newcomer;
            case Loss::message:
                // A source must not buy blindness for its own message by opening more of them.
                return size > newcomer;
        }
        return false;
    }
};

}  // namespace

bool Inspector::make_room(const Flow& newcomer, Room room) noexcept {
    Candidate best;
    holders_.sample(kSample, [&](Flow& flow) {
        if (&flow == &newcomer || (room != Room::streams && !readings(flow).is_open()) ||
            (room == Room::unanswered && is_answered(flow))) {
            return;
        }
        const Loss loss = parked_as(flow) != 0       ? Loss::nothing
                          : !is_answered(flow)       ? Loss::unanswered
                          : readings(flow).is_open() ? Loss::message
                                                     : Loss::guard;
        const Candidate one{&flow, loss, holders_.size_of(flow), silence_of(flow, newcomer)};
        if (best.flow == nullptr || one.is_cheaper_than(best)) {
            best = one;
        }
    });
    if (best.flow == nullptr ||
        !best.may_lose_to(holders_.size_with_one_more(newcomer, *best.flow))) {
        return false;
    }
    Flow& flow = *best.flow;
    const std::uint8_t parked = parked_as(flow);
    if (parked != 0) {
        counters_.states_parked.add();
        holders_.flows()->details(flow).parked = parked;
    } else if (best.loss == Loss::guard) {
        counters_.stream_memory_exhausted.add();
    } else {
        counters_.states_lost.add();
        flow.set(Flow::lost_beginning);
    }
    forget(flow);
    return true;
}

std::uint8_t Inspector::parked_as(const Flow& flow) noexcept {
    const Readings& read = readings(flow);
    if (!read.is_open() || !tracker_.is_acknowledged(flow)) {
        return 0;
    }
    return read.parked_as(connections_, flow.has(Flow::settled_0), flow.has(Flow::settled_1));
}

std::uint8_t Inspector::take_parked(const Flow& flow) noexcept {
    if (holders_.flows() == nullptr) {
        return 0;
    }
    std::uint8_t& parked = holders_.flows()->details(flow).parked;
    return std::exchange(parked, std::uint8_t{0});
}

}  // namespace minerwall::inspect
