#include "proto/duinocoin/duinocoin.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/handshakes.hpp"

namespace minerwall::proto {
namespace {

const std::string kHash = "32d87953f66baea4b3bb3e7fee68e27d6b12692d";
const std::string kNext = "2924aba17c470d457c3e9310b1fe34d58d32b820";
const std::string kJob = kHash + "," + kNext + ",25000\n";

std::string check(const test::Dialogue& dialogue) {
    return test::verdicts<DuinoCoinDetector>(dialogue);
}
// A request and the answer to it, behind the server's version.
std::string ask(const std::string& request, const std::string& answer) {
    return check({{Role::server, "3.0\n"}, {Role::client, request}, {Role::server, answer}})
        .substr(1);
}

TEST(DuinoCoin, AJobForARequestIsEnough) {
    EXPECT_EQ(ask("JOB,alice,LOW,None\n", kJob), ".y");
    EXPECT_EQ(ask("JOB,alice", kJob), ".y") << "no line end, no difficulty";
    EXPECT_EQ(ask("JOB,alice,ESP8266,key with blanks\r\n", kJob), ".y");
    EXPECT_EQ(ask("JOB,alice,", kHash + "," + kNext + ",7"), ".y");
    EXPECT_EQ(ask("JOB,a.b-c_d@9,AVR", "\r\n" + kJob), ".y");
    std::string upper = kJob;
    for (char& c : upper) {
        c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
    }
    EXPECT_EQ(ask("JOB,alice,LOW", upper), ".y");
}

TEST(DuinoCoin, TheVersionComesBeforeOrAfterTheRequestOrNotAtAll) {
    EXPECT_EQ(check({{Role::client, "JOB,alice,LOW"}, {Role::server, kJob}}), ".y");
    EXPECT_EQ(check({{Role::client, "JOB,alice,LOW"}, {Role::server, "2.7\n" + kJob}}), ".y");
    EXPECT_EQ(check({{Role::server, "2.4"}, {Role::client, "JOB,a"}, {Role::server, kJob}}), "..y");
    EXPECT_EQ(check({{Role::server, "3.0\n"},
                     {Role::client, "MOTD"},
                     {Role::server, "Welcome, m\xc3\xadner!\nPool 1, enjoy.\n"},
                     {Role::client, "JOB,alice,LOW"},
                     {Role::server, kJob}}),
              "....y");
}

TEST(DuinoCoin, OtherAnswersAreNoJob) {
    EXPECT_EQ(ask("JOB,alice,LOW", "BAD,This user doesn't exist\n"), ".-");
    EXPECT_EQ(ask("JOB,alice,LOW", "OK\n"), ".-");
    EXPECT_EQ(ask("JOB,17,LINUX", kHash + "\n"), ".-");
    EXPECT_EQ(ask("JOB,17,LINUX", kHash + "," + kNext + "\n"), ".-");
    EXPECT_EQ(ask("JOB,17,LINUX", kHash + "," + kNext + ",done\n"), ".-");
    EXPECT_EQ(ask("JOB,17,LINUX", kHash + "0," + kNext + ",1\n"), ".-");
    EXPECT_EQ(ask("JOB,17,LINUX", kHash.substr(1) + "," + kNext + ",1\n"), ".-");
    EXPECT_EQ(ask("JOB,17,LINUX", "17,queued,3\n"), ".-");
}

TEST(DuinoCoin, OtherRequestsAskForNoJob) {
    for (const char* request :
         {"GET / HTTP/1.1\r\n", "JOBS,alice", "job,alice", "JOB,,LOW", "JOB,\n", "JOB;alice",
          "JOB,al ice,LOW", "MOTDX", "LOGI,alice,secret", "\x16\x03\x01", "JOB,alice\nJOB,bob\n"}) {
        EXPECT_EQ(check({{Role::client, request}, {Role::server, kJob}}), "--") << request;
    }
    EXPECT_EQ(check({{Role::server, kJob}, {Role::client, "JOB,alice"}}), "--")
        << "the answer before the question";
}

TEST(DuinoCoin, ServersOfOthersAreKnownByTheirGreeting) {
    for (const char* greeting : {"220 mail.example ESMTP\r\n", "SSH-2.0-x\r\n", "300\n", ".0\n",
                                 "3\n", "* OK IMAP4\r\n", "3.0\x01"}) {
        EXPECT_EQ(check({{Role::server, greeting}, {Role::client, "JOB,alice"}}), "--") << greeting;
    }
}

TEST(DuinoCoin, IsBounded) {
    const std::string text(DuinoCoinDetector::kMaxText, 'x');
    EXPECT_EQ(check({{Role::server, "3.0\n" + text}}), "-");
    const std::string key(DuinoCoinDetector::kMaxRequest, 'k');
    EXPECT_EQ(check({{Role::client, "JOB,alice,LOW," + key}}), "-");
    EXPECT_EQ(check({{Role::client, "JOB," + key}}), "-");
    EXPECT_EQ(check({{Role::client, "JOB,a"}, {Role::server, "3.123456789\n" + kJob}}), ".-");
}

TEST(DuinoCoin, TellsTheUser) {
    DuinoCoinDetector detector;
    detector.feed(Role::client, as_bytes("JOB,alice,LOW,secret"));
    ASSERT_EQ(detector.feed(Role::server, as_bytes(kJob)), HandshakeResult::yes);
    MiningInfo info;
    detector.describe(info);
    EXPECT_EQ(info.dialect, Dialect::duinocoin);
    EXPECT_EQ(info.speaker, Speaker::pool);
    EXPECT_EQ(info.login, "alice");
    EXPECT_EQ(info.evidence, "JOB,alice");
    EXPECT_EQ(detector.feed(Role::client, as_bytes("\x01")), HandshakeResult::yes) << "it stays so";
}

}  // namespace
}  // namespace minerwall::proto
