#include "match/domain_set.hpp"

#include "match/label_hash.hpp"

namespace minerwall::match {

std::uint32_t DomainSet::lookup(std::string_view name) const noexcept {
    if (!name.empty() && name.back() == '.') {
        name.remove_suffix(1);
    }
    if (table_.empty() || name.empty() || name.size() > kMaxName) {
        return kNoEntry;
    }
    // Compute all the hashes first, so that the table's cache misses overlap. Then probe, the most
    // specific suffix first.
    std::uint64_t hashes[kMaxLabels];
    std::uint8_t begins[kMaxLabels];
    unsigned depth = 0;
    LabelHash hash(key_);
    for (std::size_t end = name.size(); depth < deepest_;) {
        std::size_t begin = end;
        while (begin > 0 && name[begin - 1] != '.') {
            --begin;
        }
        const std::uint64_t h = hash.add(name.substr(begin, end - begin));
        __builtin_prefetch(&table_[home(h)]);
        hashes[depth] = h;
        begins[depth] = static_cast<std::uint8_t>(begin);
        ++depth;
        if (begin == 0) {
            break;
        }
        end = begin - 1;
    }
    while (depth > 0) {
        --depth;
        const std::uint32_t hit =
            probe(hashes[depth], name.substr(begins[depth]), begins[depth] == 0);
        if (hit != kNoEntry) {
            return hit;
        }
    }
    return kNoEntry;
}

std::uint32_t DomainSet::probe(std::uint64_t hash, std::string_view suffix,
                               bool whole) const noexcept {
    std::uint32_t as_suffix = kNoEntry;
    for (std::size_t i = home(hash); table_[i].entry != kNoEntry;
         i = i + 1 == table_.size() ? 0 : i + 1) {
        if (table_[i].tag != static_cast<std::uint32_t>(hash)) {
            continue;
        }
        const std::string_view text = texts_[table_[i].entry];
        if (text == suffix) {
            as_suffix = table_[i].entry;
        } else if (whole && text.size() == suffix.size() + 1 && text[0] == '=' &&
                   text.substr(1) == suffix) {
            return table_[i].entry;  // no other entry is more specific
        }
    }
    return as_suffix;
}

}  // namespace minerwall::match
