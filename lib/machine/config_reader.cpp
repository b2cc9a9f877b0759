#include "machine/config_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>

#include "machine/config.hpp"
#include "settings/suggest.hpp"

namespace minerwall::machine {

using libconfig::Setting;

std::vector<settings::Diagnostic> Complaints::take() {
    std::stable_sort(list_.begin(), list_.end(),
                     [](const settings::Diagnostic& a, const settings::Diagnostic& b) {
                         return a.line < b.line;
                     });
    return std::move(list_);
}

namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

void check_integer(const std::string& token, bool negative, unsigned line, Complaints& complaints) {
    const bool hex = token.size() > 1 && (token[1] == 'x' || token[1] == 'X');
    if (!hex && token.find_first_of(".eE") != std::string::npos) {
        return;  // a floating-point number: the reader reports it
    }
    errno = 0;
    const unsigned long long value = std::strtoull(token.c_str(), nullptr, hex ? 16 : 10);
    const unsigned long long limit = std::numeric_limits<std::int32_t>::max();
    if (errno != 0 || value > limit) {
        complaints.add(line, fmt::format("{}{} is out of range, expected an integer of at most {}",
                                         negative ? "-" : "", token, limit));
    }
}

}  // namespace

void check_raw_text(const std::string& text, Complaints& complaints) {
    const std::size_t end = text.size();
    unsigned line = 1;
    bool line_start = true;
    const auto skip_to = [&](std::size_t i, std::string_view mark) {
        const std::size_t stop = std::min(text.find(mark, i), end);
        line += static_cast<unsigned>(std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                                                 text.begin() + static_cast<std::ptrdiff_t>(stop),
                                                 '\n'));
        return stop;
    };
    for (std::size_t i = 0; i < end; ++i) {
        const char c = text[i];
        const std::string_view rest = std::string_view(text).substr(i);
        if (c == '\0') {
            complaints.add(line, "a NUL byte, expected text");
            return;
        }
        if (c == '\n') {
            ++line;
            line_start = true;
            continue;
        }
        if (c == '#' || rest.starts_with("//")) {
            i = skip_to(i, "\n") - 1;
        } else if (rest.starts_with("/*")) {
            i = skip_to(i, "*/") + 1;
        } else if (c == '"') {
            for (++i; i < end && text[i] != '"'; ++i) {
                line += text[i] == '\n' ? 1 : 0;
                i += text[i] == '\\' ? 1 : 0;
            }
        } else if (line_start && rest.starts_with("@include")) {
            complaints.add(line, "@include is not allowed here, expected one file");
        } else if (is_word(c)) {
            std::size_t stop = i;
            while (stop < end && (is_word(text[stop]) || text[stop] == '.')) {
                ++stop;
            }
            if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
                check_integer(text.substr(i, stop - i), i > 0 && text[i - 1] == '-', line,
                              complaints);
            }
            i = stop - 1;
        }
        line_start = line_start && (c == ' ' || c == '\t');
    }
}

unsigned line_of(const Setting& setting) {
    return setting.getSourceLine();
}

bool as_integer(const Setting& setting, long long& value) {
    if (setting.getType() == Setting::TypeInt) {
        value = static_cast<int>(setting);
        return true;
    }
    if (setting.getType() == Setting::TypeInt64) {
        value = static_cast<long long>(setting);
        return true;
    }
    return false;
}

std::string shown(const Setting& setting) {
    long long value = 0;
    switch (setting.getType()) {
        case Setting::TypeInt:
        case Setting::TypeInt64:
            as_integer(setting, value);
            return std::to_string(value);
        case Setting::TypeFloat:
            return fmt::format("{}", static_cast<double>(setting));
        case Setting::TypeBoolean:
            return static_cast<bool>(setting) ? "true" : "false";
        case Setting::TypeString:
            return fmt::format("\"{:.80}\"", static_cast<const char*>(setting));
        case Setting::TypeGroup:
            return "a group";
        case Setting::TypeArray:
        case Setting::TypeList:
            return "a list";
        default:
            return "nothing";
    }
}

