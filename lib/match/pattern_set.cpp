#include "match/pattern_set.hpp"

#include <hs.h>

#include <algorithm>

namespace minerwall::match {
namespace {

// Hyperscan calls this for each match; a non-zero return ends the scan.
int keep_lowest(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
    auto& lowest = *static_cast<std::uint32_t*>(context);
    lowest = std::min(lowest, id);
    return lowest == 0;
}
int stop(unsigned, unsigned long long, unsigned long long, unsigned, void* context) {
    *static_cast<bool*>(context) = true;
    return 1;
}

void scan(const hs_database* database, Bytes bytes, hs_scratch* scratch,
          match_event_handler handler, void* context) noexcept {
    // An error here can only be misuse (a scratch of another database); no match is the safe
    // result.
    hs_scan(database, reinterpret_cast<const char*>(bytes.data()),
            static_cast<unsigned>(bytes.size()), 0, scratch, handler, context);
}

}  // namespace

void PatternSet::Free::operator()(hs_database* database) const noexcept {
    hs_free_database(database);
}

std::uint32_t PatternSet::first_match(Bytes bytes, hs_scratch* scratch) const noexcept {
    std::uint32_t lowest = kNoEntry;
    if (database_ && scratch != nullptr && !bytes.empty()) {
        scan(database_.get(), bytes, scratch, keep_lowest, &lowest);
    }
    return lowest;
}

bool PatternSet::any_match(Bytes bytes, hs_scratch* scratch) const noexcept {
    bool found = false;
    if (database_ && scratch != nullptr && !bytes.empty()) {
        scan(database_.get(), bytes, scratch, stop, &found);
    }
    return found;
}

}  // namespace minerwall::match
