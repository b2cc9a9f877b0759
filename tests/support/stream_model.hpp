// A sender, the appliance's view of its stream, and the receiver behind it, for property tests and
// the fuzzer. For every sender, what the receiving application reads must be a prefix of what the
// parsers got, and the parsers must get it first.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tcp/half_stream.hpp"

namespace minerwall::test {

// The receiver: keeps bytes according to its overlap policy, and reads the contiguous ones.
class ModelReceiver {
  public:
    // The copy that counts if a byte came twice before it was read. Stacks differ.
    enum class Overlap { first_wins, last_wins };

    explicit ModelReceiver(Overlap overlap) : overlap_(overlap) {}
    // offset: of the stream's first byte.
    void get(std::size_t offset, Bytes bytes) {
        if (kept_.size() < offset + bytes.size()) {
            kept_.resize(offset + bytes.size());
            has_.resize(offset + bytes.size());
        }
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const std::size_t at = offset + i;
            if (at < read_ || (has_[at] && overlap_ == Overlap::first_wins)) {
                continue;
            }
            kept_[at] = static_cast<char>(bytes[i]);
            has_[at] = true;
        }
        while (read_ < has_.size() && has_[read_]) {
            ++read_;
        }
    }
    std::string_view has_read() const { return {kept_.data(), read_}; }

  private:
    Overlap overlap_;
    std::string kept_;
    std::vector<bool> has_;
    std::size_t read_ = 0;
};

class StreamModel {
  public:
    // joined: the handshake did not pass here.
    StreamModel(tcp::StreamMemory& memory, const tcp::StreamLimits& limits, std::uint32_t isn,
                ModelReceiver::Overlap overlap, bool joined = false)
        : memory_(memory),
          limits_(limits),
          isn_(isn),
          next_(isn),
          known_(!joined),
          receiver_(overlap) {
        joined ? half_.start() : half_.start_at(isn);
    }
    ~StreamModel() { half_.release(memory_); }
    StreamModel(const StreamModel&) = delete;
    StreamModel& operator=(const StreamModel&) = delete;

    // Sends a segment. arrives: the receiver gets it; otherwise it is lost behind us (a short TTL,
    // or the receiver's stack discards it for an unknown reason). True if we let it through.
    bool send(std::size_t offset, std::string_view text, bool arrives = true) {
        const Bytes all{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        // Two pieces, as in a chain of buffers.
        const Bytes pieces[] = {all.first(text.size() / 2), all.subspan(text.size() / 2)};
        half_.believe(memory_, next_, known_, isn_ + static_cast<std::uint32_t>(offset));
        if (known_) {
            catch_up();
        }
        const tcp::Arrival arrival =
            half_.arrive(memory_, limits_, next_, known_, false,
                         isn_ + static_cast<std::uint32_t>(offset), pieces);
        exhausted = exhausted || arrival.exhausted;
        switch (arrival.kind) {
            case tcp::Arrival::Kind::conflict:
                ++conflicts;
                return false;
            case tcp::Arrival::Kind::full:
                return false;
            case tcp::Arrival::Kind::in_order:
                read(all.subspan(arrival.skip));
                drain();
                break;
            case tcp::Arrival::Kind::ignored:
                ++ignored;
                break;
            case tcp::Arrival::Kind::nothing:
            case tcp::Arrival::Kind::held:
                break;
        }
        if (arrives) {
            receiver_.get(offset, all);
        }
        return true;
    }
    // The receiver acknowledges what it has; the acknowledgement waits until hear().
    void acknowledge() {
        words_.push_back(isn_ + static_cast<std::uint32_t>(receiver_.has_read().size()));
    }
    void hear() {
        if (words_.empty()) {
            return;
        }
        half_.hear(memory_, next_, known_, {words_.front(), window, 0, false});
        words_.pop_front();
    }

    // The property that the tests check.
    bool holds() const { return std::string_view(judged).starts_with(receiver_.has_read()); }
    const ModelReceiver& receiver() const { return receiver_; }

    // What we read without a gap, and its first offset; for a joined stream.
    std::string_view reading() const { return std::string_view(judged).substr(lost_at_); }
    std::uint32_t reading_from() const { return reading_from_ - isn_; }

    std::string judged;  // what the parsers got
    unsigned conflicts = 0, ignored = 0, losses = 0;
    bool exhausted = false;
    std::uint32_t window = 65536;

  private:
    void read(Bytes bytes) {
        if (half_.take_lost() || judged.empty()) {
            losses += !judged.empty();
            lost_at_ = judged.size();
            reading_from_ = next_;
        }
        judged.append(bytes.begin(), bytes.end());
        next_ += static_cast<std::uint32_t>(bytes.size());
    }
    void drain() {
        for (Bytes held; !(held = half_.run(memory_, next_)).empty();) {
            read(held);
        }
    }
    void catch_up() {
        while (half_.is_behind(next_)) {
            half_.run(memory_, next_).empty() ? half_.skip_missing(memory_, next_) : drain();
        }
    }

    tcp::StreamMemory& memory_;
    tcp::StreamLimits limits_;
    std::uint32_t isn_, next_;
    bool known_;
    std::size_t lost_at_ = 0;
    std::uint32_t reading_from_ = 0;
    tcp::HalfStream half_;
    ModelReceiver receiver_;
    std::deque<std::uint32_t> words_;
};

}  // namespace minerwall::test
