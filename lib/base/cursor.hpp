// Bounds-checked reader over bytes from the network.
//
// A read past the end returns zero and latches `ok() == false`, so that a parser reads a whole
// header and checks once. No read touches memory outside the span.
#pragma once

#include "base/bytes.hpp"

namespace minerwall {

class Cursor {
  public:
    explicit Cursor(Bytes bytes) noexcept : bytes_(bytes) {}

    bool ok() const noexcept { return ok_; }
    std::size_t offset() const noexcept { return offset_; }
    std::size_t left() const noexcept { return bytes_.size() - offset_; }
    bool at_end() const noexcept { return left() == 0; }
    Bytes rest() const noexcept { return bytes_.subspan(offset_); }

    std::uint8_t u8() noexcept { return need(1) ? bytes_[offset_++] : 0; }
    std::uint16_t be16() noexcept {
        if (!need(2)) {
            return 0;
        }
        const std::uint16_t v = load_be16(bytes_.data() + offset_);
        offset_ += 2;
        return v;
    }
    std::uint32_t be32() noexcept {
        if (!need(4)) {
            return 0;
        }
        const std::uint32_t v = load_be32(bytes_.data() + offset_);
        offset_ += 4;
        return v;
    }
    // The next n bytes; empty, with ok() false, if fewer are left.
    Bytes take(std::size_t n) noexcept {
        if (!need(n)) {
            return {};
        }
        const Bytes out = bytes_.subspan(offset_, n);
        offset_ += n;
        return out;
    }
    void skip(std::size_t n) noexcept {
        if (need(n)) {
            offset_ += n;
        }
    }

  private:
    bool need(std::size_t n) noexcept {
        if (n > left()) {
            ok_ = false;
            offset_ = bytes_.size();
            return false;
        }
        return ok_;
    }

    Bytes bytes_;
    std::size_t offset_ = 0;
    bool ok_ = true;
};

}  // namespace minerwall
