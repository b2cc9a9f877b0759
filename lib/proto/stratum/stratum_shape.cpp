#include "proto/stratum/stratum_shape.hpp"

#include <algorithm>

namespace minerwall::proto {
namespace {

constexpr std::uint8_t kNoHashes = 0xff;
constexpr std::size_t kHashText = 2 + 64;    // "0x" and 256 bits
constexpr std::size_t kShortestWallet = 33;  // minimum digits and letters of an address
constexpr std::size_t kHeaderDigits = 100;   // of a getwork header (all 256 digits may be cut)

bool is_hex(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    });
}

bool is_prefixed_hex(std::string_view text) noexcept {
    return text.starts_with("0x") && is_hex(text.substr(2));
}

// EIP 1571 answers with an object, Alephium's variant of it with a list.
bool is_hello_answer(std::string_view text) noexcept {
    return text.starts_with("EthereumStratum") || text.starts_with("AlephiumStratum");
}

bool holds_wallet(std::string_view text) noexcept {
    std::size_t run = 0;
    for (const char c : text) {
        const bool alphanumeric =
            (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        run = alphanumeric ? run + 1 : 0;
        if (run >= kShortestWallet) {
            return true;
        }
    }
    return false;
}

}  // namespace

void MessageTexts::clear() noexcept {
    first.clear();
    agent.clear();
    host.clear();
    second.clear();
    worker.clear();
    port.clear();
    algorithm.clear();
}

void MessageShape::start() noexcept {
    // Field by field: a sender can open a message every few bytes. open() sets the deeper levels.
    top_ = params_ = result_ = job_ = 0;
    methods_ = facts_ = 0;
    web_ = 0;
    hashes_ = 0;
    zero_target_ = false;
    first_ = First::other;
    speaker_ = Speaker::unknown;
    method_.clear();
    place_[1] = Place::message;
    index_[1] = 0;
    key_[1] = {};
}

std::uint64_t* MessageShape::members(Place place) noexcept {
    switch (place) {
        case Place::message:
            return &top_;
        case Place::params_object:
            return &params_;
        case Place::result_object:
            return &result_;
        case Place::job:
            return &job_;
        default:
            return nullptr;
    }
}

void MessageShape::key(unsigned level, std::string_view name) noexcept {
    if (level <= kLevels && members(place_[level]) != nullptr) {
        key_[level] = find_key(name);
    }
}

// Moves to the next element, or to a member that has no name yet.
void MessageShape::step(unsigned level) noexcept {
    key_[level] = {};
    if (index_[level] < 0xff) {
        ++index_[level];
    }
}

void MessageShape::value(unsigned level, JsonKind kind, std::string_view text, bool cut,
                         MessageTexts* texts) noexcept {
    if (level > kLevels) {
        return;
    }
    const KeyWord word = key_[level];
    std::uint64_t* seen = members(place_[level]);
    if (seen == nullptr) {
        element(level, kind, text, cut, texts);
    } else if ((word.kinds & kind) != 0 &&
               (kind != kString || word.may_be_empty || !text.empty())) {
        const bool must_be_hex = word.key == Key::blob || word.key == Key::pre_pow;
        if (!must_be_hex || is_hex(text)) {
            *seen |= bit(word.key);
            if (kind == kString || kind == kNumber) {
                member(level, word, text, texts);
            }
        }
    }
    step(level);
}

