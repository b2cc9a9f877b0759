// Feeds IP fragments in any order, with any bytes, of which the network behind us loses some.
//
// An odd first byte: a frame follows (see frame.cpp, without its two bytes). Oracles: the fragment
// fields that were read lie within the frame, and the header written for the whole datagram parses
// back.
//
// An even first byte: pieces of datagrams follow, six bytes each (see Step), and go to a table.
// Three kinds of receivers (support/receivers.hpp) stand behind a network that loses some pieces.
// Oracles: a receiver delivers only a datagram that the table completed, at the same piece and with
// the same bytes, and the table frees all its memory. The network loses a piece only if the piece
// is not plain, or carries a mark that is filtered.
#include "reassembly/fragments.hpp"

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "require.hpp"
#include "support/receivers.hpp"

using namespace minerwall;

namespace {

using Outcome = reassembly::FragmentTable::Outcome;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kStepLength = 6;
constexpr std::uint32_t kUnits = 16;  // short datagrams, so that pieces meet

struct Step {
    std::uint32_t datagram;  // 2 bits: the datagram's number
    std::uint32_t source;    // 1 bit: the number of its source
    test::Piece piece;
    std::uint32_t lost;  // 3 bits: which receivers do not get it
    std::uint32_t mark;  // 1 bit: the first receiver gets no piece that has it
    std::uint32_t wait;  // milliseconds

    explicit Step(const std::uint8_t* in)
        : datagram(in[0] & 3U),
          source(in[0] >> 2U & 1U),
          lost(in[0] >> 4U & 7U),
          mark(in[0] >> 7U),
          wait((in[5] & 15U) * (in[5] >= 0xf0   ? 8000U
                                : in[5] >= 0xe0 ? 10U
                                                : 0U)) {
        piece.offset = in[1] % kUnits * 8U;
        piece.more = (in[0] & 8U) != 0;
        std::size_t length = in[2] % 128U;
        if (piece.more) {
            length = length / 8 * 8;
        }
        piece.data.resize(length);
        for (std::size_t i = 0; i < length; ++i) {
            // Pieces agree at each offset, except for the byte that in[4] changes.
            piece.data[i] = static_cast<std::uint8_t>(piece.offset + i);
        }
        if (in[3] != 0 && length != 0) {
            piece.data[in[4] % length] ^= in[3];
        }
    }
};

class Wire {
  public:
    void take(const Step& step) {
        now_ += step.wait * kNanosPerMilli;
        // Not a fragment, or one that every receiver ignores.
        if ((step.piece.offset == 0 && !step.piece.more) ||
            (step.piece.more && step.piece.data.empty())) {
            return;
        }
        reassembly::FragmentKey key{};
        key.src.bytes[15] = static_cast<std::uint8_t>(step.source);
        key.id = step.datagram;
        packet::FragmentPart part{};
        part.id = key.id;
        part.offset = step.piece.offset;
        part.length = static_cast<std::uint32_t>(step.piece.data.size());
        part.more = step.piece.more;
        const std::uint32_t source = table_.source_of(key.src);
        const reassembly::FragmentTreatment treatment{step.mark, table_.seen(source),
                                                      step.lost == 0 && part.length != 0};
        table_.see(source);
        const auto added =
            table_.add(key, table_.hash(key), part, step.piece.data, treatment, now_);
        Octets judged;
        if (added.outcome == Outcome::complete) {
            judged.resize(table_.length(added.datagram));
            table_.read(added.datagram, 0, judged);
        } else if (added.outcome != Outcome::held) {
            return;
        }
        auto& receivers = receivers_[step.source * 4 + step.datagram];
        for (std::size_t r = 0; r < receivers.size(); ++r) {
            if ((step.lost >> r & 1U) != 0 || (r == 0 && step.mark != 0)) {
                continue;
            }
            // A receiver gives up after 60 s (RFC 8200, 4.5). The model starts that time again at
            // each piece, as the most patient host does.
            if (now_ - receivers[r].fed > 60 * kNanosPerSecond) {
                receivers[r].host.clear();
            }
            receivers[r].fed = now_;
            if (const auto got = receivers[r].host.take(step.piece)) {
                require(added.outcome == Outcome::complete);
                require(*got == judged);
            }
        }
    }
    void end() {
        now_ += 1000 * kNanosPerSecond;
        while (table_.size() != 0) {
            (void)table_.expire(now_, 4);
        }
        require(table_.blocks_in_use() == 0);
    }

  private:
    struct Host {
        test::Receiver host;
        Nanos fed = 0;
    };
    struct Hosts : std::array<Host, 3> {
        Hosts()
            : array{Host{test::Receiver(test::Overlap::discard)},
                    Host{test::Receiver(test::Overlap::first)},
                    Host{test::Receiver(test::Overlap::last)}} {}
    };

    // Shared by all runs, because allocating its pages is slow. Each run leaves it empty, with its
    // time past every timeout.
    inline static reassembly::FragmentTable table_{
        {.datagrams = 32, .memory_kb = 64, .timeout_ms = 65000}, {1, 2}};
    inline static Nanos now_ = 1'700'000'000 * kNanosPerSecond;
    std::map<std::uint32_t, Hosts> receivers_;
};

void check_frame(Bytes frame) {
    // A copy of exactly this size, so that the sanitizer sees a read beyond it.
    const auto copy = std::make_unique<std::uint8_t[]>(frame.size());
    std::copy(frame.begin(), frame.end(), copy.get());
    const Bytes bytes{copy.get(), frame.size()};
    packet::Frame f;
    packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), f);
    packet::FragmentPart part;
    if (!f.is_fragment() || !packet::read_fragment(bytes, f, part)) {
        return;
    }
    require(part.data_at >= f.l3_offset + packet::reassembled_header_length(f));
    require(part.data_at + part.length <= bytes.size());
    require(part.offset % 8 == 0 && part.end() <= 65535);
    require(!part.more || (part.length % 8 == 0 && part.length != 0));
    require((part.offset == 0 && part.more) == f.is_first_fragment());
    Octets whole(bytes.begin(), bytes.begin() + f.l3_offset);
    whole.resize(whole.size() + packet::reassembled_header_length(f));
    packet::write_reassembled_header(
        {whole.data() + f.l3_offset, packet::reassembled_header_length(f)}, bytes, f,
        packet::kProtoEsp, part.length);
    whole.insert(whole.end(), bytes.begin() + part.data_at,
                 bytes.begin() + part.data_at + part.length);
    packet::Frame again;
    packet::parse_reassembled(whole, static_cast<std::uint32_t>(whole.size()), f, again);
    require(again.l3 == f.l3 && !again.is_fragment() && !again.is_malformed());
    require(again.src == f.src && again.dst == f.dst && again.ip_proto == packet::kProtoEsp);
    require(again.payload_length == part.length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    if ((data[0] & 1U) != 0) {
        check_frame({data + 1, size - 1});
        return 0;
    }
    Wire wire;
    for (std::size_t at = 1; at + kStepLength <= size && at < 64 * kStepLength; at += kStepLength) {
        wire.take(Step(data + at));
    }
    wire.end();
    return 0;
}
