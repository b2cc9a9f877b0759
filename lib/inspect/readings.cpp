#include "inspect/readings.hpp"

#include <cstring>
#include <type_traits>

namespace minerwall::inspect {

using flow::Direction;
using Outcome = Stream::Outcome;

void Readings::start(std::uint32_t connection) noexcept {
    usual_ = connection;
    in_line_ = flow::kNone;
    urgent_[0] = urgent_[1] = 0;
    has_urgent_ = done_ = 0;
}

void Readings::close(Pool& pool) noexcept {
    for (std::uint32_t* const id : {&usual_, &in_line_}) {
        if (*id != flow::kNone) {
            pool.give_back(*id);
            *id = flow::kNone;
        }
    }
}

bool Readings::agree(const Pool& pool) const noexcept {
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
        if ((has_urgent_ >> index(d) & 1) == 0) {
            continue;
        }
        if (in_line_ == flow::kNone) {
            continue;  // no state was free for the other reading
        }
        const bool unknown = pool.at(usual_).is_unknown(d) && pool.at(in_line_).is_unknown(d);
        if (!unknown && !(is_done(kUsual, d) && is_done(kInLine, d))) {
            return false;
        }
    }
    return true;
}

bool Readings::note_urgent(Pool& pool, Direction direction, std::uint32_t sequence,
                           std::uint32_t next, bool& no_room) noexcept {
    const unsigned d = index(direction);
    if ((has_urgent_ >> d & 1) != 0) {
        if (urgent_[d] == sequence) {
            return true;
        }
        const bool was_read = static_cast<std::int32_t>(urgent_[d] - next) < 0;
        if (!was_read || usual_ == flow::kNone || !agree(pool)) {
            return false;
        }
        if (in_line_ != flow::kNone) {
            pool.give_back(in_line_);
            in_line_ = flow::kNone;
        }
        has_urgent_ = 0;
    }
    has_urgent_ = static_cast<std::uint8_t>(has_urgent_ | 1u << d);
    urgent_[d] = sequence;
    if (in_line_ == flow::kNone && usual_ != flow::kNone) {
        static_assert(std::is_trivially_copyable_v<Connection>);
        in_line_ = pool.take();
        no_room = in_line_ == flow::kNone;
        if (!no_room) {
            std::memcpy(&pool.at(in_line_), &pool.at(usual_), sizeof(Connection));
            done_ = static_cast<std::uint8_t>((done_ & 3u) << kUsual | (done_ & 3u) << kInLine);
        }
    }
    return true;
}

void Readings::lose_track(Pool& pool, Direction direction) noexcept {
    for (const std::uint32_t id : {usual_, in_line_}) {
        if (id != flow::kNone) {
            pool.at(id).lose_track(direction);
        }
    }
    const unsigned bits = 1u << (kUsual + index(direction)) | 1u << (kInLine + index(direction));
    done_ = static_cast<std::uint8_t>(done_ & ~bits);
}

void Readings::note(unsigned reading, Direction direction, Outcome outcome) noexcept {
    unsigned bits = 0;
    if (outcome != Outcome::go_on) {
        bits |= 1u << index(direction);
    }
    if (outcome == Outcome::flow_settled) {
        bits |= 1u << index(flow::opposite(direction));
    }
    done_ = static_cast<std::uint8_t>(done_ | bits << reading);
}

Outcome Readings::outcome(Direction direction) const noexcept {
    const auto done = [this](Direction d) {
        return is_done(kUsual, d) && (in_line_ == flow::kNone || is_done(kInLine, d));
    };
    if (!done(direction)) {
        return Outcome::go_on;
    }
    return done(flow::opposite(direction)) ? Outcome::flow_settled : Outcome::settled;
}

Outcome Readings::feed_without_urgent(Connection& connection, Direction direction,
                                      std::uint32_t sequence, Bytes bytes, Tools& tools,
                                      Evidence& out) const noexcept {
    const unsigned d = index(direction);
    const std::uint32_t at = urgent_[d] - sequence;
    if ((has_urgent_ >> d & 1) == 0 || at >= bytes.size()) {
        return connection.feed(direction, bytes, tools, out);
    }
    Outcome outcome = Outcome::go_on;
    for (const Bytes part : {bytes.first(at), bytes.subspan(at + 1)}) {
        if (!part.empty() && outcome == Outcome::go_on) {
            outcome = connection.feed(direction, part, tools, out);
        }
    }
    return outcome;
}

Outcome Readings::feed(Pool& pool, Direction direction, std::uint32_t sequence, Bytes bytes,
                       Tools& tools, Evidence& out) noexcept {
    if (in_line_ == flow::kNone && has_urgent_ == 0) {  // nearly always
        const Outcome outcome = pool.at(usual_).feed(direction, bytes, tools, out);
        note(kUsual, direction, outcome);
        return outcome;
    }
    // Feed the rare reading first, so that the evidence of the usual one overrides it.
    if (in_line_ != flow::kNone && !is_done(kInLine, direction)) {
        note(kInLine, direction, pool.at(in_line_).feed(direction, bytes, tools, out));
    }
    if (!is_done(kUsual, direction)) {
        note(kUsual, direction,
             feed_without_urgent(pool.at(usual_), direction, sequence, bytes, tools, out));
    }
    return outcome(direction);
}

Outcome Readings::end_segment(Pool& pool, Direction direction) noexcept {
    if (!is_done(kUsual, direction)) {
        note(kUsual, direction, pool.at(usual_).end_segment(direction));
    }
    if (in_line_ != flow::kNone && !is_done(kInLine, direction)) {
        note(kInLine, direction, pool.at(in_line_).end_segment(direction));
    }
    return outcome(direction);
}

}  // namespace minerwall::inspect
