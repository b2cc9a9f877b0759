#include "path/verdict/learn.hpp"
#include "path/verdict/target.hpp"
#include "proto/host_text.hpp"

namespace minerwall::path {
namespace {

// Mining protocols give no lifetime for the pools that they name.
constexpr std::uint32_t kToldTtl = 3600;

void learn_target(Packet packet, std::string_view target, LearnedFrom from) noexcept {
    const flow::Flow& flow = packet.flow();
    std::string_view host;
    flow::Learned entry{};
    if (target.empty() || !split_target(target, host, entry.port)) {
        return;
    }
    entry.from = from;
    entry.ttl = kToldTtl;
    if (read_address(host, entry.server)) {
        // The pool where the miner is already is nothing new, and a local proxy may name itself.
        if (entry.server == packet.context().flows.ends(flow).server &&
            (entry.port == 0 || entry.port == flow.server_port())) {
            return;
        }
    } else {
        entry.is_name = true;
        bool dotted = false;  // "localhost" is not a pool
        for (const char c : host) {
            const std::uint8_t lower = proto::to_lower(static_cast<std::uint8_t>(c));
            if (lower != '.' && !proto::is_label_char(lower)) {
                return;  // not a host name
            }
            dotted = dotted || lower == '.';
            entry.name.push_back(static_cast<char>(lower));
        }
        if (!dotted) {
            return;
        }
    }
    store_learned(packet, entry);
}

}  // namespace

void learn_from_mining(Packet packet, const MiningInfo& mining, bool browser) noexcept {
    flow::Flow& flow = packet.flow();
    if (browser) {
        return;
    }
    if (packet.direction() == flow::Direction::to_server) {
        flow.set(flow::Flow::miner_spoke);
    }
    // Any web server can send these words to a visitor's browser, to block another server for that
    // visitor. So we believe a server only if its client mines.
    if (!packet.context().rules->needs_learned() || !flow.has(flow::Flow::miner_spoke)) {
        return;
    }
    learn_target(packet, mining.next_pool.view(), LearnedFrom::reconnect);
    // A Host header names the server that the client speaks to: a list or this flow's verdict deals
    // with it.
    const bool stratum_url = mining.method == "X-Stratum";
    if (stratum_url || mining.dialect == Dialect::stratum_v1 ||
        mining.dialect == Dialect::stratum_v2) {
        learn_target(packet, mining.pool.view(),
                     stratum_url ? LearnedFrom::x_stratum : LearnedFrom::subscribe);
    }
}

}  // namespace minerwall::path
