#include "proto/peers/p2pool.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "support/handshakes.hpp"

namespace minerwall::proto {
namespace {

using namespace std::string_literals;
using V = HandshakeResult;

using test::Dialogue;
using test::random_bytes;

// The bytes that the two ends of a connection send.
struct Peers {
    explicit Peers(unsigned seed = 1) {
        std::mt19937 random{seed};
        for (Role role : {Role::client, Role::server}) {
            std::string& solution = role == Role::client ? client_solution : server_solution;
            (role == Role::client ? client_challenge : server_challenge) =
                "\0"s + random_bytes(random, 16);
            solution = "\x01" + random_bytes(random, 40);
            solution[32] = role == Role::client ? '\0' : '\x5a';
            if (role == Role::client) {
                solution[31] = '\x05';  // below 2^64 / 10000
            }
        }
    }
    std::string client_challenge, client_solution, server_challenge, server_solution;
    std::string rest = "\x02\x01\x94\0\0"s + "\x03" + std::string(32, '\0');
};

std::string check(const Dialogue& dialogue) {
    return test::verdicts<P2PoolDetector>(dialogue);
}

TEST(P2Pool, IsSureWhenTheSideThatConnectedHasProvedItsWork) {
    const Peers p;
    EXPECT_EQ(check({{Role::client, p.client_challenge},
                     {Role::server, p.server_challenge},
                     {Role::server, p.server_solution},
                     {Role::client, p.client_solution + p.rest}}),
              "..ly");
    EXPECT_EQ(check({{Role::server, p.server_challenge},
                     {Role::client, p.client_challenge},
                     {Role::client, p.client_solution},
                     {Role::server, p.server_solution + p.rest}}),
              "..yy");
}

TEST(P2Pool, ListenPortFollowsTheSolution) {
    const Peers p;
    const auto after_server_solution = [&](const std::string& rest) {
        return check({{Role::client, p.client_challenge},
                      {Role::server, p.server_challenge + p.server_solution + rest},
                      {Role::client, p.client_solution}});
    };
    EXPECT_EQ(after_server_solution(p.rest), ".ly");
    EXPECT_EQ(after_server_solution("\x03"), ".--");
    EXPECT_EQ(after_server_solution("\x02\x01\x94\x01\0"s), ".--");
}

TEST(P2Pool, ASolutionAnswersAChallenge) {
    const Peers p;
    EXPECT_EQ(check({{Role::client, p.client_challenge + p.client_solution}}), "-");
    EXPECT_EQ(check({{Role::client, p.client_challenge},
                     {Role::server, p.client_challenge},
                     {Role::client, p.client_solution}}),
              "..-");
}

TEST(P2Pool, WorkThatIsNoneDoesNotCount) {
    Peers p;
    p.client_solution[31] = '\x07';
    EXPECT_EQ(check({{Role::client, p.client_challenge},
                     {Role::server, p.server_challenge},
                     {Role::client, p.client_solution + p.rest},
                     {Role::server, p.server_solution + p.rest}}),
              "..ll");
}

TEST(P2Pool, StructureIsNoSolution) {
    const Peers p;
    EXPECT_EQ(check({{Role::client, "\0"s + std::string(16, '\0')},
                     {Role::server, p.server_challenge},
                     {Role::client, "\x01"s + std::string(40, '\0')}}),
              "..-");
    EXPECT_EQ(check({{Role::client, "\0\0\0\x55\xfeSMB"s + std::string(16, '\0')}}), "-");
    EXPECT_EQ(check({{Role::client, "GET /"}}), "-");
}

TEST(P2Pool, RandomHandshakesPass) {
    for (unsigned seed = 0; seed < 5000; ++seed) {
        const Peers p{seed};
        ASSERT_EQ(test::verdicts<P2PoolDetector>({{Role::client, p.client_challenge},
                                                  {Role::server, p.server_challenge},
                                                  {Role::client, p.client_solution}},
                                                 1 << 20),
                  "..y")
            << seed;
    }
}

TEST(P2Pool, EvidenceNamesThePeers) {
    P2PoolDetector detector;
    detector.feed(Role::client, as_bytes("\0cccccccc\x01\x02\x03\x04\x05\x06\x07\x08"s));
    MiningInfo info;
    detector.describe(info);
    EXPECT_EQ(info.dialect, Dialect::p2pool);
    EXPECT_EQ(info.evidence.view(), "P2Pool peers 0102030405060708 0000000000000000");
}

TEST(P2Pool, StateIsSmall) {
    EXPECT_LE(sizeof(P2PoolDetector), 150u);
}

}  // namespace
}  // namespace minerwall::proto
