// Which messages are mining and which are not, one by one.
#include "proto/stratum/stratum.hpp"

#include <gtest/gtest.h>

#include "stratum_samples.hpp"

namespace minerwall::proto {
namespace {

using samples::Sample;
using samples::scan;
using samples::Seen;

std::string expected_login(const Sample& sample) {
    std::string login{sample.login};
    if (const auto at = login.find("$W"); at != std::string::npos) {
        login.replace(at, 2, samples::kWallet);
    }
    return login;
}

void expect_sample(const Sample& sample, const Seen& seen) {
    EXPECT_TRUE(seen.mining) << sample.json;
    EXPECT_EQ(seen.consumed, sample.json.size()) << sample.json;
    EXPECT_EQ(to_text(seen.info.dialect), to_text(sample.dialect)) << sample.json;
    EXPECT_EQ(seen.info.speaker, sample.speaker) << sample.json;
    EXPECT_EQ(seen.info.method.view(), sample.method) << sample.json;
    EXPECT_EQ(seen.info.login.view(), expected_login(sample)) << sample.json;
    EXPECT_EQ(seen.info.agent.view(), sample.agent) << sample.json;
    EXPECT_EQ(seen.info.pool.view(), sample.pool) << sample.json;
    EXPECT_EQ(seen.info.worker.view(), sample.worker) << sample.json;
    EXPECT_EQ(seen.info.next_pool.view(), sample.next_pool) << sample.json;
    EXPECT_EQ(seen.info.algorithm.view(), sample.algorithm) << sample.json;
    EXPECT_EQ(seen.info.offset, 0U);
    EXPECT_EQ(seen.info.evidence.view(), sample.json.substr(0, seen.info.evidence.size()));
    EXPECT_GE(seen.info.evidence.size(), std::min<std::size_t>(sample.json.size(), 80));
}

TEST(Stratum, EveryMessageOfEveryDialectIsRecognisedOnALine) {
    for (const Sample& sample : samples::all_lines()) {
        expect_sample(sample, scan(sample.json + "\n"));
    }
}

TEST(Stratum, NoBenignMessageIsFlaggedOnAnyCarrier) {
    for (const std::string& json : samples::benign()) {
        for (const Carrier carrier : {Carrier::json_lines, Carrier::http_request_body,
                                      Carrier::http_response_body, Carrier::websocket}) {
            const Seen seen = scan(json + "\n", carrier);
            EXPECT_FALSE(seen.mining) << json << " as " << to_text(seen.info.dialect);
            EXPECT_FALSE(seen.not_json) << json;
        }
    }
}

TEST(Stratum, BenignMessagesDoNotFlagEachOther) {
    std::string stream;
    for (const std::string& json : samples::benign()) {
        stream += json + "\n";
    }
    EXPECT_FALSE(scan(stream).mining);
    EXPECT_FALSE(scan(stream, Carrier::websocket).mining);
}

TEST(Stratum, BrowserMinersAreRecognisedOnWebSocketOnly) {
    for (const Sample& sample : samples::webminer()) {
        expect_sample(sample, scan(sample.json, Carrier::websocket));
        for (const Carrier carrier :
             {Carrier::json_lines, Carrier::http_request_body, Carrier::http_response_body}) {
            EXPECT_FALSE(scan(sample.json + "\n", carrier).mining) << sample.json;
        }
    }
}

// Pools offer their line protocol to browsers through proxies that put a line into a message.
TEST(Stratum, LineDialectsAreRecognisedOnWebSocket) {
    const std::string any_target = std::string{"\"0x"} + samples::kHash + "\"]";
    for (Sample sample : samples::all_lines()) {
        if (sample.json.find(any_target) != std::string::npos && sample.speaker == Speaker::pool) {
            continue;  // without a target's leading zeros, any three hashes
        }
        expect_sample(sample, scan(sample.json, Carrier::websocket));
        expect_sample(sample, scan(sample.json + "\n", Carrier::websocket));
    }
}

TEST(Stratum, WorkCallsAreRecognisedInHttpRequests) {
    for (const Sample& sample : samples::http_requests()) {
        expect_sample(sample, scan(sample.json, Carrier::http_request_body));
    }
    for (const std::string_view method :
         {"eth_getWork", "eth_submitWork", "eth_submitHashrate", "eth_submitLogin"}) {
        const Seen seen = scan(R"({"id":1,"method":")" + std::string{method} + R"(","params":[]})",
                               Carrier::http_request_body);
        EXPECT_TRUE(seen.mining);
        EXPECT_EQ(seen.info.dialect, Dialect::eth_getwork);
        EXPECT_EQ(seen.info.method.view(), method);
    }
}

TEST(Stratum, WorkIsRecognisedInHttpResponses) {
    for (const Sample& sample : samples::http_responses()) {
        expect_sample(sample, scan(sample.json, Carrier::http_response_body));
    }
    const std::string hash = std::string{"\"0x"} + samples::kHash + "\"";
    const Seen seen =
        scan(R"({"id":1,"result":[)" + hash + "," + hash +
                 R"(,"0x0000000112e0be826d694b2e62d01511f12a6061fbaec8bc02357593e70e52ba"]})",
             Carrier::http_response_body);
    EXPECT_TRUE(seen.mining);
    EXPECT_EQ(seen.info.dialect, Dialect::eth_getwork);
}

// Any Ethereum node sends lists of transaction hashes; a target starts with zeros.
TEST(Stratum, ThreeTransactionHashesOfANodeAreNotWork) {
    const std::string hash = std::string{"\"0x"} + samples::kHash + "\"";
    const std::string json = R"({"id":1,"result":[)" + hash + "," + hash + "," + hash + "]}";
    EXPECT_FALSE(scan(json, Carrier::http_response_body).mining);
    EXPECT_FALSE(scan(json, Carrier::websocket).mining);
}

// Over HTTP these are web logins and documentation.
TEST(Stratum, LineDialectsAreNotFlaggedInHttpBodies) {
    for (const auto& part : {samples::stratum_v1(), samples::cryptonote(), samples::webminer()}) {
        for (const Sample& sample : part) {
            EXPECT_FALSE(scan(sample.json, Carrier::http_request_body).mining) << sample.json;
            EXPECT_FALSE(scan(sample.json, Carrier::http_response_body).mining) << sample.json;
        }
    }
}

TEST(Stratum, GarbledHttpBodyIsNotJson) {
    EXPECT_TRUE(scan(R"({"a" "b"})", Carrier::http_request_body).not_json);
    EXPECT_TRUE(scan("<html>", Carrier::http_response_body).not_json);
}

TEST(Stratum, PoolNamesThatAreNoHostsAreDropped) {
    EXPECT_EQ(
        scan(R"({"id":1,"method":"mining.subscribe","params":["a",null,"not a host\n","99"]})")
            .info.pool.view(),
        "");
    EXPECT_EQ(scan(R"({"id":1,"method":"client.reconnect","params":["pool.example",70000]})")
                  .info.next_pool.view(),
              "pool.example");
    EXPECT_EQ(scan(R"({"id":1,"method":"client.reconnect","params":["pool.example:99",3333]})")
                  .info.next_pool.view(),
              "pool.example:99");
    EXPECT_EQ(
        scan(R"({"id":1,"method":"client.reconnect","params":["",3333]})").info.next_pool.view(),
        "");
}

TEST(Stratum, LongTextsAreCutNotLost) {
    const std::string login(5000, 'a');
    const Seen seen =
        scan(R"({"method":"login","params":{"login":")" + login + R"(","pass":"x"}})");
    ASSERT_TRUE(seen.mining);
    EXPECT_EQ(seen.info.login.view(), login.substr(0, 120));
}

}  // namespace
}  // namespace minerwall::proto
