// The detectors that need both directions: Stratum V2 (encrypted and plain), P2Pool, Duino-Coin;
// and coin P2P. The input is a dialogue of turns: a byte whose lowest bit is the side, a length
// byte, and the bytes. Oracles: pieces of any size give the same verdict, `yes` and `no` are final,
// and openings stay classified. A `yes` for Noise needs the specification's sizes, which this file
// counts itself.
#include "proto/stratum2/stratum2.hpp"

#include <string>
#include <vector>

#include "proto/duinocoin/duinocoin.hpp"
#include "proto/peers/coin_p2p.hpp"
#include "proto/peers/p2pool.hpp"
#include "proto/stratum2/stratum2_setup.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;

struct Turn {
    Role role;
    Bytes bytes;
};

std::vector<Turn> cut_turns(Bytes in) {
    std::vector<Turn> turns;
    while (in.size() > 2) {
        const Role role = (in[0] & 1) != 0 ? Role::server : Role::client;
        const std::size_t size = std::min<std::size_t>(in[1], in.size() - 2);
        turns.push_back({role, in.subspan(2, size)});
        in = in.subspan(2 + size);
    }
    return turns;
}

bool final(HandshakeResult verdict) {
    return verdict == HandshakeResult::yes || verdict == HandshakeResult::no;
}

template <class Detector>
HandshakeResult run(const std::vector<Turn>& turns, std::size_t piece) {
    Detector detector;
    for (const Turn& turn : turns) {
        for (std::size_t at = 0; at < turn.bytes.size(); at += piece) {
            const HandshakeResult before = detector.result();
            const Bytes bytes = turn.bytes.subspan(at, std::min(piece, turn.bytes.size() - at));
            const HandshakeResult after = detector.feed(turn.role, bytes);
            require(!final(before) || after == before);
            require(after == detector.result());
        }
    }
    MiningInfo info;
    detector.describe(info);
    require(!info.evidence.truncated());
    return detector.result();
}

// The bytes of each turn of a side.
std::vector<std::size_t> sizes(const std::vector<Turn>& turns) {
    std::vector<std::size_t> out;
    bool client = false;
    for (const Turn& turn : turns) {
        if (turn.bytes.empty()) {
            continue;
        }
        if (out.empty() || client != (turn.role == Role::client)) {
            out.push_back(0);
            client = turn.role == Role::client;
        }
        out.back() += turn.bytes.size();
    }
    return out;
}

void check_noise(const std::vector<Turn>& turns) {
    const HandshakeResult verdict = run<Stratum2Detector>(turns, 1 << 20);
    for (const std::size_t piece : {1u, 3u, 64u}) {
        require(run<Stratum2Detector>(turns, piece) == verdict);
    }
    if (verdict == HandshakeResult::yes) {
        const std::vector<std::size_t> s = sizes(turns);
        require(s.size() >= 5 && s[0] == 64 && (s[1] == 234 || s[1] == 170) && s[2] >= 54 &&
                s[3] == 44);
    }
}

std::string read(Bytes in, Role role, std::size_t piece) {
    Stratum2Reader reader{role};
    std::string log;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        const Bytes view = in.subspan(at, std::min(piece, in.size() - at));
        const std::vector<std::uint8_t> copy(view.begin(), view.end());
        Bytes left{copy};
        while (!left.empty()) {
            MiningInfo info;
            std::size_t consumed = 0;
            const auto state = reader.feed(left, info, consumed);
            require(consumed <= left.size());
            left = left.subspan(consumed);
            if (state == Stratum2Reader::State::not_stratum2) {
                return log + "none";
            }
            if (state == Stratum2Reader::State::need_more) {
                require(left.empty());
                break;
            }
            require(consumed != 0);
            for (const std::string_view text :
                 {info.method.view(), info.pool.view(), info.agent.view(), info.login.view(),
                  info.worker.view(), info.evidence.view()}) {
                log += text;
                log += '|';
            }
            log += std::to_string(info.offset);
        }
    }
    return log;
}

void check_plain(Bytes in) {
    for (const Role role : {Role::client, Role::server}) {
        const std::string whole = read(in, role, in.size() + 1);
        for (const std::size_t piece : {1u, 3u, 64u}) {
            require(read(in, role, piece) == whole);
        }
        // The reader stays inside the opening, and the opening promises no more than the reader
        // finds.
        const Stratum2Opening opening = classify_stratum2(in);
        const Stratum2Opening own =
            role == Role::client ? Stratum2Opening::client : Stratum2Opening::server;
        require(whole.empty() || whole == "none" || opening == own);
    }
}

void check_openings(Bytes in) {
    const CoinP2p coin = classify_stream(in);
    const Stratum2Opening opening = classify_stratum2(in);
    require(coin != CoinP2p::need_more || in.size() < kCoinP2pPrefix);
    require(opening != Stratum2Opening::need_more || in.size() < 11);
    for (std::size_t n = 0; n < std::min<std::size_t>(in.size(), 40); ++n) {
        const CoinP2p earlier = classify_stream(in.first(n));
        require(earlier == CoinP2p::need_more || earlier == coin);
        const Stratum2Opening before = classify_stratum2(in.first(n));
        require(before == Stratum2Opening::need_more || before == opening);
    }
    const CoinP2p datagram = classify_udp(in);
    require(datagram == CoinP2p::none || datagram == CoinP2p::ethereum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes in{data, size};
    const std::vector<Turn> turns = cut_turns(in);
    check_noise(turns);
    const HandshakeResult p2pool = run<P2PoolDetector>(turns, 1 << 20);
    for (const std::size_t piece : {1u, 3u, 17u}) {
        require(run<P2PoolDetector>(turns, piece) == p2pool);
    }
    const HandshakeResult duinocoin = run<DuinoCoinDetector>(turns, 1 << 20);
    for (const std::size_t piece : {1u, 3u, 17u}) {
        require(run<DuinoCoinDetector>(turns, piece) == duinocoin);
    }
    check_plain(in);
    check_openings(in);
    return 0;
}
