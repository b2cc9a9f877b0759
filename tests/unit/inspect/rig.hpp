// One flow under inspection, fed as the path feeds it, and all that was learned.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/inspector.hpp"
#include "support/messages.hpp"
#include "support/packet_builder.hpp"
#include "tcp/tracker_segment.hpp"

namespace minerwall::inspect {

inline const match::Prefilter& prefilter() {
    static const match::Prefilter one(1);
    return one;
}

struct Learned {
    std::vector<std::string> names;
    std::vector<NameSource> sources;
    std::vector<MiningInfo> mining;
    App app = App::unknown;
};

class Rig {
  public:
    explicit Rig(std::uint32_t states = 8)
        : counters(std::make_unique<WorkerCounters>()),
          inspector(states, prefilter(), 0, *counters) {}

    std::unique_ptr<WorkerCounters> counters;
    Inspector inspector;
};

// A TCP connection over a rig; several may share one.
class Dialogue {
  public:
    explicit Dialogue(Rig& rig, bool handshake = true) : rig_(rig) {
        if (handshake) {
            sides_ = {tcp::Side::right, true};
        }
        if (handshake) {
            for (const unsigned d : {0u, 1u}) {
                flow.packets[d] = 1;
                const std::uint8_t flags =
                    d == 0 ? packet::kTcpSyn : packet::kTcpSyn | packet::kTcpAck;
                next_[d] = 1000 * (d + 1);
                tcp::note_syn(flow, static_cast<flow::Direction>(d), frame(d, "", flags));
                ++next_[d];
            }
        } else {
            next_[0] = 77;
            next_[1] = 99;
        }
        flow.inspection = flow::kNone;
        acknowledged_[0] = next_[0];
        acknowledged_[1] = next_[1];
    }

    // Sends the next bytes of a direction, in pieces of one packet. True: there was news.
    bool send(flow::Direction direction, std::vector<std::string_view> pieces) {
        std::string text;
        for (const std::string_view piece : pieces) {
            text += piece;
        }
        const bool news = segment(direction, next_[index(direction)], text, pieces);
        next_[index(direction)] += static_cast<std::uint32_t>(text.size());
        return news;
    }
    bool up(std::string_view text) { return send(flow::Direction::to_server, {text}); }
    bool down(std::string_view text) { return send(flow::Direction::to_client, {text}); }
    // Bytes that the inspector does not get.
    void miss(flow::Direction direction, std::uint32_t bytes) { next_[index(direction)] += bytes; }
    bool at(flow::Direction direction, std::uint32_t sequence, std::string_view text) {
        return segment(direction, sequence, std::string(text), {text});
    }
    // The receiver of a direction acknowledges everything that was sent, missed bytes included.
    void acknowledge(flow::Direction direction) {
        const unsigned speaker = 1 - index(direction);
        acknowledged_[index(direction)] = next_[index(direction)];
        packet::Frame word = frame(speaker, "", packet::kTcpAck);
        Evidence evidence;
        evidence.clear();
        follow(flow::opposite(direction), word, {tcp::Side::right, true}, {}, evidence);
    }
    std::uint32_t next(flow::Direction direction) const { return next_[index(direction)]; }
    bool settled(flow::Direction direction) const {
        return flow.has(flow::Flow::settled(direction));
    }
    bool settled() const {
        return settled(flow::Direction::to_server) && settled(flow::Direction::to_client);
    }

    flow::Flow flow{};
    Learned learned;

  private:
    // What the path provides to the tracker: no options, right checksums, no late start.
    struct Reader {
        bool accepts() const { return true; }
        tcp::TcpOptions options() const { return {}; }
        std::uint32_t& jump(flow::Direction direction) { return jumps[index(direction)]; }
        void heard() const { rig.inspector.release_if_done(flow); }
        bool takes_urgent() const { return true; }
        bool reads_again() const { return false; }
        void resume() const {}
        tcp::Did read() {
            taken = rig.inspector.tcp(flow, segment.direction, segment.frame, payload,
                                      segment.sides, evidence);
            return tcp::Did::read;
        }
        Rig& rig;
        flow::Flow& flow;
        const tcp::Segment& segment;
        const Payload& payload;
        Evidence& evidence;
        std::uint32_t jumps[2] = {0, 0};
        Inspector::Taken taken = Inspector::Taken::nothing;
    };
    bool follow(flow::Direction direction, packet::Frame& head, const tcp::Sides& sides,
                const Payload& payload, Evidence& evidence) {
        head.tcp_ack = acknowledged_[index(flow::opposite(direction))];
        head.tcp_window = 65535;
        tcp::Segment segment{head, direction, sides};
        Reader reader{rig_, flow, segment, payload, evidence};
        rig_.inspector.tracker().segment(flow, segment, reader);
        return reader.taken == Inspector::Taken::news;
    }
    packet::Frame frame(unsigned d, const std::string& text, std::uint8_t flags) {
        test::Eth eth;
        d == 0 ? eth.ipv4("10.0.0.1", "192.0.2.9").tcp(40000, 3333)
               : eth.ipv4("192.0.2.9", "10.0.0.1").tcp(3333, 40000);
        frames_.push_back(eth.seq(next_[d]).flags(flags).payload(text).build());
        packet::Frame out;
        packet::parse_frame(frames_.back(), static_cast<std::uint32_t>(frames_.back().size()), out);
        return out;
    }
    bool segment(flow::Direction direction, std::uint32_t sequence, const std::string& text,
                 const std::vector<std::string_view>& pieces) {
        packet::Frame head = frame(index(direction), "", packet::kTcpAck);
        head.tcp_seq = sequence;
        head.payload_length = static_cast<std::uint32_t>(text.size());
        Payload payload;
        payload.clear();
        for (const std::string_view piece : pieces) {
            // A separate block, so that AddressSanitizer sees any read beyond it.
            blocks_.emplace_back(piece.begin(), piece.end());
            blocks_.back().shrink_to_fit();
            payload.add(blocks_.back());
        }
        Evidence evidence;
        evidence.clear();
        const bool news = follow(direction, head, sides_, payload, evidence);
        blocks_.clear();
        frames_.clear();
        if (evidence.name_source != NameSource::none) {
            evidence.names.for_each([&](std::string_view name) {
                learned.names.emplace_back(name);
                learned.sources.push_back(evidence.name_source);
            });
        }
        if (evidence.has_mining) {
            learned.mining.push_back(evidence.mining);
        }
        if (evidence.app != App::unknown) {
            learned.app = evidence.app;
        }
        return news;
    }

    Rig& rig_;
    tcp::Sides sides_;
    std::uint32_t next_[2];
    std::uint32_t acknowledged_[2];
    std::deque<test::Buffer> frames_;
    std::deque<test::Buffer> blocks_;
};

}  // namespace minerwall::inspect
