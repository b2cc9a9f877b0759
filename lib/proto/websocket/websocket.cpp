#include "proto/websocket/websocket.hpp"

#include <algorithm>

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
            case Stage::second_byte:
            case Stage::length:
            case Stage::mask:
                if (consumed == in.size()) {
                    return WebSocketEvent::need_more;
                }
                read_header_byte(in[consumed]);
                consumed += stage_ != Stage::not_websocket ? 1 : 0;
                break;
            case Stage::message_start:
                // End the unfinished message before the next one begins.
                if (in_message_) {
                    in_message_ = false;
                    return WebSocketEvent::message_done;
                }
                in_message_ = true;
                text_ = opcode_ == kText;
                compressed_ = deflate_;
                stage_ = Stage::payload;
                return WebSocketEvent::message_begin;
            case Stage::payload: {
                if (left_ == 0) {
                    const bool ends = opcode_ < kControl && final_;
                    stage_ = ends ? Stage::message_end : Stage::first_byte;
                    break;
                }
                if (consumed == in.size()) {
                    return WebSocketEvent::need_more;
                }
                Bytes piece = in.subspan(consumed);
                piece = piece.first(std::min<std::uint64_t>(piece.size(), left_));
                if (opcode_ >= kControl) {
                    consumed += piece.size();
                    left_ -= piece.size();
                    break;
                }
                payload = masked_ ? unmask(piece) : piece;
                consumed += payload.size();
                left_ -= payload.size();
                return WebSocketEvent::payload_bytes;
            }
            case Stage::message_end:
                in_message_ = false;
                stage_ = Stage::first_byte;
                return WebSocketEvent::message_done;
            case Stage::not_websocket:
                return WebSocketEvent::not_websocket;
        }
    }
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
    const bool goes_on = opcode_ >= kControl || (opcode_ == kContinuation && in_message_);
    stage_ = goes_on ? Stage::payload : Stage::message_start;
}

// RFC 6455, 5.3. Two turns of the mask are one word, so that the compiler vectorises this loop.
Bytes WebSocketParser::unmask(Bytes in) noexcept {
    const std::size_t size = std::min(in.size(), kPieceSize);
    std::uint32_t once;
    std::memcpy(&once, mask_.data(), sizeof once);
    const std::uint64_t mask = std::uint64_t{once} << 32 | once;
    std::size_t at = 0;
    for (; at + sizeof mask <= size; at += sizeof mask) {
        std::uint64_t word;
        std::memcpy(&word, in.data() + at, sizeof word);
        word ^= mask;
        std::memcpy(piece_.data() + at, &word, sizeof word);
    }
    for (; at < size; ++at) {
        piece_[at] = in[at] ^ mask_[at % mask_.size()];
    }
    std::rotate(mask_.begin(), mask_.begin() + static_cast<std::ptrdiff_t>(size % mask_.size()),
                mask_.end());
    return {piece_.data(), size};
}

}  // namespace minerwall::proto
