// Runs the whole path: workers on a wire of rings forward what scripted hosts and attackers send.
//
// An input is two bytes of options and then operations, see Script::step(). path_run.cpp checks
// these oracles at every turn and at the end:
//   - The ledger balances for each port.
//   - A forwarded frame leaves unchanged, in order and once, at the other end.
//   - Frames that are not IP are always forwarded.
//   - A policy that only observes drops and crafts no packet.
//   - Each event is one line of JSON.
//   - At the end, no buffer, flow, stream page, fragment, name or finding is in use.
// This file adds one: a receiver that sends its own acknowledgements never gets a whole mining
// message of a blocked flow (path_receiver.hpp).
#include <algorithm>
#include <optional>
#include <string>

#include "path_receiver.hpp"
#include "path_run.hpp"
#include "path_samples.hpp"
#include "path_talk.hpp"

namespace minerwall::fuzz {
namespace {

// Bounds the time that an input takes; a burst has 32 frames.
constexpr unsigned kMostFrames = 600;

class Script {
  public:
    explicit Script(Bytes input) : input_(input), options_(read_options()), run_(options_) {}

    void play() {
        while (at_ < input_.size() && frames_ < kMostFrames) {
            step();
        }
        run_.stall(false);
        turn();
        turn();
    }

  private:
    std::uint8_t byte() { return at_ < input_.size() ? input_[at_++] : std::uint8_t{0}; }
    std::uint16_t word() {
        const std::uint8_t high = byte();
        return static_cast<std::uint16_t>(high << 8 | byte());
    }
    std::string bytes(std::size_t n) {
        n = std::min(n, input_.size() - at_);
        const auto* first = reinterpret_cast<const char*>(input_.data()) + at_;
        at_ += n;
        return {first, n};
    }

    RunOptions read_options() {
        const std::uint8_t a = byte();
        const std::uint8_t b = byte();
        RunOptions options;
        honest_ = (a & 0x80) != 0;
        options.two_workers = (a & 1) != 0;
        options.starve = (a & 2) != 0 && !honest_;
        path::WorkerOptions& w = options.worker;
        w.flows.drop_when_full = (a & 4) != 0;
        w.streams.drop_when_full = (a & 8) != 0;
        w.fragments.drop_when_full = (a & 16) != 0;
        options.offloaded = (a & 32) != 0 && !honest_;
        options.ends_unknown = (a & 64) != 0 && !honest_;
        const bool ample = (b & 1) != 0;
        w.flows.capacity = 64;
        w.inspection.states = ample ? 64 : 4;
        w.flows.names = ample ? 32 : 2;
        w.flows.findings = ample ? 16 : 1;
        w.streams.memory_kb = ample ? 512 : 8;
        w.streams.flow_kb = ample ? 128 : 4;
        w.fragments.limits.datagrams = ample ? 64 : 4;
        w.fragments.limits.memory_kb = ample ? 256 : 8;
        w.learning.capacity = ample ? 64 : 4;
        w.inspection.quic_hellos = ample ? 8 : 1;
        w.io.tx_retries = 1;
        w.secret = {7, b};
        return options;
    }

    // One operation. Talks explains the bytes that this switch does not.
    void step() {
        switch (byte() & 15) {
            case 0:
                open(byte());
                break;
            case 1: {  // a sample
                const std::uint8_t who = byte();
                say(who, samples()[byte() % samples().size()]);
                break;
            }
            case 2: {  // bytes of the input
                const std::uint8_t who = byte();
                say(who, bytes(word() % 4096));
                break;
            }
            case 3:
                segment();
                break;
            case 4: {  // an acknowledgement
                const std::uint8_t who = byte();
                const std::uint8_t window = byte();
                if (!honest_) {
                    send(who, talks_.acknowledgement(who, window));
                } else {
                    answer(who);
                }
                break;
            }
            case 5: {  // any frame
                const unsigned end = byte() & 1;
                const std::string text = bytes(1 + word() % 4096);
                if (!text.empty() && !(honest_ && end == 1)) {
                    put(end, Frame(text.begin(), text.end()));
                }
                break;
            }
            case 6:
                talks_.dress = byte();
                break;
            case 7:
                fragment_ = byte();
                break;
            case 8:
                corrupt_at_ = byte();
                corrupt_with_ = byte();
                break;
            case 9:
                cut_ = byte();
                break;
            case 10:  // 1 ms to an hour
                pass_time(kNanosPerMilli << (byte() % 22));
                break;
            case 11:
                if (!honest_) {
                    turn();
                    run_.toggle_policy();
                }
                break;
            case 12:
                turn();
                break;
            case 13:
                run_.stall(!run_.is_stalled() && !honest_);
                break;
            case 14:
                talks_.tcp_options = byte();
                break;
            case 15:
                again();
                break;
        }
    }

