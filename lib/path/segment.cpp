#include "path/segment.hpp"

#include "path/gather.hpp"
#include "path/resample.hpp"
#include "path/validity.hpp"
#include "path/verdict/matter.hpp"
#include "path/work.hpp"
#include "tcp/tracker_segment.hpp"

namespace minerwall::path {
namespace {

using flow::Flow;
using inspect::Inspector;
using tcp::Did;

// The most rounds for one packet, each of some forty names that waited behind a hole.
constexpr unsigned kMostRounds = 4;

tcp::TcpOptions options_of(Packet packet) noexcept {
    constexpr std::uint32_t kMaxOptions = 40;  // RFC 9293, 3.1: data offset is four bits of words
    const packet::Frame& frame = packet.frame();
    const std::uint32_t begin = frame.l4_offset + std::uint32_t{sizeof(packet::TcpHeader)};
    if (frame.payload_offset <= begin) {
        return {};
    }
    const std::uint32_t length = std::min<std::uint32_t>(frame.payload_offset - begin, kMaxOptions);
    std::array<std::uint8_t, kMaxOptions> copy;
    const void* bytes = rte_pktmbuf_read(packet.bytes(), begin, length, copy.data());
    return bytes == nullptr
               ? tcp::TcpOptions{}
               : tcp::read_tcp_options({static_cast<const std::uint8_t*>(bytes), length});
}

std::uint16_t urgent_pointer(Packet packet) noexcept {
    std::array<std::uint8_t, 2> copy;
    const std::uint32_t at = packet.frame().l4_offset + offsetof(packet::TcpHeader, urgent);
    const void* bytes = rte_pktmbuf_read(packet.bytes(), at, copy.size(), copy.data());
    return bytes == nullptr ? std::uint16_t{0} : load_be16(static_cast<const std::uint8_t*>(bytes));
}

Did did(Inspector::Taken taken) noexcept {
    switch (taken) {
        case Inspector::Taken::conflict:
            return Did::conflict;
        case Inspector::Taken::full:
            return Did::full;
        case Inspector::Taken::nothing:
        case Inspector::Taken::news:
            break;
    }
    return Did::read;
}

// What the stage provides to the tracker: see tcp::Tracker::segment().
class Reader {
  public:
    Reader(Packet packet, Flow& flow, const tcp::Sides& sides) noexcept
        : packet_(packet), context_(packet.context()), flow_(flow), sides_(sides) {}

    bool accepts() noexcept {
        if (!receiver_accepts(packet_)) {
            return false;
        }
        timeout_ = context_.flows.timeout_ms(flow_);
        return true;
    }
    // The flow's timeout before the tracker changed it; 0 if it did not.
    std::uint32_t timeout_before() const noexcept { return timeout_; }

    tcp::TcpOptions options() const noexcept { return options_of(packet_); }
    std::uint32_t& jump(flow::Direction direction) const noexcept {
        return context_.flows.details(flow_).jump[index(direction)];
    }
    void heard() const noexcept { context_.inspector.release_if_done(flow_); }
    bool takes_urgent() const noexcept {
        return context_.inspector.note_urgent(
            flow_, packet_.direction(), sides_,
            tcp::urgent_sequence(packet_.frame(), urgent_pointer(packet_)));
    }
    // True for a late start.
    bool reads_again() const noexcept {
        switch (resample(packet_)) {
            case Resample::nothing:
                break;
            case Resample::news:
                packet_.set_news(true);
                break;
            case Resample::reopen:
                flow_.clear(Flow::settled(packet_.direction()));
                flow_.set(Flow::lost_beginning);
                return true;
        }
        return false;
    }
    void resume() const noexcept { context_.inspector.resume(flow_, packet_.direction()); }
    Did read() const noexcept;

  private:
    void pass_unread() const noexcept;

