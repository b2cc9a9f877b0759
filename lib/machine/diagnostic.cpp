#include "machine/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace minerwall::machine {

namespace {

// Edits between two words, a swap of neighbours being one (optimal string alignment); row by row of
// the classic table, the last two rows kept.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before;
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before = above;
        above = row;
    }
    return above.back();
}

}  // namespace

std::string to_text(const Diagnostic& d) {
    return d.line == 0 ? fmt::format("{}: error: {}", d.file, d.text)
                       : fmt::format("{}:{}: error: {}", d.file, d.line, d.text);
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t kLongestWord = 64;  // the table is quadratic and the word the operator's
    std::string_view best;
    if (word.size() > kLongestWord) {
        return best;
    }
    std::size_t limit = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < limit) {
            limit = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace minerwall::machine
