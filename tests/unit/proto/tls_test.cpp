#include "proto/tls.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace minerwall::proto {
namespace {

using Data = std::vector<std::uint8_t>;
using State = ClientHelloParser::State;

void add16(Data& d, std::size_t v) {
    d.push_back(static_cast<std::uint8_t>(v >> 8));
    d.push_back(static_cast<std::uint8_t>(v));
}
void add(Data& d, const Data& more) {
    d.insert(d.end(), more.begin(), more.end());
}
Data text(const std::string& s) {
    return {s.begin(), s.end()};
}
Data with_size16(const Data& inner) {
    Data d;
    add16(d, inner.size());
    add(d, inner);
    return d;
}
Data extension(unsigned type, const Data& body) {
    Data d;
    add16(d, type);
    add(d, with_size16(body));
    return d;
}
Data host_name(const std::string& name, std::uint8_t type = 0) {
    Data d{type};
    add(d, with_size16(text(name)));
    return d;
}
Data sni(const std::string& name) {
    return extension(0, with_size16(host_name(name)));
}
Data alpn(const std::vector<std::string>& names) {
    Data list;
    for (const std::string& name : names) {
        list.push_back(static_cast<std::uint8_t>(name.size()));
        add(list, text(name));
    }
    return extension(16, with_size16(list));
}
Data hello(const Data& extensions, bool with_extensions = true) {
    Data body{3, 3};
    body.insert(body.end(), 32, 0xaa);
    body.push_back(32);
    body.insert(body.end(), 32, 0xbb);
    add(body, with_size16({0x1a, 0x1a, 0x13, 1, 0x13, 2}));
    add(body, {1, 0});
    if (with_extensions) {
        add(body, with_size16(extensions));
    }
    Data message{1, 0};
    add(message, with_size16(body));
    return message;
}
Data record(const Data& payload, std::uint8_t type = 22, std::uint8_t minor = 1) {
    Data d{type, 3, minor};
    add(d, with_size16(payload));
    return d;
}
Data records(const Data& payload, std::size_t size) {
    Data d;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        const std::size_t n = std::min(size, payload.size() - at);
        const auto begin = payload.begin() + static_cast<std::ptrdiff_t>(at);
        add(d, record({begin, begin + static_cast<std::ptrdiff_t>(n)}));
    }
    return d;
}
Data join(std::initializer_list<Data> parts) {
    Data d;
    for (const Data& part : parts) {
        add(d, part);
    }
    return d;
}

struct Result {
    State state;
    std::size_t consumed;
    std::string name, alpn;
    bool has_sni, has_alpn, has_ech;
    std::uint16_t version;
    bool operator==(const Result&) const = default;
};
Result run(const Data& in, std::vector<std::size_t> cuts = {}) {
    ClientHelloParser parser;
    std::size_t total = 0, at = 0;
    cuts.push_back(in.size());
    for (const std::size_t cut : cuts) {
        std::size_t consumed = 99;
        parser.feed(Bytes{in}.subspan(at, cut - at), consumed);
        EXPECT_LE(consumed, cut - at);
        total += consumed;
        at = cut;
    }
    const ClientHelloInfo& i = parser.info();
    return {parser.state(),
            total,
            std::string{i.server_name.view()},
            std::string{i.alpn.view()},
            i.has_sni,
            i.has_alpn,
            i.has_ech,
            i.legacy_version};
}

const Data kExtensions =
    join({extension(0x2a2a, {}), extension(10, {0, 2, 0, 29}), sni("XMR.Pool.Example."),
          extension(0xfe0d, Data(200, 7)), alpn({"zz", "h2", "http/1.1"}), extension(0x3a3a, {0})});

TEST(ClientHello, TellsNameProtocolAndEch) {
    const Data in = record(hello(kExtensions));
    const Result r = run(in);
    EXPECT_EQ(r.state, State::done);
    EXPECT_EQ(r.consumed, in.size());
    EXPECT_EQ(r.name, "xmr.pool.example");
    EXPECT_EQ(r.alpn, "h2") << "zz is 7a7a, a GREASE name";
    EXPECT_TRUE(r.has_sni && r.has_alpn && r.has_ech);
    EXPECT_EQ(r.version, 0x0303);
}

