// All bytes that the streams of a worker hold, in one pool of pages of 1 KiB.
//
// A page covers an aligned KiB of a direction's sequence space; a bit for each byte says whether
// the byte is held. So the number and the order of the pieces do not matter: a message in one-byte
// segments, last byte first, takes the same page as a message in one piece. Nothing is ever split,
// merged or sorted.
//
// One source has a share of the pages (flow::Shares). One worker, no locks. The
// constructor takes all memory.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "flow/pool.hpp"
#include "flow/shares.hpp"

namespace minerwall::tcp {

struct StreamPage {
    static constexpr std::uint32_t kBytes = 1024;
    static constexpr unsigned kWords = kBytes / 64;
    static constexpr std::uint32_t start_of(std::uint32_t sequence) noexcept {
        return sequence & ~(kBytes - 1);
    }
    static constexpr std::uint32_t offset_of(std::uint32_t sequence) noexcept {
        return sequence & (kBytes - 1);
    }

    std::uint32_t start;            // sequence number of data[0], a multiple of kBytes
    std::uint32_t next;             // of the same direction, or kNone
    flow::SourceId source;          // who made us hold it
    std::uint64_t present[kWords];  // bit i: data[i] is held
    std::uint8_t data[kBytes];

    void reset(std::uint32_t first) noexcept;
    // Bytes [from, from + bytes.size()) of the page, which lie inside it.
    void put(std::uint32_t from, Bytes bytes) noexcept;
    // False if a held byte differs.
    bool agrees(std::uint32_t from, Bytes bytes) const noexcept;
    // Number of bytes that are held (missing) without a break from `from` on, up to the page's end.
    std::uint32_t held_from(std::uint32_t from) const noexcept;
    std::uint32_t missing_from(std::uint32_t from) const noexcept;
};

class StreamMemory {
  public:
    explicit StreamMemory(std::uint32_t pages) : pages_(pages) {}

    // kNone: all pages are taken. source: of the flow.
    std::uint32_t take(std::uint32_t start, flow::SourceId source) noexcept {
        const std::uint32_t id = pages_.take();
        if (id != flow::kNone) {
            pages_.at(id).reset(start);
            pages_.at(id).source = source;
            shares_.take(source);
        }
        return id;
    }
    void give_back(std::uint32_t id) noexcept {
        shares_.give_back(pages_.at(id).source);
        pages_.give_back(id);
    }
    // True if the source may take one more page and leave `reserved` ones free. share: how many
    // times the free pages it may hold.
    bool has_room(flow::SourceId source, std::uint32_t reserved,
                  std::uint32_t share) const noexcept {
        const std::uint32_t free = capacity() - in_use();
        return free > reserved && shares_.may_take(source, free * share);
    }
    StreamPage& at(std::uint32_t id) noexcept { return pages_.at(id); }
    const StreamPage& at(std::uint32_t id) const noexcept { return pages_.at(id); }
    std::uint32_t in_use() const noexcept { return pages_.in_use(); }
    std::uint32_t capacity() const noexcept { return pages_.capacity(); }

  private:
    flow::Pool<StreamPage> pages_;
    flow::Shares shares_;
};

}  // namespace minerwall::tcp
