// Reads unencrypted Stratum V2, as miners and their proxy use it on a LAN, in one direction
// (Stratum V2 specification, 3.2, 3.6 and 5.3). A frame has extension type, message type and
// length, little-endian. The client's first frame is SetupConnection, the server's
// SetupConnection.Success.
//
// A push parser of bounded state; segmentation cannot change the result. One thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/mining_info.hpp"
#include "proto/peers/handshake.hpp"

namespace minerwall::proto {

// Whether a direction's first bytes open unencrypted Stratum V2. At most 11 bytes decide.
enum class Stratum2Opening : std::uint8_t { need_more, client, server, other };
Stratum2Opening classify_stratum2(Bytes prefix) noexcept;

class Stratum2Reader {
  public:
    enum class State : std::uint8_t {
        need_more,     // all bytes taken, nothing (more) found yet
        mining,        // `consumed` bytes taken; the last one completes what we read of a
                       // message. Feed the rest to continue.
        not_stratum2,  // stays so
    };

    explicit Stratum2Reader(Role role = Role::client) noexcept : role_(role) {}
    void reset(Role role) noexcept { *this = Stratum2Reader{role}; }

    // Feeds the next bytes. `out` is written only if the answer is `mining`:
    //   SetupConnection  pool from host and port, agent from vendor and firmware, worker from the
    //                    device
    //   OpenStandardMiningChannel, OpenExtendedMiningChannel
    //                    login, and worker where the login has a dot
    //   SetupConnection.Success
    State feed(Bytes in, MiningInfo& out, std::size_t& consumed) noexcept;

  private:
    static constexpr std::uint8_t kHeaderSize = 6;

    // In their order in a message.
    enum class Field : std::uint8_t {
        header,
        protocol,
        min_version,
        max_version,
        flags,
        host,
        port,
        vendor,
        hardware,
        firmware,
        device,
        request_id,
        user,
        used_version,
        rest,  // of the payload; the reader skips it
        not_stratum2,
    };

    static constexpr std::uint8_t number_size(Field field) noexcept;
    bool read(std::uint8_t c) noexcept;
    bool end_field() noexcept;
    void begin_field(Field field) noexcept;
    void begin_payload() noexcept;
    void read_text(std::uint8_t c) noexcept;
    void fill(MiningInfo& out) const noexcept;

    Role role_;
    Field field_ = Field::header;
    bool set_up_ = false;     // the first frame is complete
    bool size_known_ = true;  // false: a string's size comes next
    std::uint8_t type_ = 0;
    std::uint8_t at_ = 0;              // bytes of the field read so far, without a string's length
    std::uint8_t size_ = kHeaderSize;  // of the field
    std::uint32_t value_ = 0;          // of a number, little-endian
    std::uint32_t left_ = 0;           // of the payload
    std::uint32_t frame_at_ = 0;       // offset of the current frame from the reader's first byte
    std::uint32_t position_ = 0;
    std::uint8_t head_size_ = 0;
    std::array<std::uint8_t, 24> head_{};  // the frame's first bytes: the evidence
    FixedText<96> pool_;
    FixedText<96> agent_;
    FixedText<64> worker_;
    FixedText<120> login_;
};

}  // namespace minerwall::proto
