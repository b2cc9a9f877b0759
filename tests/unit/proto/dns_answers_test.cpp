#include "proto/dns/dns_answers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dns_samples.hpp"

namespace minerwall::proto {
namespace {

using namespace dns_samples;

struct Read {
    bool response = false;
    bool truncated = false;
    bool has_ech = false;
    std::vector<std::string> names;
    std::vector<std::string> addresses;  // "address ttl" or "address ttl :port"; hints with a ~
};
Read read(const Data& message) {
    DnsQuestion question;
    DnsAnswers answers;
    EXPECT_EQ(parse_dns_question(message, question), DnsStatus::ok);
    Read r;
    r.response = read_dns_answers(message, question, answers);
    r.truncated = answers.truncated;
    r.has_ech = answers.has_ech;
    answers.names.for_each([&](std::string_view n) { r.names.emplace_back(n); });
    for (unsigned i = 0; i < answers.count; ++i) {
        const DnsAddress& e = answers.entries[i];
        r.addresses.push_back((e.hint ? "~" : "") + to_text(e.address) + " " +
                              std::to_string(e.ttl) +
                              (e.port != 0 ? " :" + std::to_string(e.port) : ""));
    }
    return r;
}
using Texts = std::vector<std::string>;

Data svcb(unsigned priority, std::string_view target, const std::vector<Data>& parameters = {}) {
    Data d = join({be16(priority), name(target)});
    for (const Data& p : parameters) {
        add(d, p);
    }
    return d;
}
Data parameter(unsigned key, const Data& value) {
    return join({be16(key), be16(static_cast<unsigned>(value.size())), value});
}
const Data kV6 = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

TEST(DnsAnswers, TellAddressesOfBothFamilies) {
    const Read r = read(response("Pool.Example", 1,
                                 {{a("pool.example", 1, 60), a("POOL.example", 2, 30),
                                   record("pool.example", 28, kV6, 7)}}));
    EXPECT_EQ(r.addresses, (Texts{"192.0.2.1 60", "192.0.2.2 30", "2001:db8::1 7"}));
    EXPECT_TRUE(r.response && r.names.empty() && !r.truncated);
}

TEST(DnsAnswers, FollowAliasesInAnyOrder) {
    std::vector<Data> records = {
        cname("www.a.example", "b.example", 100), cname("b.example", "c.example", 50),
        cname("c.example", "xmr.pool.example", 200), a("xmr.pool.example", 9, 80)};
    std::sort(records.begin(), records.end());
    do {
        Read r = read(response("www.a.example", 1, {records}));
        EXPECT_EQ(r.names, (Texts{"b.example", "c.example", "xmr.pool.example"}));
        EXPECT_EQ(r.addresses, Texts{"192.0.2.9 50"}) << "the least TTL of the chain";
    } while (std::next_permutation(records.begin(), records.end()));
}

TEST(DnsAnswers, FollowCompressedNames) {
    // The question's name is at 12. The CNAME's target, "eu" below it, follows its record's head.
    const Data message = response("pool.example", 1,
                                  {{record(pointer(12), 5, join({{2, 'e', 'u'}, pointer(12)})),
                                    record(pointer(30 + 12), 1, {192, 0, 2, 5})}});
    const Read r = read(message);
    EXPECT_EQ(r.names, Texts{"eu.pool.example"});
    EXPECT_EQ(r.addresses, Texts{"192.0.2.5 300"});
}

TEST(DnsAnswers, FollowANameThatIsTooLongAsText) {
    const std::string wild = std::string(60, '\xff') + "." + std::string(60, '\xfe');
    const Read r = read(response("a.example", 1,
                                 {{cname("a.example", wild + ".pool.example"),
                                   a(wild + ".pool.example", 1), a(wild + ".other.example", 2)}}));
    ASSERT_EQ(r.names.size(), 1u);
    EXPECT_TRUE(r.names[0].ends_with(".pool.example")) << r.names[0];
    EXPECT_EQ(r.addresses, Texts{"192.0.2.1 300"});
}

TEST(DnsAnswers, LeaveOutWhatDoesNotHangOnTheQuestion) {
    const Read r = read(response(
        "a.example", 1,
        {{a("other.example", 1), cname("other.example", "more.example"), a("more.example", 2),
          record("a.example", 1, {192, 0, 2, 3}, 300, 3), record("a.example", 16, {1, 'x'}),
          record("a.example", 1, {1, 2, 3}), a("a.example", 4)},
         {a("a.example", 5)},
         {a("a.example", 6)}}));
    EXPECT_EQ(r.addresses, Texts{"192.0.2.4 300"});
    EXPECT_TRUE(r.names.empty());
}

TEST(DnsAnswers, EndAtLoopsOfAliases) {
    const Read r = read(response("a.example", 1,
                                 {{cname("a.example", "b.example"), cname("b.example", "a.example"),
                                   cname("b.example", "b.example"), a("b.example", 1)}}));
    EXPECT_EQ(r.names, Texts{"b.example"});
    EXPECT_EQ(r.addresses, Texts{"192.0.2.1 300"});
}

TEST(DnsAnswers, SayThatAChainIsTooLong) {
    const auto chain = [](unsigned links) {
        std::vector<Data> records;
        for (unsigned i = 0; i < links; ++i) {
            records.push_back(cname("n" + std::to_string(i), "n" + std::to_string(i + 1)));
        }
        records.push_back(a("n" + std::to_string(links), 1));
        return read(response("n0", 1, {records}));
    };
    EXPECT_EQ(chain(16).addresses.size(), 1u);
    EXPECT_FALSE(chain(16).truncated);
    EXPECT_EQ(chain(17).names.size(), 16u);
    EXPECT_TRUE(chain(17).truncated);
}

TEST(DnsAnswers, SayThatThereAreTooManyAddressesOrRecords) {
    std::vector<Data> records;
    for (unsigned i = 0; i < 32; ++i) {
        records.push_back(record(pointer(12), 1, {192, 0, 2, static_cast<std::uint8_t>(i)}));
    }
    EXPECT_FALSE(read(response("a", 1, {records})).truncated);
    records.push_back(a("a", 99));
    const Read r = read(response("a", 1, {records}));
    EXPECT_EQ(r.addresses.size(), 32u);
    EXPECT_TRUE(r.truncated);
    const std::vector<Data> texts(200, record(pointer(12), 16, {1, 'x'}));
    EXPECT_TRUE(read(response("a", 1, {texts})).truncated);
}

// Each owner is at the end of thousands of pointers, each to the one before.
TEST(DnsAnswers, EndAtALongChainOfPointers) {
    const Data head = response("a.example", 1, {{}});
    Data message(head.begin(), head.begin() + kDnsHeaderSize);
    message[7] = 2;  // the answers: the chain's record, and an address behind it
    add(message, join({name("a.example"), be16(1), be16(1)}));
    constexpr std::size_t kChain = 4000;
    add(message, join({Data{0}, be16(16), be16(1), Data{0, 0, 0, 0}, be16(2 * kChain)}));
    const std::size_t first = message.size();
    for (std::size_t i = 0; i < kChain; ++i) {
        const std::size_t target = i == 0 ? kDnsHeaderSize : first + 2 * (i - 1);
        add(message, be16(static_cast<unsigned>(0xc000 | target)));
    }
    const auto with_owner = [&](std::size_t link) {
        Data whole = message;
        add(whole, join({be16(static_cast<unsigned>(0xc000 | (first + 2 * link))), be16(1), be16(1),
                         Data{0, 0, 0, 60}, be16(4), Data{192, 0, 2, 1}}));
        return read(whole);
    };
    EXPECT_EQ(with_owner(100).addresses, Texts{"192.0.2.1 60"});
    EXPECT_TRUE(with_owner(kChain - 1).addresses.empty());
    EXPECT_TRUE(with_owner(kChain - 1).truncated);
}

TEST(DnsAnswers, ChangeNamesBelowADname) {
    const Read r = read(response("x.y.old.example", 1,
                                 {{record("old.example", 39, name("pool.example"), 20),
                                   a("x.y.pool.example", 1), a("pool.example", 2)}}));
    EXPECT_EQ(r.names, Texts{"x.y.pool.example"});
    EXPECT_EQ(r.addresses, Texts{"192.0.2.1 20"});
    EXPECT_TRUE(
        read(response("old.example", 1, {{record("old.example", 39, name("pool.example"))}}))
            .names.empty())
        << "a DNAME changes the names below its owner";
    EXPECT_TRUE(read(response("bold.example", 1, {{record("old.example", 39, name("p.example"))}}))
                    .names.empty());
}

TEST(DnsAnswers, ChangeEveryNameBelowADname) {
    const Read r = read(response(
        "a.old", 1, {{record("old", 39, name("new")), cname("a.new", "b.old"), a("b.new", 1)}}));
    EXPECT_EQ(r.names, (Texts{"a.new", "b.old", "b.new"}));
    EXPECT_EQ(r.addresses, Texts{"192.0.2.1 300"});
}

TEST(DnsAnswers, ADnameThatMakesATooLongNameMakesNone) {
    const std::string long_label(60, 'x');
    const std::string asked = long_label + "." + long_label + "." + long_label + ".a";
    const Read r = read(
        response(asked, 1, {{record("a", 39, name(long_label + "." + long_label)), a(asked, 1)}}));
    EXPECT_TRUE(r.names.empty());
    EXPECT_EQ(r.addresses.size(), 1u);
}

TEST(DnsAnswers, ReadHttpsRecords) {
    const Data hints = join({{192, 0, 2, 7}, {192, 0, 2, 8}});
    const Read r = read(response(
        "pool.example", 65,
        {{record("pool.example", 65,
                 svcb(1, "",
                      {parameter(1, {2, 'h', '3'}), parameter(3, be16(8443)), parameter(4, hints),
                       parameter(5, {1, 2, 3}), parameter(6, kV6)}),
                 60),
          record("pool.example", 65, svcb(2, "edge.example", {parameter(3, be16(3333))}), 50)},
         {},
         {a("edge.example", 9, 40), a("pool.example", 1)}}));
    EXPECT_EQ(r.names, Texts{"edge.example"});
    EXPECT_EQ(r.addresses, (Texts{"~192.0.2.7 60 :8443", "~192.0.2.8 60 :8443",
                                  "~2001:db8::1 60 :8443", "192.0.2.9 40 :3333"}))
        << "only a target's records of the additional section";
    EXPECT_TRUE(r.has_ech);
}

TEST(DnsAnswers, FollowAliasModeWithoutParameters) {
    const Read r = read(response(
        "pool.example", 64,
        {{record("pool.example", 64, svcb(0, "cdn.example", {parameter(3, be16(1))})),
          record("cdn.example", 65, svcb(1, "", {parameter(4, kV6)})), a("cdn.example", 3)}}));
    EXPECT_EQ(r.names, Texts{"cdn.example"});
    EXPECT_EQ(r.addresses.size(), 5u) << "16 bytes are four hints, and the A record";
    EXPECT_EQ(r.addresses.back(), "192.0.2.3 300");
}

TEST(DnsAnswers, ReadBrokenParametersAsFarAsTheyGo) {
    Data cut = svcb(1, "", {parameter(4, {192, 0, 2, 7, 99}), parameter(3, {1})});
    add(cut, {0, 6, 0, 16, 1});
    const Read r = read(response("p", 65, {{record("p", 65, cut)}}));
    EXPECT_EQ(r.addresses, Texts{"~192.0.2.7 300"});
    EXPECT_TRUE(r.truncated);
    EXPECT_TRUE(read(response("p", 65, {{record("p", 65, {0, 1})}})).addresses.empty());
    EXPECT_TRUE(read(response("p", 65, {{record("p", 65, {0, 1, 5, 'a'})}})).addresses.empty());
}

TEST(DnsAnswers, FollowServiceRecordsWithTheirPort) {
    const Data srv = join({be16(0), be16(5), be16(3333), name("xmr.pool.example")});
    const Read r = read(response("_stratum._tcp.pool.example", 33,
                                 {{record("_stratum._tcp.pool.example", 33, srv)},
                                  {},
                                  {a("xmr.pool.example", 4), a("b.pool.example", 5)}}));
    EXPECT_EQ(r.names, Texts{"xmr.pool.example"});
    EXPECT_EQ(r.addresses, Texts{"192.0.2.4 300 :3333"});
}

TEST(DnsAnswers, OfTwoPortsForOneNameTellNone) {
    const auto srv = [](unsigned port) {
        return record("s.p", 33, join({be16(0), be16(0), be16(port), name("t.p")}));
    };
    EXPECT_EQ(read(response("s.p", 33, {{srv(1), srv(2)}, {}, {a("t.p", 4)}})).addresses,
              Texts{"192.0.2.4 300"});
    EXPECT_EQ(read(response("s.p", 33, {{srv(1), srv(1)}, {}, {a("t.p", 4)}})).addresses,
              Texts{"192.0.2.4 300 :1"});
}

TEST(DnsAnswers, ATtlWithItsTopBitIsZero) {
    EXPECT_EQ(read(response("a", 1, {{a("a", 1, 0x80000001)}})).addresses, Texts{"192.0.2.1 0"});
}

TEST(DnsAnswers, OfAQueryThereAreNone) {
    Data query = response("a", 1, {{a("a", 1)}});
    query[2] = 1;
    EXPECT_FALSE(read(query).response);
}

TEST(DnsAnswers, ACutMessageTellsWhatIsThere) {
    const Data whole = response(
        "a.example", 1, {{cname("a.example", "b.example"), a("b.example", 1), a("b.example", 2)}});
    std::size_t most = 0;
    for (std::size_t n = whole.size(); n >= 12 + 11 + 4; --n) {
        const Read r = read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)});
        EXPECT_EQ(r.truncated, n < whole.size()) << n;
        EXPECT_GE(n == whole.size() ? 2 : most, r.addresses.size());
        most = r.addresses.size();
    }
}

TEST(DnsAnswers, AnyByteWrongIsHarmless) {
    const Data whole =
        response("a.example", 65,
                 {{record(pointer(12), 5, name("b.example")),
                   record("b.example", 65, svcb(1, "c", {parameter(4, {1, 2, 3, 4})})),
                   record("example", 39, name("d")), a("c", 3)}});
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const unsigned value : {0u, 1u, 0x3fu, 0x7fu, 0xc0u, 0xffu}) {
            Data bad = whole;
            bad[at] = static_cast<std::uint8_t>(value);
            DnsQuestion question;
            DnsAnswers answers;
            if (parse_dns_question(bad, question) == DnsStatus::ok) {
                read_dns_answers(bad, question, answers);
                EXPECT_LE(answers.count, DnsAnswers::kMaxAddresses);
            }
        }
    }
}

}  // namespace
}  // namespace minerwall::proto
