#include "settings/setting.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <libconfig.h++>
#include <utility>

#include "settings/suggest.hpp"
#include "settings/tree.hpp"

namespace minerwall::settings {
namespace {

using Raw = libconfig::Setting;

// libconfig 1.5 has two types of integers and chooses one by the notation.
std::optional<std::int64_t> as_integer(const Raw& setting) {
    switch (setting.getType()) {
        case Raw::TypeInt:
            return static_cast<int>(setting);
        case Raw::TypeInt64:
            return static_cast<long long>(setting);
        default:
            return std::nullopt;
    }
}

std::string dotted(const std::string& group, std::string_view key) {
    return group.empty() ? std::string(key) : fmt::format("{}.{}", group, key);
}

std::string path_of(const Raw& setting) {
    std::string path;
    for (const Raw* s = &setting; !s->isRoot(); s = &s->getParent()) {
        if (s->getName() != nullptr) {
            path = path.empty() ? s->getName() : dotted(s->getName(), path);
        }
    }
    return path;
}

// The first words of the keys below `path`.
std::vector<std::string_view> keys_below(std::string_view path, Setting::Words keys) {
    std::vector<std::string_view> below;
    for (std::string_view key : keys) {
        if (!path.empty()) {
            if (!key.starts_with(path) || key.substr(path.size(), 1) != ".") {
                continue;
            }
            key.remove_prefix(path.size() + 1);
        }
        key = key.substr(0, key.find('.'));
        if (below.empty() || below.back() != key) {
            below.push_back(key);
        }
    }
    return below;
}

}  // namespace

bool Setting::is_group() const {
    return at_ != nullptr && at_->isGroup();
}

bool Setting::is_list() const {
    return at_ != nullptr && at_->isList();
}

bool Setting::is_aggregate() const {
    return at_ != nullptr && at_->isAggregate();
}

bool Setting::is_text(std::string_view text) const {
    return at_ != nullptr && at_->getType() == Raw::TypeString && at_->c_str() == text;
}

std::size_t Setting::size() const {
    return is_aggregate() ? static_cast<std::size_t>(at_->getLength()) : 0;
}

Setting Setting::operator[](std::size_t i) const {
    return {*tree_, &(*at_)[static_cast<int>(i)]};
}

std::string Setting::name() const {
    return at_ != nullptr && at_->getName() != nullptr ? at_->getName() : std::string();
}

std::string Setting::path() const {
    if (at_ != nullptr) {
        return path_of(*at_);
    }
    return place_ != nullptr ? dotted(path_of(*place_), key_) : key_;
}

unsigned Setting::line() const {
    return at_ != nullptr ? at_->getSourceLine() : 0;
}

Location Setting::location() const {
    return tree_->locate(place_);
}

std::string Setting::shown() const {
    if (at_ == nullptr) {
        return "nothing";
    }
    switch (at_->getType()) {
        case Raw::TypeInt:
        case Raw::TypeInt64:
            return std::to_string(*as_integer(*at_));
        case Raw::TypeFloat:
            return fmt::format("{}", static_cast<double>(*at_));
        case Raw::TypeBoolean:
            return static_cast<bool>(*at_) ? "true" : "false";
        case Raw::TypeString:
            return fmt::format("\"{:.80}\"", at_->c_str());
        case Raw::TypeGroup:
            return "a group";
        case Raw::TypeArray:
        case Raw::TypeList:
            return "a list";
        default:
            return "nothing";
    }
}

Setting Setting::find(std::string_view key) const {
    const std::string name(key);
    if (at_ == nullptr) {
        return {*tree_, nullptr, dotted(path(), key)};
    }
    if (at_->isGroup() && at_->exists(name)) {
        return {*tree_, &(*at_)[name.c_str()]};
    }
    return {*tree_, at_, name};
}

Setting Setting::required(std::string_view key, std::string_view owner) const {
    Setting found = find(key);
    if (!found) {
        error(fmt::format("{} needs a `{}`", owner, key));
    }
    return found;
}

void Setting::known_keys(Words known) const {
    for (std::size_t i = 0; i < size(); ++i) {
        const Setting member = (*this)[i];
        const std::string key = member.name();
        if (std::find(known.begin(), known.end(), key) != known.end()) {
            continue;
        }
        const std::string_view guess = nearest(key, known);
        member.error(fmt::format("unknown key `{}`, {}", member.path(),
                                 guess.empty()
                                     ? fmt::format("expected one of: {}", fmt::join(known, ", "))
                                     : fmt::format("did you mean `{}`?", dotted(path(), guess))));
    }
}

Setting Setting::as_group(Words keys) const {
    if (at_ == nullptr) {
        return *this;
    }
    if (!expect(is_group(), "a group { ... }")) {
        return {*tree_, nullptr, path()};
    }
    known_keys(keys_below(path(), keys));
    return *this;
}

void Setting::error(std::string message) const {
    tree_->diagnostics_.error(location(), std::move(message));
}

void Setting::complain(std::string_view is, std::string_view expected) const {
    error(fmt::format("`{}` is {}, expected {}", path(), is, expected));
}

bool Setting::expect(bool ok, std::string_view form) const {
    if (!ok) {
        const bool is_element = at_ != nullptr && at_->getName() == nullptr && !at_->isRoot();
        const std::string at_place =
            is_element ? fmt::format(" at place {}", at_->getIndex() + 1) : std::string();
        complain(shown() + at_place, form);
    }
    return ok;
}

std::optional<std::string> Setting::text() const {
    if (at_ == nullptr || !expect(at_->getType() == Raw::TypeString, "a text in double quotes")) {
        return std::nullopt;
    }
    return at_->c_str();
}

std::optional<bool> Setting::boolean() const {
    if (at_ == nullptr || !expect(at_->getType() == Raw::TypeBoolean, "true or false")) {
        return std::nullopt;
    }
    return static_cast<bool>(*at_);
}

std::optional<std::int64_t> Setting::integer(std::int64_t least, std::int64_t most,
                                             std::string_view unit) const {
    if (at_ == nullptr) {
        return std::nullopt;
    }
    const std::optional<std::int64_t> value = as_integer(*at_);
    if (value && *value >= least && *value <= most) {
        return value;
    }
    expect(false,
           fmt::format("an integer from {} to {}{}{}", least, most, unit.empty() ? "" : " ", unit));
    return std::nullopt;
}

std::optional<std::size_t> Setting::word(Words words) const {
    if (at_ == nullptr) {
        return std::nullopt;
    }
    std::string guess;
    if (at_->getType() == Raw::TypeString) {
        const std::string_view value = at_->c_str();
        const auto found = std::find(words.begin(), words.end(), value);
        if (found != words.end()) {
            return static_cast<std::size_t>(found - words.begin());
        }
        guess = did_you_mean(value, words);
    }
    expect(false, fmt::format("one of \"{}\"{}", fmt::join(words, "\", \""), guess));
    return std::nullopt;
}

std::vector<std::string> Setting::texts() const {
    std::vector<std::string> out;
    if (at_ == nullptr ||
        !expect(at_->isArray() || at_->isList(), "a list of texts [ \"...\", ... ]")) {
        return out;
    }
    for (std::size_t i = 0; i < size(); ++i) {
        if (std::optional<std::string> value = (*this)[i].text()) {
            out.push_back(std::move(*value));
        }
    }
    return out;
}

std::vector<std::int64_t> Setting::integers(std::int64_t least, std::int64_t most) const {
    std::vector<std::int64_t> out;
    if (at_ == nullptr ||
        !expect(at_->isArray() || at_->isList(), "a list of integers [ 1, 2, ... ]")) {
        return out;
    }
    for (std::size_t i = 0; i < size(); ++i) {
        if (const std::optional<std::int64_t> value = (*this)[i].integer(least, most)) {
            out.push_back(*value);
        }
    }
    return out;
}

std::vector<Value> Setting::values() const {
    std::vector<Value> out;
    if (at_ == nullptr) {
        return out;
    }
    if (!at_->isArray() && !at_->isList()) {
        add_value(out);
        return out;
    }
    out.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) {
        (*this)[i].add_value(out);
    }
    return out;
}

void Setting::add_value(std::vector<Value>& out) const {
    const std::optional<std::int64_t> number = as_integer(*at_);
    if (number) {
        out.push_back({line(), true, *number, std::to_string(*number)});
    } else if (expect(at_->getType() == Raw::TypeString,
                      "a text, an integer, or an array of these")) {
        out.push_back({line(), false, 0, at_->c_str()});
    }
}

}  // namespace minerwall::settings
