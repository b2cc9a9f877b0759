// One packet of the burst, as the stages pass it on: two words, by value. Valid until the burst
// ends. The worker's thread only.
#pragma once

#include "path/context.hpp"
#include "path/may_drop.hpp"

namespace minerwall::path {

class Packet {
  public:
    Packet(Context& context, unsigned i) noexcept : context_(&context), i_(i) {}

    Context& context() const noexcept { return *context_; }

    const packet::Frame& frame() const noexcept { return burst().frame[i_]; }
    // The packet as it came from the wire.
    rte_mbuf* mbuf() const noexcept { return burst().mbuf[i_]; }
    // The bytes that frame() describes: of the packet, or of what its fragments became.
    const rte_mbuf* bytes() const noexcept { return burst().bytes_of(i_); }
    rte_mbuf* reassembled() const noexcept { return burst().reassembled[i_]; }
    // From here on the copy is judged instead of the packet. frame: of the copy.
    void set_reassembled(rte_mbuf* copy, const packet::Frame& frame) const noexcept {
        burst().reassembled[i_] = copy;
        burst().frame[i_] = frame;
    }
    std::uint16_t ingress() const noexcept { return burst().mbuf[i_]->port; }
    std::uint8_t wire() const noexcept { return static_cast<std::uint8_t>(ingress() / 2); }
    // Whether it came in at the second end of its wire.
    bool at_second_end() const noexcept { return (ingress() & 1) != 0; }

    // The key of its flow and the key's hash; set only if it is keyed.
    bool is_keyed() const noexcept { return burst().keyed[i_]; }
    const flow::FlowKey& key() const noexcept { return burst().key[i_]; }
    std::uint64_t hash() const noexcept { return burst().hash[i_]; }
    void make_key() const noexcept {
        Burst& all = burst();
        all.keyed[i_] = true;
        all.sender_is_low[i_] = flow::make_key(frame(), wire(), all.key[i_]);
        all.hash[i_] = context_->flows.hash(all.key[i_]);
    }
    void make_no_key() const noexcept { burst().keyed[i_] = false; }

    bool has_flow() const noexcept { return burst().flow[i_] != flow::kNone; }
    std::uint32_t flow_id() const noexcept { return burst().flow[i_]; }
    flow::Flow& flow() const noexcept { return context_->flows.at(burst().flow[i_]); }
    void set_flow(std::uint32_t id, flow::Direction direction) const noexcept {
        burst().flow[i_] = id;
        burst().direction[i_] = direction;
    }
    // It has no flow because the table is full, and the options say to drop such packets.
    bool is_untracked_drop() const noexcept { return burst().untracked_drop[i_]; }
    void set_untracked_drop(bool drop) const noexcept { burst().untracked_drop[i_] = drop; }
    bool sender_is_low() const noexcept { return burst().sender_is_low[i_]; }
    // As `track` saw it. Later evidence may swap the flow's roles: direction_now().
    flow::Direction direction() const noexcept { return burst().direction[i_]; }
    flow::Direction direction_now() const noexcept { return flow().direction(sender_is_low()); }

    bool has_news() const noexcept { return burst().news[i_]; }
    void set_news(bool news) const noexcept { burst().news[i_] = news; }
    inspect::Evidence& evidence() const noexcept { return burst().evidence[i_]; }
    // TCP: the receiver's next sequence number before this segment.
    std::uint32_t& expected() const noexcept { return burst().expected[i_]; }

    Disposition disposition() const noexcept { return burst().disposition[i_]; }
    Reason reason() const noexcept { return burst().reason[i_]; }
    bool is_forwarded() const noexcept { return disposition() <= Disposition::observed; }
    // The one way to a packet that is not forwarded. The gate may refuse it: then the packet is
    // marked as one that observing forwards, and the result is false.
    // disposition: drop, reset or sinkhole. rule: the mode of the rule that demands it.
    bool refuse(Disposition disposition, Reason reason, RuleMode rule) const noexcept {
        if (may_drop(mode(), rule, reason)) {
            set_disposition(disposition, reason);
            return true;
        }
        if (is_forwarded()) {  // a drop for another reason stays
            set_disposition(Disposition::observed, reason);
        }
        return false;
    }
    bool drop(Reason reason, RuleMode rule = RuleMode::none) const noexcept {
        return refuse(Disposition::drop, reason, rule);
    }
    PolicyMode mode() const noexcept {
        return context_->rules->observe() ? PolicyMode::observes : PolicyMode::enforces;
    }
    ResetPlan& reset_plan() const noexcept { return burst().reset_plan[i_]; }
    std::uint16_t& sinkhole_rule() const noexcept { return burst().sinkhole_rule[i_]; }

  private:
    void set_disposition(Disposition disposition, Reason reason) const noexcept {
        burst().disposition[i_] = disposition;
        burst().reason[i_] = reason;
    }
    Burst& burst() const noexcept { return context_->burst; }

    Context* context_;
    unsigned i_;  // in the burst's arrays
};

}  // namespace minerwall::path
