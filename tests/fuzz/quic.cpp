// Reads QUIC datagrams. The first byte says how to read the rest:
//   0  datagrams as they are, each behind two bytes of length
//   1  payloads to be sealed into Initials, each behind two bytes of length and one that chooses
//      version, ID and keys: this reaches the code behind the encryption, with several connections
//   2  a ClientHello, cut and shuffled over packets with random numbers seeded by the second byte
// Oracles: the same datagrams give the same outcomes, and a hello comes only from a datagram that
// looks like an Initial. In 2, every order gives the hello that the bytes give in order.
#include <algorithm>
#include <memory>
#include <random>

#include "../unit/proto/quic_seal.hpp"
#include "proto/quic/quic_frames.hpp"
#include "proto/quic/quic_hello.hpp"
#include "require.hpp"

namespace {

using namespace minerwall;
using namespace minerwall::proto;
using quic_seal::Data;

struct Run {
    Run() { reset(); }
    void reset() {
        first->reset();
        second->reset();
    }
    QuicOutcome feed(const Data& datagram) {
        const Data copy(datagram.begin(), datagram.end());  // exact size, for the sanitizer
        const QuicOutcome outcome = first->feed(opener, copy);
        require(second->feed(opener, copy) == outcome);
        require(first->conflict() == second->conflict());
        require(first->info().server_name.view() == second->info().server_name.view());
        require(outcome != QuicOutcome::hello || looks_like_quic_initial(copy));
        require(!first->conflict() || looks_like_quic_initial(copy));
        QuicPackets packets(copy);
        QuicLongHeader header;
        Bytes packet;
        std::size_t size = 0;
        while (packets.next(header, packet)) {
            require(packet.size() == header.size && header.number_offset <= header.size);
            size += packet.size();
        }
        require(size <= copy.size());
        return outcome;
    }
    QuicOpener opener;
    std::unique_ptr<QuicHello> first = std::make_unique<QuicHello>();
    std::unique_ptr<QuicHello> second = std::make_unique<QuicHello>();
};

bool take_chunk(Bytes& in, Data& out) {
    if (in.size() < 2) {
        return false;
    }
    const std::size_t size = std::min<std::size_t>(load_be16(in.data()), in.size() - 2);
    const Bytes part = in.subspan(2, size);
    out.assign(part.begin(), part.end());
    in = in.subspan(2 + size);
    return true;
}

void raw_datagrams(Run& run, Bytes in) {
    Data chunk;
    while (take_chunk(in, chunk)) {
        run.feed(chunk);
    }
}

void sealed_payloads(Run& run, Bytes in) {
    const Data ids[4] = {quic_seal::kId, {1, 2, 3}, {}, Data(20, 9)};
    constexpr std::uint32_t kVersions[4] = {quic_seal::kV1, quic_seal::kV1, quic_seal::kV2,
                                            quic_seal::kDraft29};
    Data chunk, datagram;
    for (std::uint64_t number = 0; number < 40 && take_chunk(in, chunk) && !chunk.empty();
         ++number) {
        const std::uint8_t choice = chunk[0];
        quic_seal::Initial initial;
        initial.version = kVersions[choice & 3];
        initial.id = ids[(choice >> 2) & 3];
        initial.keys_from = ids[(choice >> 4) & 3];
        initial.number = number;
        chunk.erase(chunk.begin());
        quic_seal::add(datagram, quic_seal::seal(initial, chunk));
        if ((choice & 0x40) == 0) {  // else the next packet is coalesced with it
            run.feed(datagram);
            datagram.clear();
        }
        if ((choice & 0x80) != 0) {
            QuicCryptoFrames frames(chunk);
            QuicCryptoFrame frame;
            while (frames.next(frame)) {
                require(frame.data.size() <= chunk.size());
            }
        }
    }
}

void shuffled_hello(Run& run, Bytes in) {
    if (in.empty()) {
        return;
    }
    std::mt19937 random(in[0]);
    const Bytes rest = in.subspan(1, std::min<std::size_t>(in.size() - 1, 7000));
    ClientHelloParser model;
    std::size_t consumed = 0;
    const auto state = model.feed_handshake(rest, consumed);
    // Drops the bytes behind the hello, which would be a second message.
    const Data hello(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(consumed));

    std::vector<Data> frames;
    const std::size_t step = 1 + random() % 900;
    for (std::size_t at = 0; at < hello.size(); at += step) {
        const std::size_t from = at - std::min<std::size_t>(at, random() % 3);
        frames.push_back(quic_seal::crypto(from, quic_seal::slice(hello, from, at + step - from)));
    }
    std::shuffle(frames.begin(), frames.end(), random);
    constexpr std::size_t kDatagrams = QuicHello::kMaxDatagrams - 1;
    const std::size_t each = frames.size() / kDatagrams + 1;
    QuicOutcome last = QuicOutcome::need_more;
    bool found = false;
    quic_seal::Initial initial;
    for (std::size_t i = 0; i < frames.size();) {
        Data payload;
        for (std::size_t n = 0; n < each && i < frames.size(); ++n) {
            quic_seal::add(payload, frames[i++]);
            payload.resize(payload.size() + random() % 3);
        }
        ++initial.number;
        last = run.feed(quic_seal::seal(initial, payload));
        require(!run.first->conflict());
        found = found || last == QuicOutcome::hello;
    }
    require(found == (state == ClientHelloParser::State::done));
    require((last == QuicOutcome::gave_up) == (state == ClientHelloParser::State::not_tls));
    require(run.first->info().server_name.view() == model.info().server_name.view());
    require(run.first->info().alpn.view() == model.info().alpn.view());
    require(run.first->info().has_ech == model.info().has_ech);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Run run;
    run.reset();
    if (size == 0) {
        return 0;
    }
    const Bytes in{data + 1, size - 1};
    switch (data[0] % 3) {
        case 0:
            raw_datagrams(run, in);
            break;
        case 1:
            sealed_payloads(run, in);
            break;
        default:
            shuffled_hello(run, in);
            break;
    }
    return 0;
}
