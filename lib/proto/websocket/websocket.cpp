#include "proto/websocket/websocket.hpp"

#include <algorithm>
#include <bit>

namespace minerwall::proto {
namespace {

// RFC 6455, 5.2 and 11.8.
constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kControl = 8;  // control opcodes start here
constexpr std::uint8_t kPong = 10;
constexpr std::uint8_t kMaxControlSize = 125;

}  // namespace

WebSocketEvent WebSocketParser::next(Bytes in, std::size_t& consumed, Bytes& payload) noexcept {
    consumed = 0;
    payload = {};
    for (;;) {
        switch (stage_) {
            case Stage::first_byte:
                if (read_whole_header(in, consumed)) {
                    break;
                }
                [[fallthrough]];
            case Stage::second_byte:
            case Stage::length:
            case Stage::mask:
                if (consumed == in.size()) {
                    return held_ != 0 ? give_held(payload) : WebSocketEvent::need_more;
                }
                read_header_byte(in[consumed]);
                consumed += stage_ != Stage::not_websocket ? 1 : 0;
                break;
            case Stage::message_start:
                // End the unfinished message before the next one begins.
                if (in_message_) {
                    if (held_ != 0) {
                        return give_held(payload);
                    }
                    in_message_ = false;
                    return WebSocketEvent::message_done;
                }
                if (final_ && left_ < shortest_) {
                    stage_ = Stage::ignored;
                    break;
                }
                in_message_ = true;
                text_ = opcode_ == kText;
                compressed_ = deflate_;
                stage_ = Stage::payload;
                return WebSocketEvent::message_begin;
            case Stage::ignored: {
                const std::size_t n = std::min<std::uint64_t>(in.size() - consumed, left_);
                consumed += n;
                left_ -= n;
                if (left_ != 0) {
                    return held_ != 0 ? give_held(payload) : WebSocketEvent::need_more;
                }
                stage_ = Stage::first_byte;
                break;
            }
            case Stage::payload:
                if (left_ == 0) {
                    stage_ = final_ ? Stage::message_end : Stage::first_byte;
                    break;
                }
                if (consumed == in.size()) {
                    return held_ != 0 ? give_held(payload) : WebSocketEvent::need_more;
                }
                if (take_payload(in.subspan(consumed), consumed, payload)) {
                    return WebSocketEvent::payload_bytes;
                }
                break;
            case Stage::message_end:
                if (held_ != 0) {
                    return give_held(payload);
                }
                in_message_ = false;
                stage_ = Stage::first_byte;
                return WebSocketEvent::message_done;
            case Stage::not_websocket:
                return held_ != 0 ? give_held(payload) : WebSocketEvent::not_websocket;
        }
    }
}

WebSocketEvent WebSocketParser::give_held(Bytes& payload) noexcept {
    payload = {piece_.data(), held_};
    held_ = 0;
    return WebSocketEvent::payload_bytes;
}

// Takes bytes of a data frame. True: `payload` is a piece to deliver. Short pieces of one message
// are put together, so that the reader's work does not depend on the number of frames.
bool WebSocketParser::take_payload(Bytes in, std::size_t& consumed, Bytes& payload) noexcept {
    Bytes piece = in.first(std::min<std::uint64_t>(in.size(), left_));
    if (!masked_ && held_ == 0 && piece.size() >= kPieceSize / 2) {
        payload = piece;
        consumed += piece.size();
        left_ -= piece.size();
        return true;
    }
    piece = piece.first(std::min(piece.size(), kPieceSize - held_));
    if (masked_) {
        unmask(piece);
    } else {
        std::copy(piece.begin(), piece.end(), piece_.begin() + held_);
    }
    held_ = static_cast<std::uint16_t>(held_ + piece.size());
    consumed += piece.size();
    left_ -= piece.size();
    if (held_ < kPieceSize) {
        return false;
    }
    give_held(payload);
    return true;
}

// Reads a header that is in `in` as a whole and has nothing unusual; nearly every one. False: it
// must be read byte by byte.
bool WebSocketParser::read_whole_header(Bytes in, std::size_t& consumed) noexcept {
    constexpr std::size_t kLongest = 2 + 2 + 4;
    if (in.size() - consumed < kLongest) {
        return false;
    }
    const std::uint8_t* at = in.data() + consumed;
    const std::uint8_t opcode = at[0] & 0x0f;
    const std::uint8_t length = at[1] & 0x7f;
    if (opcode > kBinary || length > 126) {
        return false;
    }
    final_ = (at[0] & 0x80) != 0;
    deflate_ = (at[0] & 0x40) != 0;
    opcode_ = opcode;
    masked_ = (at[1] & 0x80) != 0;
    left_ = length;
    at += 2;
    if (length == 126) {
        left_ = load_be16(at);
        at += 2;
    }
    if (masked_) {
        std::memcpy(mask_.data(), at, mask_.size());
        at += mask_.size();
    }
    consumed = static_cast<std::size_t>(at - in.data());
    begin_payload();
    return true;
}

void WebSocketParser::read_header_byte(std::uint8_t c) noexcept {
    switch (stage_) {
        case Stage::first_byte:
            final_ = (c & 0x80) != 0;
            deflate_ = (c & 0x40) != 0;
            opcode_ = c & 0x0f;
            if (opcode_ > kPong || (opcode_ > kBinary && opcode_ < kControl) ||
                (opcode_ >= kControl && !final_)) {
                return fail();
            }
            stage_ = Stage::second_byte;
            return;
        case Stage::second_byte: {
            masked_ = (c & 0x80) != 0;
            left_ = c & 0x7f;
            if (left_ > kMaxControlSize) {
                if (opcode_ >= kControl) {
                    return fail();
                }
                wanted_ = left_ == 126 ? 2 : 8;
                left_ = 0;
                stage_ = Stage::length;
                return;
            }
            return end_header();
        }
        case Stage::length:
            left_ = left_ << 8 | c;
            if (--wanted_ == 0) {
                // RFC 6455, 5.2: the most significant bit must be 0.
                (left_ >> 63) != 0 ? fail() : end_header();
            }
            return;
        default:  // Stage::mask
            mask_[mask_.size() - wanted_] = c;
            if (--wanted_ == 0) {
                begin_payload();
            }
    }
}

void WebSocketParser::end_header() noexcept {
    if (masked_) {
        wanted_ = static_cast<std::uint8_t>(mask_.size());
        stage_ = Stage::mask;
    } else {
        begin_payload();
    }
}

void WebSocketParser::begin_payload() noexcept {
    stage_ = opcode_ >= kControl                       ? Stage::ignored
             : opcode_ == kContinuation && in_message_ ? Stage::payload
                                                       : Stage::message_start;
}

// RFC 6455, 5.3: appends to piece_. Two turns of the mask are one word, so that the compiler
// vectorises this loop. The host is little-endian, like all that DPDK's x86 and Arm builds run on.
void WebSocketParser::unmask(Bytes in) noexcept {
    std::uint8_t* const out = piece_.data() + held_;
    const std::size_t size = in.size();
    std::uint32_t once;
    std::memcpy(&once, mask_.data(), sizeof once);
    const std::uint64_t mask = std::uint64_t{once} << 32 | once;
    std::size_t at = 0;
    for (; at + sizeof mask <= size; at += sizeof mask) {
        std::uint64_t word;
        std::memcpy(&word, in.data() + at, sizeof word);
        word ^= mask;
        std::memcpy(out + at, &word, sizeof word);
    }
    for (; at < size; ++at) {
        out[at] = in[at] ^ mask_[at % mask_.size()];
    }
    once = std::rotr(once, static_cast<int>(size % sizeof once * 8));
    std::memcpy(mask_.data(), &once, sizeof once);
}

}  // namespace minerwall::proto
