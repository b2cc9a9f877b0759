#include "path/verdict/judge_alone.hpp"

#include "path/read_alone.hpp"
#include "path/verdict/adopt.hpp"
#include "path/verdict/ask.hpp"
#include "path/verdict/facts.hpp"

namespace minerwall::path {
namespace {

// Only a client asks for names; a mining message says who speaks.
bool is_from_client(const packet::Frame& frame, const inspect::Evidence& evidence) noexcept {
    if (evidence.has_dns) {
        return !evidence.question.response;
    }
    if (evidence.name_source != inspect::NameSource::none || evidence.has_hello) {
        return true;
    }
    if (evidence.has_mining && evidence.mining.speaker != Speaker::unknown) {
        return evidence.mining.speaker == Speaker::miner;
    }
    return seems_from_client(frame);
}

void refuse(Packet packet, const policy::Decision& decision) noexcept {
    const bool answer = decision.action == Action::sinkhole && packet.frame().is_udp();
    if (answer &&
        packet.refuse(Disposition::sinkhole, Reason::policy_sinkhole, mode_of(decision))) {
        packet.sinkhole_rule() = decision.rule;
    } else if (!answer) {
        packet.drop(Reason::policy_drop, mode_of(decision));
    }
}

}  // namespace

void judge_alone(Packet packet) noexcept {
    if (!read_alone(packet)) {
        return;
    }
    Context& context = packet.context();
    const packet::Frame& frame = packet.frame();
    const inspect::Evidence& evidence = packet.evidence();
    policy::Facts facts = facts_of(frame, is_from_client(frame, evidence));
    if (evidence.has_mining) {
        facts.app = evidence.mining.dialect;
    }
    flow::Learned learned;
    std::string_view name;
    policy::Decision decision = ask_by_names(context, facts, evidence, name, learned);
    if (name.empty()) {
        decision = ask_by_name(context, facts, {}, 0, learned);
    }
    packet::TunnelEnds ends;
    if (read_tunnel_ends(packet, ends)) {
        decision = ask_by_tunnel(context, ends, is_from_client(frame, evidence), facts, decision);
    }
    if (!blocks(decision.action) && evidence.has_dns) {
        decision = ask_by_dns_names(context, facts, evidence, name);
    }
    if (blocks(decision.action)) {
        count_rule(context, decision);
        refuse(packet, decision);
    }
}

}  // namespace minerwall::path