Group::Group(const Setting* setting, std::string path, Complaints& complaints)
    : setting_(setting), path_(std::move(path)), complaints_(complaints) {
    if (setting_ == nullptr) {
        return;
    }
    if (!setting_->isGroup()) {
        complaints_.add(line_of(*setting_), fmt::format("{} is {}, expected a group {{ ... }}",
                                                        path_, shown(*setting_)));
        setting_ = nullptr;
        return;
    }
    std::vector<std::string_view> known;
    for (std::string_view key : config_keys()) {
        if (!path_.empty()) {
            if (!key.starts_with(path_ + ".")) {
                continue;
            }
            key.remove_prefix(path_.size() + 1);
        }
        known.push_back(key.substr(0, key.find('.')));
    }
    for (int i = 0; i < setting_->getLength(); ++i) {
        const Setting& child = (*setting_)[i];
        const std::string_view key = child.getName();
        if (std::find(known.begin(), known.end(), key) != known.end()) {
            continue;
        }
        const std::string_view guess = settings::nearest(key, known, settings::Tolerance::narrow);
        complaints_.add(line_of(child),
                        guess.empty()
                            ? fmt::format("unknown key {}, expected one of: {}",
                                          name(child.getName()), fmt::join(known, ", "))
                            : fmt::format("unknown key {}, expected {} (did you mean that?)",
                                          name(child.getName()), name(std::string(guess).c_str())));
    }
}

std::string Group::name(const char* key) const {
    return path_.empty() ? std::string(key) : path_ + "." + key;
}

Group Group::group(const char* key) const {
    return {find(key), name(key), complaints_};
}

const Setting* Group::find(const char* key) const {
    return setting_ != nullptr && setting_->exists(key) ? &(*setting_)[key] : nullptr;
}

unsigned Group::line() const {
    return setting_ != nullptr ? line_of(*setting_) : 0;
}

unsigned Group::line(const char* key) const {
    const Setting* const found = find(key);
    return found != nullptr ? line_of(*found) : line();
}

void Group::complain(const char* key, std::string_view is, std::string_view expected) const {
    complaints_.add(line(key), fmt::format("{} is {}, expected {}", name(key), is, expected));
}

unsigned Group::number(const char* key, unsigned fallback, unsigned min, unsigned max,
                       std::string_view unit) const {
    const Setting* const s = find(key);
    if (s == nullptr) {
        return fallback;
    }
    long long value = 0;
    if (!as_integer(*s, value) || value < min || value > max) {
        complain(
            key, shown(*s),
            fmt::format("an integer from {} to {}{}{}", min, max, unit.empty() ? "" : " ", unit));
        return fallback;
    }
    return static_cast<unsigned>(value);
}

bool Group::flag(const char* key, bool fallback) const {
    const Setting* const s = find(key);
    if (s == nullptr) {
        return fallback;
    }
    if (s->getType() != Setting::TypeBoolean) {
        complain(key, shown(*s), "true or false");
        return fallback;
    }
    return static_cast<bool>(*s);
}

std::string Group::text(const char* key, std::string_view fallback) const {
    const Setting* const s = find(key);
    if (s == nullptr) {
        return std::string(fallback);
    }
    if (s->getType() != Setting::TypeString) {
        complain(key, shown(*s), "a text in double quotes");
        return std::string(fallback);
    }
    return static_cast<const char*>(*s);
}

std::size_t Group::choice(const char* key, std::size_t fallback,
                          const std::vector<std::string_view>& choices) const {
    const Setting* const s = find(key);
    if (s == nullptr) {
        return fallback;
    }
    if (s->getType() == Setting::TypeString) {
        const auto found = std::find(choices.begin(), choices.end(), static_cast<const char*>(*s));
        if (found != choices.end()) {
            return static_cast<std::size_t>(found - choices.begin());
        }
    }
    complain(key, shown(*s), fmt::format("one of \"{}\"", fmt::join(choices, "\", \"")));
    return fallback;
}

std::vector<std::string> Group::texts(const char* key) const {
    std::vector<std::string> out;
    const Setting* const s = find(key);
    if (s == nullptr) {
        return out;
    }
    if (!s->isArray() && !s->isList()) {
        complain(key, shown(*s), "a list of texts [ \"...\", ... ]");
        return out;
    }
    for (int i = 0; i < s->getLength(); ++i) {
        const Setting& item = (*s)[i];
        if (item.getType() != Setting::TypeString) {
            complain(key, fmt::format("{} at place {}", shown(item), i + 1),
                     "a text in double quotes");
            continue;
        }
        out.emplace_back(static_cast<const char*>(item));
    }
    return out;
}

std::vector<unsigned> Group::numbers(const char* key, unsigned max) const {
    std::vector<unsigned> out;
    const Setting* const s = find(key);
    if (s == nullptr) {
        return out;
    }
    if (!s->isArray() && !s->isList()) {
        complain(key, shown(*s), "a list of integers [ 1, 2, ... ]");
        return out;
    }
    for (int i = 0; i < s->getLength(); ++i) {
        long long value = 0;
        if (!as_integer((*s)[i], value) || value < 0 || value > max) {
            complain(key, fmt::format("{} at place {}", shown((*s)[i]), i + 1),
                     fmt::format("an integer from 0 to {}", max));
            continue;
        }
        out.push_back(static_cast<unsigned>(value));
    }
    return out;
}

}  // namespace minerwall::machine
