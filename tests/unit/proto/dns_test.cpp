#include "proto/dns/dns.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace minerwall::proto {
namespace {

using Message = std::vector<std::uint8_t>;

void add16(Message& m, unsigned v) {
    m.push_back(static_cast<std::uint8_t>(v >> 8));
    m.push_back(static_cast<std::uint8_t>(v));
}
void add_name(Message& m, const std::vector<std::string>& labels) {
    for (const std::string& label : labels) {
        m.push_back(static_cast<std::uint8_t>(label.size()));
        m.insert(m.end(), label.begin(), label.end());
    }
    m.push_back(0);
}
Message header(unsigned flags, unsigned questions, unsigned answers = 0, unsigned authority = 0,
               unsigned additional = 0) {
    Message m;
    for (unsigned v : {0xbeefu, flags, questions, answers, authority, additional}) {
        add16(m, v);
    }
    return m;
}
Message query(const std::vector<std::string>& labels, unsigned type = 1, unsigned flags = 0x0100,
              unsigned additional = 0) {
    Message m = header(flags, 1, 0, 0, additional);
    add_name(m, labels);
    add16(m, type);
    add16(m, 1);
    return m;
}
void add_opt(Message& m, unsigned udp_size, unsigned version, bool dnssec_ok) {
    m.push_back(0);
    add16(m, 41);
    add16(m, udp_size);
    add16(m, version);
    add16(m, dnssec_ok ? 0x8000 : 0);
    add16(m, 0);
}
void add_record(Message& m, unsigned type, const Message& data) {
    add16(m, 0xc00c);
    add16(m, type);
    add16(m, 1);
    add16(m, 0);
    add16(m, 60);
    add16(m, static_cast<unsigned>(data.size()));
    m.insert(m.end(), data.begin(), data.end());
}
const std::vector<std::string> kPool = {"xmr", "Pool", "EXAMPLE"};

TEST(DnsQuestion, IsReadFromAPlainQuery) {
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(query(kPool, 28), q), DnsStatus::ok);
    EXPECT_EQ(q.name.view(), "xmr.pool.example");
    EXPECT_EQ(q.id, 0xbeef);
    EXPECT_EQ(q.type, 28);
    EXPECT_EQ(q.klass, 1);
    EXPECT_EQ(q.flags, 0x0100);
    EXPECT_FALSE(q.response);
    EXPECT_FALSE(q.edns);
    EXPECT_FALSE(q.compressed);
    EXPECT_EQ(q.question_end, 12 + 18 + 4);
    EXPECT_EQ(q.records, q.question_end);
}

TEST(DnsQuestion, TellsResponseOpcodeAndRcode) {
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(query(kPool, 1, 0x8383), q), DnsStatus::ok);
    EXPECT_TRUE(q.response);
    EXPECT_EQ(q.rcode, 3);
    ASSERT_EQ(parse_dns_question(query(kPool, 6, 0x2800), q), DnsStatus::ok);
    EXPECT_EQ(q.opcode, 5);
}

TEST(DnsQuestion, OfTheRootHasAnEmptyName) {
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(query({}, 2), q), DnsStatus::ok);
    EXPECT_TRUE(q.name.empty());
    EXPECT_FALSE(q.compressed);
    EXPECT_EQ(q.question_end, 17);
}

TEST(DnsQuestion, EscapesBytesThatAreNoHostName) {
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(query({"a.b", "_x-1", std::string("\0\xff\\ ", 4)}), q),
              DnsStatus::ok);
    EXPECT_EQ(q.name.view(), "a\\046b._x-1.\\000\\255\\092\\032");
}

TEST(DnsQuestion, KeepsTheEndOfANameThatGrowsTooLongByEscapes) {
    const std::string wild(63, '\xff');
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(query({wild, wild, wild, "pool", "example"}), q), DnsStatus::ok);
    EXPECT_TRUE(q.name.view().ends_with(".pool.example") || q.name == "pool.example")
        << q.name.view();
    ASSERT_EQ(parse_dns_question(query({std::string(63, 'a'), std::string(63, 'b'),
                                        std::string(63, 'c'), std::string(61, 'd')}),
                                 q),
              DnsStatus::ok);
    EXPECT_EQ(q.name.size(), 253u) << "the longest plain name is kept whole";
}

