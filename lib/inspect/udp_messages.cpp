#include "inspect/udp_messages.hpp"

#include <memory>

#include "inspect/dns_message.hpp"
#include "inspect/mining_notes.hpp"
#include "proto/peers/coin_p2p.hpp"
#include "proto/quic/quic_header.hpp"

namespace minerwall::inspect {
namespace {

constexpr std::uint16_t kDns = 53;  // RFC 1035, 4.2.1; multicast DNS (5353) asks no server

bool is_dns(const packet::Frame& frame) noexcept {
    return frame.src_port == kDns || frame.dst_port == kDns;
}
bool is_long_header(std::uint8_t first_byte) noexcept {
    return (first_byte & 0x80) != 0;  // RFC 8999, 5.1
}

// A coin's node discovery shows in a flow's first messages; we do not look for it later.
constexpr std::uint64_t kFirst = 4;
bool is_young(const flow::Flow& flow) noexcept {
    return std::uint64_t{flow.packets[0]} + flow.packets[1] <= kFirst;
}

void note_quic(const proto::ClientHelloInfo& hello, Evidence& out) noexcept {
    if (!hello.server_name.empty()) {
        out.name_source = NameSource::quic_sni;
        out.names.add(hello.server_name.view());
    }
    note_hello(hello, 'q', NameSource::quic_sni, out);
    out.has_hello = true;
}

// An Initial costs two decryptions, so a flow that keeps sending them is read only up to this
// number.
constexpr std::uint8_t kMaxInitials = 250;

}  // namespace

UdpMessages::UdpMessages(std::uint32_t states, WorkerCounters& counters)
    : hellos_(states), holders_(states), counters_(counters) {}

bool UdpMessages::wants(const flow::Flow& flow, const packet::Frame& frame,
                        std::uint8_t first_byte) noexcept {
    return is_dns(frame) || is_young(flow) ||
           (is_long_header(first_byte) && flow.quic_initials < kMaxInitials);
}

bool UdpMessages::feed(flow::Flow& flow, flow::Direction direction, const packet::Frame& frame,
                       Bytes message, Evidence& out) noexcept {
    conflict_ = false;
    if (is_dns(frame) && (read_dns_message(message, answers_, out) || out.unreadable != 0)) {
        return true;  // any client may use that port
    }
    // Only a client's Initials can be opened, and the client was guessed from the ports. If the
    // seeming server sends first, the guess is wrong.
    const bool from_client = direction == flow::Direction::to_server || flow.packets[0] == 0;
    if (from_client && is_long_header(message[0]) &&
        (flow.inspection != flow::kNone || proto::looks_like_quic_initial(message))) {
        return feed_quic(flow, direction, message, out);
    }
    if (!is_young(flow)) {
        return false;
    }
    const proto::CoinP2p coin = proto::classify_udp(message);
    if (coin == proto::CoinP2p::none || coin == proto::CoinP2p::need_more) {
        return false;
    }
    MiningInfo info;
    info.dialect = Dialect::coin_p2p;
    info.algorithm.assign(to_text(coin));
    out.app = App::coin_p2p;
    add(out, info);
    return true;
}

bool UdpMessages::feed_quic(flow::Flow& flow, flow::Direction direction, Bytes message,
                            Evidence& out) noexcept {
    out.app = App::quic;
    if (flow.quic_initials < kMaxInitials) {
        ++flow.quic_initials;
    }
    if (flow.inspection == flow::kNone) {
        flow.inspection = hellos_.take();
        if (flow.inspection == flow::kNone && make_room(flow)) {
            flow.inspection = hellos_.take();
        }
        if (flow.inspection == flow::kNone) {
            if (!flow.has(flow::Flow::counted_exhausted)) {
                flow.set(flow::Flow::counted_exhausted);
                counters_.inspection_exhausted.add();
            }
            counters_.packets_judged_alone.add();
            return alone_quic(message, out);
        }
        holders_.take(flow.inspection, flow);
        std::construct_at(&hellos_.at(flow.inspection));
    }
    proto::QuicHello& hello = hellos_.at(flow.inspection);
    const proto::QuicOutcome outcome = hello.feed(opener_, message);
    conflict_ = hello.conflict();
    switch (outcome) {
        case proto::QuicOutcome::hello:
            note_quic(hello.info(), out);
            forget(flow);
            if (direction == flow::Direction::to_client) {
                flow.swap_roles();
            }
            return true;
        case proto::QuicOutcome::need_more:
        case proto::QuicOutcome::unsupported_version:
            // No hello is unfinished: this packet follows one, or did not open.
            if (!hello.unfinished()) {
                forget(flow);
            }
            return false;
        case proto::QuicOutcome::not_quic:
            forget(flow);
            return false;
        case proto::QuicOutcome::gave_up:
            // The server may have read a hello that we did not. Count it like the lack of a state.
            counters_.inspection_exhausted.add();
            forget(flow);
            return false;
    }
    return false;
}

bool UdpMessages::alone(const packet::Frame& frame, Bytes message, Evidence& out) noexcept {
    if (is_dns(frame) && read_dns_message(message, answers_, out)) {
        return true;
    }
    return is_long_header(message[0]) && proto::looks_like_quic_initial(message) &&
           alone_quic(message, out);
}

bool UdpMessages::alone_quic(Bytes message, Evidence& out) noexcept {
    out.app = App::quic;
    std::construct_at(&alone_);
    if (alone_.feed(opener_, message) != proto::QuicOutcome::hello) {
        return false;
    }
    note_quic(alone_.info(), out);
    return true;
}

// The rest of a hello comes at once. So of the sources that hold most, the flow that waits longest
// gives up its state.
bool UdpMessages::make_room(const flow::Flow& newcomer) noexcept {
    constexpr unsigned kSample = 8;
    constexpr std::uint32_t kPatienceMs = 1'000;  // RFC 9002, 6.2.2: the first repetition
    flow::Flow* best = nullptr;
    unsigned size = 0;
    std::uint32_t silent_ms = 0;
    holders_.sample(kSample, [&](flow::Flow& flow) {
        const unsigned of_source = holders_.size_of(flow);
        const std::uint32_t silent = silence_of(flow, newcomer);
        if (best == nullptr || of_source > size || (of_source == size && silent > silent_ms)) {
            best = &flow;
            size = of_source;
            silent_ms = silent;
        }
    });
    if (best == nullptr ||
        (size < holders_.size_with_one_more(newcomer, *best) && silent_ms < kPatienceMs)) {
        return false;
    }
    counters_.states_lost.add();
    forget(*best);
    return true;
}

void UdpMessages::forget(flow::Flow& flow) noexcept {
    if (flow.inspection != flow::kNone) {
        holders_.give_back(flow.inspection, flow);
        hellos_.give_back(flow.inspection);
        flow.inspection = flow::kNone;
    }
}

}  // namespace minerwall::inspect