TEST(ClientHello, IsTheSameHoweverItIsCut) {
    for (const Data& in : {record(hello(kExtensions)), records(hello(kExtensions), 1),
                           records(hello(kExtensions), 7), record(hello(sni(""))),
                           record(hello(sni(std::string(300, 'x') + ".pool.example")))}) {
        const Result whole = run(in);
        std::vector<std::size_t> every;
        for (std::size_t cut = 0; cut < in.size(); ++cut) {
            EXPECT_EQ(run(in, {cut}), whole) << cut;
            every.push_back(cut);
        }
        EXPECT_EQ(run(in, every), whole);
    }
}

TEST(ClientHello, NeedsMoreAtEveryByteBeforeItsEnd) {
    const Data in = record(hello(kExtensions));
    for (std::size_t n = 0; n < in.size(); ++n) {
        const Result r = run({in.begin(), in.begin() + static_cast<std::ptrdiff_t>(n)});
        EXPECT_EQ(r.state, State::need_more) << n;
        EXPECT_EQ(r.consumed, n);
    }
}

TEST(ClientHello, NameIsReadyBeforeTheHelloIsWhole) {
    const Data in = record(hello(kExtensions));
    const std::string needle = "XMR.Pool.Example.";
    const std::size_t end = std::string{in.begin(), in.end()}.find(needle) + needle.size();
    ClientHelloParser parser;
    std::size_t consumed;
    parser.feed(Bytes{in}.first(end - 1), consumed);
    EXPECT_FALSE(parser.name_ready());
    EXPECT_EQ(parser.feed(Bytes{in}.subspan(end - 1, 1), consumed), State::need_more);
    EXPECT_TRUE(parser.name_ready());
    EXPECT_EQ(parser.info().server_name, "xmr.pool.example");
}

TEST(ClientHello, WithoutExtensionsIsDone) {
    EXPECT_EQ(run(record(hello({}, false))).state, State::done);
    const Result r = run(record(hello({})));
    EXPECT_EQ(r.state, State::done);
    EXPECT_FALSE(r.has_sni || r.has_alpn || r.has_ech);
}

TEST(ClientHello, StopsBehindItself) {
    const Data in = record(join({hello(sni("a.b")), {20, 0, 0, 1, 9}}));
    const Result r = run(in);
    EXPECT_EQ(r.state, State::done);
    EXPECT_EQ(r.consumed, in.size() - 5);
}

TEST(ClientHello, EmptyRecordsAlertsAndAnyMinorVersionHideNothing) {
    const Data message = hello(sni("pool.example"));
    const auto middle = message.begin() + 50;
    const Data in =
        join({record({1, 100}, 21), record({}), record({message.begin(), middle}, 22, 9),
              record({}), record({1}, 20), record({middle, message.end()}, 22, 4)});
    const Result r = run(in);
    EXPECT_EQ(r.state, State::done);
    EXPECT_EQ(r.name, "pool.example");
}

TEST(ClientHello, BoundsTheNumberOfRecordsThatCarryNothing) {
    Data in;
    for (unsigned i = 0; i < 32; ++i) {
        add(in, record({}));
    }
    EXPECT_EQ(run(join({in, record(hello(sni("a")))})).state, State::done);
    EXPECT_EQ(run(join({in, record({})})).state, State::not_tls);
}

TEST(ClientHello, OfTheLargestSizeIsReadAndABiggerOneIsNot) {
    Data extensions;
    add(extensions, extension(21, Data(65535 - 4 - 14, 0)));
    add(extensions, sni("pool5"));
    ASSERT_EQ(extensions.size(), 65535u);
    Data message = hello(extensions);
    message[1] = 1;  // hello() writes the low 16 bits only
    EXPECT_EQ(run(records(message, 16384)).name, "pool5");
    EXPECT_EQ(run(record({1, 2, 0, 1, 3, 3})).state, State::not_tls);
    EXPECT_EQ(run(record({1, 0xff, 0xff, 0xff, 3, 3})).state, State::not_tls);
}