// Notes a member in a known place, if its kind is the expected one.
void MessageShape::member(unsigned level, KeyWord word, std::string_view text,
                          MessageTexts* texts) noexcept {
    const Place place = place_[level];
    if (place == Place::message && word.key == Key::method) {
        add_method(text);
    } else if (place == Place::message && word.key == Key::type) {
        web_ |= bit(find_type(text));
    } else if (place == Place::message && word.key == Key::identifier) {
        web_ |= bit(find_identifier(text));
    } else if (place == Place::params_object && word.key == Key::login && holds_wallet(text)) {
        set(kWalletLogin);
    } else if (place == Place::result_object) {
        if (word.key == Key::status && text == "KEEPALIVED") {
            set(kKeepalived);
        } else if (word.key == Key::proto && is_hello_answer(text)) {
            set(kHello);
        } else if (word.key == Key::data && text.size() >= kHeaderDigits && is_hex(text)) {
            set(kLongData);
        }
    }
    if (texts == nullptr) {
        return;
    }
    if (word.key == Key::algo) {
        texts->algorithm.assign(text);
    } else if (word.key == Key::worker) {
        texts->worker.assign(text);
    } else if (place == Place::message) {
        if (word.key == Key::api_key || word.key == Key::login) {  // Beam, webminerpool
            texts->first.assign(text);
        } else if (word.key == Key::pool) {
            texts->host.assign(text);
        }
    } else if (place == Place::params_object) {
        switch (word.key) {
            case Key::login:
            case Key::public_address:
            case Key::site_key:
            case Key::user_id:
            case Key::wallet_address:
                texts->first.assign(text);
                break;
            case Key::rigid:
            case Key::name:  // Iron Fish
                texts->worker.assign(text);
                break;
            case Key::agent:
                texts->agent.assign(text);
                break;
            case Key::host:
                texts->host.assign(text);
                break;
            case Key::port:
                texts->port.assign(text);
                break;
            default:
                break;
        }
    }
}

void MessageShape::element(unsigned level, JsonKind kind, std::string_view text, bool cut,
                           MessageTexts* texts) noexcept {
    const unsigned index = index_[level];
    switch (place_[level]) {
        case Place::params_array:
            if (index == 0 && kind == kString) {
                note_first(text);
            } else if (index == 1 && kind == kString && text.empty()) {
                set(kSecondEmpty);
            }
            if (texts == nullptr || (kind != kString && kind != kNumber)) {
                break;
            }
            if (index == 0) {
                texts->first.assign(text);
            } else if (index == 1) {
                texts->second.assign(text);
            } else if (index == 2) {  // ZIP 301: [agent, session, host, port]
                texts->host.assign(text);
            } else if (index == 3) {
                texts->port.assign(text);
            }
            break;
        case Place::result_array:
            if (index == 1 && (kind == kString || kind == kNull)) {
                set(kSecondResultText);
            } else if (index == 0 && kind == kString && is_hello_answer(text)) {
                set(kHello);
            }
            hash_element(index, kind, text, cut);
            break;
        case Place::result_pairs:
            if (index == 0 && kind == kString && text.starts_with("mining.")) {
                set(kSubscription);
            }
            break;
        case Place::algorithms:
            if (index == 0 && kind == kString && texts != nullptr) {
                texts->algorithm.assign(text);
            }
            break;
        default:
            break;
    }
}

void MessageShape::note_first(std::string_view text) noexcept {
    set(kFirstIsText);
    if (text.find_first_of("/ ") != std::string_view::npos) {
        set(kFirstIsProduct);
    }
    if (is_hex(text)) {
        set(kFirstIsHex);
        // In a Bitcoin block, the fourth byte holds the sign of the version, which is never
        // negative. In a Monero block it belongs to the time, a varint of five bytes: its top bit
        // says that more follow.
        if (text.size() > 6 && text[6] > '7') {
            set(kMoneroBlock);
        }
    }
}

First MessageShape::first() const noexcept {
    if (!has(kFirstIsText)) {
        return First::other;
    }
    // Conflux subscribes with [worker, password]; elsewhere that is [agent, session].
    const bool conflux = first_ == First::agent && has(kSecondEmpty) && has(kParamsShort) &&
                         !has(kFirstIsProduct) && (top_ & bit(Key::jsonrpc)) != 0;
    return conflux ? First::login : first_;
}

