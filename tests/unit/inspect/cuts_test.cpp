// Segmentation must not matter: the same bytes in other pieces give the same evidence.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "rig.hpp"

namespace minerwall::inspect {
namespace {

using flow::Direction;
using namespace test;

struct Sample {
    const char* what;
    Direction direction;
    std::string text;
};

std::vector<Sample> samples() {
    const std::string work = "{\"id\":1,\"method\":\"getwork\",\"params\":[]}";
    const std::string chunked =
        "POST /rpc HTTP/1.1\r\nhost: a.example:8332\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" +
        work.substr(0, 5) + "\r\n" + "23\r\n" + work.substr(5) + "\r\n0\r\n\r\n";
    std::string long_login = kLogin;
    long_login.insert(long_login.find("wallet"), std::string(3000, 'w'));
    return {
        {"stratum", Direction::to_server, kSubscribe},
        {"cryptonote", Direction::to_server, kLogin},
        {"cryptonote, long", Direction::to_server, long_login},
        {"blanks before JSON", Direction::to_server, "  \r\n\t" + kLogin},
        {"byte order mark", Direction::to_server, "\xef\xbb\xbf" + kSubscribe},
        {"the pool's half", Direction::to_client, kNotify},
        {"other JSON", Direction::to_server,
         "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":1}\n"},
        {"JSON, then mining", Direction::to_server,
         "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":1}\n" + kSubscribe},
        {"TLS", Direction::to_server, client_hello("Pool.Example")},
        {"HTTP", Direction::to_server, http_get("pool.example")},
        {"HTTP, two requests", Direction::to_server,
         http_get("first.example") + http_get("second.example")},
        {"HTTP, getwork", Direction::to_server, http_post("node.example", work)},
        {"HTTP, chunked", Direction::to_server, chunked},
        {"HTTP, a text about mining", Direction::to_server,
         http_post("wiki.example", "see " + kSubscribe)},
        {"tunnel", Direction::to_server,
         "CONNECT pool.example:3333 HTTP/1.1\r\nHost: pool.example:3333\r\n\r\n" + kSubscribe},
        {"tunnel with TLS", Direction::to_server,
         "CONNECT proxy.example:443 HTTP/1.1\r\n\r\n" + client_hello("inner.example")},
    };
}

std::string summary(const Dialogue& connection) {
    std::string out;
    for (const std::string& name : connection.learned.names) {
        out += name + ' ';
    }
    for (const MiningInfo& m : connection.learned.mining) {
        out += std::string(to_text(m.dialect)) + '/' + std::string(m.method.view()) + '/' +
               std::string(m.login.view()) + '/' + std::string(m.agent.view()) + '/' +
               std::string(m.pool.view()) + ' ';
    }
    out += "app " + std::to_string(static_cast<int>(connection.learned.app));
    out += connection.settled() ? ", settled" : "";
    return out;
}

// Cuts into segments at `cuts`; each segment comes in one piece or in several.
std::string evidence_of(const Sample& sample, const std::vector<std::size_t>& cuts,
                        std::mt19937& random) {
    Rig rig;
    Dialogue connection(rig);
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t to = i < cuts.size() ? cuts[i] : sample.text.size();
        const std::string_view text = std::string_view(sample.text).substr(from, to - from);
        const std::size_t half = text.empty() ? 0 : random() % text.size();
        connection.send(sample.direction, {text.substr(0, half), text.substr(half)});
        from = to;
    }
    return summary(connection);
}

// Names are known at the end of their heads, so we compare each segment's findings in wire order. A
// tunnel's inner protocol starts a segment in every variant, as it does on the wire.
std::vector<std::size_t> fixed_cuts(const Sample& sample) {
    std::vector<std::size_t> cuts;
    if (sample.text.starts_with("CONNECT")) {
        cuts.push_back(sample.text.find("\r\n\r\n") + 4);
    }
    return cuts;
}
std::string whole(const Sample& sample, std::mt19937& random) {
    return evidence_of(sample, fixed_cuts(sample), random);
}

TEST(Segmentation, TheSamplesAreWhatTheySay) {
    std::mt19937 random(1);
    const auto all = samples();
    const auto is = [&](std::size_t i, std::string_view text) {
        EXPECT_EQ(whole(all[i], random), text) << all[i].what;
    };
    is(0, "stratum-v1/mining.subscribe//rig/1.0/ app 4, settled");
    is(1, "cryptonote/login/wallet/XMRig/6.21.0/ app 4, settled");
    is(5, "stratum-v1/mining.set_difficulty/// app 4, settled");
    is(6, "app 4");
    is(8, "pool.example app 1, settled");
    is(9, "pool.example app 2");
    is(10, "first.example second.example app 2");
    is(13, "wiki.example app 2");
}

TEST(Segmentation, OneCutAnywhereChangesNothing) {
    std::mt19937 random(2);
    for (const Sample& sample : samples()) {
        const std::string want = whole(sample, random);
        for (std::size_t cut = 1; cut < sample.text.size(); ++cut) {
            std::vector<std::size_t> cuts = fixed_cuts(sample);
            cuts.push_back(cut);
            std::sort(cuts.begin(), cuts.end());
            ASSERT_EQ(evidence_of(sample, cuts, random), want) << sample.what << ", cut at " << cut;
        }
    }
}

TEST(Segmentation, RandomCutsChangeNothing) {
    std::mt19937 random(3);
    for (const Sample& sample : samples()) {
        const std::string want = whole(sample, random);
        for (unsigned round = 0; round < 200; ++round) {
            std::vector<std::size_t> cuts = fixed_cuts(sample);
            for (auto n = random() % 12; n != 0; --n) {
                cuts.push_back(1 + random() % (sample.text.size() - 1));
            }
            std::sort(cuts.begin(), cuts.end());
            ASSERT_EQ(evidence_of(sample, cuts, random), want) << sample.what << ", " << round;
        }
    }
}

// MiningInfo::offset counts from the stream's first byte, including earlier blanks and heads.
TEST(Segmentation, TheOffsetOfAMessageCountsFromTheStreamsFirstByte) {
    for (const std::string before : {"", "  \r\n\t", "\xef\xbb\xbf"}) {
        const std::string text = before + kLogin;
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            Rig rig;
            Dialogue connection(rig);
            connection.up(text.substr(0, cut));
            connection.up(text.substr(cut));
            ASSERT_EQ(connection.learned.mining.size(), 1u);
            ASSERT_EQ(connection.learned.mining[0].offset, before.size())
                << "behind " << before.size() << " bytes, cut at " << cut;
        }
    }
}

TEST(Segmentation, ByteByByteChangesNothing) {
    std::mt19937 random(4);
    for (const Sample& sample : samples()) {
        std::vector<std::size_t> cuts(sample.text.size() - 1);
        std::iota(cuts.begin(), cuts.end(), 1);
        EXPECT_EQ(evidence_of(sample, cuts, random), whole(sample, random)) << sample.what;
    }
}

// A line that is not a message, then mining: pools skip lines that they cannot read.
TEST(Segmentation, ACutInTheMessageBehindADecoyLineChangesNothing) {
    const std::string text = "hello\n" + kSubscribe;
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        Rig rig;
        Dialogue connection(rig);
        connection.up(text.substr(0, cut));
        connection.up(text.substr(cut));
        ASSERT_EQ(connection.learned.mining.size(), 1u) << "cut at " << cut;
    }
}

}  // namespace
}  // namespace minerwall::inspect
