#include "path/verdict/matter.hpp"

#include "path/verdict/ask.hpp"
#include "path/verdict/facts.hpp"

namespace minerwall::path {

bool has_matter(const Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept {
    if (evidence.has_mining || evidence.has_hello || evidence.address_count != 0) {
        return true;
    }
    const flow::Ends ends = context.flows.ends(flow);
    const policy::Facts facts = facts_of(context, flow, ends);
    std::string_view decided_by;
    bool matter = ask_by_dns_names(context, facts, evidence, decided_by).rule != policy::kNoRule;
    flow::Learned learned;
    const policy::Decision nameless = ask_by_name(context, facts, {}, 0, learned);
    evidence.names.for_each([&](std::string_view name) {
        const policy::Decision one =
            ask_by_name(context, facts, name, evidence.target_port, learned);
        matter = matter || one.rule != nameless.rule;
    });
    return matter;
}

}  // namespace minerwall::path
