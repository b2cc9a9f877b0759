#include "proto/socks/socks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/pieces.hpp"

namespace minerwall::proto {
namespace {

using namespace std::string_literals;

const std::string kName = "\x03\x10xmr.pool.example\x0d\x05"s;  // 3333
const std::string kLogin = "{\"id\":1}";

std::string run(const std::string& in, SocksRole role, const std::vector<std::size_t>& cuts) {
    SocksParser parser{role};
    std::string log;
    for (const test::Piece& piece : test::pieces(in, cuts)) {
        const Bytes copy = piece.bytes();
        std::size_t consumed;
        SocksEvent event = parser.next(copy, consumed);
        std::size_t used = consumed;
        if (event == SocksEvent::target) {
            const SocksTarget& t = parser.target();
            log += "v" + std::to_string(t.version) + "." +
                   std::to_string(static_cast<unsigned>(t.command)) + " " +
                   std::string{t.host.view()} + " " + std::to_string(t.port) + " ";
            event = parser.next(copy.subspan(used), consumed);
            used += consumed;
        }
        EXPECT_LE(used, copy.size());
        const std::string rest = in.substr(piece.begin + used);
        switch (event) {
            case SocksEvent::need_more:
                EXPECT_EQ(used, copy.size());
                break;
            case SocksEvent::tunnel:
                return log + "tunnel " + rest;
            case SocksEvent::refused:
                return log + "refused";
            case SocksEvent::not_socks:
                return log + "not-socks " + rest;
            case SocksEvent::target:
                ADD_FAILURE() << "reported twice";
                return log;
        }
    }
    return log + "more";
}
// Also asserts that segmentation changes nothing.
std::string check(const std::string& in, SocksRole role) {
    const std::string whole = run(in, role, {});
    std::vector<std::size_t> every;
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
        EXPECT_EQ(run(in, role, {cut}), whole) << "cut at " << cut;
        every.push_back(cut);
    }
    EXPECT_EQ(run(in, role, every), whole) << "byte by byte";
    return whole;
}
std::string client(const std::string& in) {
    return check(in, SocksRole::client);
}
std::string server(const std::string& in) {
    return check(in, SocksRole::server);
}

TEST(Socks5Client, TargetsOfAllThreeKindsAreTold) {
    EXPECT_EQ(client("\x05\x01\x00"s + "\x05\x01\x00"s + kName + kLogin),
              "v5.1 xmr.pool.example 3333 tunnel {\"id\":1}");
    EXPECT_EQ(client("\x05\x02\x00\x02"s + "\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"s),
              "v5.1 192.0.2.1 443 tunnel ");
    EXPECT_EQ(client("\x05\x01\x00"s + "\x05\x01\x00\x04\x20\x01\x0d\xb8"s + std::string(11, '\0') +
                     "\x01\x0d\x05"s),
              "v5.1 2001:db8::1 3333 tunnel ");
}

TEST(Socks5Client, NamesAreSpelledAsEverywhere) {
    EXPECT_EQ(client("\x05\x01\x00"s + "\x05\x01\x00\x03\x0cXMR.Pool.b%."s + "\x0d\x05"s),
              "v5.1 xmr.pool.b\\037 3333 tunnel ");
    const std::string longest = std::string(63, 'a') + "." + std::string(191, 'b');
    const std::string said =
        client("\x05\x01\x00"s + "\x05\x01\x00\x03\xff"s + longest + "\x00\x50"s + kLogin);
    EXPECT_EQ(said.substr(said.find(" 80 ")), " 80 tunnel " + kLogin);
    EXPECT_NE(said.find(std::string(60, 'b')), std::string::npos);
}

TEST(Socks5Client, UserAndPasswordAreReadOver) {
    EXPECT_EQ(client("\x05\x02\x00\x02\x01\x04user\x05{p\x00ss"s + "\x05\x01\x00"s + kName),
              "v5.1 xmr.pool.example 3333 tunnel ");
    EXPECT_EQ(client("\x05\x01\x02\x01\x00\x00"s + "\x05\x01\x00"s + kName + kLogin),
              "v5.1 xmr.pool.example 3333 tunnel " + kLogin);
}

TEST(Socks5Client, OtherCommandsAreReported) {
    EXPECT_EQ(client("\x05\x01\x00\x05\x02\x00"s + kName), "v5.2 xmr.pool.example 3333 tunnel ");
    EXPECT_EQ(client("\x05\x01\x00\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"s),
              "v5.3 0.0.0.0 0 tunnel ");
}

TEST(Socks5Client, AnyMethodsAndAnyReservedByteDo) {
    std::string methods = "\x05\xff"s;
    for (int i = 0; i < 255; ++i) {
        methods += i == '\n' ? '\0' : static_cast<char>(i);
    }
    EXPECT_EQ(client(methods + "\x05\x01\x7f"s + kName), "v5.1 xmr.pool.example 3333 tunnel ");
}

TEST(Socks5Client, WhatIsNoneEndsAtTheByteThatShowsIt) {
    EXPECT_EQ(client("\x05\x00\x0b\x03"s), "not-socks \0\x0b\x03"s);  // DCE/RPC
    EXPECT_EQ(client("\x05\x01\x00{\"id\""s), "not-socks {\"id\"");
    EXPECT_EQ(client("\x05\x01\x00\x05\x04\x00"s), "not-socks \x04\0"s);
    EXPECT_EQ(client("\x05\x01\x00\x05\x01\x00\x02"s), "not-socks \x02");
    EXPECT_EQ(client("\x05\x01\x00\x05\x01\x00\x03\x00"s), "not-socks \0"s);
    EXPECT_EQ(client("\x05\x01\x00\x01\x01x\x00\x01"s), "not-socks \x01");  // one negotiation
    EXPECT_EQ(client("{\"id\":1}"), "not-socks {\"id\":1}");
}

TEST(Socks5Client, DecoyFirstLinesHideNoMessage) {
    EXPECT_EQ(client("\x05\x40 HELLO\n{\"id\""s), "not-socks {\"id\"");
    EXPECT_EQ(client("\x05\x01\x00\x01\x20xx\n \r\n{\"id\""s), "not-socks {\"id\"");
    EXPECT_EQ(client("\x05\x02\x00\x0a\x05\x01\x00"s + kName), "v5.1 xmr.pool.example 3333 tunnel ")
        << "a line end is a valid method";
    EXPECT_EQ(client("\x05\x01\x00\x05\x01\x00\x03\x40 {\"id\""s), "not-socks  {\"id\"");
    EXPECT_EQ(client("\x04\x01\x0d\x05\xc0\x00\x02\x01\r\n{\"id\""s), "not-socks \n{\"id\"");
}

TEST(Socks4Client, AddressesAndNamesAreTold) {
    EXPECT_EQ(client("\x04\x01\x0d\x05\xc0\x00\x02\x01root\0"s + kLogin),
              "v4.1 192.0.2.1 3333 tunnel " + kLogin);
    EXPECT_EQ(client("\x04\x02\x0d\x05\x00\x00\x00\x01\0Xmr.Pool.Example.\0"s + kLogin),
              "v4.2 xmr.pool.example 3333 tunnel " + kLogin);
    EXPECT_EQ(client("\x04\x01\x0d\x05\x00\x00\x00\x00u\0"s), "v4.1 0.0.0.0 3333 tunnel ");
    EXPECT_EQ(client("\x04\x01\x0d\x05\x00\x00\x00\x01\0\0"s), "not-socks \0"s);
    EXPECT_EQ(client("\x04\x03"s), "not-socks \x03");
    EXPECT_EQ(client("\x04\x01\x0d\x05\xc0\x00\x02\x01"s + std::string(1024, 'u') + '\0'),
              "v4.1 192.0.2.1 3333 tunnel ");
    EXPECT_EQ(run("\x04\x01\x0d\x05\xc0\x00\x02\x01"s + std::string(1025, 'u') + '\0',
                  SocksRole::client, {}),
              "not-socks u\0"s);
}

TEST(SocksServer, AnswersAreReadUpToTheTunnel) {
    EXPECT_EQ(server("\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s + kLogin),
              "tunnel " + kLogin);
    EXPECT_EQ(server("\x05\x02\x01\x00\x05\x00\x00\x03\x01z\x00\x00"s + kLogin),
              "tunnel " + kLogin);
    EXPECT_EQ(server("\x05\x00\x05\x00\x00\x04"s + std::string(18, '\x01') + kLogin),
              "tunnel " + kLogin);
    EXPECT_EQ(server("\x00\x5a\x0d\x05\xc0\x00\x02\x01"s + kLogin), "tunnel " + kLogin);
}

TEST(SocksServer, RefusalsAreTold) {
    EXPECT_EQ(server("\x05\xff"s), "refused");
    EXPECT_EQ(server("\x05\x00\x05\x05\x00\x01"s), "refused");
    EXPECT_EQ(server("\x00\x5b\x00\x00\x00\x00\x00\x00"s), "refused");
    EXPECT_EQ(server("\x00\x59"s), "not-socks \x59");
    EXPECT_EQ(server("HTTP/1.1"), "not-socks HTTP/1.1");
}

TEST(SocksOpening, IsToldFromAtMostEightBytes) {
    const auto opening = [](const std::string& s) { return classify_socks(as_bytes(s)); };
    for (const auto& s :
         {"\x05\x01\x00"s, "\x05\x03\x00\x01\x02"s, "\x05\xff\xfe"s,
          "\x04\x01\x0d\x05\xc0\x00\x02\x01"s, "\x04\x02\x0d\x05\x00\x00\x00\x07"s}) {
        EXPECT_EQ(opening(s), SocksOpening::socks);
        EXPECT_EQ(opening(s.substr(0, 1)), SocksOpening::need_more);
        EXPECT_EQ(opening(s.substr(0, 2)), SocksOpening::need_more);
    }
    EXPECT_EQ(opening(""), SocksOpening::need_more);
    EXPECT_EQ(opening("\x04\x01\x0d\x05\xc0\x00\x02"s), SocksOpening::need_more);
    for (const auto& s :
         {"\x05\x00"s, "\x04\x03"s, "\x04\x01\x01\x2b\x00\x34\x01\x00"s, "{"s,
          "\x04\x01\x0d\x05\x00\x00\x00\x00"s, "\x04\x01\x0d\x05\xe0\x00\x00\x01"s, "\x16\x03"s}) {
        EXPECT_EQ(opening(s), SocksOpening::other);
    }
}

TEST(SocksParser, StateIsSmall) {
    EXPECT_LE(sizeof(SocksParser), 320u);
}

}  // namespace
}  // namespace minerwall::proto
