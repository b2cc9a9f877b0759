// The records that few flows have: a server's name and a finding. They come from the worker's pools
// and stay for the flow's life.
//
// The worker's thread only.
#pragma once

#include "path/context.hpp"

namespace minerwall::path {

// What the flow keeps of its mining; null if it keeps nothing.
inline const Finding* kept_finding(const Context& context, const flow::Flow& flow) noexcept {
    return flow.has(flow::Flow::has_finding)
               ? &context.findings.at(context.flows.details(flow).finding)
               : nullptr;
}

// What could not be read of the flow so far.
inline UnreadableSet kept_unreadable(const Context& context, const flow::Flow& flow) noexcept {
    return flow.has(flow::Flow::has_unreadable) ? context.flows.details(flow).unreadable
                                                : UnreadableSet{0};
}
void keep_unreadable(Context& context, flow::Flow& flow, UnreadableSet kinds) noexcept;

// The flow's finding, taken if it has none. If no record is free, the spare one: the report is
// complete, but nothing is kept for the flow's end.
Finding& finding_of(Context& context, flow::Flow& flow) noexcept;

// Keeps the name, so that a new policy can judge the flow by it. If no record is free, the name is
// judged now and forgotten.
void keep_name(Context& context, flow::Flow& flow, inspect::NameSource source,
               std::string_view text) noexcept;
// Keeps what the ClientHello tells besides its name.
void keep_hello(Context& context, flow::Flow& flow, const inspect::Evidence& evidence) noexcept;

}  // namespace minerwall::path
