#include "proto/peers/coin_p2p.hpp"

#include <algorithm>
#include <array>

#include "base/cursor.hpp"

namespace minerwall::proto {
namespace {

struct Network {
    std::array<std::uint8_t, 4> magic;
    CoinP2p coin;
};
constexpr Network kNetworks[] = {
    {{0xf9, 0xbe, 0xb4, 0xd9}, CoinP2p::bitcoin},
    {{0x0b, 0x11, 0x09, 0x07}, CoinP2p::bitcoin},  // testnet3
    {{0x1c, 0x16, 0x3f, 0x28}, CoinP2p::bitcoin},  // testnet4 (BIP94)
    {{0x0a, 0x03, 0xcf, 0x40}, CoinP2p::bitcoin},  // signet (BIP325)
    {{0xfa, 0xbf, 0xb5, 0xda}, CoinP2p::bitcoin},  // regtest
    {{0xe3, 0xe1, 0xf3, 0xe8}, CoinP2p::bitcoin_cash},
    {{0xfb, 0xc0, 0xb6, 0xdb}, CoinP2p::litecoin},
    {{0xfd, 0xd2, 0xc8, 0xf1}, CoinP2p::litecoin},  // testnet4
    {{0xc0, 0xc0, 0xc0, 0xc0}, CoinP2p::dogecoin},
    {{0xfc, 0xc1, 0xb7, 0xdc}, CoinP2p::dogecoin},  // testnet
    {{0xbf, 0x0c, 0x6b, 0xbd}, CoinP2p::dash},
    {{0x24, 0xe9, 0x27, 0x64}, CoinP2p::zcash},
};
// The first message of a connection, on both sides: magic, command, length, checksum.
constexpr std::string_view kVersion{"version\0\0\0\0\0", 12};
constexpr std::size_t kLengthAt = 4 + kVersion.size();
constexpr std::uint32_t kMinVersion = 46;    // the size of the message's oldest version
constexpr std::uint32_t kMaxVersion = 1024;  // today: 86 and a user agent of at most 256

constexpr std::string_view kLevin = "\x01\x21\x01\x01\x01\x01\x01\x01";
constexpr std::uint64_t kMaxLevinBody = 100'000'000;  // LEVIN_DEFAULT_MAX_PACKET_SIZE
static_assert(kLevin.size() == 8);

std::uint32_t load_le32(const std::uint8_t* p) noexcept {
    return __builtin_bswap32(load_be32(p));
}

// Whether `bytes`, as far as they go, begin like `text`. Most streams differ in the first byte, and
// every new stream asks for each network.
bool begins(Bytes bytes, std::string_view text) noexcept {
    const std::size_t n = std::min(bytes.size(), text.size());
    if (n != 0 && bytes.front() != static_cast<std::uint8_t>(text.front())) {
        return false;
    }
    return as_text(bytes.first(n)) == text.substr(0, n);
}

CoinP2p classify_bitcoin(Bytes prefix) noexcept {
    CoinP2p possible = CoinP2p::none;
    for (const Network& network : kNetworks) {
        if (begins(prefix, as_text(network.magic))) {
            possible = network.coin;
            break;
        }
    }
    if (possible == CoinP2p::none || prefix.size() <= 4) {
        return possible == CoinP2p::none ? CoinP2p::none : CoinP2p::need_more;
    }
    if (!begins(prefix.subspan(4), kVersion)) {
        return CoinP2p::none;
    }
    if (prefix.size() < kLengthAt + 4) {
        return CoinP2p::need_more;
    }
    const std::uint32_t length = load_le32(prefix.data() + kLengthAt);
    return length >= kMinVersion && length <= kMaxVersion ? possible : CoinP2p::none;
}

// levin_base.h, bucket_head2: signature (8), body length (8), wants an answer (1), command (4),
// return code (4), flags (4), version (4); little-endian.
CoinP2p classify_levin(Bytes prefix) noexcept {
    if (!begins(prefix, kLevin)) {
        return CoinP2p::none;
    }
    if (prefix.size() < kCoinP2pPrefix) {
        return CoinP2p::need_more;
    }
    const std::uint64_t body = __builtin_bswap64(load_be64(prefix.data() + 8));
    const std::uint8_t wants_answer = prefix[16];
    const std::uint32_t flags = load_le32(prefix.data() + 25);
    const std::uint32_t version = load_le32(prefix.data() + 29);
    const bool sane =
        body <= kMaxLevinBody && wants_answer <= 1 && flags != 0 && flags < 16 && version == 1;
    return sane ? CoinP2p::monero : CoinP2p::none;
}

// discv4.md, "Packet Data": hash (32), signature (65), type, and a list of RLP.
constexpr std::size_t kRecoveryIdAt = 32 + 64;
constexpr std::size_t kTypeAt = kRecoveryIdAt + 1;
constexpr std::size_t kMaxPacket = 1280;
enum PacketType : std::uint8_t { ping = 1, pong, find_node, neighbors, enr_request, enr_response };

constexpr std::uint8_t kString = 0x80, kLongString = 0xb8, kList = 0xc0, kLongList = 0xf8;

// The length of a list whose header comes next. Without a list, ok() of the cursor becomes false.
std::size_t list_size(Cursor& in) noexcept {
    const std::uint8_t c = in.u8();
    if (c < kList) {
        in.skip(in.left() + 1);
        return 0;
    }
    switch (c) {
        case kLongList:
            return in.u8();
        case kLongList + 1:
            return in.be16();
        default:
            if (c > kLongList) {  // longer than a packet may be
                in.skip(in.left() + 1);
            }
            return c - kList;
    }
}
bool is_string(Cursor& in, std::size_t size) noexcept {
    const std::uint8_t c = in.u8();
    return size < kLongString - kString ? c == kString + size : c == kLongString && in.u8() == size;
}
// A time in seconds, which takes four bytes until 2106.
bool is_expiration(Cursor& in) noexcept {
    return is_string(in, 4);
}

// Whether the list begins as its type requires.
bool fits_type(std::uint8_t type, Cursor& in) noexcept {
    switch (type) {
        case ping: {  // version, from, to, ..: a list of address, UDP and TCP port
            const std::uint8_t version = in.u8();
            const std::size_t endpoint = list_size(in);
            return version >= 3 && version <= 5 && endpoint >= 3 && endpoint <= 32;
        }
        case pong: {  // to, hash of the ping, ..
            const std::size_t endpoint = list_size(in);
            in.skip(endpoint);
            return endpoint >= 3 && endpoint <= 32 && is_string(in, 32);
        }
        case find_node: {  // target, expiration
            if (!is_string(in, 64)) {
                return false;
            }
            in.skip(64);
            return is_expiration(in);
        }
        case neighbors: {  // a list of nodes: address, ports and a key of 64 bytes
            const std::size_t nodes = list_size(in);
            return nodes == 0 ? is_expiration(in) : list_size(in) > 64;
        }
        case enr_request:
            return is_expiration(in);
        case enr_response:  // hash of the request, record
            if (!is_string(in, 32)) {
                return false;
            }
            in.skip(32);
            return list_size(in) > 64;
        default:
            return false;
    }
}

}  // namespace

std::string_view to_text(CoinP2p coin) noexcept {
    constexpr std::string_view kText[] = {"",         "",         "bitcoin", "bitcoin-cash",
                                          "litecoin", "dogecoin", "dash",    "zcash",
                                          "monero",   "ethereum"};
    return kText[static_cast<unsigned>(coin)];
}

CoinP2p classify_stream(Bytes prefix) noexcept {
    if (prefix.empty()) {
        return CoinP2p::need_more;
    }
    const CoinP2p coin = classify_bitcoin(prefix);
    return coin == CoinP2p::none ? classify_levin(prefix) : coin;
}

CoinP2p classify_udp(Bytes bytes, std::size_t size) noexcept {
    if (size > kMaxPacket || bytes.size() <= kTypeAt || bytes[kRecoveryIdAt] > 1) {
        return CoinP2p::none;
    }
    Cursor in{bytes.subspan(kTypeAt)};
    const std::uint8_t type = in.u8();
    const std::size_t list = list_size(in);
    // EIP-8 lets bytes follow the list, but implementations send none: the list must end where the
    // packet ends.
    if (!in.ok() || kTypeAt + in.offset() + list != size) {
        return CoinP2p::none;
    }
    return fits_type(type, in) && in.ok() ? CoinP2p::ethereum : CoinP2p::none;
}

}  // namespace minerwall::proto
