#include "proto/tls/tls.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tls_samples.hpp"

namespace minerwall::proto {
namespace {

using namespace tls_samples;
using State = ClientHelloParser::State;

struct Result {
    State state;
    std::size_t consumed;
    std::string name, alpn;
    std::vector<std::string> others;
    bool has_sni, has_alpn, has_ech, has_psk, has_early_data, names_lost;
    EchType ech;
    std::uint16_t highest;
    std::vector<std::uint16_t> ciphers, extensions, algorithms;
    bool operator==(const Result&) const = default;
};
Result result_of(const ClientHelloParser& parser, std::size_t consumed) {
    const ClientHelloInfo& i = parser.info();
    const ClientHelloLists& l = i.lists;
    Result r{parser.state(),
             consumed,
             std::string{i.server_name.view()},
             std::string{i.alpn.view()},
             {},
             i.has_sni,
             i.has_alpn,
             i.has_ech,
             i.has_psk,
             i.has_early_data,
             i.names_lost,
             i.ech,
             i.highest_version,
             {l.ciphers.begin(), l.ciphers.begin() + l.cipher_count},
             {l.extensions.begin(), l.extensions.begin() + l.extension_count},
             {l.algorithms.begin(), l.algorithms.begin() + l.algorithm_count}};
    i.other_names.for_each([&](std::string_view name) { r.others.emplace_back(name); });
    return r;
}
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
    return result_of(parser, total);
}
// Without the record layer, in pieces of one size.
Result run_message(const Data& in, std::size_t piece) {
    ClientHelloParser parser;
    std::size_t total = 0;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        std::size_t consumed = 99;
        parser.feed_handshake(Bytes{in}.subspan(at, std::min(piece, in.size() - at)), consumed);
        total += consumed;
    }
    return result_of(parser, total);
}
using Names = std::vector<std::string>;

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
    EXPECT_EQ(run(record({1, 4, 0, 0, 3, 3})).state, State::need_more);
    EXPECT_EQ(run(record({1, 4, 0, 1, 3, 3})).state, State::not_tls);
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
    // list of names, name, and the second extension.
    const std::size_t kSizes[] = {38, 71, 79, 81, 85, 87, 90, 106};
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

TEST(ServerName, IsTheFirstHostNameAndTheOtherOnesAreToldToo) {
    const Data names = join({host_name("other", 7), host_name("first"), host_name("second")});
    const Data extensions = join({extension(0, with_size16(names)), sni("third")});
    const Result r = run(record(hello(extensions)));
    EXPECT_EQ(r.name, "first");
    EXPECT_EQ(r.others, (Names{"second", "third"}));
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

TEST(ServerName, BeforeANulOrAColonIsToldToo) {
    const Result nul = run(record(hello(sni(std::string("Pool.Example.\0.safe.example", 27)))));
    EXPECT_EQ(nul.name, "pool.example.\\000.safe.example");
    EXPECT_EQ(nul.others, Names{"pool.example"});
    const Result port = run(record(hello(sni("pool.example:443"))));
    EXPECT_EQ(port.name, "pool.example\\058443");
    EXPECT_EQ(port.others, Names{"pool.example"});
    EXPECT_TRUE(run(record(hello(sni(":443")))).others.empty());
    EXPECT_EQ(run(record(hello(sni("pool.example:1:2")))).others, Names{"pool.example"});
}

TEST(ServerName, InUpperCaseOrWithDotsAtTheEndIsTheSame) {
    EXPECT_EQ(run(record(hello(sni("POOL.eXAMPLE...")))).name, "pool.example");
    const Result same =
        run(record(hello(extension(0, with_size16(join({host_name("a.B"), host_name("A.b.")}))))));
    EXPECT_EQ(same.name, "a.b");
    EXPECT_TRUE(same.others.empty());
}

TEST(ServerName, OutsideAsciiIsEscapedByteByByte) {
    EXPECT_EQ(run(record(hello(sni("p\xc3\xb6\xc3\xb6l.example")))).name,
              "p\\195\\182\\195\\182l.example");
}

TEST(ServerName, ManyNamesKeepTheFirstAndTheLast) {
    Data names = host_name("first");
    for (unsigned i = 0; i < 10; ++i) {
        add(names, host_name("name" + std::to_string(i) + std::string(200, 'x') + ".example"));
    }
    const Data extensions = join({extension(0, with_size16(names)), sni("pool.example")});
    const Result r = run(record(hello(extensions)));
    EXPECT_EQ(r.state, State::done);
    EXPECT_EQ(r.name, "first");
    EXPECT_EQ(r.others.back(), "pool.example");
    EXPECT_TRUE(r.names_lost);
}

TEST(ServerName, BrokenListBehindANameHidesNothing) {
    Data list = host_name("pool.example");
    add(list, {0, 0xff, 0xff});
    const Result in_list =
        run(record(hello(join({extension(0, with_size16(list)), alpn({"h2"})}))));
    EXPECT_EQ(in_list.state, State::done);
    EXPECT_EQ(in_list.name, "pool.example");
    EXPECT_EQ(in_list.alpn, "h2");
    const Result second =
        run(record(hello(join({sni("pool.example"), extension(0, {0xff, 0xff}), alpn({"h2"})}))));
    EXPECT_EQ(second.state, State::done);
    EXPECT_EQ(second.alpn, "h2");
}

TEST(ClientHello, FromHandshakeBytesIsTheSameAsFromRecords) {
    const Data message = hello(kExtensions);
    Result expected = run(record(message));
    expected.consumed -= 5;
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, message.size()}) {
        EXPECT_EQ(run_message(message, piece), expected) << piece;
    }
    EXPECT_EQ(run_message(join({message, {8, 0, 0, 0}}), 1000), expected)
        << "stops at the end of the message";
    EXPECT_EQ(run_message({2, 0, 0, 80}, 1).state, State::not_tls) << "ServerHello";
    EXPECT_EQ(run_message({message.begin(), message.end() - 1}, 1).state, State::need_more);
}

