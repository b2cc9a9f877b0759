// One libconfig setting at a time, with the complaint ready that belongs to its line. Internal to
// the reader. Control plane.
#pragma once

#include <cstdint>
#include <libconfig.h++>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/model.hpp"
#include "settings/diagnostic.hpp"
#include "settings/source.hpp"

namespace minerwall::policy {

class SettingReader {
  public:
    SettingReader(const settings::Source& source, settings::Diagnostics& diagnostics)
        : source_(source), diagnostics_(diagnostics) {}

    unsigned line(const libconfig::Setting& setting) const { return setting.getSourceLine(); }
    void error(const libconfig::Setting& setting, const std::string& message) {
        diagnostics_.error(source_.locate(line(setting)), message);
    }
    // `ok`, or an error that `form` was expected.
    bool expect(const libconfig::Setting& setting, bool ok, std::string_view form);

    // Each member of a group must be one of `known`.
    void known_keys(const libconfig::Setting& group, std::span<const std::string_view> known,
                    std::string_view what);
    const libconfig::Setting* optional(const libconfig::Setting& group, std::string_view key);
    const libconfig::Setting* required(const libconfig::Setting& group, std::string_view key,
                                       std::string_view owner);

    std::string text(const libconfig::Setting& setting);
    std::string text_or(const libconfig::Setting& group, std::string_view key,
                        const std::string& otherwise);
    bool boolean(const libconfig::Setting& setting);
    // `least` where it is none.
    std::int64_t integer(const libconfig::Setting& setting, std::int64_t least, std::int64_t most);
    // The index in `words`, or -1.
    int word(const libconfig::Setting& setting, std::span<const std::string_view> words);
    // A text or an integer, or an array or list of these.
    std::vector<Value> values(const libconfig::Setting& setting);

  private:
    void add_value(const libconfig::Setting& setting, std::vector<Value>& out);

    const settings::Source& source_;
    settings::Diagnostics& diagnostics_;
};

}  // namespace minerwall::policy
