// How hosts reassemble IP fragments, as a direct model of their behaviour. It is the oracle for the
// table of lib/reassembly/fragments.hpp: the table must have judged everything that any host
// delivers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace minerwall::test {

struct Piece {
    std::uint32_t offset = 0;
    bool more = false;
    std::vector<std::uint8_t> data;

    std::uint32_t end() const { return offset + static_cast<std::uint32_t>(data.size()); }
};

enum class Overlap : std::uint8_t {
    discard,  // the whole datagram, except exact copies: Linux (RFC 5722)
    first,    // the first copy of a byte stays: BSD
    last,     // the last copy of a byte stays: some printers and routers
};

// One datagram's queue at a receiver; take() empties it when it delivers.
class Receiver {
  public:
    explicit Receiver(Overlap overlap) : overlap_(overlap) {}

    // The datagram, if this piece completes it.
    std::optional<std::vector<std::uint8_t>> take(const Piece& piece) {
        Piece p = piece;
        if (p.more) {
            p.data.resize(p.data.size() / 8 * 8);
        }
        if ((p.data.empty() && (p.more || overlap_ == Overlap::discard)) || !agrees(p)) {
            clear();
            return std::nullopt;
        }
        if (overlap_ == Overlap::discard) {
            if (pieces_.count({p.offset, p.end()}) != 0) {
                return std::nullopt;  // drops only this copy
            }
            for (std::uint32_t at = p.offset; at < p.end() && at < have_.size(); ++at) {
                if (have_[at]) {
                    clear();
                    return std::nullopt;
                }
            }
        }
        pieces_.insert({p.offset, p.end()});
        if (!p.more) {
            total_ = p.end();
        }
        if (p.end() > have_.size()) {
            have_.resize(p.end());
            bytes_.resize(p.end());
        }
        for (std::uint32_t i = 0; i < p.data.size(); ++i) {
            const std::uint32_t at = p.offset + i;
            if (!have_[at] || overlap_ == Overlap::last) {
                bytes_[at] = p.data[i];
            }
            held_ += have_[at] ? 0 : 1;
            have_[at] = true;
        }
        if (!total_ || held_ != *total_) {
            return std::nullopt;
        }
        std::vector<std::uint8_t> out = bytes_;
        clear();
        return out;
    }

    bool is_empty() const { return pieces_.empty(); }
    void clear() {
        bytes_.clear();
        have_.clear();
        pieces_.clear();
        total_.reset();
        held_ = 0;
    }

  private:
    // Whether the piece fits the known end, or the end that it sets.
    bool agrees(const Piece& p) const {
        if (p.more) {
            return !total_ || p.end() <= *total_;
        }
        return total_ ? *total_ == p.end() : have_.size() <= p.end();
    }

    Overlap overlap_;
    std::vector<std::uint8_t> bytes_;
    std::vector<bool> have_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> pieces_;
    std::optional<std::uint32_t> total_;
    std::uint32_t held_ = 0;
};

}  // namespace minerwall::test
