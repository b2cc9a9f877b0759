#include <sys/random.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "match/domain_set.hpp"
#include "match/label_hash.hpp"

namespace minerwall::match {
namespace {

struct Hashed {
    std::uint64_t hash;
    unsigned labels;
};

Hashed hash_name(std::string_view name, const std::uint64_t (&key)[2]) {
    LabelHash hash(key);
    Hashed out{0, 0};
    for (std::size_t end = name.size();;) {
        const std::size_t dot = name.substr(0, end).rfind('.');
        const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
        out.hash = hash.add(name.substr(begin, end - begin));
        ++out.labels;
        if (begin == 0) {
            return out;
        }
        end = begin - 1;
    }
}

}  // namespace

DomainSet DomainSetBuilder::build(std::vector<Duplicate>* duplicates) {
    DomainSet set;
    set.texts_ = std::exchange(texts_, {});
    set.texts_.shrink();
    if (set.texts_.empty()) {
        return set;
    }
    if (getrandom(set.key_, sizeof set.key_, 0) != sizeof set.key_) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    const std::uint32_t n = set.texts_.size();
    set.table_.resize(std::size_t{n} + n / 3 + 2);
    for (std::uint32_t id = 0; id < n; ++id) {
        const std::string_view text = set.texts_[id];
        const std::string_view name = text.substr(text.starts_with('=') ? 1 : 0);
        const auto [hash, labels] = hash_name(name, set.key_);
        set.deepest_ = std::min(std::max(set.deepest_, labels), DomainSet::kMaxLabels);
        std::size_t i = set.home(hash);
        bool known = false;
        for (; set.table_[i].entry != kNoEntry; i = i + 1 == set.table_.size() ? 0 : i + 1) {
            if (set.texts_[set.table_[i].entry] == text) {
                known = true;
                if (duplicates != nullptr) {
                    duplicates->push_back({set.table_[i].entry, id});
                }
                break;
            }
        }
        if (!known) {
            set.table_[i] = {static_cast<std::uint32_t>(hash), id};
        }
    }
    return set;
}

}  // namespace minerwall::match
