#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "match/prefix_set.hpp"

namespace minerwall::match {
namespace {

constexpr std::size_t kIndexFrom = 4096;  // ranges; with fewer, the search is short enough

// The arithmetic of the sweep, for both widths of an address.
template <typename Key>
struct Arithmetic;

template <>
struct Arithmetic<std::uint32_t> {
    static std::uint32_t first(const Prefix& p) { return load_be32(p.address.v4_bytes()); }
    static std::uint32_t last(const Prefix& p) {
        return first(p) | static_cast<std::uint32_t>(0xffffffffull >> p.length);
    }
    static bool is_highest(std::uint32_t key) { return key == 0xffffffff; }
    static std::uint32_t next(std::uint32_t key) { return key + 1; }
    static std::uint32_t lowest_of(std::uint32_t top) { return top << 16; }
};

template <typename Wide>
struct Arithmetic {
    static Wide first(const Prefix& p) {
        return {load_be64(p.address.bytes.data()), load_be64(p.address.bytes.data() + 8)};
    }
    static Wide last(const Prefix& p) {
        Wide key = first(p);
        key.high |= p.length >= 64 ? 0 : ~0ull >> p.length;
        key.low |= p.length >= 128 ? 0 : p.length <= 64 ? ~0ull : ~0ull >> (p.length - 64);
        return key;
    }
    static bool is_highest(const Wide& key) { return key.high == ~0ull && key.low == ~0ull; }
    static Wide next(Wide key) { return ++key.low == 0 ? Wide{key.high + 1, 0} : key; }
    static Wide lowest_of(std::uint32_t top) { return {std::uint64_t{top} << 48, 0}; }
};

}  // namespace

// A sweep over the prefixes in address order, a wider one before those inside it. `open_` holds the
// prefixes around the current address, outermost first. Two prefixes always nest or are disjoint.
template <typename Key>
class PrefixSetBuilder::Sweep {
  public:
    explicit Sweep(PrefixSet::Ranges<Key>& out) : out_(out) { start(Key{}, kNoEntry); }

    void enter(const Item& item) {
        const Key first = Math::first(item.prefix);
        while (!open_.empty() && open_.back().last < first) {
            leave();
        }
        start(first, item.entry);
        open_.push_back({Math::last(item.prefix), item.entry});
    }
    void finish() {
        while (!open_.empty()) {
            leave();
        }
        out_.starts.shrink_to_fit();
        out_.entries.shrink_to_fit();
        if (out_.starts.size() >= kIndexFrom) {
            build_index();
        }
    }

  private:
    using Math = Arithmetic<Key>;
    struct Open {
        Key last;
        std::uint32_t entry;
    };

    void leave() {
        const Key last = open_.back().last;
        open_.pop_back();
        if (!Math::is_highest(last)) {
            start(Math::next(last), open_.empty() ? kNoEntry : open_.back().entry);
        }
    }
    // From `at` on, addresses belong to `entry`.
    void start(const Key& at, std::uint32_t entry) {
        auto& [starts, entries, index] = out_;
        if (!starts.empty() && starts.back() == at) {  // the previous range is empty
            starts.pop_back();
            entries.pop_back();
        }
        if (starts.empty() || entries.back() != entry) {
            starts.push_back(at);
            entries.push_back(entry);
        }
    }
    void build_index() {
        out_.index.resize(65537);
        std::size_t range = 0;
        for (std::uint32_t top = 0; top < 65536; ++top) {
            const Key lowest = Math::lowest_of(top);
            while (range + 1 < out_.starts.size() && out_.starts[range + 1] <= lowest) {
                ++range;
            }
            out_.index[top] = static_cast<std::uint32_t>(range);
        }
        out_.index[65536] = static_cast<std::uint32_t>(out_.starts.size() - 1);
    }

    PrefixSet::Ranges<Key>& out_;
    std::vector<Open> open_;
};

template <typename Key>
void PrefixSetBuilder::flatten(std::vector<Item>& items, PrefixSet::Ranges<Key>& out,
                               std::vector<Duplicate>* duplicates) {
    if (items.empty()) {
        return;
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
        return a.prefix.address == b.prefix.address ? a.prefix.length < b.prefix.length
                                                    : a.prefix.address < b.prefix.address;
    });
    Sweep<Key> sweep(out);
    const Item* previous = nullptr;  // the first added of equal prefixes: the sort is stable
    for (const Item& item : items) {
        if (previous != nullptr && previous->prefix == item.prefix) {
            if (duplicates != nullptr) {
                duplicates->push_back({previous->entry, item.entry});
            }
            continue;
        }
        sweep.enter(item);
        previous = &item;
    }
    sweep.finish();
}

std::uint32_t PrefixSetBuilder::add(const Prefix& prefix) {
    const auto entry = static_cast<std::uint32_t>(v4_.size() + v6_.size());
    (prefix.address.is_v4() ? v4_ : v6_).push_back({prefix, entry});
    return entry;
}

PrefixSet PrefixSetBuilder::build(std::vector<Duplicate>* duplicates) {
    PrefixSet set;
    flatten(v4_, set.v4_, duplicates);
    flatten(v6_, set.v6_, duplicates);
    v4_ = {};
    v6_ = {};
    return set;
}

}  // namespace minerwall::match
