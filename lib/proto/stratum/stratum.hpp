// Recognises JSON mining messages (Stratum V1, CryptoNote, ETHPROXY, getwork, getblocktemplate,
// Monero's daemon RPC, browser miners) in a stream of bytes. A push parser: feed the bytes in
// order; segmentation cannot change the result, and no message is too long. One scanner per
// direction; one thread at a time. Never allocates or throws.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "proto/json/json.hpp"
#include "proto/json/json_words.hpp"
#include "proto/stratum/stratum_shape.hpp"

namespace minerwall::proto {

// Where in the stream the scanner starts.
enum class StreamStart : std::uint8_t {
    known,       // at its first byte, which must open a JSON value
    mid_stream,  // anywhere: bytes before the first LF may be the rest of a message
};

class StratumScanner {
  public:
    enum class State : std::uint8_t {
        scanning,  // all bytes taken, nothing found yet
        mining,    // `consumed` bytes taken; the last one closes a mining message. Feed the
                   // rest to continue.
        not_json,  // not a stream of JSON values; stays so until reset()
    };

    // Prepares for another stream; cheap, because it clears no buffers. A stream is one direction
    // of a connection (json_lines), one HTTP body, or one WebSocket message. Reset for each of
    // them, because a truncated or non-JSON message says nothing about the next. Feed the frames
    // that continue a WebSocket message without a reset.
    void reset(Carrier carrier, StreamStart start = StreamStart::known) noexcept;

    // Feeds the next bytes. Writes `out` only if the answer is `mining`.
    // json_lines, websocket: skips a line that is not JSON up to its LF. A line that starts inside
    // an unfinished value is read both as the rest of the value and as a line by itself, because
    // the receiver may read it either way. Where receivers differ over the grammar, it also reads
    // the bytes as words, up to the end of the next message without such a place
    // (stratum_doubt.cpp).
    State feed(Bytes bytes, MiningInfo& out, std::size_t& consumed) noexcept;

    // The stream is inside an unfinished JSON value, or a comment.
    bool mid_message() const noexcept { return tokens_.unfinished(); }
    // Something that RFC 8259 does not have came since reset(): the prefilter's patterns say
    // nothing.
    bool lenient() const noexcept { return tokens_.lenient(); }
    // Receivers differ over the last values: the next bytes are read as words, too.
    bool doubtful() const noexcept { return loose_.active; }
    // An object or array has begun.
    bool saw_value() const noexcept { return seen_value_; }
    // The number of complete top-level values so far.
    std::uint64_t messages() const noexcept { return messages_; }

  private:
    // One way to cut the stream into messages.
    struct Reading {
        MessageShape shape;
        std::uint32_t base = 0;   // open containers outside its top-level value
        std::uint32_t quiet = 0;  // ignore deeper containers
        bool active = false;      // inside a top-level value
        bool batch = false;       // which is an array: its objects are messages
        bool in_message = false;
        bool odd = false;  // receivers differ over a place in the value

        // The number of open containers outside the message.
        std::uint32_t outside() const noexcept { return base + (batch ? 1U : 0U); }
        std::uint32_t deepest() const noexcept { return outside() + MessageShape::kLevels; }
        void close() noexcept { active = batch = in_message = false; }
    };

    // The words of bytes that receivers read differently, as one message without places.
    struct Loose {
        JsonWords words;
        MessageShape shape;
        bool active = false;
        std::uint8_t clean = 0;   // values without one that have ended since
        std::uint8_t waited = 0;  // brackets that closed while the tokenizer's reading had a say
        bool only = false;        // the tokenizer has given up
    };

    bool next_message(const std::uint8_t*& at, const std::uint8_t* end, MiningInfo& out) noexcept;
    bool read(const std::uint8_t*& at, const std::uint8_t* end, MiningInfo& out) noexcept;
    bool recover() noexcept;
    void open(JsonToken token, const std::uint8_t* at) noexcept;
    void note_start(const std::uint8_t* at) noexcept;
    bool begin(Reading& reading, JsonToken token, std::uint32_t container) noexcept;
    bool advance(Reading& reading, JsonToken token) noexcept;
    void note_evidence(const std::uint8_t* at) noexcept;
    void watch_depth() noexcept;
    void fill(const MessageShape& shape, MiningInfo& out) const noexcept;
    void fill_endpoint(const MessageShape& shape, MiningInfo& out) const noexcept;

    // stratum_doubt.cpp
    void doubt() noexcept;
    void settle_doubt() noexcept;
    bool read_doubtful(const std::uint8_t*& at, const std::uint8_t* end, MiningInfo& out) noexcept;
    bool read_words(const std::uint8_t* at, const std::uint8_t* end) noexcept;
    bool reads_it(const Reading& reading) const noexcept;

    JsonTokenizer tokens_;
    std::uint64_t position_ = 0;  // bytes taken before this feed
    std::uint64_t messages_ = 0;
    const std::uint8_t* chunk_ = nullptr;          // this feed's first byte
    const std::uint8_t* evidence_from_ = nullptr;  // bytes from here are not yet in evidence_
    std::uint32_t message_offset_ = 0;
    Carrier carrier_ = Carrier::json_lines;
    bool seen_value_ = false;  // read a `{` or `[`
    bool mid_stream_ = false;  // the first line may be anything
    bool skipping_ = false;    // until the next LF
    bool not_json_ = false;
    MessageShape::Recognised recognised_;
    Reading stream_;  // values in sequence, regardless of lines
    Reading line_;    // a line by itself; only inside a value of stream_
    Loose loose_;
    MessageTexts texts_;
    FixedText<80> evidence_;
};

}  // namespace minerwall::proto
