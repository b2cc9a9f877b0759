#include "proto/tls/ja4.hpp"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tls_samples.hpp"

namespace minerwall::proto {
namespace {

using namespace tls_samples;

// libcrypto accepts another allocator only before its first use, so this is set early.
unsigned allocations = 0;
void* count_malloc(std::size_t size, const char*, int) {
    ++allocations;
    return std::malloc(size);
}
void* count_realloc(void* old, std::size_t size, const char*, int) {
    ++allocations;
    return std::realloc(old, size);
}
void count_free(void* old, const char*, int) {
    std::free(old);
}
const int counting = CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free);

std::string fingerprint(const Data& message, char transport = 't') {
    ClientHelloParser parser;
    std::size_t consumed;
    EXPECT_EQ(parser.feed_handshake(message, consumed), ClientHelloParser::State::done);
    return std::string{ja4(parser.info(), transport).view()};
}

// Chrome's lists from the description of JA4, in the order of the wire, with GREASE added.
const Data kCiphers = words({0x6a6a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                             0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035});
const Data kAlgorithms = words({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});

Data chrome_extension(unsigned type) {
    switch (type) {
        case 0:
            return sni("chrome.example");
        case 0x10:
            return alpn({"h2", "http/1.1"});
        case 0x0d:
            return extension(type, with_size16(kAlgorithms));
        case 0x2b:
            return extension(type, {6, 0x3a, 0x3a, 3, 4, 3, 3});
        default:
            return extension(type, {0});
    }
}
Data chrome(std::initializer_list<unsigned> types) {
    Data extensions;
    for (const unsigned type : types) {
        add(extensions, chrome_extension(type));
    }
    return hello(extensions, true, kCiphers);
}

TEST(Ja4, OfChromeIsThatOfItsDescription) {
    const Data message =
        chrome({0x4a4a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005,
                0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0x8a8a});
    EXPECT_EQ(fingerprint(message), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    EXPECT_EQ(fingerprint(message, 'q'), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(Ja4, OfLaterChromesIsThatOfPublicLists) {
    EXPECT_EQ(fingerprint(
                  chrome({0x0a0a, 0x0012, 0x000b, 0x0033, 0x0000, 0x0023, 0xfe0d, 0x001b, 0x000d,
                          0x0005, 0xff01, 0x0017, 0x000a, 0x4469, 0x002b, 0x0010, 0x002d, 0xfafa})),
              "t13d1516h2_8daaf6152771_02713d6af862")
        << "120 to 131: ECH, no padding";
    EXPECT_EQ(fingerprint(chrome({0x44cd, 0x0012, 0x000b, 0x0033, 0x0000, 0x0023, 0xfe0d, 0x001b,
                                  0x000d, 0x0005, 0xff01, 0x0017, 0x000a, 0x002b, 0x0010, 0x002d})),
              "t13d1516h2_8daaf6152771_d8a2da3f94cd")
        << "from 133: the new ALPS";
}

TEST(Ja4, WithoutAlgorithmsIsHashedWithoutUnderscore) {
    Data extensions;
    for (const unsigned type : {0x001b, 0x0033, 0x4469, 0x0017, 0x002d, 0x0005, 0x0023, 0x0012,
                                0xff01, 0x000b, 0x000a, 0x0015}) {
        add(extensions, extension(type, {0}));
    }
    add(extensions, extension(0x000d, {}));
    add(extensions, extension(0x002b, {2, 3, 4}));
    EXPECT_EQ(fingerprint(hello(extensions, true, kCiphers)),
              "t13i151400_8daaf6152771_6d807ffa2a79");
}

TEST(Ja4, OfNothingIsZeros) {
    EXPECT_EQ(fingerprint(hello({}, false, {})), "t12i000000_000000000000_000000000000");
    EXPECT_EQ(fingerprint(hello(join({sni("a"), alpn({"h2"})}), true, {0x1a, 0x1a})),
              "t12d0002h2_000000000000_000000000000")
        << "server name and ALPN are not in the hash";
}

TEST(Ja4, NameIsThereThoughItBeEmpty) {
    EXPECT_EQ(fingerprint(hello(sni("")))[3], 'd');
    EXPECT_EQ(fingerprint(hello(extension(0, {})))[3], 'd');
    EXPECT_EQ(fingerprint(hello({}))[3], 'i');
}

TEST(Ja4, TellsEveryVersion) {
    const auto version = [](std::uint8_t high, std::uint8_t low) {
        return fingerprint(hello(extension(43, {2, high, low}))).substr(1, 2);
    };
    EXPECT_EQ(version(3, 4), "13");
    EXPECT_EQ(version(3, 3), "12");
    EXPECT_EQ(version(3, 2), "11");
    EXPECT_EQ(version(3, 1), "10");
    EXPECT_EQ(version(3, 0), "s3");
    EXPECT_EQ(version(0x7f, 0x1c), "00") << "a draft of TLS 1.3";
    EXPECT_EQ(version(0x4a, 0x4a), "00");
}

std::string alpn_part(const std::vector<std::string>& names) {
    return fingerprint(hello(alpn(names))).substr(8, 2);
}

TEST(Ja4, OfOddAlpnIsThatOfItsHexadecimalDigits) {
    EXPECT_EQ(alpn_part({"\xab"}), "ab");
    EXPECT_EQ(alpn_part({"\xab\xcd"}), "ad");
    EXPECT_EQ(alpn_part({"\x30\xab"}), "3b");
    EXPECT_EQ(alpn_part({"\x30\x31\xab\xcd"}), "3d");
    EXPECT_EQ(alpn_part({"\x30\xab\xcd\x31"}), "01");
    EXPECT_EQ(alpn_part({std::string("\0", 1)}), "00");
    EXPECT_EQ(alpn_part({"h\xe2\x82\xac"}), "6c") << "UTF-8";
    EXPECT_EQ(alpn_part({std::string(255, '\xff')}), "ff");
}

TEST(Ja4, OfAlpnTakesTheEndsOfTheFirstName) {
    EXPECT_EQ(alpn_part({"http/1.1", "h2"}), "h1");
    EXPECT_EQ(alpn_part({"x"}), "xx");
    EXPECT_EQ(alpn_part({"Zz"}), "Zz");
    EXPECT_EQ(alpn_part({"", "h2"}), "00") << "the first one is empty";
    EXPECT_EQ(alpn_part({"\x0a\x0a", "h3"}), "h3") << "GREASE does not count";
    EXPECT_EQ(alpn_part({}), "00");
    EXPECT_EQ(fingerprint(hello({})).substr(8, 2), "00");
}

TEST(Ja4, CountsStopAt99AndMoreThanIsKeptHasNone) {
    const auto ciphers = [](unsigned count) {
        Data d;
        for (unsigned i = 0; i < count; ++i) {
            add16(d, 0x0100 + i);
        }
        return hello({}, true, d);
    };
    EXPECT_EQ(fingerprint(ciphers(99)).substr(4, 2), "99");
    EXPECT_EQ(fingerprint(ciphers(128)).substr(4, 2), "99");
    EXPECT_EQ(fingerprint(ciphers(129)), "");
    Data extensions, algorithms;
    for (unsigned i = 0; i < 128; ++i) {
        add(extensions, extension(0x0100 + i, {}));
    }
    EXPECT_EQ(fingerprint(hello(extensions)).substr(6, 2), "99");
    add(extensions, extension(0x0200, {}));
    EXPECT_EQ(fingerprint(hello(extensions)), "");
    for (unsigned i = 0; i < 65; ++i) {
        add16(algorithms, 0x0100 + i);
    }
    EXPECT_EQ(fingerprint(hello(extension(13, with_size16(algorithms)))), "");
}

TEST(Ja4, DoesNotDependOnTheOrderOfCiphersAndExtensions) {
    const Data one =
        hello(join({extension(10, {}), sni("a"), extension(5, {})}), true, words({0x1301, 0x002f}));
    const Data other =
        hello(join({extension(5, {}), extension(10, {}), sni("a")}), true, words({0x002f, 0x1301}));
    EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(Ja4, AllocatesNothing) {
    ASSERT_EQ(counting, 1);
    ClientHelloParser parser;
    std::size_t consumed;
    parser.feed_handshake(chrome({0x0000, 0x0010, 0x000d, 0x002b}), consumed);
    const unsigned before = allocations;
    for (unsigned i = 0; i < 100; ++i) {
        EXPECT_EQ(ja4(parser.info(), 't').size(), 36u);
    }
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace minerwall::proto
