#include "proto/tls.hpp"

namespace minerwall::proto {
namespace {

constexpr std::uint32_t kMaxRecordSize = (1u << 14) + 256;  // RFC 8446, 5.2
constexpr std::uint32_t kMaxHelloSize = 1u << 17;
constexpr std::uint32_t kMinHelloSize = 2 + 32 + 1 + 2 + 2 + 1 + 1;
constexpr std::uint8_t kMaxOddRecords = 32;

enum : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22 };
enum : std::uint16_t { kServerName = 0, kAlpn = 16, kEncryptedClientHello = 0xfe0d };
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kHostName = 0;

// 0a0a, 1a1a, .. fafa (RFC 8701, 2).
constexpr bool is_grease(std::uint16_t value) noexcept {
    return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

void append_protocol_byte(FixedText<32>& out, std::uint8_t byte) noexcept {
    if (byte > 0x20 && byte < 0x7f && byte != '\\') {
        out.push_back(static_cast<char>(byte));
    } else {
        append_escape(out, byte);
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

// The record's version says nothing (RFC 8446, 5.1: "MUST be ignored"), but for its first byte.
// Empty records and warning alerts between the pieces of a hello are what OpenSSL puts up with, so
// they must not hide a name; their number is bounded there as here.
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
        const Bytes part = in.first(n);
        if (item_ <= Item::protocol_size) {
            for (const std::uint8_t byte : part) {
                value_ = (value_ << 8) | byte;
            }
        } else if (item_ == Item::name) {
            for (const std::uint8_t byte : part) {
                append_host_byte(info_.server_name, byte);
            }
        } else if (item_ == Item::protocol) {
            for (const std::uint8_t byte : part) {
                append_protocol_byte(info_.alpn, byte);
                value_ = (value_ << 8) | byte;
            }
        }
        at_ += static_cast<std::uint32_t>(n);
        in = in.subspan(n);
        while (state_ == State::need_more && at_ == stop_) {
            advance();
        }
    }
}

void ClientHelloParser::expect(Item item, std::uint32_t size, std::uint32_t limit) noexcept {
    if (size > limit - at_) {  // at_ never passes the limit of where it is
        fail();
        return;
    }
    item_ = item;
    stop_ = at_ + size;
    value_ = 0;
}

// item_ was read: what comes next?
void ClientHelloParser::advance() noexcept {
    switch (item_) {
        case Item::message_header:
            return start_message();
        case Item::version:
            info_.legacy_version = static_cast<std::uint16_t>(value_);
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
            if (value_ > message_end_ - at_) {
                return fail();
            }
            extensions_end_ = at_ + value_;
            return next_extension();
        case Item::extension_header:
            return start_extension();
        case Item::extension:
            return next_extension();
        case Item::names_size:
        case Item::protocols_size:
            if (value_ > extension_end_ - at_) {
                return fail();
            }
            list_end_ = at_ + value_;
            return item_ == Item::names_size ? next_name() : next_protocol();
        case Item::name_header: {
            const std::uint32_t size = value_ & 0xffff;
            const bool host = (value_ >> 16) == kHostName;
            return expect(host ? Item::name : Item::other_name, size, list_end_);
        }
        case Item::name:
            return finish_name();
        case Item::other_name:
            return next_name();
        case Item::protocol_size:
            protocol_size_ = static_cast<std::uint8_t>(value_);
            return expect(Item::protocol, value_, list_end_);
        case Item::protocol:
            return finish_protocol();
    }
}

void ClientHelloParser::start_message() noexcept {
    const std::uint32_t size = value_ & 0xffffff;
    if ((value_ >> 24) != kClientHello || size < kMinHelloSize || size > kMaxHelloSize) {
        return fail();
    }
    message_end_ = at_ + size;
    expect(Item::version, 2, message_end_);
}

void ClientHelloParser::next_extension() noexcept {
    if (at_ == extensions_end_) {
        state_ = State::done;
    } else {
        expect(Item::extension_header, 4, extensions_end_);
    }
}

// A second extension of the same type is forbidden (RFC 8446, 4.2), and every server refuses it:
// the first one counts.
void ClientHelloParser::start_extension() noexcept {
    const std::uint32_t size = value_ & 0xffff;
    const std::uint32_t type = value_ >> 16;
    if (size > extensions_end_ - at_) {
        return fail();
    }
    extension_end_ = at_ + size;
    if (type == kServerName && !info_.has_sni && size != 0) {
        return expect(Item::names_size, 2, extension_end_);
    }
    if (type == kAlpn && !info_.has_alpn && size != 0) {
        return expect(Item::protocols_size, 2, extension_end_);
    }
    info_.has_ech = info_.has_ech || type == kEncryptedClientHello;
    expect(Item::extension, size, extensions_end_);
}

void ClientHelloParser::next_name() noexcept {
    if (at_ == list_end_ || info_.has_sni) {
        expect(Item::extension, extension_end_ - at_, extension_end_);
    } else {
        expect(Item::name_header, 3, list_end_);
    }
}

void ClientHelloParser::finish_name() noexcept {
    strip_trailing_dots(info_.server_name);
    info_.has_sni = !info_.server_name.empty();
    next_name();
}

void ClientHelloParser::next_protocol() noexcept {
    if (at_ == list_end_ || info_.has_alpn) {
        expect(Item::extension, extension_end_ - at_, extension_end_);
    } else {
        expect(Item::protocol_size, 1, list_end_);
    }
}

void ClientHelloParser::finish_protocol() noexcept {
    if (protocol_size_ == 2 && is_grease(static_cast<std::uint16_t>(value_))) {
        info_.alpn.clear();
    }
    info_.has_alpn = !info_.alpn.empty();
    next_protocol();
}

}  // namespace minerwall::proto