TEST(ClientHello, InterleavedWithAlertsAndEmptyRecordsByteByByteIsRead) {
    const Data message = hello(sni("pool.example"));
    Data in = join({record({1, 0}, 21), record({}), record({2, 0}, 21)});
    for (std::size_t at = 0; at < message.size(); ++at) {
        add(in, record({message[at]}));
        if (at % 16 == 3) {
            add(in, record({}));
            add(in, record({1, 100}, 21));
        }
    }
    std::vector<std::size_t> every;
    for (std::size_t cut = 1; cut < in.size(); ++cut) {
        every.push_back(cut);
    }
    EXPECT_EQ(run(in).name, "pool.example");
    EXPECT_EQ(run(in).state, State::done);
    EXPECT_EQ(run(in, every), run(in));
}

TEST(ClientHello, TellsItsHighestVersion) {
    const auto highest = [](const Data& extensions) {
        return run(record(hello(extensions))).highest;
    };
    EXPECT_EQ(highest({}), 0x0303) << "the legacy version";
    EXPECT_EQ(highest(extension(43, {6, 0xfa, 0xfa, 3, 3, 3, 4})), 0x0304);
    EXPECT_EQ(highest(extension(43, {2, 3, 2})), 0x0302) << "lower than the legacy version";
    EXPECT_EQ(highest(extension(43, {2, 0x1a, 0x1a})), 0) << "only GREASE";
    EXPECT_EQ(highest(join({extension(43, {2, 3, 3}), extension(43, {2, 3, 4})})), 0x0303);
    EXPECT_EQ(highest(join({extension(43, {9, 3, 4}), extension(43, {})})), 0x0303) << "broken";
}

TEST(ClientHello, TellsEchResumptionAndEarlyData) {
    const auto ech = [](const Data& body) { return run(record(hello(extension(0xfe0d, body)))); };
    EXPECT_EQ(ech({0, 1, 2}).ech, EchType::outer);
    EXPECT_EQ(ech({1}).ech, EchType::inner);
    EXPECT_EQ(ech({7}).ech, EchType::unknown);
    EXPECT_TRUE(ech({}).has_ech && ech({}).ech == EchType::none);
    const Result r = run(record(hello(
        join({extension(42, {}), sni("cdn.example"), extension(0xfe0d, {0}), extension(41, {})}))));
    EXPECT_TRUE(r.has_ech && r.has_psk && r.has_early_data);
    EXPECT_EQ(r.name, "cdn.example") << "the outer name";
}

TEST(ClientHello, ListsWhatIdentifiesItsSoftwareWithoutGrease) {
    const Data algorithms = with_size16(words({0x0403, 0x2a2a, 0x0804}));
    const Data extensions = join({extension(0x2a2a, {}), extension(13, algorithms), sni("a"),
                                  extension(0xffce, {}), extension(0xdada, {0})});
    const Result r = run(record(hello(extensions, true, words({0xbaba, 0x1301, 0x00ff, 0x5600}))));
    EXPECT_EQ(r.ciphers, (std::vector<std::uint16_t>{0x1301, 0x00ff, 0x5600}));
    EXPECT_EQ(r.extensions, (std::vector<std::uint16_t>{13, 0, 0xffce}));
    EXPECT_EQ(r.algorithms, (std::vector<std::uint16_t>{0x0403, 0x0804}));
}

TEST(ClientHello, OfOddListSizesIsReadAllTheSame) {
    const Result r =
        run(record(hello(join({extension(13, {0, 3, 4, 3, 8}), extension(43, {3, 3, 4, 3}),
                               extension(13, {0, 2, 9, 9}), sni("pool.example")}),
                         true, {0x13, 1, 0x13})));
    EXPECT_EQ(r.state, State::done);
    EXPECT_EQ(r.name, "pool.example");
    EXPECT_EQ(r.ciphers, std::vector<std::uint16_t>{0x1301});
    EXPECT_EQ(r.algorithms, std::vector<std::uint16_t>{0x0403});
    EXPECT_EQ(r.highest, 0x0304);
}

TEST(Alpn, OfBrokenLengthsIsNoneAndHidesNoName) {
    for (const Data& broken :
         {Data{0, 9, 2, 'h', '2'}, Data{0, 3, 9, 'h', '2'}, Data{0xff, 0xff}}) {
        const Result r = run(record(hello(join({extension(16, broken), sni("pool.example")}))));
        EXPECT_EQ(r.state, State::done);
        EXPECT_FALSE(r.has_alpn);
        EXPECT_EQ(r.name, "pool.example");
    }
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
    EXPECT_LE(sizeof(ClientHelloParser), 1600u);
}

}  // namespace
}  // namespace minerwall::proto
