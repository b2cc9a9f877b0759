#include "path/verdict/matter.hpp"

#include "path/verdict/ask.hpp"
#include "path/verdict/facts.hpp"

namespace minerwall::path {

bool has_matter(const Context& context, const flow::Flow& flow,
                const inspect::Evidence& evidence) noexcept {
    if (evidence.has_mining || evidence.has_hello || evidence.address_count != 0) {
        return true;
    }
    const policy::NamesOfInterest& names = context.rules->names_of_interest();
    const unsigned worker = context.options.worker;
    const flow::Ends ends = context.flows.ends(flow);
    const policy::Facts facts = facts_of(context, flow, ends);
    bool matter = false;
    policy::Facts asked = facts;
    asked.server_name = {};
    evidence.dns_names.for_each([&](std::string_view name) {
        asked.dns_name = name;
        matter = matter || names.has_dns_name(asked, worker);
    });
    flow::Learned learned;
    const policy::Facts nameless = name_facts(context, facts, {}, learned);
    evidence.names.for_each([&](std::string_view name) {
        const policy::Facts named = name_facts(context, facts, name, learned);
        TargetFacts target;
        matter = matter || names.has_server_name(nameless, named,
                                                 target.of(named, evidence.target_port), worker);
    });
    return matter;
}

}  // namespace minerwall::path