    void open(std::uint8_t who) {
        send(who, talks_.syn(who));
        if (!honest_) {
            send(static_cast<std::uint8_t>(who | Talks::kFromServer), talks_.syn_ack(who));
        } else {
            answer(who);
        }
        send(who, talks_.acknowledgement(who, 255));
    }

    void say(std::uint8_t who, const std::string& text) { send(who, talks_.say(who, text)); }

    // A segment anywhere in the stream: flags, distance from the sender's place, and a slice of a
    // sample. The sender's place does not move.
    void segment() {
        const std::uint8_t who = byte();
        const std::uint8_t flags = byte();
        const auto distance = static_cast<std::int8_t>(byte());
        const std::uint8_t scale = byte();
        const std::string& sample = samples()[byte() % samples().size()];
        const std::size_t from = std::min<std::size_t>(byte(), sample.size());
        const std::size_t length = byte();
        // Five bits, so that the distance reaches both acknowledged and distant sequence numbers.
        const std::int32_t far = distance * (std::int32_t{1} << (scale & 0x1f) % 24);
        send(who, talks_.segment(who, flags, far, sample.substr(from, length)));
    }

    // Sends the last frame again, perhaps with one byte changed.
    void again() {
        const std::uint8_t at = byte();
        const std::uint8_t with = byte();
        if (last_.empty()) {
            return;
        }
        Frame copy = last_;
        copy[at * copy.size() / 256] ^= with;
        put(last_end_, copy);
    }

    void send(std::uint8_t who, const Frame& whole) {
        unsigned end = Talks::is_from_server(who) ? 1 : 0;
        if ((who & Talks::kWrongEnd) != 0) {
            end ^= 1;
        }
        if (honest_ && end == 1) {
            return;  // servers send their own frames; a client may pretend to be one
        }
        for (Frame& piece : fragments_of(whole, fragment_)) {
            if (corrupt_with_ != 0) {
                piece[corrupt_at_ % piece.size()] ^= corrupt_with_;
                corrupt_with_ = 0;
            }
            put(end, piece);
        }
    }

    // Sends what the server of this flow would: its SYN and ACK, or an acknowledgement.
    void answer(std::uint8_t who) {
        turn();
        if (std::optional<Frame> frame = receivers_.answer(talks_, who)) {
            run_.put(1, *frame);
            ++frames_;
            turn();
        }
    }

    void put(unsigned end, const Frame& frame) {
        last_ = frame;
        last_end_ = end;
        run_.put(end, frame, queue_of(frame), cut_);
        if (++frames_ % 16 == 0) {
            turn();
        }
    }
    // Like a NIC without RSS that keeps each sender's frames in order.
    static unsigned queue_of(const Frame& frame) { return frame.size() > 11 ? frame[11] : 0; }

    void pass_time(Nanos span) {
        // A flow without an answer is forgotten after this. A message that takes longer is outside
        // this oracle.
        constexpr Nanos kPatience = 20 * kNanosPerSecond;
        if (honest_ && (passed_ += span) > kPatience) {
            return;
        }
        turn();
        run_.pass_time(span);
        receivers_.pass_time(span);
        turn();
    }

    void turn() {
        run_.turn();
        if (honest_) {
            for (const Frame& frame : run_.take_out(1)) {
                receivers_.take(frame);
            }
            require(!run_.had_room_enough() || !receivers_.got_a_mining_message());
        }
    }

    Bytes input_;
    std::size_t at_ = 0;
    bool honest_ = false;
    RunOptions options_;
    Run run_;
    Talks talks_;
    Receivers receivers_;
    unsigned frames_ = 0;
    std::uint8_t fragment_ = 0, corrupt_at_ = 0, corrupt_with_ = 0, cut_ = 0;
    Frame last_;
    unsigned last_end_ = 0;
    Nanos passed_ = 0;
};

}  // namespace
}  // namespace minerwall::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    minerwall::fuzz::Wire::get();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 2 && size <= 8192) {
        minerwall::fuzz::Script({data, size}).play();
    }
    return 0;
}
