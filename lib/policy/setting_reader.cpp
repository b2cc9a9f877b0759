#include "policy/setting_reader.hpp"

#include <algorithm>

#include "settings/suggest.hpp"

namespace minerwall::policy {

using settings::did_you_mean;

using libconfig::Setting;

namespace {

std::string path_of(const Setting& setting) {
    return setting.getName() != nullptr ? "`" + std::string(setting.getName()) + "` must be "
                                        : "expected ";
}

}  // namespace

bool SettingReader::expect(const Setting& setting, bool ok, std::string_view form) {
    if (!ok) {
        error(setting, path_of(setting) + std::string(form));
    }
    return ok;
}

void SettingReader::known_keys(const Setting& group, std::span<const std::string_view> known,
                               std::string_view what) {
    for (int i = 0; i < group.getLength(); ++i) {
        const Setting& member = group[i];
        const std::string_view name = member.getName();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            error(member, "unknown key `" + std::string(name) + "` in a " + std::string(what) +
                              did_you_mean(name, known));
        }
    }
}

const Setting* SettingReader::optional(const Setting& group, std::string_view key) {
    const std::string name(key);
    return group.exists(name) ? &group[name.c_str()] : nullptr;
}

const Setting* SettingReader::required(const Setting& group, std::string_view key,
                                       std::string_view owner) {
    const Setting* found = optional(group, key);
    if (found == nullptr) {
        error(group, std::string(owner) + " needs a `" + std::string(key) + "`");
    }
    return found;
}

std::string SettingReader::text(const Setting& setting) {
    return expect(setting, setting.getType() == Setting::TypeString, "a text in quotes")
               ? setting.c_str()
               : std::string();
}

std::string SettingReader::text_or(const Setting& group, std::string_view key,
                                   const std::string& otherwise) {
    const Setting* found = optional(group, key);
    return found != nullptr ? text(*found) : otherwise;
}

bool SettingReader::boolean(const Setting& setting) {
    return expect(setting, setting.getType() == Setting::TypeBoolean, "true or false") &&
           static_cast<bool>(setting);
}

std::int64_t SettingReader::integer(const Setting& setting, std::int64_t least, std::int64_t most) {
    const auto type = setting.getType();
    std::int64_t value = 0;
    bool ok = true;
    if (type == Setting::TypeInt64) {
        value = static_cast<long long>(setting);
    } else if (type == Setting::TypeInt) {
        value = static_cast<int>(setting);
    } else {
        ok = false;
    }
    ok = ok && value >= least && value <= most;
    return expect(setting, ok,
                  "an integer from " + std::to_string(least) + " to " + std::to_string(most))
               ? value
               : least;
}

int SettingReader::word(const Setting& setting, std::span<const std::string_view> words) {
    const std::string value = text(setting);
    if (setting.getType() != Setting::TypeString) {
        return -1;
    }
    const auto found = std::find(words.begin(), words.end(), value);
    if (found != words.end()) {
        return static_cast<int>(found - words.begin());
    }
    std::string form = "one of";
    for (const std::string_view w : words) {
        form += " \"" + std::string(w) + "\"";
    }
    error(setting,
          path_of(setting) + form + ", not \"" + value + "\"" + did_you_mean(value, words));
    return -1;
}

std::vector<Value> SettingReader::values(const Setting& setting) {
    std::vector<Value> out;
    if (setting.isArray() || setting.isList()) {
        out.reserve(static_cast<std::size_t>(setting.getLength()));
        for (int i = 0; i < setting.getLength(); ++i) {
            add_value(setting[i], out);
        }
    } else {
        add_value(setting, out);
    }
    return out;
}

void SettingReader::add_value(const Setting& setting, std::vector<Value>& out) {
    Value value;
    value.line = line(setting);
    switch (setting.getType()) {
        case Setting::TypeString:
            value.text = setting.c_str();
            break;
        case Setting::TypeInt:
            value.is_number = true;
            value.number = static_cast<int>(setting);
            value.text = std::to_string(value.number);
            break;
        case Setting::TypeInt64:
            value.is_number = true;
            value.number = static_cast<long long>(setting);
            value.text = std::to_string(value.number);
            break;
        default:
            expect(setting, false, "a text, an integer, or an array of these");
            return;
    }
    out.push_back(std::move(value));
}

}  // namespace minerwall::policy
