// Messages of one direction of a WebSocket connection (RFC 6455), from the first byte behind the
// HTTP upgrade.
//
// A push parser of bounded state: frames and messages may be of any length. Masked payload is
// unmasked in pieces of at most kPieceSize, unmasked payload is passed through; who masks is not
// judged, for servers differ in what they let pass. Control frames are skipped wherever they stand.
// A data frame inside an unfinished message ends that one, and a continuation of nothing starts one
// (RFC 6455, 5.4 forbids both, hand-written servers do not look). Fed in any pieces it reports the
// same, but for how payload is cut. One thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

enum class WebSocketEvent : std::uint8_t {
    need_more,      // all bytes are used
    message_begin,  // text() and compressed() tell of the message that begins
    payload_bytes,  // a piece of its payload, unmasked
    message_done,
    not_websocket,  // for good: reserved opcode, illegal control frame or length; the byte that
                    // showed it is not consumed. Neither JSON nor TLS starts a frame.
};

class WebSocketParser {
  public:
    static constexpr std::size_t kPieceSize = 512;

    void reset() noexcept { *this = WebSocketParser{}; }

    // The next thing that `in` holds. Call it with what is left (in.subspan(consumed)) until it
    // says need_more or not_websocket; an event may use no bytes. `payload` is empty but for
    // payload_bytes; it is valid until the next call.
    WebSocketEvent next(Bytes in, std::size_t& consumed, Bytes& payload) noexcept;

    bool text() const noexcept { return text_; }
    // RSV1: permessage-deflate, where the two sides agreed on it (RFC 7692, 6); else the receiver
    // may ignore the bit and take the payload as it is.
    bool compressed() const noexcept { return compressed_; }

  private:
    enum class Stage : std::uint8_t {
        first_byte,   // FIN, RSV, opcode
        second_byte,  // MASK, length
        length,
        mask,
        message_start,
        payload,
        message_end,
        not_websocket,
    };

    void read_header_byte(std::uint8_t c) noexcept;
    void end_header() noexcept;
    void begin_payload() noexcept;
    Bytes unmask(Bytes in) noexcept;
    void fail() noexcept { stage_ = Stage::not_websocket; }

    Stage stage_ = Stage::first_byte;
    std::uint8_t opcode_ = 0;
    std::uint8_t wanted_ = 0;  // bytes of the length or the mask still to come
    bool final_ = false;
    bool masked_ = false;
    bool deflate_ = false;  // RSV1 of this frame
    bool in_message_ = false;
    bool text_ = false;
    bool compressed_ = false;
    std::array<std::uint8_t, 4> mask_{};  // turned so that the next payload byte takes the first
    std::uint64_t left_ = 0;              // of the frame's payload
    std::array<std::uint8_t, kPieceSize> piece_;
};

}  // namespace minerwall::proto
