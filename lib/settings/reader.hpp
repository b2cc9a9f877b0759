// Typed reads of a libconfig tree. An error in a setting becomes a diagnostic at its place and not
// an exception, so that an operator sees all errors at once.
//
// Control plane, one thread. A setting must belong to the tree that was read from `source`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <libconfig.h++>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "settings/diagnostic.hpp"
#include "settings/source.hpp"
#include "settings/value.hpp"

namespace minerwall::settings {

// libconfig reads the text of `source`. False, with a diagnostic, if the syntax is wrong.
bool parse(const Source& source, libconfig::Config& tree, Diagnostics& diagnostics);

// The value as one would write it, or its kind: `12`, `"eth1"`, `a group`. A text is cut at 80
// characters.
std::string shown(const libconfig::Setting& setting);

// The dotted name without places in lists: `workers.count`, or `rules.action` for any rule. Empty
// for the root.
std::string name_of(const libconfig::Setting& setting);

class Reader {
  public:
    Reader(const Source& source, Diagnostics& diagnostics)
        : source_(source), diagnostics_(diagnostics) {}

    // In the expanded text; 0 for the root.
    unsigned line(const libconfig::Setting& setting) const { return setting.getSourceLine(); }
    Location locate(const libconfig::Setting& setting) const {
        return source_.locate(line(setting));
    }
    // nullptr: an error of the whole file.
    void error(const libconfig::Setting* setting, std::string message);
    void error(const libconfig::Setting& setting, std::string message) {
        error(&setting, std::move(message));
    }
    // Returns `ok`. If false, reports what the setting is and that `form` was expected.
    bool expect(const libconfig::Setting& setting, bool ok, std::string_view form);

    // Each member of a group must be one of `known`.
    void known_keys(const libconfig::Setting& group, std::span<const std::string_view> known);
    // nullptr if there is none. `required` reports that as an error of `owner`, as in "a rule".
    const libconfig::Setting* optional(const libconfig::Setting& group, std::string_view key);
    const libconfig::Setting* required(const libconfig::Setting& group, std::string_view key,
                                       std::string_view owner);

    // Empty, with a diagnostic, if the setting has another type or is out of range.
    std::optional<std::string> text(const libconfig::Setting& setting);
    std::optional<bool> boolean(const libconfig::Setting& setting);
    std::optional<std::int64_t> integer(const libconfig::Setting& setting, std::int64_t least,
                                        std::int64_t most, std::string_view unit = {});
    // The index in `words`.
    std::optional<std::size_t> word(const libconfig::Setting& setting,
                                    std::span<const std::string_view> words);

    // The usable elements of an array or list. Diagnostics report the others.
    std::vector<std::string> texts(const libconfig::Setting& setting);
    std::vector<std::int64_t> integers(const libconfig::Setting& setting, std::int64_t least,
                                       std::int64_t most);
    // A text or an integer, or an array or list of these.
    std::vector<Value> values(const libconfig::Setting& setting);

    // The setting `key` of `group`, or `otherwise` if there is none.
    std::string text_or(const libconfig::Setting& group, std::string_view key,
                        const std::string& otherwise);

  private:
    void add_value(const libconfig::Setting& setting, std::vector<Value>& out);
    void number(const libconfig::Setting& aggregate);
    unsigned column(const libconfig::Setting& setting);

    const Source& source_;
    Diagnostics& diagnostics_;
    // Numbers of the named settings, filled when the first error asks for a column.
    std::unordered_map<const libconfig::Setting*, std::size_t> numbers_;
};

}  // namespace minerwall::settings
