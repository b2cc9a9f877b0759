#include "proto/quic/quic_frames.hpp"

#include "proto/quic/quic_header.hpp"

namespace minerwall::proto {
namespace {

// RFC 9000, 19, by number.
enum : std::uint64_t {
    kPadding = 0x00,
    kPing = 0x01,
    kAck = 0x02,
    kAckEcn = 0x03,
    kCrypto = 0x06,
    kCloseTransport = 0x1c,
    kCloseApplication = 0x1d,
};

// A client's first Initial consists mostly of padding.
Bytes skip_padding(Bytes in) noexcept {
    while (in.size() >= 8 && load_be64(in.data()) == 0) {
        in = in.subspan(8);
    }
    while (!in.empty() && in[0] == kPadding) {
        in = in.subspan(1);
    }
    return in;
}

}  // namespace

bool QuicCryptoFrames::end(bool whole) noexcept {
    rest_ = {};
    whole_ = whole;
    return false;
}

bool QuicCryptoFrames::next(QuicCryptoFrame& out) noexcept {
    for (;;) {
        rest_ = skip_padding(rest_);
        if (rest_.empty()) {
            return end(true);
        }
        std::uint64_t type = 0;
        if (!take_quic_varint(rest_, type)) {
            return end(false);
        }
        bool ok = true;
        switch (type) {
            case kPadding:  // as a varint longer than necessary
            case kPing:
                break;
            case kAck:
            case kAckEcn:
                ok = skip_ack(type == kAckEcn);
                break;
            case kCloseTransport:
            case kCloseApplication:
                ok = skip_close(type == kCloseTransport);
                break;
            case kCrypto:
                return (take_quic_varint(rest_, out.offset) && take_sized(out.data)) || end(false);
            default:
                ok = false;
                break;
        }
        if (!ok) {
            return end(false);
        }
    }
}

bool QuicCryptoFrames::take_sized(Bytes& out) noexcept {
    std::uint64_t size = 0;
    if (!take_quic_varint(rest_, size) || size > rest_.size()) {
        return false;
    }
    out = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return true;
}

bool QuicCryptoFrames::skip_ack(bool with_ecn) noexcept {
    std::uint64_t ignored = 0;
    std::uint64_t ranges = 0;
    bool ok = take_quic_varint(rest_, ignored) && take_quic_varint(rest_, ignored) &&
              take_quic_varint(rest_, ranges) && take_quic_varint(rest_, ignored);
    // Every range takes bytes, so the payload bounds the loop, not the count.
    for (; ok && ranges != 0; --ranges) {
        ok = take_quic_varint(rest_, ignored) && take_quic_varint(rest_, ignored);
    }
    for (unsigned i = 0; ok && with_ecn && i < 3; ++i) {
        ok = take_quic_varint(rest_, ignored);
    }
    return ok;
}

bool QuicCryptoFrames::skip_close(bool of_transport) noexcept {
    std::uint64_t ignored = 0;
    Bytes reason;
    return take_quic_varint(rest_, ignored) &&
           (!of_transport || take_quic_varint(rest_, ignored)) && take_sized(reason);
}

}  // namespace minerwall::proto
