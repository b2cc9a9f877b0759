#include "path/verdict/ask.hpp"

#include "path/verdict/facts.hpp"

namespace minerwall::path {
namespace {

policy::Decision ask(const Context& context, const policy::Facts& facts) noexcept {
    return context.rules->decide(facts, context.options.worker);
}

// The rule that stands first in the policy decides.
void take_first(policy::Decision& decision, const policy::Decision& other) noexcept {
    if (other.rule < decision.rule) {
        decision = other;
    }
}

// Whether the flow goes to a learned entry of its client: its server's address, or `name`.
bool find_learned(const Context& context, const policy::Facts& facts, flow::Learned& out) noexcept {
    for (const flow::LearnedTable* table : context.learned_by_all) {
        if (table->find(*facts.client, *facts.server, facts.server_port, context.now, out) ||
            table->find_name(*facts.client, facts.server_name, context.now, out)) {
            return true;
        }
    }
    return false;
}

}  // namespace

policy::Facts name_facts(const Context& context, policy::Facts facts, std::string_view name,
                         flow::Learned& learned) noexcept {
    facts.server_name = name;
    facts.learned = context.rules->needs_learned() && find_learned(context, facts, learned);
    return facts;
}

const policy::Facts* TargetFacts::of(const policy::Facts& named,
                                     std::uint16_t target_port) noexcept {
    if (!read_address(named.server_name, server_) ||
        (server_ == *named.server && target_port == 0)) {
        return nullptr;
    }
    facts_ = named;
    facts_.learned = false;
    facts_.server = &server_;
    facts_.server_port = target_port != 0 ? target_port : facts_.server_port;
    return &facts_;
}

policy::Decision ask_by_name(const Context& context, const policy::Facts& facts,
                             std::string_view name, std::uint16_t target_port,
                             flow::Learned& learned) noexcept {
    const policy::Facts named = name_facts(context, facts, name, learned);
    policy::Decision decision = ask(context, named);
    TargetFacts target;
    if (const policy::Facts* other = target.of(named, target_port)) {
        take_first(decision, ask(context, *other));
    }
    return decision;
}

policy::Decision ask_by_names(const Context& context, const policy::Facts& facts,
                              const inspect::Evidence& evidence, std::string_view& name,
                              flow::Learned& learned) noexcept {
    policy::Decision decision;
    name = {};
    evidence.names.for_each([&](std::string_view each) {
        flow::Learned found;
        const policy::Decision one = ask_by_name(context, facts, each, evidence.target_port, found);
        if (name.empty() || one.rule < decision.rule) {
            decision = one;
            name = each;
            learned = found;
        }
    });
    return decision;
}

policy::Decision ask_by_dns_names(const Context& context, policy::Facts facts,
                                  const inspect::Evidence& evidence,
                                  std::string_view& name) noexcept {
    facts.server_name = {};
    policy::Decision decision;
    name = {};
    evidence.dns_names.for_each([&](std::string_view each) {
        facts.dns_name = each;
        const policy::Decision one = ask(context, facts);
        if (one.why == policy::Condition::dns_name && one.rule < decision.rule) {
            decision = one;
            name = each;
        }
    });
    return decision;
}

policy::Decision ask_by_tunnel(const Context& context, const packet::TunnelEnds& ends,
                               bool sender_is_client, const policy::Facts& facts,
                               const policy::Decision& inside) noexcept {
    policy::Decision decision = inside;
    take_first(decision, ask(context, facts_of(ends, sender_is_client, facts)));
    return decision;
}

policy::Decision ask_stateless(const Context& context, const packet::Frame& frame,
                               UnreadableSet unreadable,
                               const packet::TunnelEnds* tunnel) noexcept {
    // We do not know which end is the client: the rule that stands first in the policy decides.
    policy::Facts facts = facts_of(frame, true);
    facts.unreadable = unreadable;
    policy::Decision decision = ask(context, facts);
    facts = facts_of(frame, false);
    facts.unreadable = unreadable;
    take_first(decision, ask(context, facts));
    if (tunnel != nullptr) {
        for (const bool sender_is_client : {true, false}) {
            decision = ask_by_tunnel(context, *tunnel, sender_is_client, facts, decision);
        }
    }
    return decision;
}

}  // namespace minerwall::path
