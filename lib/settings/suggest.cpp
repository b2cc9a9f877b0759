#include "settings/suggest.hpp"

#include <algorithm>
#include <vector>

namespace minerwall::settings {

unsigned edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the table of Damerau and Levenshtein (restricted edit distance).
    std::vector<unsigned> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        above[j] = static_cast<unsigned>(j);
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = static_cast<unsigned>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const unsigned replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replace, above[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    constexpr std::size_t kLongest = 64;  // bytes; the time is quadratic
    std::string_view best;
    std::size_t least = kLongest;
    for (const std::string_view candidate : known) {
        if (word.size() > kLongest || candidate.size() > kLongest) {
            continue;
        }
        const std::size_t most = std::max(word.size(), candidate.size()) / 3 + 1;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < least && distance <= most && distance < candidate.size()) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
    const std::string_view best = nearest(word, known);
    return best.empty() ? std::string() : ", did you mean `" + std::string(best) + "`?";
}

}  // namespace minerwall::settings
