#include "proto/tls/tls.hpp"

namespace minerwall::proto {
namespace {

constexpr std::uint32_t kMaxRecordSize = (1u << 14) + 256;  // RFC 8446, 5.2
// OpenSSL 3 reads up to 131,396 bytes; GnuTLS, NSS, BoringSSL and Go read less.
constexpr std::uint32_t kMaxHelloSize = 1u << 18;
constexpr std::uint32_t kMinHelloSize = 2 + 32 + 1 + 2 + 2 + 1 + 1;
constexpr std::uint8_t kMaxOddRecords = 32;

enum : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22 };
constexpr std::uint8_t kClientHello = 1;

template <std::size_t N>
void append(std::array<std::uint16_t, N>& list, std::uint8_t& count, std::uint16_t word,
            bool& truncated) noexcept {
    if (count < N) {
        list[count++] = word;
    } else {
        truncated = true;
    }
}

}  // namespace

ClientHelloParser::State ClientHelloParser::feed(Bytes in, std::size_t& consumed) noexcept {
    consumed = 0;
    while (state_ == State::need_more && consumed < in.size()) {
        if (record_left_ == 0) {
            read_record_byte(in[consumed++]);
            continue;
        }
        const std::size_t n = std::min<std::size_t>(record_left_, in.size() - consumed);
        if (record_type_ == kHandshake) {
            const std::uint32_t before = at_;
            read_message(in.subspan(consumed, n));
            consumed += at_ - before;
            record_left_ = static_cast<std::uint16_t>(record_left_ - (at_ - before));
        } else {
            consumed += n;
            record_left_ = static_cast<std::uint16_t>(record_left_ - n);
        }
    }
    return state_;
}

ClientHelloParser::State ClientHelloParser::feed_handshake(Bytes in,
                                                           std::size_t& consumed) noexcept {
    const std::uint32_t before = at_;
    read_message(in);
    consumed = at_ - before;
    return state_;
}

// Only the first byte of the record's version means something (RFC 8446, 5.1: "MUST be ignored").
// OpenSSL accepts empty records and warning alerts between the pieces of a hello, up to a limit. So
// do we: they must not hide a name.
void ClientHelloParser::read_record_byte(std::uint8_t byte) noexcept {
    switch (header_have_++) {
        case 0:
            record_type_ = byte;
            if (byte < kChangeCipherSpec || byte > kHandshake) {
                fail();
            }
            return;
        case 1:
            if (byte != 3) {
                fail();
            }
            return;
        case 2:
            return;
        case 3:
            record_size_high_ = byte;
            return;
        default:
            break;
    }
    header_have_ = 0;
    record_left_ = static_cast<std::uint16_t>((record_size_high_ << 8) | byte);
    const bool odd = record_type_ != kHandshake || record_left_ == 0;
    if (record_left_ > kMaxRecordSize || (record_type_ != kHandshake && record_left_ > 2) ||
        (odd && ++odd_records_ > kMaxOddRecords)) {
        fail();
    }
}

void ClientHelloParser::read_message(Bytes in) noexcept {
    while (state_ == State::need_more && !in.empty()) {
        const std::size_t n = std::min<std::size_t>(stop_ - at_, in.size());
        read_item(in.first(n));
        at_ += static_cast<std::uint32_t>(n);
        in = in.subspan(n);
        while (state_ == State::need_more && at_ == stop_) {
            advance();
        }
    }
}

void ClientHelloParser::read_item(Bytes part) noexcept {
    if (item_ <= Item::ech_type) {
        for (const std::uint8_t byte : part) {
            value_ = (value_ << 8) | byte;
        }
    } else if (item_ <= Item::versions) {
        for (const std::uint8_t byte : part) {
            value_ = (value_ << 8) | byte;
            if (begun_) {
                add_word(static_cast<std::uint16_t>(value_));
            }
            begun_ = !begun_;
        }
    } else if (item_ == Item::name) {
        read_name(part);
    } else if (item_ == Item::protocol) {
        read_protocol(part);
    }
}

void ClientHelloParser::expect(Item item, std::uint32_t size, std::uint32_t limit) noexcept {
    if (size > limit - at_) {  // at_ never passes its limit
        fail();
        return;
    }
    item_ = item;
    stop_ = at_ + size;
    value_ = 0;
    begun_ = false;
}

// Skips the rest of the current extension.
void ClientHelloParser::skip_extension() noexcept {
    expect(Item::extension, extension_end_ - at_, extension_end_);
}

// Called when item_ is complete: chooses the next one.
void ClientHelloParser::advance() noexcept {
    switch (item_) {
        case Item::message_header:
            return start_message();
        case Item::version:
            info_.highest_version = static_cast<std::uint16_t>(value_);
            if ((value_ >> 8) != 3) {
                return fail();
            }
            return expect(Item::random, 32, message_end_);
        case Item::random:
            return expect(Item::session_size, 1, message_end_);
        case Item::session_size:
            return value_ > 32 ? fail() : expect(Item::session, value_, message_end_);
        case Item::session:
            return expect(Item::ciphers_size, 2, message_end_);
        case Item::ciphers_size:
            return expect(Item::ciphers, value_, message_end_);
        case Item::ciphers:
            return expect(Item::compressions_size, 1, message_end_);
        case Item::compressions_size:
            return expect(Item::compressions, value_, message_end_);
        case Item::compressions:
            if (at_ == message_end_) {  // a hello without extensions, RFC 5246, 7.4.1.2
                state_ = State::done;
                return;
            }
            return expect(Item::extensions_size, 2, message_end_);
        case Item::extensions_size:
            return start_extensions();
        case Item::extension_header:
            return start_extension();
        case Item::extension:
            return next_extension();
        case Item::names_size:
            return start_name_list();
        case Item::name_header:
            return start_name();
        case Item::protocols_size:
            return start_protocols();
        case Item::algorithms_size:
            return start_words(Item::algorithms);
        case Item::versions_size:
            return start_words(Item::versions);
        case Item::algorithms:
        case Item::versions:
            return skip_extension();
        case Item::ech_type:
            return finish_ech_type();
        case Item::name:
            return finish_name();
        case Item::other_name:
            return next_name();
        case Item::protocol_size:
            return start_protocol();
        case Item::protocol:
            return finish_protocol();
    }
}

void ClientHelloParser::start_message() noexcept {
    const std::uint32_t size = value_ & 0xffffff;
    too_long_ = (value_ >> 24) == kClientHello && size > kMaxHelloSize;
    if ((value_ >> 24) != kClientHello || size < kMinHelloSize || too_long_) {
        return fail();
    }
    message_end_ = at_ + size;
    expect(Item::version, 2, message_end_);
}

void ClientHelloParser::start_extensions() noexcept {
    if (value_ > message_end_ - at_) {
        return fail();
    }
    extensions_end_ = at_ + value_;
    next_extension();
}

void ClientHelloParser::add_word(std::uint16_t word) noexcept {
    if (is_grease(word)) {
        return;
    }
    ClientHelloLists& lists = info_.lists;
    if (item_ == Item::versions) {
        info_.highest_version = std::max(info_.highest_version, word);
    } else if (item_ == Item::ciphers) {
        append(lists.ciphers, lists.cipher_count, word, lists.truncated);
    } else {
        append(lists.algorithms, lists.algorithm_count, word, lists.truncated);
    }
}

void ClientHelloParser::add_extension(std::uint16_t type) noexcept {
    ClientHelloLists& lists = info_.lists;
    if (!is_grease(type)) {
        append(lists.extensions, lists.extension_count, type, lists.truncated);
    }
}

}  // namespace minerwall::proto
