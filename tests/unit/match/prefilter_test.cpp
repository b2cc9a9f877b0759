#include "match/prefilter.hpp"

#include <gtest/gtest.h>

#include <string>

#include "stratum_disguises.hpp"
#include "stratum_samples.hpp"

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

// We read only what is nominated, so a miss here is a message that we overlook.
TEST(Prefilter, NominatesEveryMessageOfEveryDialectInEveryDisguise) {
    const Prefilter prefilter(1);
    std::vector<proto::samples::Sample> all = proto::samples::all_lines();
    for (auto& sample : proto::samples::webminer()) {
        all.push_back(std::move(sample));
    }
    for (const auto& sample : all) {
        const bool exact_name = sample.json.find("userID") != std::string::npos;
        for (const auto& disguise : proto::samples::disguises()) {
            if (disguise.any_case && exact_name) {
                continue;
            }
            const std::string text = disguise.apply(sample.json);
            EXPECT_TRUE(prefilter.nominate(as_bytes(text), 0)) << disguise.name << ": " << text;
        }
    }
}

// Receivers in Go take U+017F for s and U+212A for k in member names.
TEST(Prefilter, NominatesMembersThatGoFolds) {
    const Prefilter prefilter(1);
    for (const char* payload : {
             "{\"result\":{\"bloc\xe2\x84\xaatemplate_blob\":\"07\"}}",
             "{\"result\":{\"coinba\xc5\xbf"
             "evalue\":25}}",
             "{\"type\":\"auth\",\"params\":{\"\xc5\xbfite_key\":\"a\"}}",
             "{\"type\":\"authed\",\"params\":{\"ha\xc5\xbfhe\xc5\xbf\":0}}",
             R"({"result":{"bloc\u212atemplate_blob":"07"}})",
             R"({"result":{"coinba\u017Fevalue":25}})",
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
