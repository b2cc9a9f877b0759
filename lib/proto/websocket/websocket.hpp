// Reads the messages of one direction of a WebSocket connection (RFC 6455), from the first byte
// behind the HTTP upgrade.
//
// A push parser of bounded state: frames and messages may have any length. It unmasks masked
// payload, puts short frames of a message together, up to kPieceSize, and passes long unmasked
// payload through. It accepts either from both sides, because servers differ in what they accept.
// It skips control frames everywhere.
// A data frame inside an unfinished message ends that message, and a continuation without a message
// starts one: RFC 6455, 5.4 forbids both, but hand-written servers do not check. Segmentation
// changes only how it cuts payload. One thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace minerwall::proto {

enum class WebSocketEvent : std::uint8_t {
    need_more,      // all bytes are used
    message_begin,  // text() and compressed() describe the message
    payload_bytes,  // a piece of its payload, unmasked
    message_done,
    not_websocket,  // stays so: reserved opcode, illegal control frame or length. The byte
                    // that showed it is not consumed. Neither JSON nor TLS starts a frame.
};

class WebSocketParser {
  public:
    static constexpr std::size_t kPieceSize = 512;

    // shortest: messages of one frame with fewer bytes give no events.
    explicit WebSocketParser(std::uint16_t shortest = 0) noexcept : shortest_(shortest) {}
    void reset() noexcept { *this = WebSocketParser{shortest_}; }

    // Reads the next event in `in`. Call it with the remaining bytes (in.subspan(consumed)) until
    // it returns need_more or not_websocket; an event may use no bytes. `payload` is empty except
    // for payload_bytes, and valid until the next call.
    WebSocketEvent next(Bytes in, std::size_t& consumed, Bytes& payload) noexcept;

    // The last message is over, and no byte of the next frame came.
    bool is_between() const noexcept { return stage_ == Stage::first_byte && !in_message_; }
    bool text() const noexcept { return text_; }
    // RSV1: permessage-deflate, if the two sides agreed on it (RFC 7692, 6). Otherwise the receiver
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
        ignored,  // of a control frame, or of a message that is too short
        message_end,
        not_websocket,
    };

    bool read_whole_header(Bytes in, std::size_t& consumed) noexcept;
    void read_header_byte(std::uint8_t c) noexcept;
    void end_header() noexcept;
    void begin_payload() noexcept;
    bool take_payload(Bytes in, std::size_t& consumed, Bytes& payload) noexcept;
    WebSocketEvent give_held(Bytes& payload) noexcept;
    void unmask(Bytes in) noexcept;
    void fail() noexcept { stage_ = Stage::not_websocket; }

    Stage stage_ = Stage::first_byte;
    std::uint8_t opcode_ = 0;
    std::uint8_t wanted_ = 0;  // bytes that the length or the mask still needs
    bool final_ = false;
    bool masked_ = false;
    bool deflate_ = false;  // RSV1 of this frame
    bool in_message_ = false;
    bool text_ = false;
    bool compressed_ = false;
    std::uint16_t shortest_;
    std::uint16_t held_ = 0;              // bytes of piece_ that were not delivered yet
    std::array<std::uint8_t, 4> mask_{};  // rotated: [0] is for the next payload byte
    std::uint64_t left_ = 0;              // of the frame's payload
    std::array<std::uint8_t, kPieceSize> piece_;
};

}  // namespace minerwall::proto
