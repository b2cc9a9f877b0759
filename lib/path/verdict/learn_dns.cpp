#include <algorithm>

#include "flow/dns_queries.hpp"
#include "path/verdict/learn.hpp"
#include "proto/dns/dns_answers_hash.hpp"

namespace minerwall::path {
namespace {

// Clients use an answer with a TTL of seconds for longer than that, and one answer should not block
// an address for days.
constexpr std::uint32_t kMinTtl = 60;
constexpr std::uint32_t kMaxTtl = 86'400;

// A resolver that blocks a name answers with a private address: that is not a pool.
bool is_private(const IpAddress& address) noexcept {
    if (address.is_v4()) {
        const std::uint8_t* b = address.v4_bytes();
        return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168);
    }
    return (address.bytes[0] & 0xfe) == 0xfc;
}

constexpr std::uint16_t kRecursionDesired = 0x0100;  // RFC 1035, 4.1.1

std::uint32_t hash_of(const proto::DnsQuestion& question) noexcept {
    const std::uint64_t mixed =
        (proto::hash_dns_text(question.name.view()) ^ question.id) * 0x9e3779b97f4a7c15u;
    return static_cast<std::uint32_t>(mixed >> 32);
}

// True if the connection's client lives at one end of the wire and its server at the other.
bool has_two_ends(const Context& context, const flow::Flow& flow) noexcept {
    using flow::Flow;
    const unsigned seen = flow.flags & Flow::ends;
    return flow.packets[0] != 0 && (context.ports.ends_unknown ||
                                    seen == (unsigned{Flow::low_at_first} | Flow::high_at_second) ||
                                    seen == (unsigned{Flow::low_at_second} | Flow::high_at_first));
}

}  // namespace

void learn_from_dns(Packet packet) noexcept {
    Context& context = packet.context();
    flow::Flow& flow = packet.flow();
    const inspect::Evidence& evidence = packet.evidence();
    const proto::DnsQuestion& question = evidence.question;
    const bool second = packet.at_second_end();
    const bool udp = !packet.frame().is_tcp();
    if (!question.response) {
        if (udp && packet.direction() == flow::Direction::to_server) {
            flow::DnsQueries(flow).note(hash_of(question),
                                        (question.flags & kRecursionDesired) != 0, second);
        }
        return;
    }
    if (!context.rules->needs_learned() || evidence.address_count == 0) {
        return;
    }
    bool recursion = false;
    const bool asked = udp ? flow::DnsQueries(flow).asked(hash_of(question), second,
                                                          context.ports.ends_unknown, recursion)
                           : has_two_ends(context, flow);
    if (!asked) {
        return;
    }
    const IpAddress client = context.flows.ends(flow).client;
    flow::Learned entry{};
    flow::Learned told;
    bool found = false;
    unsigned names = recursion ? evidence.address_names : 1u;
    evidence.dns_names.for_each([&](std::string_view name) {
        if (found || names == 0) {
            return;
        }
        --names;
        bool sent = false;
        for (const flow::LearnedTable* table : context.learned_by_all) {
            sent = sent || table->find_name(client, name, context.now, told);
        }
        if (sent) {
            entry.port = told.port;
        }
        found = sent || context.rules->is_mining_name(name, context.options.worker);
        if (found) {
            entry.name.assign(
                name.substr(name.size() - std::min(name.size(), entry.name.capacity())));
        }
    });
    if (!found) {
        return;
    }
    entry.from = LearnedFrom::dns_answer;
    const std::uint16_t port = entry.port;
    for (unsigned a = 0; a < evidence.address_count; ++a) {
        const proto::DnsAddress& answer = evidence.addresses[a];
        if (is_private(answer.address)) {
            context.counters.learned_refused.add();
            continue;
        }
        entry.server = answer.address;
        entry.port = answer.port != 0 ? answer.port : port;
        entry.ttl = std::clamp(answer.ttl, kMinTtl, kMaxTtl);
        store_learned(packet, entry);
    }
}

}  // namespace minerwall::path