TEST(DnsQuestion, TruncatedAtAnyByteIsSaidToBe) {
    const Message whole = query(kPool);
    for (std::size_t n = 0; n < whole.size(); ++n) {
        DnsQuestion q;
        EXPECT_EQ(parse_dns_question(Bytes{whole}.first(n), q), DnsStatus::truncated) << n;
    }
}

TEST(DnsQuestion, RefusesBadHeadersLabelsAndClasses) {
    DnsQuestion q;
    EXPECT_EQ(parse_dns_question(header(0x0100, 0), q), DnsStatus::not_dns);
    EXPECT_EQ(parse_dns_question(header(0x0100, 17), q), DnsStatus::not_dns);
    EXPECT_EQ(parse_dns_question(query(kPool, 1, 0x7800), q), DnsStatus::not_dns);
    EXPECT_EQ(parse_dns_question(query(kPool, 0), q), DnsStatus::not_dns);
    Message klass = query(kPool);
    klass.back() = 77;
    EXPECT_EQ(parse_dns_question(klass, q), DnsStatus::not_dns);
    for (std::uint8_t type : Message{0x40, 0x41, 0x80, 0xbf}) {
        Message label = query(kPool);
        label[12] = type;
        EXPECT_EQ(parse_dns_question(label, q), DnsStatus::not_dns);
    }
}

TEST(DnsQuestion, RefusesNamesBeyond255Bytes) {
    DnsQuestion q;
    const std::string label(63, 'a');
    EXPECT_EQ(parse_dns_question(query({label, label, label, std::string(61, 'b')}), q),
              DnsStatus::ok);
    EXPECT_EQ(q.question_end, kMaxDnsQuestionEnd);
    EXPECT_EQ(parse_dns_question(query({label, label, label, std::string(62, 'b')}), q),
              DnsStatus::not_dns);
}

TEST(DnsQuestion, RefusesPointersThatDoNotGoBack) {
    for (unsigned target : {12u, 13u, 14u, 0x3fffu}) {
        Message m = header(0x0100, 1);
        add16(m, 0xc000 | target);
        add16(m, 1);
        add16(m, 1);
        DnsQuestion q;
        EXPECT_EQ(parse_dns_question(m, q), DnsStatus::not_dns) << target;
    }
}

TEST(DnsQuestion, ReadsANameThatEndsWithAPointerIntoTheHeader) {
    // Servers accept it: an id of 0 is a root label.
    Message m = header(0x0100, 1);
    m[0] = 0;
    m.insert(m.end(), {4, 'p', 'o', 'o', 'l', 0xc0, 0x00});
    add16(m, 1);
    add16(m, 1);
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    EXPECT_EQ(q.name.view(), "pool");
    EXPECT_TRUE(q.compressed);
    std::uint8_t out[512];
    EXPECT_EQ(build_dns_answer(out, m, q, {}), 0u);
}

TEST(DnsQuestion, IsReadWhateverFollows) {
    Message m = query(kPool, 1, 0x0100, 65535);
    m.insert(m.end(), 40, 0xff);
    DnsQuestion q;
    EXPECT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    EXPECT_FALSE(q.edns);
    EXPECT_EQ(q.additional_count, 65535);
}

TEST(DnsQuestion, RandomPayloadIsHardlyEverOne) {
    std::mt19937 random{7};
    unsigned taken = 0;
    for (unsigned i = 0; i < 100'000; ++i) {
        Message m(random() % 200);
        for (std::uint8_t& byte : m) {
            byte = static_cast<std::uint8_t>(random());
        }
        DnsQuestion q;
        taken += parse_dns_question(m, q) == DnsStatus::ok;
    }
    EXPECT_EQ(taken, 0u);
}

