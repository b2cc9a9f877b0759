// Which flow holds each record of a pool, and how many records each source holds. So a pool that is
// all taken can ask a flow to give its record up.
//
// One worker's thread. The constructor takes all memory.
#pragma once

#include <cstdint>

#include "flow/memory.hpp"
#include "flow/table.hpp"

namespace minerwall::flow {

class Holders {
  public:
    explicit Holders(std::uint32_t records) : flow_(records) {}

    // Until then nothing is noted, and sample() visits nothing.
    void watch(FlowTable& flows) noexcept { flows_ = &flows; }
    FlowTable* flows() const noexcept { return flows_; }

    SourceId source_of(const Flow& flow) const noexcept {
        return flows_ == nullptr ? SourceId{0} : flows_->details(flow).source;
    }
    // `flow`, of the table, holds `record` now.
    void take(std::uint32_t record, const Flow& flow) noexcept {
        if (flows_ != nullptr) {
            flow_[record] = flows_->id_of(flow) + 1;
            shares_.take(flows_->details(flow).source);
        }
    }
    void give_back(std::uint32_t record, const Flow& flow) noexcept {
        if (flows_ != nullptr && flow_[record] != 0) {
            flow_[record] = 0;
            shares_.give_back(flows_->details(flow).source);
        }
    }
    // Shares::size_of() the flow's source.
    unsigned size_of(const Flow& flow) const noexcept {
        return flows_ == nullptr ? 0 : shares_.size_of(flows_->details(flow).source);
    }
    // The same with the record that the flow asks for.
    unsigned size_with_one_more(const Flow& flow) const noexcept {
        return flows_ == nullptr ? 1 : shares_.size_with_one_more(flows_->details(flow).source);
    }
    // Calls visit(flow) for the holders of `count` records; each call goes on behind the last one.
    template <typename Visit>
    void sample(unsigned count, Visit&& visit) noexcept {
        const auto records = static_cast<std::uint32_t>(flow_.size());
        for (; flows_ != nullptr && count != 0; --count) {
            hand_ = hand_ + 1 < records ? hand_ + 1 : 0;
            if (flow_[hand_] != 0) {
                visit(flows_->at(flow_[hand_] - 1));
            }
        }
    }

  private:
    FlowTable* flows_ = nullptr;
    Pages<std::uint32_t> flow_;  // its id plus one; 0: the record is free
    Shares shares_;
    std::uint32_t hand_ = 0;
};

// How long `flow` is silent, in milliseconds, by the time of a packet of `other` that came now.
inline std::uint32_t silence_of(const Flow& flow, const Flow& other) noexcept {
    return other.last_seen_ms - flow.last_seen_ms;
}

}  // namespace minerwall::flow
