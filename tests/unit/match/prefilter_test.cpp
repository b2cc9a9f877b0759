#include "match/prefilter.hpp"

#include <gtest/gtest.h>

#include <string>

namespace minerwall::match {
namespace {

TEST(Prefilter, EveryBuiltInPatternHasBothSamples) {
    for (const Pattern& p : prefilter_patterns()) {
        EXPECT_FALSE(p.matches.empty()) << p.expression;
        EXPECT_FALSE(p.differs.empty()) << p.expression;
    }
}

TEST(Prefilter, NominatesTheOpeningOfEachDialect) {
    const Prefilter prefilter(1);
    for (const char* payload : {
             R"({"id":1,"method":"mining.subscribe","params":[]})",
             R"({"params":["x"],"id":2,"method" : "mining.authorize"})",
             R"({"id":1,"method":"login","params":{"login":"4A","pass":"x"}})",
             R"({"jsonrpc":"2.0","method":"job","params":{"blob":"07","job_id":"1"}})",
             R"({"id":1,"method":"eth_submitLogin","params":["0x1"]})",
             R"({"id":0,"result":["0x0123456789abcdef0123","0x","0x"]})",
             R"({"method":"getblocktemplate","params":[{}]})",
             R"({"method":"get_block_template","params":{}})",
             R"({"method":"getwork","params":[]})",
             R"({"method":"eth_getWork"})",
             "POST / HTTP/1.1\r\nx-mining-extensions: midstate\r\n",
             "HTTP/1.1 200 OK\r\nX-Stratum: stratum+tcp://pool.example:3333\r\n",
             R"({"method":"\u006dining.subscr\u0069be"})",
             R"({"method":"\U006dining"})",
         }) {
        EXPECT_TRUE(prefilter.nominate(as_bytes(payload), 0)) << payload;
    }
}

TEST(Prefilter, LeavesEverydayTrafficAlone) {
    const Prefilter prefilter(1);
    for (const char* payload : {
             "GET / HTTP/1.1\r\nHost: pool.ntp.org\r\n\r\n",
             R"({"jsonrpc":"2.0","method":"eth_call","params":[]})",
             R"({"jsonrpc":"2.0","method":"eth_blockNumber","id":1})",
             R"({"method":"textDocument/hover"})",
             R"({"id":1,"method":"server.version","params":["x","1.4"]})",
             "SSH-2.0-OpenSSH_9.2\r\n",
             "220 mail.example.com ESMTP\r\n",
         }) {
        EXPECT_FALSE(prefilter.nominate(as_bytes(payload), 0)) << payload;
    }
}

}  // namespace
}  // namespace minerwall::match