TEST(DnsEdns, IsFoundBehindOtherRecords) {
    Message m = header(0x8180, 1, 1, 0, 2);
    add_name(m, kPool);
    add16(m, 1);
    add16(m, 1);
    add_record(m, 1, {1, 2, 3, 4});
    add_record(m, 16, {1, 'x'});
    add_opt(m, 4096, 1, true);
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    EXPECT_TRUE(q.edns);
    EXPECT_TRUE(q.dnssec_ok);
}

TEST(DnsEdns, IsNotTakenFromOutsideTheAdditionalSection) {
    Message m = header(0x0100, 1, 1);
    add_name(m, kPool);
    add16(m, 1);
    add16(m, 1);
    add_opt(m, 4096, 0, true);
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    EXPECT_FALSE(q.edns);
}

TEST(DnsEdns, IsLookedForIn64RecordsOnly) {
    for (unsigned before : {63u, 64u}) {
        Message m = query(kPool, 1, 0x0100, before + 1);
        for (unsigned i = 0; i < before; ++i) {
            add_record(m, 16, {});
        }
        add_opt(m, 1232, 0, false);
        DnsQuestion q;
        ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
        EXPECT_EQ(q.edns, before == 63);
    }
}

TEST(DnsName, FollowsPointersBackwards) {
    Message m = query({"pool", "example"});
    std::size_t offset = m.size();
    m.insert(m.end(), {3, 'w', 'w', 'w', 0xc0, 12, 9});
    HostText name;
    ASSERT_EQ(read_dns_name(m, offset, name), DnsStatus::ok);
    EXPECT_EQ(name.view(), "www.pool.example");
    EXPECT_EQ(m[offset], 9);
}

TEST(DnsName, LongPointerChainsEnd) {
    Message m(12, 0);
    for (unsigned i = 0; i < 8000; ++i) {
        add16(m, 0xc000 | (i == 0 ? 0 : 12 + (i - 1) * 2));
    }
    HostText name;
    std::size_t offset = m.size() - 2;
    EXPECT_EQ(read_dns_name(m, offset, name), DnsStatus::not_dns);
    offset = 12 + 126 * 2;
    EXPECT_EQ(read_dns_name(m, offset, name), DnsStatus::ok);
}

DnsAnswer sinkhole_addresses() {
    DnsAnswer a;
    const std::uint8_t four[] = {192, 0, 2, 1};
    const std::uint8_t six[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    a.kind = DnsAnswer::Kind::address;
    a.v4 = IpAddress::v4(four);
    a.v6 = IpAddress::v6(six);
    a.has_v4 = a.has_v6 = true;
    a.ttl = 30;
    return a;
}
Message answer_to(const Message& m, const DnsAnswer& a) {
    DnsQuestion q;
    EXPECT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    Message out(kMaxDnsAnswerSize);
    out.resize(build_dns_answer(out, m, q, a));
    return out;
}

TEST(DnsAnswer, KeepsIdQuestionAndItsCase) {
    const Message m = query(kPool, 1, 0x0110);
    const Message out = answer_to(m, sinkhole_addresses());
    ASSERT_GT(out.size(), m.size());
    EXPECT_EQ(load_be16(out.data()), 0xbeef);
    EXPECT_EQ(load_be16(out.data() + 2), 0x8190) << "QR, RD, RA, CD; no AA";
    EXPECT_TRUE(std::equal(m.begin() + 12, m.end(), out.begin() + 12));
    EXPECT_EQ(load_be16(out.data() + 4), 1);
    EXPECT_EQ(load_be16(out.data() + 6), 1);
    const Message record(out.begin() + static_cast<std::ptrdiff_t>(m.size()), out.end());
    EXPECT_EQ(record, (Message{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1}));
}

TEST(DnsAnswer, GivesEachFamilyItsOwnAndOthersNoData) {
    struct Case {
        unsigned type, answers, authority;
    };
    for (const Case& c : {Case{1, 1, 0}, {28, 1, 0}, {255, 2, 0}, {65, 0, 1}, {16, 0, 1}}) {
        const Message out = answer_to(query(kPool, c.type), sinkhole_addresses());
        DnsQuestion q;
        ASSERT_EQ(parse_dns_question(out, q), DnsStatus::ok);
        EXPECT_EQ(q.rcode, 0);
        EXPECT_EQ(q.answer_count, c.answers) << c.type;
        EXPECT_EQ(q.authority_count, c.authority) << c.type;
    }
    DnsAnswer only_v4 = sinkhole_addresses();
    only_v4.has_v6 = false;
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(answer_to(query(kPool, 28), only_v4), q), DnsStatus::ok);
    EXPECT_EQ(q.answer_count, 0);
}

