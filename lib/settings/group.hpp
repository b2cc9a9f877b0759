// A group of settings in which each key has a default. The whole group may be absent.
//
// Control plane, one thread.
#pragma once

#include <cstddef>
#include <libconfig.h++>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/reader.hpp"

namespace minerwall::settings {

class Group {
  public:
    // `setting`: nullptr if the group is absent. `path`: its dotted name, empty for the root.
    // `keys`: every key of the file, dotted, as in "workers.count"; they must outlive the group.
    // Another key in the group is an error.
    Group(const libconfig::Setting* setting, std::string path,
          std::span<const std::string_view> keys, Reader& reader);

    // The group `key` inside this one.
    Group group(const char* key) const;
    // nullptr if there is none.
    const libconfig::Setting* find(const char* key) const;
    // The key's line in its file; the group's line if there is no such key, 0 without both.
    unsigned line(const char* key) const;

    // The value of `key`, or `fallback` if it is absent or wrong. A wrong value is reported.
    unsigned number(const char* key, unsigned fallback, unsigned least, unsigned most,
                    std::string_view unit = {}) const;
    bool flag(const char* key, bool fallback) const;
    std::string text(const char* key, std::string_view fallback) const;
    // Index of the word in `words`.
    std::size_t choice(const char* key, std::size_t fallback,
                       std::initializer_list<std::string_view> words) const;
    // Empty if there is no such key.
    std::vector<std::string> texts(const char* key) const;
    std::vector<unsigned> numbers(const char* key, unsigned most) const;

    // Reports an error at the key, or at the group if the key is absent.
    void error(const char* key, std::string message) const;
    // Reports that `key` is `is`, and what was expected.
    void complain(const char* key, std::string_view is, std::string_view expected) const;

    // Reads the elements of a list, each a group of its own under the list's name.
    Group element(const libconfig::Setting& setting, const char* key) const;

  private:
    const libconfig::Setting* place(const char* key) const;
    std::string name(const char* key) const;

    const libconfig::Setting* setting_;
    std::string path_;
    std::span<const std::string_view> keys_;
    Reader& reader_;
};

}  // namespace minerwall::settings
