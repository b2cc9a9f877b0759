#include "policy/adblock.hpp"

#include <algorithm>
#include <array>

namespace minerwall::policy {
namespace {

// Options that do not restrict a filter on a wire. minerwall cannot see from which page a request
// comes. The other words change a filter's rank, or nothing.
constexpr std::array<std::string_view, 5> kIgnored = {"third-party", "3p", "important", "all",
                                                      "match-case"};

AdblockLine read_options(std::string_view options) noexcept {
    AdblockLine result = AdblockLine::host;
    for (std::size_t begin = 0; begin <= options.size();) {
        const std::size_t end = std::min(options.find(',', begin), options.size());
        const std::string_view option = options.substr(begin, end - begin);
        if (option == "badfilter") {
            return AdblockLine::exception;
        }
        if (std::find(kIgnored.begin(), kIgnored.end(), option) == kIgnored.end()) {
            result = AdblockLine::narrowed;
        }
        begin = end + 1;
    }
    return result;
}

// For instance example.org##.banner, ##.banner, example.org#@#.banner, example.org$$script
bool is_element(std::string_view line) noexcept {
    for (std::size_t at = line.find('#'); at != std::string_view::npos;
         at = line.find('#', at + 1)) {
        if (at + 1 < line.size() &&
            std::string_view("#@?$%").find(line[at + 1]) != std::string_view::npos) {
            return true;
        }
    }
    return line.find("$$") != std::string_view::npos || line.find("$@$") != std::string_view::npos;
}

}  // namespace

AdblockLine read_adblock_line(std::string_view line, std::string_view& host) noexcept {
    constexpr std::string_view kSpace = " \t\r\v\f";
    const std::size_t begin = line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) {
        return AdblockLine::nothing;
    }
    line = line.substr(begin, line.find_last_not_of(kSpace) - begin + 1);
    if (line.starts_with('!')) {
        // A row of # is an ornament.
        const bool word = line.size() > 2 && line[1] == '#' && line[2] >= 'a' && line[2] <= 'z';
        return word ? AdblockLine::directive : AdblockLine::nothing;
    }
    if ((line.starts_with('[') && line.ends_with(']')) || line == "#" || line.starts_with("# ")) {
        return AdblockLine::nothing;
    }
    if (line.starts_with("@@")) {
        return AdblockLine::exception;
    }
    if (!line.starts_with("||")) {
        return is_element(line) ? AdblockLine::element : AdblockLine::url;
    }
    line.remove_prefix(2);
    const std::size_t dollar = line.find('$');
    std::string_view name = line.substr(0, dollar);
    if (name.ends_with('|')) {
        name.remove_suffix(1);
    }
    if (name.ends_with('^')) {
        name.remove_suffix(1);
    }
    if (name.starts_with('[') && name.ends_with(']')) {
        name = name.substr(1, name.size() - 2);
    } else if (name.find(':') != std::string_view::npos) {
        return AdblockLine::url;
    }
    if (name.empty() || name.find_first_of("/*^|?=&~") != std::string_view::npos) {
        return AdblockLine::url;
    }
    host = name;
    return dollar == std::string_view::npos ? AdblockLine::host
                                            : read_options(line.substr(dollar + 1));
}

}  // namespace minerwall::policy
