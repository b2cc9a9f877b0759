// The shape of one JSON message: which known members it has, where, and of which kind. It gathers
// them token by token in any order, and recognises whether they make a mining message. A member
// counts only at its own depth, so text inside strings or deeper levels does not count. If a member
// occurs twice, both values count, because receivers differ over which one they take. Any thread,
// one at a time. Never allocates or throws.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/mining_info.hpp"
#include "proto/stratum/stratum_words.hpp"

namespace minerwall::proto {

// What carries the JSON; it decides which dialects are plausible. websocket: one message, unmasked
// and with its fragments joined, is one stream of values.
enum class Carrier : std::uint8_t { json_lines, http_request_body, http_response_body, websocket };

// Carriers of the line dialects. A WebSocket message may hold several lines.
constexpr bool holds_lines(Carrier carrier) noexcept {
    return carrier == Carrier::json_lines || carrier == Carrier::websocket;
}

// The message's texts that go into a MiningInfo.
struct MessageTexts {
    FixedText<120> first;  // params[0], or the login, address or key of an object
    FixedText<64> agent;
    FixedText<64> host;    // params[2], or a member
    FixedText<64> second;  // params[1]
    FixedText<64> worker;
    FixedText<6> port;  // params[3], or a member
    FixedText<20> algorithm;

    void clear() noexcept;
};

class MessageShape {
  public:
    // The number of relevant levels below the message's own object.
    static constexpr unsigned kLevels = 4;

    // Starts a message: its object has opened, and its members are at level 1. If `texts` is null,
    // value() gathers no texts.
    void start() noexcept;
    void key(unsigned level, std::string_view name) noexcept;
    void value(unsigned level, JsonKind kind, std::string_view text, bool cut,
               MessageTexts* texts) noexcept;
    // False: nothing inside the container can matter.
    bool open(unsigned level, JsonKind kind) noexcept;
    // A container closed whose members were at `level`.
    void close(unsigned level) noexcept;

    struct Recognised {
        Dialect dialect = Dialect::none;
        Speaker speaker = Speaker::unknown;
        std::string_view method = {};  // static text; if empty, see method() below
    };
    // Call it after the message's closing brace.
    Recognised recognise(Carrier carrier) const noexcept;

    // The same of words without places, for bytes that receivers read differently. Begins with what
    // is known of the message around them. in_quotes, behind_comma: see JsonWords.
    void start_loose(const MessageShape* known) noexcept;
    void word(std::string_view text, bool in_quotes, bool behind_comma) noexcept;
    Recognised recognise_loose(Carrier carrier) const noexcept;

    // The last mining method, as on the wire; empty if there is none (answers).
    std::string_view method() const noexcept { return method_.view(); }
    // What params[0] means for this method; `other` if params is not an array.
    First first() const noexcept;
    bool params_is_array() const noexcept { return has(kParamsArray); }
    bool has_method(Method method) const noexcept { return (methods_ & bit(method)) != 0; }

  private:
    enum class Place : std::uint8_t {
        elsewhere,
        message,
        params_object,
        params_array,
        result_object,
        result_array,
        result_pairs,  // result[0] of a subscribe answer, or a pair in it
        job,
        algorithms,
    };
    enum Fact : std::uint32_t {
        kParamsArray = 1,
        kParamsObject = 2,
        kFirstIsText = 4,         // params[0] is a string
        kFirstIsHex = 8,          // params[0] has only hexadecimal digits
        kParamsShort = 16,        // params is an array of at most two elements
        kWalletLogin = 32,        // the login holds a run as long as a wallet address
        kSubscription = 64,       // result[0] starts with a pair that names a mining.* notification
        kSecondResultText = 128,  // result[1] is a string or null: the extranonce
        kWorkPackage = 256,       // result is the three hashes of eth_getWork
        kWorkPackageStrict = 512,  // and the third hash has a target's leading zeros
        kKeepalived = 1024,        // result.status is "KEEPALIVED"
        kHello = 2048,             // result.proto or result[0] answers a mining.hello
        kLongData = 4096,          // result.data is hexadecimal, as long as a block header
        kFirstIsProduct = 8192,    // params[0] looks like a program's name and version
        kSecondEmpty = 16384,      // params[1] is ""
        kMoneroBlock = 32768,      // params[0] may be a Monero block, but not a Bitcoin one
    };

    bool has(Fact fact) const noexcept { return (facts_ & fact) != 0; }
    bool has_web(WebWord word) const noexcept { return (web_ & bit(word)) != 0; }
    void set(Fact fact) noexcept { facts_ |= fact; }
    std::uint64_t* members(Place place) noexcept;
    void element(unsigned level, JsonKind kind, std::string_view text, bool cut,
                 MessageTexts* texts) noexcept;
    void member(unsigned level, KeyWord word, std::string_view text, MessageTexts* texts) noexcept;
    void note_first(std::string_view text) noexcept;
    void add_method(std::string_view name) noexcept;
    void hash_element(unsigned index, JsonKind kind, std::string_view text, bool cut) noexcept;
    void step(unsigned level) noexcept;

    Recognised recognise_stratum() const noexcept;
    Recognised recognise_cryptonote() const noexcept;
    Recognised recognise_ethproxy(bool strict) const noexcept;
    Recognised recognise_webminer() const noexcept;
    Recognised recognise_request() const noexcept;
    Recognised recognise_monero() const noexcept;
    Recognised recognise_response(bool strict) const noexcept;

    std::uint64_t top_ = 0;     // Key bits of the message's own members
    std::uint64_t params_ = 0;  // of params
    std::uint64_t result_ = 0;  // of result
    std::uint64_t job_ = 0;     // of params.job or result.job
    std::uint32_t methods_ = 0;
    std::uint32_t facts_ = 0;
    std::uint16_t web_ = 0;    // WebWord bits of `type` and `identifier`
    std::uint8_t hashes_ = 0;  // elements that fit eth_getWork's answer; kNoHashes: misfit
    bool zero_target_ = false;
    bool method_next_ = false;  // the words up to the next comma may be the method's name
    First first_ = First::other;
    Speaker speaker_ = Speaker::unknown;
    // Indexed by level; [0] is unused.
    Place place_[kLevels + 1] = {};
    std::uint8_t index_[kLevels + 1] = {};
    KeyWord key_[kLevels + 1] = {};
    FixedText<32> method_;
};

}  // namespace minerwall::proto
