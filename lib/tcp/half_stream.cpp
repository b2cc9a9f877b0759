#include "tcp/half_stream.hpp"

#include <algorithm>

namespace minerwall::tcp {
namespace {

// Room::share.
constexpr std::uint32_t kShareInOrder = 3, kShareBehindHoles = 1;

// Calls each(sequence, bytes) for the payload without its first `skip` bytes.
template <typename Each>
bool for_pieces(std::span<const Bytes> pieces, std::uint32_t sequence, std::uint32_t skip,
                Each&& each) noexcept {
    for (Bytes piece : pieces) {
        const std::size_t cut = std::min<std::size_t>(skip, piece.size());
        skip -= static_cast<std::uint32_t>(cut);
        sequence += static_cast<std::uint32_t>(cut);
        piece = piece.subspan(cut);
        if (!piece.empty() && !each(sequence, piece)) {
            return false;
        }
        sequence += static_cast<std::uint32_t>(piece.size());
    }
    return true;
}

bool is_zero(std::span<const Bytes> pieces) noexcept {
    return for_pieces(pieces, 0, 0, [](std::uint32_t, Bytes bytes) {
        return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t c) { return c == 0; });
    });
}

}  // namespace

void HalfStream::start() noexcept {
    held_.start();
    acked_ = window_ = echo_ = fin_ = jumped_to_ = base_ = 0;
    top_ = claim_ = gap_ = stamp_ = 0;
    jumps_ = waiting_ = unheard_ = 0;
    acked_known_ = window_known_ = echo_known_ = false;
    fin_known_ = fin_acked_ = false;
    top_known_ = claims_ = has_gap_ = stamp_known_ = false;
    lost_ = joined_ = false;
}

void HalfStream::start_at(std::uint32_t next) noexcept {
    start();
    acked_ = next;
    acked_known_ = true;
    note_top(next);
}

// How far ahead of the next byte a segment may begin for the receiver to take it. The receiver has
// no more bytes than passed here. It may have opened its window in segments that have not reached
// us yet, so we allow twice the widest window that it announced, and 64 KiB.
std::uint32_t HalfStream::reach() const noexcept {
    constexpr std::uint32_t kSlack = 1 << 16, kMost = 1 << 29;
    return window_known_ ? std::min(window_, kMost / 2) * 2 + kSlack : kPlausible;
}

// While the receiver is not heard, a far number has two explanations: another connection on the
// same ports whose opening we did not see, or an attempt to lead the inspection astray. Only
// another connection continues from there.
bool HalfStream::jumps(std::uint32_t sequence, std::uint32_t end) noexcept {
    jumps_ = jumps_ != 0 && sequence == jumped_to_ ? static_cast<std::uint8_t>(jumps_ + 1)
                                                   : std::uint8_t{1};
    jumped_to_ = end;
    return jumps_ >= kBelieved;
}

// Bytes at `unread`, before the next byte to read, were not read, or their copies could not be
// kept. If we hear the receiver, it still wants them, because it has not acknowledged them. If we
// do not hear it, it may wait for bytes that lie before all that we saw.
bool HalfStream::is_wanted(std::uint32_t unread) noexcept {
    if (acked_known_) {
        return true;
    }
    if (!joined_ || !before(unread, base_) || base_ - unread > kJoinedBelow) {
        return false;
    }
    base_ = unread;
    return true;
}

Arrival HalfStream::arrive(StreamMemory& memory, const StreamLimits& limits, std::uint32_t& next,
                           bool& known, bool settled, std::uint32_t sequence,
                           std::span<const Bytes> pieces) noexcept {
    std::uint32_t length = 0;
    for (const Bytes piece : pieces) {
        length += static_cast<std::uint32_t>(piece.size());
    }
    const std::uint32_t end = sequence + length;
    unheard_ = static_cast<std::uint8_t>(std::min<unsigned>(unheard_ + 1u, UINT8_MAX));

    std::uint32_t skip = 0;
    if (acked_known_) {
        if (fin_acked_) {
            return {Arrival::Kind::ignored};
        }
        if (!after(end, acked_)) {
            // The receiver may have these bytes, but nothing here read them.
            return {.kind = Arrival::Kind::nothing, .alone = has_gap_ && after(end, gap_)};
        }
        if (before(sequence, acked_)) {
            skip = acked_ - sequence;
        }
    }
    const std::uint32_t from = sequence + skip;
    if (!known) {
        known = joined_ = true;
        next = base_ = from;
    }
    const auto ahead = static_cast<std::int32_t>(from - next);
    if (ahead > static_cast<std::int32_t>(reach()) && acked_known_) {
        return {Arrival::Kind::ignored};
    }
    note_top(end);
    if (!acked_known_ && (ahead > static_cast<std::int32_t>(kPlausible) ||
                          ahead < -static_cast<std::int32_t>(kPlausible))) {
        if (!jumps(from, end)) {
            return {.kind = Arrival::Kind::held, .alone = true};
        }
        held_.release(memory);
        next = base_ = from;
        lost_ = true;
    }
    const bool same = for_pieces(pieces, sequence, skip, [&](std::uint32_t at, Bytes bytes) {
        return held_.agrees(memory, at, bytes);
    });
    if (!same) {
        // A keep-alive may repeat the last byte's number with a zero (RFC 1122, 4.2.3.6). A
        // receiver that we hear has acknowledged that byte by then.
        const bool keep_alive = !acked_known_ && length == 1 && end == next && is_zero(pieces);
        return {keep_alive ? Arrival::Kind::nothing : Arrival::Kind::conflict};
    }
    if (settled) {
        if (after(end, next)) {
            next = end;
        }
        return {};
    }
    if (after(from, next)) {
        return behind_hole(memory, limits, next, from, pieces, skip);
    }

    Arrival arrival;
    if (before(from, next)) {
        const std::uint32_t stop = before(end, next) ? end : next;
        const std::uint32_t unread = held_.first_missing(memory, from, stop);
        if (unread != stop) {
            if (is_wanted(unread)) {
                next = unread;
                lost_ = true;
            } else {
                arrival.alone = true;
            }
        }
    }
    if (!after(end, next)) {
        return arrival;
    }
    arrival.kind = Arrival::Kind::in_order;
    arrival.skip = next - sequence;
    const Room room{limits.pages, 0, limits.source, kShareInOrder, !limits.drop_when_full, next};
    arrival.exhausted = !for_pieces(
        pieces, sequence, arrival.skip,
        [&](std::uint32_t at, Bytes bytes) { return held_.put(memory, at, bytes, room); });
    if (arrival.exhausted && limits.drop_when_full) {
        arrival.kind = Arrival::Kind::full;
    }
    waiting_ = 0;
    return arrival;
}

