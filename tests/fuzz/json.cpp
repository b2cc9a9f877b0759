// Compares the tokenizer with nlohmann's parser. If nlohmann accepts a text, ours must report the
// same events. The cuts between pieces must never matter.
#include "proto/json/json.hpp"

#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace {

using minerwall::Bytes;
using minerwall::proto::JsonToken;
using minerwall::proto::JsonTokenizer;

struct Event {
    JsonToken token;
    std::string text;
    bool operator==(const Event&) const = default;
};
using Events = std::vector<Event>;

// Translates nlohmann's events into ours.
class Recorder : public nlohmann::json_sax<nlohmann::json> {
  public:
    Events events;
    bool null() override { return scalar(); }
    bool boolean(bool) override { return scalar(); }
    bool number_integer(number_integer_t) override { return scalar(); }
    bool number_unsigned(number_unsigned_t) override { return scalar(); }
    bool number_float(number_float_t, const string_t&) override { return scalar(); }
    bool binary(binary_t&) override { return false; }
    bool string(string_t& text) override { return add(JsonToken::string, text); }
    bool key(string_t& text) override { return add(JsonToken::key, text); }
    bool start_object(std::size_t) override { return add(JsonToken::begin_object, {}); }
    bool start_array(std::size_t) override { return add(JsonToken::begin_array, {}); }
    bool end_object() override { return add(JsonToken::end, {}); }
    bool end_array() override { return add(JsonToken::end, {}); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

  private:
    bool scalar() { return add(JsonToken::scalar, {}); }
    bool add(JsonToken token, std::string text) {
        text.resize(std::min(text.size(), JsonTokenizer::kTextMax));
        events.push_back({token, std::move(text)});
        return true;
    }
};

Events read(Bytes bytes, std::size_t step) {
    JsonTokenizer tokenizer;
    tokenizer.reset();
    Events events;
    for (std::size_t from = 0; from < bytes.size(); from += step) {
        const Bytes part = bytes.subspan(from, std::min(step, bytes.size() - from));
        const std::uint8_t* at = part.data();
        const std::uint8_t* end = at + part.size();
        for (JsonToken token; (token = tokenizer.next(at, end)) != JsonToken::more;) {
            const bool text = token == JsonToken::key || token == JsonToken::string;
            events.push_back({token, text ? std::string{tokenizer.text()} : std::string{}});
            if (token == JsonToken::error) {
                return events;
            }
        }
        if (at != end) {
            std::abort();
        }
    }
    return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::size_t step = 1 + data[0] % 17;
    const Bytes text{data + 1, size - 1};
    const Events whole = read(text, text.size());
    if (read(text, step) != whole || read(text, 1) != whole) {
        std::abort();
    }
    if (std::memchr(text.data(), 0, text.size()) != nullptr) {
        return 0;  // nlohmann takes NUL for the end
    }
    Recorder recorder;
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &recorder) &&
        recorder.events.front().token != JsonToken::scalar &&
        recorder.events.front().token != JsonToken::string && recorder.events != whole) {
        std::abort();
    }
    return 0;
}
