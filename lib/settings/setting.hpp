// One setting of an operator's file: a value, a group or a list. It may be absent.
//
// An error in a setting becomes a diagnostic at its place and not an exception, so that an operator
// sees all errors at once. An absent setting knows its group and its name, so that an error about
// it has a place, and its reads give nothing. Cheap to copy; valid while the Tree is.
//
// Control plane, one thread. The functions throw only std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings/diagnostic.hpp"
#include "settings/value.hpp"

namespace libconfig {
class Setting;
}

namespace minerwall::settings {

class Tree;

class Setting {
  public:
    using Words = std::span<const std::string_view>;

    explicit operator bool() const noexcept { return at_ != nullptr; }  // false: absent
    bool is_group() const;
    bool is_list() const;                       // ( ... )
    bool is_aggregate() const;                  // a group, a list or an array
    bool is_text(std::string_view text) const;  // this text
    // Elements of a list or an array, members of a group; 0 for a value.
    std::size_t size() const;
    Setting operator[](std::size_t i) const;  // i < size()
    std::string name() const;                 // empty for an element and for the root
    // The dotted name without places in lists: `workers.count`, or `rules.action` for any rule.
    // Empty for the root.
    std::string path() const;
    unsigned line() const;      // in the expanded text; 0 for the root and for an absent setting
    Location location() const;  // in its file; an absent setting has its group's
    // The value as one would write it, or its kind: `12`, `"eth1"`, `a group`. A text is cut at 80
    // characters. "nothing" if it is absent.
    std::string shown() const;

    // The member `key`; absent if there is none.
    Setting find(std::string_view key) const;
    // A missing member is an error of `owner`, as in "a rule".
    Setting required(std::string_view key, std::string_view owner) const;
    // Each member of a group must be one of `known`.
    void known_keys(Words known) const;
    // This setting if it is a group whose keys are those of `keys`: every key of the file, dotted,
    // as in "workers.count". A setting of another kind is an error, and then absent.
    Setting as_group(Words keys) const;

    void error(std::string message) const;
    // Reports what the setting is and what was expected.
    void complain(std::string_view is, std::string_view expected) const;
    // Returns `ok`. If false, reports what the setting is and that `form` was expected.
    bool expect(bool ok, std::string_view form) const;

    // Empty if it is absent; also, with a diagnostic, if it has another type or is out of range.
    std::optional<std::string> text() const;
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most,
                                        std::string_view unit = {}) const;
    std::optional<std::size_t> word(Words words) const;  // the index in `words`
    // The usable elements of an array or list. Diagnostics report the others.
    std::vector<std::string> texts() const;
    std::vector<std::int64_t> integers(std::int64_t least, std::int64_t most) const;
    // A text or an integer, or an array or list of these.
    std::vector<Value> values() const;

  private:
    friend class Tree;

    Setting(Tree& tree, const libconfig::Setting* at) noexcept
        : tree_(&tree), at_(at), place_(at) {}
    // An absent one. key: its name in `place`; its path if that is null.
    Setting(Tree& tree, const libconfig::Setting* place, std::string key) noexcept
        : tree_(&tree), place_(place), key_(std::move(key)) {}
    void add_value(std::vector<Value>& out) const;

    Tree* tree_;
    const libconfig::Setting* at_ = nullptr;
    const libconfig::Setting* place_;  // of a diagnostic; null: the file as a whole
    std::string key_;                  // if absent
};

}  // namespace minerwall::settings
