#include "path/verdict/learn.hpp"

#include <algorithm>
#include <charconv>

#include "flow/dns_queries.hpp"
#include "path/report/learned.hpp"
#include "proto/dns/dns_answers_hash.hpp"
#include "proto/host_text.hpp"

namespace minerwall::path {
namespace {

// An answer of a few seconds' life is used for longer than that, and nobody is blocked for days by
// one.
constexpr std::uint32_t kMinTtl = 60;
constexpr std::uint32_t kMaxTtl = 86'400;
// What a mining protocol tells has no life of its own.
constexpr std::uint32_t kToldTtl = 3600;

// Addresses that never are a pool's: "this host", loopback, link-local, multicast (RFC 6890).
bool is_special(const IpAddress& address) noexcept {
    if (address.is_v4()) {
        const std::uint8_t* b = address.v4_bytes();
        return b[0] == 0 || b[0] == 127 || b[0] >= 224 || (b[0] == 169 && b[1] == 254);
    }
    const auto& b = address.bytes;
    const bool low = std::all_of(b.begin(), b.begin() + 15, [](std::uint8_t c) { return c == 0; });
    return low || b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}
// A resolver that blocks a name answers with an address of the house: that is no pool.
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

// A connection whose client lives at one end of the wire and whose server at the other.
bool has_two_ends(const Context& context, const flow::Flow& flow) noexcept {
    using flow::Flow;
    const unsigned seen = flow.more & Flow::ends;
    return flow.packets[0] != 0 && (context.options.capture.ends_unknown ||
                                    seen == (unsigned{Flow::low_at_first} | Flow::high_at_second) ||
                                    seen == (unsigned{Flow::low_at_second} | Flow::high_at_first));
}

void learn(Context& context, const Burst&, unsigned i, const flow::Flow& flow,
           flow::Learned& entry) noexcept {
    entry.client = flow.client();
    entry.until = context.now + Nanos{entry.ttl} * kNanosPerSecond;
    if (!entry.is_name && (is_special(entry.server) || !context.rules->may_learn(entry.server))) {
        context.counters.learned_refused.add();
        return;
    }
    switch (context.learned.learn(entry, context.now)) {
        case flow::LearnedTable::Outcome::added:
            context.counters.learned_total.add();
            context.counters.learned_addresses.set(context.learned.size());
            report_learned(Packet(context, i), entry);
            break;
        case flow::LearnedTable::Outcome::refreshed:
            break;
        case flow::LearnedTable::Outcome::full:
            context.counters.learned_full.add();
            break;
    }
}

// "host:port", "stratum+tcp://host:port", "[v6]:port", a host alone.
bool split_target(std::string_view text, std::string_view& host, std::uint16_t& port) noexcept {
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    text = text.substr(0, text.find('/'));
    port = 0;
    std::string_view digits;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        host = text.substr(1, end - 1);
        digits = text.substr(end + 1);
    } else {
        const std::size_t colon = text.rfind(':');
        const bool one = colon != std::string_view::npos && text.find(':') == colon;
        host = one ? text.substr(0, colon) : text;
        digits = one ? text.substr(colon) : std::string_view{};
    }
    if (!digits.empty()) {
        digits.remove_prefix(1);
        const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (end.ec != std::errc{} || end.ptr != digits.data() + digits.size()) {
            port = 0;
        }
    }
    while (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return !host.empty();
}

void learn_target(Context& context, const Burst& burst, unsigned i, const flow::Flow& flow,
                  std::string_view target, LearnedFrom from) noexcept {
    std::string_view host;
    flow::Learned entry{};
    if (target.empty() || !split_target(target, host, entry.port)) {
        return;
    }
    entry.from = from;
    entry.ttl = kToldTtl;
    if (read_address(host, entry.server)) {
        // Where the miner is already: nothing new, and a proxy of the house may name itself.
        if (entry.server == flow.server() &&
            (entry.port == 0 || entry.port == flow.server_port())) {
            return;
        }
    } else {
        entry.is_name = true;
        bool dotted = false;  // "localhost" is nobody's pool
        for (const char c : host) {
            const std::uint8_t lower = proto::to_lower(static_cast<std::uint8_t>(c));
            if (lower != '.' && !proto::is_label_char(lower)) {
                return;  // no host name
            }
            dotted = dotted || lower == '.';
            entry.name.push_back(static_cast<char>(lower));
        }
        if (!dotted) {
            return;
        }
    }
    learn(context, burst, i, flow, entry);
}

}  // namespace

bool find_learned(const Context& context, const flow::Flow& flow, std::string_view name,
                  flow::Learned& out) noexcept {
    for (const flow::LearnedTable* table : context.learned_by_all) {
        if (table->find(flow.client(), flow.server(), flow.server_port(), context.now, out) ||
            table->find_name(flow.client(), name, context.now, out)) {
            return true;
        }
    }
    return false;
}

void learn_from_dns(Context& context, const Burst& burst, unsigned i, flow::Flow& flow) noexcept {
    const inspect::Evidence& evidence = burst.evidence[i];
    const proto::DnsQuestion& question = evidence.question;
    const bool second = (burst.mbuf[i]->port & 1) != 0;
    const bool udp = !burst.frame[i].is_tcp();
    if (!question.response) {
        if (udp && burst.direction[i] == flow::Direction::to_server) {
            flow::DnsQueries(flow).note(hash_of(question),
                                        (question.flags & kRecursionDesired) != 0, second);
        }
        return;
    }
    if (!context.rules->needs_learned() || evidence.address_count == 0) {
        return;
    }
    bool recursion = false;
    const bool asked =
        udp ? flow::DnsQueries(flow).asked(hash_of(question), second,
                                           context.options.capture.ends_unknown, recursion)
            : has_two_ends(context, flow);
    if (!asked) {
        return;
    }
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
            sent = sent || table->find_name(flow.client(), name, context.now, told);
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
        learn(context, burst, i, flow, entry);
    }
}

void learn_from_mining(Context& context, const Burst& burst, unsigned i, flow::Flow& flow,
                       const MiningInfo& mining, bool browser) noexcept {
    if (browser) {
        return;
    }
    if (burst.direction[i] == flow::Direction::to_server) {
        flow.set(flow::Flow::miner_spoke);
    }
    // Any web server can send a visitor's browser these words, to keep it from somebody else: what
    // a server says is believed where its client mines.
    if (!context.rules->needs_learned() || !flow.has(flow::Flow::miner_spoke)) {
        return;
    }
    learn_target(context, burst, i, flow, mining.next_pool.view(), LearnedFrom::reconnect);
    // A Host header is the name of the server that is spoken to: a list or this flow's verdict
    // deals with it.
    const bool stratum_url = mining.method == "X-Stratum";
    if (stratum_url || mining.dialect == Dialect::stratum_v1 ||
        mining.dialect == Dialect::stratum_v2) {
        learn_target(context, burst, i, flow, mining.pool.view(),
                     stratum_url ? LearnedFrom::x_stratum : LearnedFrom::subscribe);
    }
}

}  // namespace minerwall::path
