#include "path/report/admit.hpp"

#include <bit>
#include <utility>

namespace minerwall::path {
namespace {

// Behind these, a flow's alerts number 32, 64, 128 … are written: a DNS client that asks for a pool
// for ever.
constexpr std::uint32_t kAlertsOfAFlow = 16;

}  // namespace

bool admit_alert(Context& context, const flow::Flow& flow) noexcept {
    flow::FlowDetails& details = context.flows.details(flow);
    if (!context.options.limited) {
        return true;
    }
    ++details.alerts;
    const bool by_flow = details.alerts <= kAlertsOfAFlow || std::has_single_bit(details.alerts);
    if (by_flow && context.limits.alerts.take(details.source, context.now)) {
        return true;
    }
    ++context.limits.suppressed[details.source];
    context.counters.alerts_suppressed.add();
    return false;
}

std::uint32_t take_suppressed(Context& context, const flow::Flow& flow) noexcept {
    return std::exchange(context.limits.suppressed[context.flows.details(flow).source], 0u);
}

bool admit_flow_end(Context& context, const flow::Flow& flow) noexcept {
    if (!flow.has(flow::Flow::alerted) && context.options.limited &&
        context.events.is_nearly_full()) {
        context.counters.events_lost.add();  // the room that is left is for alerts
        return false;
    }
    const bool telling = flow.has(flow::Flow::alerted) || flow.rule != policy::kNoRule ||
                         flow::worth_of(flow) != flow::Worth::unanswered;
    if (telling || !context.options.limited ||
        context.limits.flow_ends.take(context.flows.details(flow).source, context.now)) {
        return true;
    }
    context.counters.flow_ends_suppressed.add();
    return false;
}

}  // namespace minerwall::path