TEST(ClientHello, RefusesWhatIsNoTlsAtItsFirstWrongByte) {
    EXPECT_EQ(run({0x80}).state, State::not_tls) << "SSLv2";
    EXPECT_EQ(run({23}).state, State::not_tls);
    EXPECT_EQ(run({22, 2}).state, State::not_tls);
    EXPECT_EQ(run({22, 3, 1, 0x41, 0x01}).state, State::not_tls) << "longer than 2^14+256";
    EXPECT_EQ(run({22, 3, 1, 0x41, 0x00}).state, State::need_more);
    EXPECT_EQ(run({21, 3, 1, 0, 3}).state, State::not_tls);
    EXPECT_EQ(run(record({2, 0, 0, 80})).state, State::not_tls) << "ServerHello";
    EXPECT_EQ(run(record({1, 0, 0, 40})).state, State::not_tls) << "too short for a hello";
    EXPECT_EQ(run({}).state, State::need_more);
}

TEST(ClientHello, RefusesLengthsThatOverrun) {
    const Data good = hello(join({sni("pool.example"), alpn({"h2"})}));
    // Offsets in the message of: session id, ciphers, compressions, extensions, first extension,
    // list of names, name, and in the second extension: itself, list, protocol.
    const std::size_t kSizes[] = {38, 71, 79, 81, 85, 87, 90, 106, 108, 110};
    for (const std::size_t at : kSizes) {
        Data bad = good;
        bad[at] = 0xff;
        EXPECT_EQ(run(record(bad)).state, State::not_tls) << at;
    }
}

TEST(ClientHello, AnyByteWrongNeverReadsBeyond) {
    const Data good = record(hello(kExtensions));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const unsigned value : {0u, 1u, 0x7fu, 0xffu}) {
            Data bad = good;
            bad[at] = static_cast<std::uint8_t>(value);
            std::vector<std::size_t> every;
            for (std::size_t cut = 1; cut < bad.size(); ++cut) {
                every.push_back(cut);
            }
            EXPECT_EQ(run(bad), run(bad, every)) << at << " " << value;
        }
    }
}

TEST(ServerName, OfNoLengthIsNone) {
    for (const Data& extensions : {sni(""), sni("."), extension(0, {}), extension(0, {0, 0})}) {
        const Result r = run(record(hello(extensions)));
        EXPECT_EQ(r.state, State::done);
        EXPECT_FALSE(r.has_sni);
    }
    EXPECT_EQ(run(record(hello(extension(0, {0})))).state, State::not_tls);
}

TEST(ServerName, IsTheFirstHostNameOfTheFirstExtension) {
    const Data names = join({host_name("other", 7), host_name("first"), host_name("second")});
    const Data extensions = join({extension(0, with_size16(names)), sni("third")});
    EXPECT_EQ(run(record(hello(extensions))).name, "first");
}

TEST(ServerName, EscapesOddBytesAndKeepsItsEnd) {
    EXPECT_EQ(run(record(hello(sni(std::string("a\0b:1", 5))))).name, "a\\000b\\0581");
    std::string deep;
    for (unsigned i = 0; i < 200; ++i) {
        deep += "ab.";
    }
    const std::string kept = run(record(hello(sni(deep + "pool.example")))).name;
    EXPECT_TRUE(kept.ends_with(".ab.pool.example"));
    const std::string cut = run(record(hello(sni(std::string(500, 'a') + "pool.example")))).name;
    EXPECT_TRUE(cut.starts_with("~") && cut.ends_with("apool.example")) << cut;
}

TEST(Alpn, OddNamesAreHarmless) {
    const std::string odd = std::string("\x00\xff\\ h", 5);
    EXPECT_EQ(run(record(hello(alpn({odd})))).alpn, "\\000\\255\\092\\032h");
    EXPECT_EQ(run(record(hello(alpn({"", "\xea\xea", "h3"})))).alpn, "h3");
    EXPECT_FALSE(run(record(hello(alpn({})))).has_alpn);
    const Result longest = run(record(hello(alpn({std::string(255, '\x80')}))));
    EXPECT_TRUE(longest.has_alpn);
    EXPECT_EQ(longest.alpn.size(), 32u);
}

TEST(ClientHello, StateIsSmall) {
    EXPECT_LT(sizeof(ClientHelloParser), 600u);
}

}  // namespace
}  // namespace minerwall::proto
