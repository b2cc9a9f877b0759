#include "path/report/flow_end.hpp"

#include "path/report/describe.hpp"
#include "path/report/record.hpp"

namespace minerwall::path {

void report_flow_end(Context& context, const flow::Flow& flow, event::EndReason reason) noexcept {
    event::Record* record = begin_event(context, event::Kind::flow_end);
    if (record == nullptr) {
        return;
    }
    const flow::FlowDetails& details = context.flows.details(flow);
    const Finding* finding =
        details.finding == flow::kNone ? nullptr : &context.findings.at(details.finding);
    fill_flow(context, flow, finding, *record);
    record->flow.reason = reason;
    fill_name(context, flow, *record);
    if (finding != nullptr) {
        fill_finding(*finding, *record);
    }
    // A rule that only looked at addresses and ports leaves no finding, so take its text from the
    // current policy. A flow that an older policy judged last keeps only its action.
    if (!record->has(event::Record::kHasMatch) && flow.rule != policy::kNoRule &&
        context.rules != nullptr && flow.judged_under(context.rules->epoch())) {
        policy::Decision decision;
        decision.rule = flow.rule;
        describe(*context.rules, decision, false, record->use_match());
    }
    finish_event(context);
}

}  // namespace minerwall::path