TEST(DnsAnswer, NegativeOnesCarryAnSoaToBeCachedBy) {
    for (auto kind : {DnsAnswer::Kind::nxdomain, DnsAnswer::Kind::nodata}) {
        DnsAnswer a;
        a.kind = kind;
        a.ttl = 300;
        const Message out = answer_to(query(kPool), a);
        DnsQuestion q;
        ASSERT_EQ(parse_dns_question(out, q), DnsStatus::ok);
        EXPECT_EQ(q.rcode, kind == DnsAnswer::Kind::nxdomain ? 3 : 0);
        EXPECT_EQ(q.answer_count, 0);
        ASSERT_EQ(q.authority_count, 1);
        std::size_t offset = q.records;
        DnsRecord r;
        ASSERT_EQ(read_dns_record(out, offset, r), DnsStatus::ok);
        EXPECT_EQ(offset, out.size());
        EXPECT_EQ(r.type, dns_type::soa);
        EXPECT_EQ(r.ttl, 300u);
        EXPECT_EQ(load_be32(r.data.data() + 18), 300u) << "MINIMUM";
        HostText owner;
        ASSERT_EQ(read_dns_name(out, r.owner, owner), DnsStatus::ok);
        EXPECT_EQ(owner.view(), "xmr.pool.example");
    }
}

TEST(DnsAnswer, HasEdnsWhereTheQueryHad) {
    for (unsigned version : {0u, 1u}) {
        Message m = query(kPool, 1, 0x0100, 1);
        add_opt(m, 4096, version, true);
        const Message out = answer_to(m, sinkhole_addresses());
        DnsQuestion q;
        ASSERT_EQ(parse_dns_question(out, q), DnsStatus::ok);
        EXPECT_TRUE(q.edns);
        EXPECT_TRUE(q.dnssec_ok);
        const Message opt = {0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0};  // 1232 bytes, version 0
        EXPECT_EQ(Message(out.end() - 11, out.end()), opt);
    }
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(answer_to(query(kPool), sinkhole_addresses()), q), DnsStatus::ok);
    EXPECT_FALSE(q.edns);
}

TEST(DnsAnswer, FitsOrIsNotMade) {
    const std::string label(63, 'a');
    Message m = query({label, label, label, std::string(61, 'b')}, 255, 0x0100, 1);
    add_opt(m, 4096, 0, true);
    DnsQuestion q;
    ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    Message out(kMaxDnsAnswerSize);
    ASSERT_EQ(build_dns_answer(out, m, q, sinkhole_addresses()), kMaxDnsAnswerSize);
    for (std::size_t n = 0; n < kMaxDnsAnswerSize; ++n) {
        EXPECT_EQ(build_dns_answer(MutableBytes{out}.first(n), m, q, sinkhole_addresses()), 0u);
    }
}

TEST(DnsAnswer, IsNotMadeForWhatIsNoPlainQuery) {
    std::uint8_t out[512];
    DnsQuestion q;
    for (unsigned flags : {0x8180u, 0x2000u, 0x2800u}) {
        const Message m = query(kPool, 1, flags);
        ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
        EXPECT_EQ(build_dns_answer(out, m, q, {}), 0u);
    }
    const Message m = query(kPool);
    ASSERT_EQ(parse_dns_question(m, q), DnsStatus::ok);
    EXPECT_EQ(build_dns_answer(out, Bytes{m}.first(20), q, {}), 0u);
}

}  // namespace
}  // namespace minerwall::proto
