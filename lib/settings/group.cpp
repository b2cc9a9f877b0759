#include "settings/group.hpp"

#include <fmt/format.h>

#include <utility>

namespace minerwall::settings {

using libconfig::Setting;

namespace {

// The first words of the keys below `path`.
std::vector<std::string_view> keys_below(std::string_view path,
                                         std::span<const std::string_view> keys) {
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

Group::Group(const Setting* setting, std::string path, std::span<const std::string_view> keys,
             Reader& reader)
    : setting_(setting), path_(std::move(path)), keys_(keys), reader_(reader) {
    if (setting_ == nullptr) {
        return;
    }
    if (reader_.expect(*setting_, setting_->isGroup(), "a group { ... }")) {
        reader_.known_keys(*setting_, keys_below(path_, keys_));
    } else {
        setting_ = nullptr;
    }
}

Group Group::group(const char* key) const {
    return {find(key), name(key), keys_, reader_};
}

Group Group::element(const Setting& setting, const char* key) const {
    return {&setting, name(key), keys_, reader_};
}

const Setting* Group::find(const char* key) const {
    return setting_ != nullptr ? reader_.optional(*setting_, key) : nullptr;
}

const Setting* Group::place(const char* key) const {
    const Setting* const found = find(key);
    return found != nullptr ? found : setting_;
}

unsigned Group::line(const char* key) const {
    const Setting* const found = place(key);
    return found != nullptr ? reader_.locate(*found).line : 0;
}

std::string Group::name(const char* key) const {
    return path_.empty() ? std::string(key) : path_ + "." + key;
}

void Group::error(const char* key, std::string message) const {
    reader_.error(place(key), std::move(message));
}

void Group::complain(const char* key, std::string_view is, std::string_view expected) const {
    error(key, fmt::format("`{}` is {}, expected {}", name(key), is, expected));
}

unsigned Group::number(const char* key, unsigned fallback, unsigned least, unsigned most,
                       std::string_view unit) const {
    const Setting* const s = find(key);
    return s == nullptr
               ? fallback
               : static_cast<unsigned>(reader_.integer(*s, least, most, unit).value_or(fallback));
}

bool Group::flag(const char* key, bool fallback) const {
    const Setting* const s = find(key);
    return s == nullptr ? fallback : reader_.boolean(*s).value_or(fallback);
}

std::string Group::text(const char* key, std::string_view fallback) const {
    const Setting* const s = find(key);
    return s == nullptr ? std::string(fallback) : reader_.text(*s).value_or(std::string(fallback));
}

std::size_t Group::choice(const char* key, std::size_t fallback,
                          std::initializer_list<std::string_view> words) const {
    const Setting* const s = find(key);
    return s == nullptr ? fallback : reader_.word(*s, words).value_or(fallback);
}

std::vector<std::string> Group::texts(const char* key) const {
    const Setting* const s = find(key);
    return s == nullptr ? std::vector<std::string>() : reader_.texts(*s);
}

std::vector<unsigned> Group::numbers(const char* key, unsigned most) const {
    const Setting* const s = find(key);
    if (s == nullptr) {
        return {};
    }
    const std::vector<std::int64_t> all = reader_.integers(*s, 0, most);
    return {all.begin(), all.end()};
}

}  // namespace minerwall::settings
