// Where receivers differ over the grammar: the end of a comment, NUL, a line that opens a value
// inside a string. What one of them reads as a message may lie inside a comment or string of
// another, so from there on we read the words as well. A method's name in quotes behind the key
// `method`, together with the words of the rest of its shape, is a message then. Doubt ends with a
// value that has no such place.
#include "proto/stratum/stratum.hpp"

namespace minerwall::proto {
namespace {

constexpr std::uint8_t kPatience = 8;
// The values without a place in doubt that end it.
constexpr std::uint8_t kClean = 16;

}  // namespace

// Starts at the byte behind the place in doubt.
void StratumScanner::doubt() noexcept {
    stream_.odd = line_.odd = true;
    loose_.waited = 0;
    loose_.clean = 0;
    if (loose_.active) {
        return;
    }
    loose_.active = true;
    loose_.words.reset();
    loose_.shape.start_loose(stream_.active ? &stream_.shape : nullptr);
    if (!tokens_.broken().empty()) {
        loose_.shape.word(tokens_.broken(), true, false);
    }
    if (tokens_.inside() && tokens_.pending()) {
        loose_.shape.word(tokens_.text(), true, false);
    }
}

// The tokenizer's reading has the method in a message that is not in doubt, and will report it at
// its end with all texts.
bool StratumScanner::reads_it(const Reading& reading) const noexcept {
    return reading.in_message && !reading.shape.method().empty() && !reading.odd;
}

// Reads from bracket to bracket, by the tokenizer and by words: only a closing bracket can end a
// message, so both stay in step however the stream is cut.
bool StratumScanner::read_doubtful(const std::uint8_t*& at, const std::uint8_t* end,
                                   MiningInfo& out) noexcept {
    while (at < end && loose_.active && !not_json_) {
        const std::uint8_t* from = at;
        const std::uint8_t* stop = find_json_close(at, end);
        bool found = false;
        while (at < stop && !found && !not_json_ && !loose_.only) {
            found = read(at, stop, out);
        }
        at = loose_.only ? stop : at;
        const bool loose = read_words(from, at);
        if (!found && loose) {
            note_evidence(at);
            fill(loose_.shape, out);
            found = true;
        }
        if (found || loose_.clean >= kClean) {
            loose_.active = false;
        }
        if (found) {
            not_json_ = loose_.only;
            return true;
        }
    }
    return false;
}

// True: the words up to `end`, where a bracket has closed, make a mining message (recognised_).
bool StratumScanner::read_words(const std::uint8_t* at, const std::uint8_t* end) noexcept {
    const bool closes = at != end && kJsonClass[end[-1]] == JsonClass::close;
    while (loose_.words.next(at, end) == JsonWords::Found::word) {
        loose_.shape.word(loose_.words.text(), loose_.words.in_quotes(),
                          loose_.words.behind_comma());
    }
    if (!closes || ((reads_it(stream_) || reads_it(line_)) && ++loose_.waited <= kPatience)) {
        return false;
    }
    const MessageShape::Recognised found = loose_.shape.recognise_loose(carrier_);
    if (found.dialect == Dialect::none) {
        return false;
    }
    recognised_ = found;
    return true;
}

}  // namespace minerwall::proto