    Packet packet_;
    Context& context_;
    Flow& flow_;
    const tcp::Sides& sides_;
    std::uint32_t timeout_ = 0;
};

// The packet was not read. If it is dropped nothing has happened. If not, its connection lacks
// bytes: a record will find the gap by itself.
void Reader::pass_unread() const noexcept {
    if (packet_.is_forwarded() && flow_.inspection == flow::kNone) {
        tcp::pass_over(flow_, packet_.direction(), tcp::payload_sequence(packet_.frame()),
                       packet_.frame().payload_length);
        flow_.set(Flow::lost_beginning);
    }
}

Did Reader::read() const noexcept {
    const flow::Direction direction = packet_.direction();
    if (is_over_share(packet_)) {
        pass_unread();
        return Did::nothing;
    }
    const Meter meter(context_.effort, taker_of(packet_));
    inspect::Evidence& evidence = packet_.evidence();
    inspect::Payload& payload = context_.scratch.segment_pieces;
    gather(packet_, payload);
    if (!packet_.has_news()) {
        evidence.clear();
    }
    Inspector::Taken taken =
        context_.inspector.tcp(flow_, direction, packet_.frame(), payload, sides_, evidence);
    // Names that no rule is about make room for the next names.
    for (unsigned round = 0; taken == Inspector::Taken::full && evidence.is_full() &&
                             round < kMostRounds && !has_matter(context_, flow_, evidence);
         ++round) {
        evidence.clear();
        taken = context_.inspector.read_on(flow_, direction, evidence);
    }
    // This holds for a dropped segment, too: earlier bytes may have been read with it.
    packet_.set_news(packet_.has_news() || evidence.any());
    if (evidence.app != inspect::App::unknown) {
        flow_.app = static_cast<std::uint8_t>(evidence.app) & 0xf;
    }
    return did(taken);
}

}  // namespace

tcp::Sides sides_of(Packet packet, Flow& flow) noexcept {
    if (packet.context().ports.ends_unknown) {
        const flow::Direction direction = flow.direction(packet.sender_is_low());
        const bool heard = flow.packets[index(opposite(direction))] != 0;
        return {heard ? tcp::Side::right : tcp::Side::unknown, heard};
    }
    return tcp::note_sides(flow, packet.sender_is_low(), packet.at_second_end());
}

void inspect_segment(Packet packet, bool cut) noexcept {
    Context& context = packet.context();
    Flow& flow = packet.flow();
    const tcp::Sides sides = sides_of(packet, flow);
    Reader reader(packet, flow, sides);
    tcp::Segment segment{packet.frame(), packet.direction(), sides, cut};
    switch (context.inspector.tracker().segment(flow, segment, reader)) {
        case Did::conflict:
            packet.drop(Reason::stream_conflict);
            break;
        case Did::full:
            packet.drop(Reason::stream_memory_full);
            break;
        case Did::nothing:
        case Did::opened:
        case Did::ignored:
        case Did::closed:
        case Did::read:
            break;
    }
    packet.expected() = segment.expected;
    if (reader.timeout_before() != 0 && context.flows.timeout_ms(flow) < reader.timeout_before()) {
        context.flows.reschedule(packet.flow_id());
    }
}

void tell_parsers(Context& context) noexcept {
    inspect::Tools& tools = context.inspector.tools();
    tools.leaves_unknown = context.effort.sheds(Rung::unknown);
    tools.reads_alone = context.effort.sheds(Rung::alone);
}

void count_left_out(Context& context) noexcept {
    inspect::Tools& tools = context.inspector.tools();
    if ((tools.left_unknown | tools.read_alone) != 0) [[unlikely]] {
        context.counters.shed[static_cast<unsigned>(Rung::unknown)].add(tools.left_unknown);
        context.counters.shed[static_cast<unsigned>(Rung::alone)].add(tools.read_alone);
        tools.left_unknown = tools.read_alone = 0;
    }
}

}  // namespace minerwall::path
