#include "match/prefilter.hpp"

#include <stdexcept>

namespace minerwall::match {

const std::vector<Pattern>& prefilter_patterns() {
    // White space and key order are free in JSON, so a pattern holds one token and not a shape.
    // Case: JSON member and method names are case-sensitive, HTTP header names are not.
    static const std::vector<Pattern> kPatterns = {
        {R"~(mining\.)~", false, R"~({"method":"mining.subscribe"})~", "determining"},
        {R"~("set_extranonce")~", false, R"~({"method":"set_extranonce"})~", "set_extranonce"},
        {R"~(client\.(?:reconnect|show_message|get_version))~", false,
         R"~({"method":"client.reconnect"})~", "client.connect"},
        {R"~(eth_(?:submit(?:Login|Work|Hashrate)|login|getWork))~", false,
         R"~({"method":"eth_submitLogin"})~", R"~({"method":"eth_getBalance"})~"},
        // A pushed ETHPROXY job has no method: three 32-byte numbers in an array.
        {R"~(\[\s*"0x[0-9a-f]{16})~", true, R"~("result":[ "0x0123456789abcdef01")~",
         R"~("result":"0x0123456789abcdef01")~"},
        {R"~("login")~", false, R"~({"method":"login"})~", R"~({"method":"logout"})~"},
        {R"~("job(?:_id)?")~", false, R"~({"method":"job"})~", R"~({"method":"jobs"})~"},
        {R"~("(?:blob|pre_pow|getjobtemplate|solution|keepalived)")~", false, R"~("blob":"0707")~",
         R"~("blobs":[])~"},
        {R"~("get_?block_?template")~", false, R"~({"method": "getblocktemplate"})~",
         R"~({"method": "getblock"})~"},
        {R"~("submit_?block")~", false, R"~({"method": "submitblock"})~",
         R"~({"method": "submit"})~"},
        {R"~("getwork")~", false, R"~({"method": "getwork"})~", R"~({"method": "getworker"})~"},
        {R"~(X-(?:Stratum|Mining-Extensions|Long-Polling|Roll-NTime)\s*:)~", true,
         "x-mining-extensions: midstate", "X-Mining: no"},
        // An escape may stand anywhere in a name; the tokenizer undoes it.
        {R"~(\\u00)~", true, R"~({"method":"\u006d\u0069ning.subscribe"})~", R"~({"n":"\n"})~"},
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
