// The headers around the TCP or UDP header of a crafted frame: link header, tunnels and IP, made
// from those of the original. For craft.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "packet/craft.hpp"
#include "packet/layers.hpp"

namespace minerwall::packet {

// The ends of the crafted packet, as its sender sees them.
struct Ends {
    IpAddress src, dst;
    std::uint16_t src_port, dst_port;
};
Ends crafted_ends(const Frame& frame, Toward toward) noexcept;

// open() writes all headers and leaves room at l4() for the L4 header and its payload. The caller
// writes those; then close() computes the checksums of tunnels, which cover them.
class Envelope {
  public:
    Envelope(MutableBytes out, Bytes original, const Frame& frame, Toward toward) noexcept
        : out_(out), original_(original), frame_(frame), toward_(toward) {}

    // Returns the frame's length with padding, or 0 if it cannot be made. l4_length: header and
    // payload.
    std::size_t open(std::size_t l4_length) noexcept;
    std::uint8_t* l4() const noexcept { return out_.data() + l4_at_; }
    void close() noexcept;

  private:
    // Where a layer's headers are in the crafted frame.
    struct Place {
        std::uint32_t ip, encapsulation;
    };

    std::uint8_t* append(std::uint32_t from, std::uint32_t to) noexcept;
    bool append_link(const Layer& layer) noexcept;
    bool append_ip(const Layer& layer, Place& place) noexcept;
    bool append_tunnel(const Layer& outer, const Layer& inner, Place& place) noexcept;
    bool write_lengths(const Layer& layer, const Place& place) noexcept;

    MutableBytes out_;
    Bytes original_;
    const Frame& frame_;
    Toward toward_;
    Layers layers_;
    std::array<Place, kMaxTunnels + 1> places_;
    unsigned count_ = 0;
    std::size_t used_ = 0;  // of out_; after open() without padding
    std::size_t l4_at_ = 0;
};

}  // namespace minerwall::packet
