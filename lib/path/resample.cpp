#include "path/resample.hpp"

#include <algorithm>

#include "inspect/mining_notes.hpp"
#include "path/gather.hpp"
#include "path/validity.hpp"
#include "path/work.hpp"
#include "proto/first_bytes.hpp"

namespace minerwall::path {
namespace {

using inspect::App;
using inspect::Nominator;

bool is(const flow::Flow& flow, App app) noexcept {
    return flow.app == static_cast<std::uint8_t>(app);
}

// True for a message that is alone in its segment, or at the start of a line in a stream of such
// lines. Anywhere else a line may be a quotation, in a log that is shipped or in a mail.
bool is_unit(const flow::Flow& flow, Bytes segment, std::size_t start) noexcept {
    return is(flow, App::json) ||
           std::all_of(
               segment.begin(), segment.begin() + static_cast<std::ptrdiff_t>(start),
               [](std::uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

// Flow::unsampled holds two counts: segments since a look, and above them looks that found nothing.
constexpr std::uint8_t kSegments = 0x1f, kFruitless = 0x20, kNoisy = 0xe0;
static_assert(kResampleEvery <= kSegments);

std::uint8_t segments_since_look(const flow::Flow& flow) noexcept {
    return flow.unsampled & kSegments;
}
void note_segment(flow::Flow& flow) noexcept {
    if (segments_since_look(flow) < kResampleEvery) {
        flow.unsampled = static_cast<std::uint8_t>(flow.unsampled + 1);
    }
}
void note_look(flow::Flow& flow) noexcept {
    flow.unsampled &= kNoisy;
}
void note_fruitless(flow::Flow& flow) noexcept {
    if (flow.unsampled < kNoisy) {
        flow.unsampled = static_cast<std::uint8_t>(flow.unsampled + kFruitless);
    }
}

// First bytes of segments worth reading: blanks and a byte order mark before JSON, JSON, HTTP
// methods, TLS records that may hold a ClientHello (see proto/first_bytes).
constexpr auto kOpens = [] {
    std::array<bool, 256> opens{};
    for (const char c : {' ', '\t', '\r', '\n', '{', '[', 'G', 'P', 'H', 'D', 'O', 'C', 'T'}) {
        opens[static_cast<std::uint8_t>(c)] = true;
    }
    opens[0xef] = opens[20] = opens[21] = opens[22] = true;
    return opens;
}();

// True for most segments; this look is all that they cost.
bool is_dull(flow::Flow& flow, const rte_mbuf* m, const packet::Frame& frame) noexcept {
    if (frame.payload_offset >= m->data_len ||
        kOpens[*rte_pktmbuf_mtod_offset(m, const std::uint8_t*, frame.payload_offset)]) {
        return false;
    }
    if (is(flow, App::tls)) {
        return true;  // encrypted
    }
    note_segment(flow);
    return segments_since_look(flow) < kResampleEvery;
}

Resample look(Packet packet, Bytes segment) noexcept {
    Context& context = packet.context();
    const flow::Flow& flow = packet.flow();
    context.counters.resampled_segments.add();
    MiningInfo info;
    std::size_t start = 0;
    const Nominator::Result result =
        context.inspector.tools().nominator.look(segment, true, context.scanner, info, start);
    if (result == Nominator::Result::nothing || !is_unit(flow, segment, start) ||
        !receiver_accepts(packet)) {
        return Resample::nothing;
    }
    // A known miner's next message may send it to another pool, or tell what the first did not.
    const bool known_miner = flow.has(flow::Flow::mining);
    if (known_miner && result != Nominator::Result::mining) {
        return Resample::nothing;
    }
    if (result == Nominator::Result::open_message) {
        return Resample::reopen;
    }
    inspect::Evidence& evidence = packet.evidence();
    evidence.clear();
    if (!known_miner) {
        evidence.app = App::json;
    }
    inspect::add(evidence, info);
    evidence.of_known_miner = known_miner;
    return Resample::news;
}

// In a flow whose segments opened like messages again and again and were none, a mining word has to
// call for a look: most JSON has none, and a search for words costs a fifth of reading it. Every
// kResampleEvery-th segment is looked at as ever, because a message may be cut inside its words.
bool is_passed_over(Packet packet, Bytes segment) noexcept {
    flow::Flow& flow = packet.flow();
    note_segment(flow);
    return flow.unsampled >= kNoisy && segments_since_look(flow) < kResampleEvery &&
           !packet.context().inspector.tools().nominator.has_word(segment);
}

}  // namespace

Resample resample(Packet packet) noexcept {
    flow::Flow& flow = packet.flow();
    constexpr std::size_t kPrefix = 16;
    if (is_dull(flow, packet.bytes(), packet.frame())) {
        return Resample::nothing;
    }
    Context& context = packet.context();
    if (context.effort.sheds(Rung::late_look)) [[unlikely]] {
        context.counters.shed[static_cast<unsigned>(Rung::late_look)].add();
        return Resample::nothing;
    }
    Scratch& scratch = context.scratch;
    inspect::Payload& payload = scratch.sample_pieces;
    gather(packet, payload);
    if (payload.pieces == 0) {
        return Resample::nothing;
    }
    const Bytes head = payload.piece[0].first(std::min(payload.piece[0].size(), kPrefix));
    const proto::Opening opening = proto::classify_opening(head);
    switch (opening) {
        case proto::Opening::tls:
            return is(flow, App::tls) || flow.has(flow::Flow::mining) ? Resample::nothing
                                                                      : Resample::reopen;
        case proto::Opening::http_request:
            return flow.has(flow::Flow::mining) ? Resample::nothing : Resample::reopen;
        case proto::Opening::json:
        case proto::Opening::need_more:
            break;
        default:
            if (is(flow, App::tls) || segments_since_look(flow) < kResampleEvery) {
                note_segment(flow);
                return Resample::nothing;
            }
            break;
    }
    // What opens like a message has to be looked at; a sample of other bytes can wait.
    const bool message = opening == proto::Opening::json || opening == proto::Opening::need_more;
    if (message ? is_over_share(packet) : context.effort.is_over(taker_of(packet))) {
        return Resample::nothing;
    }
    const Meter meter(context.effort, taker_of(packet));
    linearise(payload, scratch.sample);
    if (message && is_passed_over(packet, payload.piece[0])) {
        return Resample::nothing;
    }
    note_look(flow);
    const Resample result = look(packet, payload.piece[0]);
    if (message && result != Resample::news) {
        note_fruitless(flow);
    }
    return result;
}

}  // namespace minerwall::path
