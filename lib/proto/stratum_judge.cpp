// Which shapes are mining messages. Generic JSON-RPC shares most method names, so that a name alone
// decides only where no other protocol uses it.
#include "proto/stratum_shape.hpp"

namespace minerwall::proto {
namespace {

constexpr bool any(std::uint64_t members, std::uint64_t of) noexcept {
    return (members & of) != 0;
}
constexpr bool all(std::uint64_t members, std::uint64_t of) noexcept {
    return (members & of) == of;
}

constexpr std::uint64_t kWork = bit(Key::blob) | bit(Key::pre_pow);
// A job names its work and says how to refer to it or how hard it is. In xmrig's self-select mode
// the miner fetches the work from a node itself and the pool sends what to put into it.
constexpr bool is_job(std::uint64_t members) noexcept {
    return (any(members, kWork) && any(members, bit(Key::job_id) | bit(Key::target) |
                                                    bit(Key::height) | bit(Key::difficulty))) ||
           all(members, bit(Key::job_id) | bit(Key::target) | bit(Key::extra_nonce));
}

}  // namespace

MessageShape::Judgement MessageShape::judge(Carrier carrier) const noexcept {
    if (methods_ == 0 && !any(top_, bit(Key::result))) {
        return {};  // what most JSON is
    }
    if (carrier == Carrier::http_request_body) {
        Judgement found = judge_request();
        // Over HTTP the Ethereum work calls are a dialect of their own.
        if (found.dialect == Dialect::none && has_method(Method::eth)) {
            found = {Dialect::eth_getwork, Speaker::miner};
        }
        return found;
    }
    if (carrier == Carrier::http_response_body) {
        return judge_response(true);
    }
    for (const Judgement found : {judge_stratum(), judge_cryptonote(), judge_ethproxy(),
                                  judge_request(), judge_response(false)}) {
        if (found.dialect != Dialect::none) {
            return found;
        }
    }
    return {};
}

MessageShape::Judgement MessageShape::judge_stratum() const noexcept {
    const bool request = any(top_, bit(Key::params) | bit(Key::id));
    bool mining = has_method(Method::mining_known);
    mining = mining || (has_method(Method::mining_other) && request);
    mining =
        mining || (has_method(Method::set_extranonce) && has(kFirstIsHex) && has(kParamsShort));
    // client.reconnect without a host means: to the same pool.
    mining = mining || (has_method(Method::reconnect) &&
                        (has(kFirstIsText) || (has(kParamsArray) && has(kParamsShort)) ||
                         all(params_, bit(Key::host) | bit(Key::port))));
    mining = mining || (has_method(Method::show_message) && has(kFirstIsText));
    mining = mining ||
             (has_method(Method::get_version) && any(top_, bit(Key::id)) && !has(kParamsObject));
    mining = mining || (has_method(Method::set_gzip) && has(kParamsArray));
    if (mining) {
        return {Dialect::stratum_v1, speaker_};
    }
    if ((has(kSubscription) && has(kSecondResultText)) || has(kEthereumStratum)) {
        return {Dialect::stratum_v1, Speaker::pool};
    }
    return {};
}

MessageShape::Judgement MessageShape::judge_cryptonote() const noexcept {
    constexpr Judgement kMiner{Dialect::cryptonote, Speaker::miner};
    constexpr Judgement kPool{Dialect::cryptonote, Speaker::pool};
    // Answers first: Grin's carry the request's method.
    if (is_job(job_) || (any(result_, kWork) && all(result_, bit(Key::job_id))) ||
        has(kKeepalived)) {
        return kPool;
    }
    if (has_method(Method::login)) {
        // Other protocols with a login member have their own word for the password.
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
    if ((has_method(Method::keepalived) || has_method(Method::getjob)) &&
        all(params_, bit(Key::id))) {
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

MessageShape::Judgement MessageShape::judge_ethproxy() const noexcept {
    if (has_method(Method::eth) && any(top_, bit(Key::params) | bit(Key::id))) {
        return {Dialect::ethproxy, Speaker::miner};
    }
    if (has(kWorkPackage)) {
        return {Dialect::ethproxy, Speaker::pool};
    }
    return {};
}

// getwork and getblocktemplate requests, Bitcoin's and Monero's.
MessageShape::Judgement MessageShape::judge_request() const noexcept {
    const bool object = has(kParamsObject);
    if (!any(top_, bit(Key::params) | bit(Key::id))) {
        return {};
    }
    if (has_method(Method::getwork) && !object) {
        return {Dialect::getwork, Speaker::miner};
    }
    const bool monero =
        any(params_, bit(Key::wallet_address) | bit(Key::reserve_size) | bit(Key::extra_nonce));
    if ((has_method(Method::getblocktemplate) && (!object || monero)) ||
        (has_method(Method::get_block_template) && monero) ||
        (has_method(Method::submitblock) && has(kFirstIsHex))) {
        return {Dialect::getblocktemplate, Speaker::miner};
    }
    return {};
}

// Their answers. Strict: the answers of ordinary Ethereum nodes travel on the same carrier, and
// lists of transaction hashes look like work packages but for the target.
MessageShape::Judgement MessageShape::judge_response(bool strict) const noexcept {
    if (has(kLongData) && all(result_, bit(Key::target))) {
        return {Dialect::getwork, Speaker::pool};
    }
    const bool template_members =
        any(result_, bit(Key::coinbasevalue) | bit(Key::coinbasetxn) | bit(Key::coinbaseaux)) ||
        all(result_, bit(Key::transactions) | bit(Key::curtime) | bit(Key::target));
    if ((all(result_, bit(Key::previousblockhash)) && template_members) ||
        all(result_, bit(Key::blocktemplate_blob))) {
        return {Dialect::getblocktemplate, Speaker::pool};
    }
    if (strict && has(kWorkPackageStrict)) {
        return {Dialect::eth_getwork, Speaker::pool};
    }
    return {};
}

}  // namespace minerwall::proto
