// Recognises JSON mining messages (Stratum V1, CryptoNote, ETHPROXY, getwork, getblocktemplate,
// Monero's daemon RPC, browser miners) in a stream of bytes. Push parser: feed what comes, in
// order; segmentation cannot matter and no message is too long. One scanner a direction; one thread
// at a time; nothing here allocates or throws.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "proto/json/json.hpp"
#include "proto/stratum/stratum_shape.hpp"

namespace minerwall::proto {

// Where in the stream scanning starts.
enum class StreamStart : std::uint8_t {
    known,       // at its first byte: that must open a JSON value
    mid_stream,  // anywhere: what comes before the first LF may be the rest of a message
};

class StratumScanner {
  public:
    enum class State : std::uint8_t {
        scanning,  // all bytes taken, nothing found so far
        mining,    // `consumed` bytes taken, the last one closes a mining message; feed the rest to
                   // go on
        not_json,  // not a stream of JSON values, for good until reset()
    };

    // Makes ready for another stream; cheap, clears no buffers. A stream is a connection's
    // direction (json_lines), one HTTP body, or one WebSocket message: a message that was cut short
    // or was no JSON says nothing about the next, so that each starts afresh. Frames that continue
    // a message are fed on.
    void reset(Carrier carrier, StreamStart start = StreamStart::known) noexcept;

    // Feeds the next bytes. `out` is written only where the answer is `mining`.
    // json_lines, websocket: a line that is not JSON is skipped up to its LF. A line that starts
    // inside an unfinished value is read both as the value's rest and as a line by itself: one of
    // the readings is the receiver's.
    State feed(Bytes bytes, MiningInfo& out, std::size_t& consumed) noexcept;

    // Inside an unfinished JSON value.
    bool mid_message() const noexcept { return tokens_.inside(); }
    // Complete top-level values so far.
    std::uint64_t messages() const noexcept { return messages_; }

  private:
    // One way to cut the stream into messages.
    struct Reading {
        MessageShape shape;
        std::uint32_t base = 0;   // containers open outside its top-level value
        std::uint32_t quiet = 0;  // deeper than this nothing matters
        bool active = false;      // inside a top-level value
        bool batch = false;       // that is an array: its objects are messages
        bool in_message = false;

        // Containers open outside of the message.
        std::uint32_t outside() const noexcept { return base + (batch ? 1U : 0U); }
        std::uint32_t deepest() const noexcept { return outside() + MessageShape::kLevels; }
        void close() noexcept { active = batch = in_message = false; }
    };

    bool next_message(const std::uint8_t*& at, const std::uint8_t* end, MiningInfo& out) noexcept;
    bool recover() noexcept;
    void open(JsonToken token, const std::uint8_t* at) noexcept;
    void note_start(const std::uint8_t* at) noexcept;
    bool begin(Reading& reading, JsonToken token, std::uint32_t container) noexcept;
    bool advance(Reading& reading, JsonToken token) noexcept;
    void note_evidence(const std::uint8_t* at) noexcept;
    void watch_depth() noexcept;
    void fill(const Reading& reading, MiningInfo& out) const noexcept;
    void fill_endpoint(const MessageShape& shape, MiningInfo& out) const noexcept;

    JsonTokenizer tokens_;
    std::uint64_t position_ = 0;  // bytes taken before this feed
    std::uint64_t messages_ = 0;
    const std::uint8_t* chunk_ = nullptr;          // this feed's first byte
    const std::uint8_t* evidence_from_ = nullptr;  // bytes of this feed not yet in evidence_
    std::uint32_t message_offset_ = 0;
    Carrier carrier_ = Carrier::json_lines;
    bool seen_value_ = false;  // a `{` or `[` came
    bool mid_stream_ = false;  // the first line may be anything
    bool skipping_ = false;    // up to the next LF
    bool not_json_ = false;
    MessageShape::Judgement judgement_;
    Reading stream_;  // values follow each other, whatever the lines
    Reading line_;    // a line by itself; only inside one of stream_'s values
    MessageTexts texts_;
    FixedText<80> evidence_;
};

}  // namespace minerwall::proto