Arrival HalfStream::behind_hole(StreamMemory& memory, const StreamLimits& limits,
                                std::uint32_t& next, std::uint32_t from,
                                std::span<const Bytes> pieces, std::uint32_t skip) noexcept {
    Arrival arrival;
    arrival.kind = Arrival::Kind::held;
    arrival.alone = !acked_known_;
    // Bytes behind holes leave a quarter of the memory free: the segment that fills a hole needs
    // room, too, and the next acknowledgement gives that room back. So one source has half of the
    // memory for such bytes, and three quarters with those that come in order.
    const Room room{limits.pages - limits.pages / 4,
                    memory.capacity() / 4,
                    limits.source,
                    kShareBehindHoles,
                    !limits.drop_when_full,
                    next};
    arrival.exhausted = !for_pieces(pieces, from - skip, skip, [&](std::uint32_t at, Bytes bytes) {
        return held_.put(memory, at, bytes, room);
    });
    if (arrival.exhausted && limits.drop_when_full) {
        arrival.kind = Arrival::Kind::full;
        return arrival;
    }
    // Bytes that cannot be kept will be a gap. Their segment is read by itself, so that a message
    // that is whole in it does not pass.
    arrival.alone = arrival.alone || arrival.exhausted;
    waiting_ = static_cast<std::uint8_t>(std::min<unsigned>(waiting_ + 1u, UINT8_MAX));
    if (acked_known_ || waiting_ < kPatience) {
        return arrival;
    }
    // Without the receiver's packets we cannot know whether this is a hole.
    waiting_ = 0;
    lost_ = true;
    arrival.kind = Arrival::Kind::in_order;
    std::uint32_t found = from;
    if (held_.first_held(memory, next, found) && before(found, from)) {
        next = found;
        for (const Bytes piece : pieces) {  // run() comes to these bytes if they were held
            arrival.skip += static_cast<std::uint32_t>(piece.size());
        }
    } else {
        next = from;
        arrival.skip = skip;
    }
    return arrival;
}

void HalfStream::start_over(StreamMemory& memory, bool& known) noexcept {
    held_.release(memory);
    start();
    known = false;
    lost_ = true;
}

void HalfStream::believe(StreamMemory& memory, std::uint32_t& next, bool& known,
                         std::uint32_t sequence) noexcept {
    if (!claims_) {
        return;
    }
    const bool goes_on = !before(sequence, claim_) && sequence - claim_ <= kPlausible;
    const bool older = acked_known_ && before(claim_, acked_);
    if (older) {
        // Another connection on the same ports, whose opening we did not see.
        if (goes_on && before(sequence, acked_) && acked_ - sequence > reach()) {
            start_over(memory, known);
        }
        return;
    }
    if (goes_on) {
        if (known && before(next, claim_)) {
            gap_ = has_gap_ ? gap_ : next;
            has_gap_ = true;
        }
        acked_ = claim_;
        acked_known_ = true;
        note_top(claim_);
        claims_ = false;
    }
}

void HalfStream::hear(StreamMemory& memory, std::uint32_t& next, bool known,
                      const Receipt& receipt) noexcept {
    if (acked_known_ && before(receipt.ack, acked_)) {
        // An older acknowledgement that was overtaken; a much older one may be another
        // connection's.
        if (acked_ - receipt.ack > reach()) {
            claim_ = receipt.ack;
            claims_ = true;
        }
        return;
    }
    unheard_ = 0;
    window_ = window_known_ ? std::max(window_, receipt.window) : receipt.window;
    window_known_ = true;
    // The real sender ignores ACKs of data it never sent (RFC 9293, 3.10.7.4; RFC 7323, 3.2).
    if (receipt.has_echo && stamp_known_ && !after(receipt.echo, stamp_)) {
        echo_ = receipt.echo;
        echo_known_ = true;
    }
    if (!top_known_ || after(receipt.ack, top_)) {
        claim_ = receipt.ack;
        claims_ = true;
        return;
    }
    claims_ = false;
    acked_ = receipt.ack;
    acked_known_ = true;
    has_gap_ = has_gap_ && acked_ - gap_ <= reach();
    if (known && fin_known_ && acked_ == fin_ + 1 && next == fin_) {
        fin_acked_ = true;
        next = acked_;
    }
    held_.release_below(memory, known && before(next, acked_) ? next : acked_);
}

void HalfStream::skip_missing(const StreamMemory& memory, std::uint32_t& next) noexcept {
    std::uint32_t found;
    next = held_.first_held(memory, next, found) && before(found, acked_) ? found : acked_;
    lost_ = true;
    waiting_ = 0;
}

void HalfStream::give_up(std::uint32_t& next) noexcept {
    next = acked_;
    lost_ = true;
    waiting_ = 0;
}

}  // namespace minerwall::tcp
