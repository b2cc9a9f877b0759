#include "path/verdict/kept.hpp"

namespace minerwall::path {
namespace {

// A record of a pool. kNone: none is free, or the flow's source has its share.
template <typename Pool>
std::uint32_t take(Context& context, Pool& pool, flow::Shares& shares,
                   flow::SourceId source) noexcept {
    const bool may = shares.may_take(source, pool.capacity() - pool.in_use());
    const std::uint32_t id = may ? pool.take() : flow::kNone;
    id != flow::kNone ? shares.take(source) : context.counters.findings_refused.add();
    return id;
}

// The flow's name record, taken if it has none. Null if no record is free: the name is judged now
// and forgotten.
ServerName* name_of(Context& context, flow::Flow& flow) noexcept {
    flow::FlowDetails& details = context.flows.details(flow);
    if (details.name == flow::kNone) {
        details.name = take(context, context.names, context.name_shares, details.source);
        if (details.name == flow::kNone) {
            return nullptr;
        }
        flow.set(flow::Flow::has_name);
        ServerName& name = context.names.at(details.name);
        name.source = inspect::NameSource::none;
        name.ech = false;
        name.text.clear();
        name.ja4.clear();
    }
    return &context.names.at(details.name);
}

}  // namespace

Finding& finding_of(Context& context, flow::Flow& flow) noexcept {
    flow::FlowDetails& details = context.flows.details(flow);
    if (details.finding == flow::kNone) {
        details.finding = take(context, context.findings, context.finding_shares, details.source);
        if (details.finding != flow::kNone) {
            flow.set(flow::Flow::has_finding);
        }
        Finding& finding =
            details.finding == flow::kNone ? context.spare : context.findings.at(details.finding);
        finding.has_mining = finding.has_match = finding.has_name = false;
        finding.action = Action::allow;
        finding.enforced = true;
        return finding;
    }
    return context.findings.at(details.finding);
}

void keep_name(Context& context, flow::Flow& flow, inspect::NameSource source,
               std::string_view text) noexcept {
    if (ServerName* name = name_of(context, flow)) {
        name->source = source;
        name->text.assign(text);
    }
}

void keep_hello(Context& context, flow::Flow& flow, const inspect::Evidence& evidence) noexcept {
    if (ServerName* name = name_of(context, flow)) {
        // If the ClientHello names a proxy's target as well, the target counts as the ClientHello's
        // name.
        if (name->source == inspect::NameSource::none ||
            evidence.name_source != inspect::NameSource::none) {
            name->source = evidence.app == inspect::App::quic ? inspect::NameSource::quic_sni
                                                              : inspect::NameSource::sni;
        }
        name->ech = evidence.ech;
        name->ja4 = evidence.ja4;
    }
}

void keep_unreadable(Context& context, flow::Flow& flow, UnreadableSet kinds) noexcept {
    context.flows.details(flow).unreadable =
        static_cast<UnreadableSet>(kept_unreadable(context, flow) | kinds);
    flow.set(flow::Flow::has_unreadable);
}

}  // namespace minerwall::path
