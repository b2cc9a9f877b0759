#include "tcp/held_bytes.hpp"

#include <algorithm>

namespace minerwall::tcp {
namespace {

// How much of [sequence, sequence + size) lies in the page of `sequence`.
std::size_t in_page(std::uint32_t sequence, std::size_t size) noexcept {
    return std::min<std::size_t>(size, StreamPage::kBytes - StreamPage::offset_of(sequence));
}

}  // namespace

std::uint32_t HeldBytes::find(const StreamMemory& memory, std::uint32_t start) const noexcept {
    if (pages_ == 0 || after(start, memory.at(last_).start)) {
        return flow::kNone;  // beyond all held bytes: the usual case
    }
    if (memory.at(last_).start == start) {
        return last_;
    }
    for (std::uint32_t id = first_; id != flow::kNone; id = memory.at(id).next) {
        if (!before(memory.at(id).start, start)) {
            return memory.at(id).start == start ? id : flow::kNone;
        }
    }
    return flow::kNone;
}

bool HeldBytes::agrees(const StreamMemory& memory, std::uint32_t sequence,
                       Bytes bytes) const noexcept {
    while (!bytes.empty()) {
        const std::size_t n = in_page(sequence, bytes.size());
        const std::uint32_t id = find(memory, StreamPage::start_of(sequence));
        if (id != flow::kNone &&
            !memory.at(id).agrees(StreamPage::offset_of(sequence), bytes.first(n))) {
            return false;
        }
        bytes = bytes.subspan(n);
        sequence += static_cast<std::uint32_t>(n);
    }
    return true;
}

void HeldBytes::drop_first(StreamMemory& memory) noexcept {
    const std::uint32_t id = first_;
    first_ = memory.at(id).next;
    if (first_ == flow::kNone) {
        last_ = flow::kNone;
    }
    memory.give_back(id);
    --pages_;
}

std::uint32_t HeldBytes::find_or_take(StreamMemory& memory, std::uint32_t start,
                                      const Room& room) noexcept {
    if (const std::uint32_t id = find(memory, start); id != flow::kNone) {
        return id;
    }
    const bool full =
        pages_ >= room.pages || !memory.has_room(room.source, room.reserved, room.share);
    if (full) {
        if (!room.evict || pages_ == 0 ||
            after(memory.at(first_).start + StreamPage::kBytes, room.judged)) {
            return flow::kNone;
        }
        drop_first(memory);
    }
    const std::uint32_t id = memory.take(start, room.source);
    if (id == flow::kNone) {
        return flow::kNone;
    }
    ++pages_;
    if (last_ == flow::kNone) {
        first_ = last_ = id;
    } else if (after(start, memory.at(last_).start)) {
        memory.at(last_).next = id;
        last_ = id;
    } else if (before(start, memory.at(first_).start)) {
        memory.at(id).next = first_;
        first_ = id;
    } else {
        std::uint32_t previous = first_;
        while (before(memory.at(memory.at(previous).next).start, start)) {
            previous = memory.at(previous).next;
        }
        memory.at(id).next = memory.at(previous).next;
        memory.at(previous).next = id;
    }
    return id;
}

bool HeldBytes::put(StreamMemory& memory, std::uint32_t sequence, Bytes bytes,
                    const Room& room) noexcept {
    bool all = true;
    while (!bytes.empty()) {
        const std::size_t n = in_page(sequence, bytes.size());
        const std::uint32_t id = find_or_take(memory, StreamPage::start_of(sequence), room);
        if (id == flow::kNone) {
            all = false;
        } else {
            memory.at(id).put(StreamPage::offset_of(sequence), bytes.first(n));
        }
        bytes = bytes.subspan(n);
        sequence += static_cast<std::uint32_t>(n);
    }
    return all;
}

Bytes HeldBytes::run(const StreamMemory& memory, std::uint32_t sequence) const noexcept {
    const std::uint32_t id = find(memory, StreamPage::start_of(sequence));
    if (id == flow::kNone) {
        return {};
    }
    const StreamPage& page = memory.at(id);
    const std::uint32_t offset = StreamPage::offset_of(sequence);
    return {page.data + offset, page.held_from(offset)};
}

std::uint32_t HeldBytes::first_missing(const StreamMemory& memory, std::uint32_t from,
                                       std::uint32_t to) const noexcept {
    while (before(from, to)) {
        const auto held = static_cast<std::uint32_t>(run(memory, from).size());
        if (held == 0) {
            return from;
        }
        from += held;
    }
    return to;
}

bool HeldBytes::first_held(const StreamMemory& memory, std::uint32_t sequence,
                           std::uint32_t& found) const noexcept {
    for (std::uint32_t id = first_; id != flow::kNone; id = memory.at(id).next) {
        const StreamPage& page = memory.at(id);
        if (!after(page.start + StreamPage::kBytes, sequence)) {
            continue;
        }
        const std::uint32_t from =
            before(page.start, sequence) ? StreamPage::offset_of(sequence) : 0;
        const std::uint32_t missing = page.missing_from(from);
        if (from + missing < StreamPage::kBytes) {
            found = page.start + from + missing;
            return true;
        }
    }
    return false;
}

void HeldBytes::release_below(StreamMemory& memory, std::uint32_t sequence) noexcept {
    while (first_ != flow::kNone &&
           !after(memory.at(first_).start + StreamPage::kBytes, sequence)) {
        drop_first(memory);
    }
    if (first_ == flow::kNone || !after(sequence, memory.at(first_).start)) {
        return;
    }
    const std::uint32_t offset = StreamPage::offset_of(sequence);
    if (memory.at(first_).missing_from(offset) == StreamPage::kBytes - offset) {
        drop_first(memory);
    }
}

void HeldBytes::release(StreamMemory& memory) noexcept {
    while (first_ != flow::kNone) {
        drop_first(memory);
    }
}

}  // namespace minerwall::tcp