// eth_getWork's answer: header hash, seed hash, target; some nodes append the block's number.
void MessageShape::hash_element(unsigned index, JsonKind kind, std::string_view text,
                                bool cut) noexcept {
    if (hashes_ != index || index > 4) {
        hashes_ = kNoHashes;
        return;
    }
    bool fits = kind == kString && !cut && is_prefixed_hex(text) && text.size() <= kHashText;
    if (index < 2) {
        fits = fits && text.size() == kHashText;
    } else if (index == 2) {
        zero_target_ = text.size() < kHashText || text.starts_with("0x0000");
    }
    hashes_ = fits ? static_cast<std::uint8_t>(index + 1) : kNoHashes;
}

bool MessageShape::open(unsigned level, JsonKind kind) noexcept {
    if (level > kLevels) {
        return false;
    }
    const Place parent = place_[level];
    const KeyWord word = key_[level];
    const bool first = index_[level] == 0;
    Place child = Place::elsewhere;
    if (std::uint64_t* seen = members(parent); seen != nullptr && (word.kinds & kind) != 0) {
        *seen |= bit(word.key);
        const bool array = kind == kArray;
        if (parent == Place::message && word.key == Key::params) {
            child = array ? Place::params_array : Place::params_object;
            set(array ? kParamsArray : kParamsObject);
        } else if (parent == Place::message && word.key == Key::result) {
            child = array ? Place::result_array : Place::result_object;
            hashes_ = 0;
        } else if (parent != Place::message && word.key == Key::job) {
            child = Place::job;
        } else if (word.key == Key::algo && array) {
            child = Place::algorithms;
        }
    } else if (kind == kArray &&
               ((parent == Place::result_array && first) || parent == Place::result_pairs)) {
        child = Place::result_pairs;
    }
    if (parent == Place::result_array) {
        hashes_ = kNoHashes;
    }
    step(level);
    if (level < kLevels) {
        place_[level + 1] = child;
        index_[level + 1] = 0;
        key_[level + 1] = {};
    }
    return child != Place::elsewhere;
}

void MessageShape::close(unsigned level) noexcept {
    if (level > kLevels) {
        return;
    }
    if (place_[level] == Place::params_array && index_[level] <= 2) {
        set(kParamsShort);
    } else if (place_[level] == Place::result_array && hashes_ >= 3 && hashes_ != kNoHashes) {
        set(kWorkPackage);
        if (zero_target_) {
            set(kWorkPackageStrict);
        }
    }
}

void MessageShape::add_method(std::string_view name) noexcept {
    const MethodWord word = find_method(name);
    if (word.method != Method::none) {
        methods_ |= bit(word.method);
        speaker_ = word.speaker;
        first_ = word.first;
        method_.assign(name);
    }
}

void MessageShape::start_loose(const MessageShape* known) noexcept {
    *this = known != nullptr ? *known : MessageShape{};
    method_next_ = key_[1].key == Key::method;
    for (const KeyWord& word : key_) {  // its value may be behind the place in doubt
        if (word.key != Key::none && word.key != Key::method) {
            top_ |= bit(word.key);
            params_ |= bit(word.key);
        }
    }
}

void MessageShape::word(std::string_view text, bool in_quotes, bool behind_comma) noexcept {
    const Key key = find_key(text).key;
    method_next_ = method_next_ && !behind_comma;
    if (key == Key::method) {
        method_next_ = true;
        return;
    }
    if (method_next_ && in_quotes) {
        add_method(text);
    }
    if (key != Key::none) {
        top_ |= bit(key);
        params_ |= bit(key);
        if (key == Key::params) {
            set(kParamsArray);
            set(kParamsShort);
        }
    } else if ((top_ & bit(Key::params)) != 0) {
        set(kFirstIsText);
        facts_ |= is_hex(text) ? std::uint32_t{kFirstIsHex} : 0U;
    }
    if (holds_wallet(text)) {
        set(kWalletLogin);
    }
}

MessageShape::Recognised MessageShape::recognise_loose(Carrier carrier) const noexcept {
    return methods_ == 0 ? Recognised{} : recognise(carrier);
}

}  // namespace minerwall::proto
