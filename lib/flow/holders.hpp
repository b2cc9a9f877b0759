// Which flow holds each entry of a pool, and how many entries each source holds. So a pool that is
// all taken can ask a flow to give its entry up.
//
// One worker's thread. The constructor takes all memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "flow/memory.hpp"
#include "flow/table.hpp"

namespace minerwall::flow {

class Holders {
  public:
    explicit Holders(std::uint32_t entries) : holder_(entries), place_(entries) {}

    // Until then nothing is noted, and sample() visits nothing.
    void watch(FlowTable& flows) noexcept { flows_ = &flows; }
    FlowTable* flows() const noexcept { return flows_; }

    SourceId source_of(const Flow& flow) const noexcept {
        return flows_ == nullptr ? SourceId{0} : flows_->details(flow).source;
    }
    // `flow`, of the table, holds `entry` now; or no longer.
    void take(std::uint32_t entry, const Flow& flow) noexcept {
        if (flows_ != nullptr) {
            place_[entry] = held_;
            holder_[held_++] = {entry, flows_->id_of(flow)};
            shares_.take(source_of(flow));
        }
    }
    void give_back(std::uint32_t entry, const Flow& flow) noexcept {
        if (flows_ != nullptr) {
            const Holder last = holder_[--held_];
            holder_[place_[entry]] = last;
            place_[last.entry] = place_[entry];
            shares_.give_back(source_of(flow));
        }
    }
    // Shares::size_of() the flow's source; and the same with the entry that the flow asks for.
    unsigned size_of(const Flow& flow) const noexcept {
        return flows_ == nullptr ? 0 : shares_.size_of(source_of(flow));
    }
    // A source may replace its own.
    unsigned size_with_one_more(const Flow& flow, const Flow& holder) const noexcept {
        return source_of(flow) == source_of(holder) ? shares_.size_of(source_of(flow))
                                                    : shares_.size_with_one_more(source_of(flow));
    }
    // Calls visit(flow) for `count` holders, or for all if there are fewer. Each call goes on
    // behind the last one.
    template <typename Visit>
    void sample(std::uint32_t count, Visit&& visit) noexcept {
        for (count = std::min(count, held_); count != 0; --count) {
            hand_ = hand_ + 1 < held_ ? hand_ + 1 : 0;
            visit(flows_->at(holder_[hand_].flow));
        }
    }

  private:
    struct Holder {
        std::uint32_t entry, flow;
    };

    FlowTable* flows_ = nullptr;
    Pages<Holder> holder_;        // the first `held_` ones, in no order
    Pages<std::uint32_t> place_;  // in `holder_`, by entry
    std::uint32_t held_ = 0;
    std::uint32_t hand_ = 0;
    Shares shares_;
};

// How long `flow` is silent, in milliseconds, by the time of a packet of `other` that came now.
inline std::uint32_t silence_of(const Flow& flow, const Flow& other) noexcept {
    return other.last_seen_ms - flow.last_seen_ms;
}

}  // namespace minerwall::flow
