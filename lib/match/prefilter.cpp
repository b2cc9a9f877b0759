#include "match/prefilter.hpp"

#include <stdexcept>

namespace minerwall::match {

const std::vector<Pattern>& prefilter_patterns() {
    // JSON allows any white space and key order, so a pattern holds one token and not a shape.
    // Case: pools take values (methods, types) as written. Pools written in Go take member names in
    // any case, and also U+017F for s and U+212A for k. HTTP header names have any case.
    static const std::vector<Pattern> kPatterns = {
        {R"~(mining\.)~", false, R"~({"method":"mining.subscribe"})~", "determining"},
        {R"~("set_extranonce|"connection\.set_gzip|"alph_submitHashrate)~", false,
         R"~({"method":"set_extranonce"})~", "set_extranonce"},
        // The answer to mining.hello, after which everything may be compressed.
        {R"~("(?:Ethereum|Alephium)Stratum)~", false, R"~({"proto":"EthereumStratum/2.0.0"})~",
         R"~({"proto":"Ethereum"})~"},
        {R"~(client\.(?:reconnect|show_message|get_version))~", false,
         R"~({"method":"client.reconnect"})~", "client.connect"},
        {R"~((?:eth|ctxc)_(?:submit(?:Login|Work|Hashrate)|login|getWork))~", false,
         R"~({"method":"eth_submitLogin"})~", R"~({"method":"eth_getBalance"})~"},
        // A pushed ETHPROXY job has no method: it is an array of three 32-byte numbers.
        {R"~(\[\s*"0x[0-9a-f]{16})~", true, R"~("result":[ "0x0123456789abcdef01")~",
         R"~("result":"0x0123456789abcdef01")~"},
        {R"~("login)~", false, R"~({"method":"login"})~", R"~({"method":"logout"})~"},
        {R"~("job(?:_id)?")~", true, R"~({"method":"job"})~", R"~({"method":"jobs"})~"},
        {R"~("(?:blob|pre_pow)")~", true, R"~("blob":"0707")~", R"~("blobs":[])~"},
        {R"~("(?:getjobtemplate|solution|keepalived|KEEPALIVED))~", false,
         R"~({"method":"keepalived"})~", R"~({"method":"keepalive"})~"},
        {R"~("nonceprefix")~", true, R"~("nonceprefix":"ed7a2b")~", R"~("nonce":"ed7a2b")~"},
        {R"~("(?:get_?)?block_?template)~", false, R"~({"method": "getblocktemplate"})~",
         R"~({"method": "getblock"})~"},
        {R"~("submit_?block|"get_miner_data)~", false, R"~({"method": "submitblock"})~",
         R"~({"method": "submit"})~"},
        {R"~("getwork")~", false, R"~({"method": "getwork"})~", R"~({"method": "getworker"})~"},
        // Answers of nodes: work, block templates, Monero's answers.
        {R"~("(?:target|tx_bac(?:k|\xe2\x84\xaa)log)")~", true, R"~("target":"00000000ffff")~",
         R"~("targets":[])~"},
        {R"~("(?:coinba(?:s|\xc5\xbf)e(?:value|txn|aux)|bloc(?:k|\xe2\x84\xaa)template_blob)")~",
         true, R"~("coinbasevalue":2500000000)~", R"~("coinbase":"00")~"},
        // Browser miners.
        {R"~("(?:(?:s|\xc5\xbf)ite_(?:k|\xe2\x84\xaa)ey|ha(?:s|\xc5\xbf)he(?:s|\xc5\xbf))")~", true,
         R"~({"site_key":"a"})~", R"~({"site":"a"})~"},
        {R"~("userID")~", false, R"~({"userID":"a"})~", R"~({"userId":"a"})~"},
        {R"~("(?:handshake|solved|hashsolved))~", false, R"~({"identifier":"handshake"})~",
         R"~({"identifier":"shake"})~"},
        {R"~(X-(?:Stratum|Mining-Extensions|Long-Polling|Roll-NTime)\s*:)~", true,
         "x-mining-extensions: midstate", "X-Mining: no"},
        // An escape may be anywhere in a name. The tokenizer undoes it, and accepts what some
        // receivers take for the letter itself.
        {R"~(\\u(?:00|017f|212a))~", true, R"~({"method":"\u006d\u0069ning.subscribe"})~",
         R"~({"n":"\n"})~"},
        {R"~(\\[^"\\/bfnrtu])~", false, R"~({"method":"\mining.subscribe"})~", R"~({"n":"\n"})~"},
    };
    return kPatterns;
}

Prefilter::Prefilter(unsigned workers) {
    PatternSetBuilder builder;
    for (const Pattern& pattern : prefilter_patterns()) {
        builder.add(pattern);
    }
    std::vector<PatternError> errors;
    set_ = builder.build(errors);
    if (!errors.empty()) {
        throw std::runtime_error("prefilter: " + errors.front().message);
    }
    scratch_.fit(set_.database());
    scratch_.clone(workers);
}

}  // namespace minerwall::match
