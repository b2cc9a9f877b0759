#include "proto/dns/dns_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dns_samples.hpp"

namespace minerwall::proto {
namespace {

using namespace dns_samples;

Data framed(const Data& message) {
    return join({be16(static_cast<unsigned>(message.size())), message});
}
Data query(std::string_view asked) {
    Data d = response(asked, 1, {});
    d[2] = 1;
    d[3] = 0;
    return d;
}
struct Message {
    Data bytes;
    bool cut;
    bool operator==(const Message&) const = default;
};
std::vector<Message> feed(const Data& in, std::size_t piece) {
    DnsStream stream;
    std::vector<Message> out;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        Bytes part = Bytes{in}.subspan(at, std::min(piece, in.size() - at));
        while (!part.empty()) {
            std::size_t consumed = 0;
            const DnsStream::State state = stream.feed(part, consumed);
            EXPECT_GT(consumed, 0u);
            part = part.subspan(consumed);
            if (state == DnsStream::State::message) {
                const Bytes m = stream.message();
                out.push_back({{m.begin(), m.end()}, stream.cut()});
            } else {
                EXPECT_TRUE(part.empty());
            }
        }
    }
    return out;
}

TEST(DnsStream, YieldsEveryMessageHoweverItIsCut) {
    const Data big(5000, 7), small = query("a"), biggest(65535, 9), kept(2048, 3), above(2049, 4);
    const Data in = join({framed(query("xmr.pool.example")), framed(big), framed({}), framed(small),
                          framed(kept), framed(above), framed({1}), framed(biggest),
                          framed(query("b.example"))});
    const std::vector<Message> whole = feed(in, in.size());
    ASSERT_EQ(whole.size(), 8u) << "a message of no length is passed over";
    EXPECT_EQ(whole[0], (Message{query("xmr.pool.example"), false}));
    EXPECT_EQ(whole[1], (Message{Data(2048, 7), true}));
    EXPECT_EQ(whole[2], (Message{small, false}));
    EXPECT_EQ(whole[3], (Message{kept, false}));
    EXPECT_EQ(whole[4], (Message{Data(2048, 4), true}));
    EXPECT_EQ(whole[6], (Message{Data(2048, 9), true}));
    EXPECT_EQ(whole[7].bytes, query("b.example"));
    for (const std::size_t piece : {1u, 2u, 3u, 5u, 100u, 1460u, 2047u, 2048u, 2050u, 9000u}) {
        EXPECT_EQ(feed(in, piece), whole) << piece;
    }
}

TEST(DnsStream, NeedsMoreUntilTheLastByte) {
    const Data in = framed(query("pool.example"));
    DnsStream stream;
    std::size_t consumed;
    EXPECT_EQ(stream.feed(Bytes{in}.first(in.size() - 1), consumed), DnsStream::State::need_more);
    EXPECT_EQ(consumed, in.size() - 1);
    EXPECT_EQ(stream.feed(Bytes{in}.last(1), consumed), DnsStream::State::message);
    DnsQuestion question;
    ASSERT_EQ(parse_dns_question(stream.message(), question), DnsStatus::ok);
    EXPECT_EQ(question.name, "pool.example");
}

TEST(DnsStream, StartsAnewAfterReset) {
    DnsStream stream;
    std::size_t consumed;
    const Data rubbish = {0xff, 0xff, 1, 2, 3};
    stream.feed(rubbish, consumed);
    stream.reset();
    const Data in = framed(query("a"));
    EXPECT_EQ(stream.feed(in, consumed), DnsStream::State::message);
    EXPECT_EQ(consumed, in.size());
}

TEST(DnsStream, IsSmall) {
    EXPECT_LE(sizeof(DnsStream), 2200u);
}

TEST(DnsStreamClassifier, KnowsQueriesAndResponses) {
    EXPECT_EQ(classify_dns_stream(framed(query("pool.example"))), DnsStatus::ok);
    EXPECT_EQ(classify_dns_stream(framed(response("a", 1, {{a("a", 1)}}))), DnsStatus::ok);
    const Data in = framed(query("pool.example"));
    for (std::size_t n = 0; n < in.size(); ++n) {
        EXPECT_EQ(classify_dns_stream(Bytes{in}.first(n)), DnsStatus::truncated) << n;
    }
}

TEST(DnsStreamClassifier, RefusesOtherProtocols) {
    const auto classify = [](std::string_view text) { return classify_dns_stream(as_bytes(text)); };
    EXPECT_EQ(classify("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), DnsStatus::not_dns);
    EXPECT_EQ(classify("SSH-2.0-OpenSSH_9.2p1\r\n"), DnsStatus::not_dns);
    EXPECT_EQ(classify("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\"}"), DnsStatus::not_dns);
    EXPECT_EQ(classify(std::string_view("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03zzzz", 15)),
              DnsStatus::not_dns);
    EXPECT_EQ(classify(std::string_view("\0\x10", 2)), DnsStatus::not_dns) << "too short for one";
    Data short_length = framed(query("pool.example"));
    short_length[1] = 20;
    EXPECT_EQ(classify_dns_stream(short_length), DnsStatus::not_dns);
    Data update = framed(query("pool.example"));
    update[4] = 0x28;
    EXPECT_EQ(classify_dns_stream(update), DnsStatus::not_dns);
}

}  // namespace
}  // namespace minerwall::proto
