// Decides which shapes are mining messages. Generic JSON-RPC shares most method names, so a name
// alone decides only if no other protocol uses it.
#include "proto/stratum/stratum_shape.hpp"

namespace minerwall::proto {
namespace {

constexpr bool any(std::uint64_t members, std::uint64_t of) noexcept {
    return (members & of) != 0;
}
constexpr bool all(std::uint64_t members, std::uint64_t of) noexcept {
    return (members & of) == of;
}

constexpr std::uint64_t kWork = bit(Key::blob) | bit(Key::pre_pow);
// A job names its work, and says how to refer to it or how hard it is. In xmrig's self-select mode,
// the miner fetches the work from a node and the pool sends what to put into it.
constexpr bool is_job(std::uint64_t members) noexcept {
    return (any(members, kWork) && any(members, bit(Key::job_id) | bit(Key::target) |
                                                    bit(Key::height) | bit(Key::difficulty))) ||
           all(members, bit(Key::job_id) | bit(Key::target) | bit(Key::extra_nonce));
}

}  // namespace

MessageShape::Recognised MessageShape::recognise(Carrier carrier) const noexcept {
    if (methods_ == 0 && web_ == 0 && !any(top_, bit(Key::result))) {
        return {};  // most JSON ends here
    }
    if (carrier == Carrier::http_request_body) {
        Recognised found = recognise_request();
        // Over HTTP, the Ethereum work calls are a separate dialect.
        if (found.dialect == Dialect::none && has_method(Method::eth)) {
            found = {Dialect::eth_getwork, Speaker::miner};
        }
        return found;
    }
    if (carrier == Carrier::http_response_body) {
        return recognise_response(true);
    }
    // Ethereum nodes also serve RPC over WebSocket, so their answers need the same strict check as
    // over HTTP.
    const bool websocket = carrier == Carrier::websocket;
    for (const Recognised& found :
         {recognise_stratum(), recognise_cryptonote(), recognise_ethproxy(websocket),
          recognise_request(), recognise_response(false)}) {
        if (found.dialect != Dialect::none) {
            return found;
        }
    }
    return websocket ? recognise_webminer() : Recognised{};
}

MessageShape::Recognised MessageShape::recognise_stratum() const noexcept {
    const bool request = any(top_, bit(Key::params) | bit(Key::id));
    constexpr std::uint32_t kKnown =
        bit(Method::mining_known) | bit(Method::mining_hello) | bit(Method::mining_reconnect);
    bool mining = (methods_ & kKnown) != 0;
    mining = mining || (has_method(Method::mining_other) && request);
    mining =
        mining || (has_method(Method::set_extranonce) && has(kFirstIsHex) && has(kParamsShort));
    // A client.reconnect without a host means the same pool.
    mining = mining || (has_method(Method::reconnect) &&
                        (has(kFirstIsText) || (has(kParamsArray) && has(kParamsShort)) ||
                         all(params_, bit(Key::host) | bit(Key::port))));
    mining = mining || (has_method(Method::show_message) && has(kFirstIsText));
    mining = mining ||
             (has_method(Method::get_version) && any(top_, bit(Key::id)) && !has(kParamsObject));
    mining = mining || (has_method(Method::set_gzip) && request);
    if (mining) {
        return {Dialect::stratum_v1, speaker_};
    }
    if ((has(kSubscription) && has(kSecondResultText)) || has(kHello)) {
        return {Dialect::stratum_v1, Speaker::pool};
    }
    return {};
}

MessageShape::Recognised MessageShape::recognise_cryptonote() const noexcept {
    constexpr Recognised kMiner{Dialect::cryptonote, Speaker::miner};
    constexpr Recognised kPool{Dialect::cryptonote, Speaker::pool};
    // Try answers first: Grin's answers carry the request's method.
    if (is_job(job_) || (any(result_, kWork) && all(result_, bit(Key::job_id))) ||
        has(kKeepalived)) {
        return kPool;
    }
    if (has_method(Method::login)) {
        // Other protocols with a login member use other names for the password.
        const bool miner =
            any(params_, bit(Key::pass) | bit(Key::agent) | bit(Key::algo) | bit(Key::rigid)) ||
            has(kWalletLogin);
        if ((all(params_, bit(Key::login)) && miner) || all(top_, bit(Key::api_key))) {
            return kMiner;
        }
    }
    if (has_method(Method::job) &&
        (is_job(params_) || all(top_, bit(Key::input) | bit(Key::difficulty)))) {
        return kPool;
    }
    if ((has_method(Method::submit) && all(params_, bit(Key::job_id) | bit(Key::nonce))) ||
        (has_method(Method::block_template) && is_job(params_))) {
        return kMiner;
    }
    if (has_method(Method::keepalived) && all(params_, bit(Key::id))) {
        return kMiner;
    }
    if (has_method(Method::getjobtemplate) &&
        any(top_, bit(Key::id) | bit(Key::params) | bit(Key::jsonrpc))) {
        return any(top_, bit(Key::result)) ? kPool : kMiner;
    }
    if (has_method(Method::solution) && all(top_, bit(Key::nonce) | bit(Key::output))) {
        return kMiner;
    }
    if (has_method(Method::result) && all(top_, bit(Key::code) | bit(Key::nonceprefix))) {
        return kPool;
    }
    return {};
}

// strict: on carriers where ordinary Ethereum nodes answer too. There, lists of transaction hashes
// differ from work packages only in the target.
MessageShape::Recognised MessageShape::recognise_ethproxy(bool strict) const noexcept {
    if (has_method(Method::eth) && any(top_, bit(Key::params) | bit(Key::id))) {
        return {Dialect::ethproxy, Speaker::miner};
    }
    if (has(strict ? kWorkPackageStrict : kWorkPackage)) {
        return {Dialect::ethproxy, Speaker::pool};
    }
    return {};
}

// Only on WebSocket: the members `type` and `identifier`, and their values `auth`, `job` and
// `submit`, are common in other JSON.
MessageShape::Recognised MessageShape::recognise_webminer() const noexcept {
    const auto found = [](Speaker speaker, std::string_view method) {
        return Recognised{Dialect::webminer, speaker, method};
    };
    // Stricter than is_job(), because build servers have jobs with digests.
    constexpr std::uint64_t kJob = bit(Key::job_id) | bit(Key::blob) | bit(Key::target);
    constexpr std::uint64_t kShare = bit(Key::job_id) | bit(Key::nonce) | bit(Key::result);
    // A chat client identifies its user too, but with a token or a password.
    const bool user = all(params_, bit(Key::user_id)) &&
                      !any(params_, bit(Key::token) | bit(Key::pass) | bit(Key::password));
    if (has_web(WebWord::auth) && (all(params_, bit(Key::site_key)) || user)) {
        return found(Speaker::miner, "auth");
    }
    if (has_web(WebWord::submit) && all(params_, kShare)) {
        return found(Speaker::miner, "submit");
    }
    if (has_web(WebWord::job) && all(params_, kJob)) {
        return found(Speaker::pool, "job");
    }
    if (has_web(WebWord::authed) && all(params_, bit(Key::hashes))) {
        return found(Speaker::pool, "authed");
    }
    if (has_web(WebWord::hash_accepted) && all(params_, bit(Key::hashes))) {
        return found(Speaker::pool, "hash_accepted");
    }
    if (has_web(WebWord::handshake) && all(top_, bit(Key::pool) | bit(Key::login))) {
        return found(Speaker::miner, "handshake");
    }
    if (has_web(WebWord::solved) && all(top_, kShare)) {
        return found(Speaker::miner, "solved");
    }
    if (has_web(WebWord::identified_job) && all(top_, kJob)) {
        return found(Speaker::pool, "job");
    }
    if (has_web(WebWord::hashsolved)) {
        return found(Speaker::pool, "hashsolved");
    }
    return {};
}

// getwork, getblocktemplate and Monero's calls for the same purpose.
MessageShape::Recognised MessageShape::recognise_request() const noexcept {
    const bool object = has(kParamsObject);
    if (!any(top_, bit(Key::params) | bit(Key::id))) {
        return {};
    }
    if (has_method(Method::getwork) && !object) {
        return {Dialect::getwork, Speaker::miner};
    }
    if (const Recognised monero = recognise_monero(); monero.dialect != Dialect::none) {
        return monero;
    }
    // Bitcoin Core takes named parameters since 0.14.
    if ((has_method(Method::getblocktemplate) &&
         (!object || all(params_, bit(Key::template_request)))) ||
        (has_method(Method::submitblock) && has(kFirstIsHex))) {
        return {Dialect::getblocktemplate, Speaker::miner};
    }
    return {};
}

// monerod answers to both spellings of each name; its forks and Bitcoin's answer to one.
MessageShape::Recognised MessageShape::recognise_monero() const noexcept {
    const bool template_call =
        (has_method(Method::getblocktemplate) || has_method(Method::get_block_template)) &&
        any(params_, bit(Key::wallet_address) | bit(Key::reserve_size) | bit(Key::extra_nonce));
    const bool submit_call = (has_method(Method::submit_block) && has(kFirstIsHex)) ||
                             (has_method(Method::submitblock) && has(kMoneroBlock));
    // P2Pool sends these requests to its node.
    const bool miner_data = has_method(Method::get_miner_data) && any(top_, bit(Key::id));
    if (template_call || submit_call || miner_data) {
        return {Dialect::monero_daemon, Speaker::miner};
    }
    return {};
}

// The answers to these calls. strict: to eth_getWork too, see recognise_ethproxy().
MessageShape::Recognised MessageShape::recognise_response(bool strict) const noexcept {
    if (has(kLongData) && all(result_, bit(Key::target))) {
        return {Dialect::getwork, Speaker::pool};
    }
    const bool template_members =
        any(result_, bit(Key::coinbasevalue) | bit(Key::coinbasetxn) | bit(Key::coinbaseaux)) ||
        all(result_, bit(Key::transactions) | bit(Key::curtime) | bit(Key::target));
    if (all(result_, bit(Key::blocktemplate_blob)) ||
        all(result_, bit(Key::tx_backlog) | bit(Key::difficulty))) {  // answers get_miner_data
        return {Dialect::monero_daemon, Speaker::pool};
    }
    if (all(result_, bit(Key::previousblockhash)) && template_members) {
        return {Dialect::getblocktemplate, Speaker::pool};
    }
    if (strict && has(kWorkPackageStrict)) {
        return {Dialect::eth_getwork, Speaker::pool};
    }
    return {};
}

}  // namespace minerwall::proto
