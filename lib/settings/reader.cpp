#include "settings/reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "settings/suggest.hpp"

namespace minerwall::settings {

using libconfig::Setting;

namespace {

// libconfig 1.5 has two types of integers and chooses one by the notation.
std::optional<std::int64_t> as_integer(const Setting& setting) {
    switch (setting.getType()) {
        case Setting::TypeInt:
            return static_cast<int>(setting);
        case Setting::TypeInt64:
            return static_cast<long long>(setting);
        default:
            return std::nullopt;
    }
}

std::string dotted(const std::string& group, std::string_view key) {
    return group.empty() ? std::string(key) : fmt::format("{}.{}", group, key);
}

}  // namespace

bool parse(const Source& source, libconfig::Config& tree, Diagnostics& diagnostics) {
    try {
        tree.readString(source.text());
        return true;
    } catch (const libconfig::ParseException& e) {
        std::string message = e.getError();
        if (message.starts_with("mismatched element type")) {
            message += ": use ( ) in place of [ ] to mix numbers and texts";
        }
        diagnostics.error(source.locate(static_cast<unsigned>(std::max(e.getLine(), 0))),
                          std::move(message));
        return false;
    }
}

std::string shown(const Setting& setting) {
    switch (setting.getType()) {
        case Setting::TypeInt:
        case Setting::TypeInt64:
            return std::to_string(*as_integer(setting));
        case Setting::TypeFloat:
            return fmt::format("{}", static_cast<double>(setting));
        case Setting::TypeBoolean:
            return static_cast<bool>(setting) ? "true" : "false";
        case Setting::TypeString:
            return fmt::format("\"{:.80}\"", setting.c_str());
        case Setting::TypeGroup:
            return "a group";
        case Setting::TypeArray:
        case Setting::TypeList:
            return "a list";
        default:
            return "nothing";
    }
}

std::string name_of(const Setting& setting) {
    std::string name;
    for (const Setting* s = &setting; !s->isRoot(); s = &s->getParent()) {
        if (s->getName() != nullptr) {
            name = name.empty() ? s->getName() : dotted(s->getName(), name);
        }
    }
    return name;
}

void Reader::error(const Setting* setting, std::string message) {
    Location at = source_.locate(0);
    if (setting != nullptr) {
        at = locate(*setting);
        at.column = column(*setting);
    }
    diagnostics_.error(at, std::move(message));
}

// libconfig keeps only lines. But its tree has the settings in the order of the text, so the n-th
// named setting has the n-th name in Source.
void Reader::number(const Setting& aggregate) {
    if (aggregate.isArray()) {
        return;  // the values have no names
    }
    for (int i = 0; i < aggregate.getLength(); ++i) {
        const Setting& member = aggregate[i];
        if (member.getName() != nullptr) {
            numbers_.emplace(&member, numbers_.size());
        }
        if (member.isAggregate()) {
            number(member);
        }
    }
}

// An element has the column of its array or list if both are on one line.
unsigned Reader::column(const Setting& setting) {
    const Setting* named = &setting;
    if (setting.isScalar()) {
        while (named->getName() == nullptr && !named->isRoot()) {
            named = &named->getParent();
        }
    }
    if (numbers_.empty()) {
        const Setting* root = named;
        while (!root->isRoot()) {
            root = &root->getParent();
        }
        number(*root);
    }
    const auto found = numbers_.find(named);
    return found != numbers_.end() ? source_.column(found->second, line(setting)) : 0;
}

bool Reader::expect(const Setting& setting, bool ok, std::string_view form) {
    if (!ok) {
        const std::string place = setting.getName() == nullptr && !setting.isRoot()
                                      ? fmt::format(" at place {}", setting.getIndex() + 1)
                                      : std::string();
        error(setting, fmt::format("`{}` is {}{}, expected {}", name_of(setting), shown(setting),
                                   place, form));
    }
    return ok;
}

void Reader::known_keys(const Setting& group, std::span<const std::string_view> known) {
    for (int i = 0; i < group.getLength(); ++i) {
        const Setting& member = group[i];
        const std::string_view key = member.getName();
        if (std::find(known.begin(), known.end(), key) != known.end()) {
            continue;
        }
        const std::string_view guess = nearest(key, known);
        error(member,
              fmt::format("unknown key `{}`, {}", name_of(member),
                          guess.empty()
                              ? fmt::format("expected one of: {}", fmt::join(known, ", "))
                              : fmt::format("did you mean `{}`?", dotted(name_of(group), guess))));
    }
}

const Setting* Reader::optional(const Setting& group, std::string_view key) {
    const std::string name(key);
    return group.exists(name) ? &group[name.c_str()] : nullptr;
}

const Setting* Reader::required(const Setting& group, std::string_view key,
                                std::string_view owner) {
    const Setting* const found = optional(group, key);
    if (found == nullptr) {
        error(group, fmt::format("{} needs a `{}`", owner, key));
    }
    return found;
}

std::optional<std::string> Reader::text(const Setting& setting) {
    if (!expect(setting, setting.getType() == Setting::TypeString, "a text in double quotes")) {
        return std::nullopt;
    }
    return setting.c_str();
}

std::optional<bool> Reader::boolean(const Setting& setting) {
    if (!expect(setting, setting.getType() == Setting::TypeBoolean, "true or false")) {
        return std::nullopt;
    }
    return static_cast<bool>(setting);
}

std::optional<std::int64_t> Reader::integer(const Setting& setting, std::int64_t least,
                                            std::int64_t most, std::string_view unit) {
    const std::optional<std::int64_t> value = as_integer(setting);
    if (value && *value >= least && *value <= most) {
        return value;
    }
    expect(setting, false,
           fmt::format("an integer from {} to {}{}{}", least, most, unit.empty() ? "" : " ", unit));
    return std::nullopt;
}

std::optional<std::size_t> Reader::word(const Setting& setting,
                                        std::span<const std::string_view> words) {
    std::string guess;
    if (setting.getType() == Setting::TypeString) {
        const std::string_view value = setting.c_str();
        const auto found = std::find(words.begin(), words.end(), value);
        if (found != words.end()) {
            return static_cast<std::size_t>(found - words.begin());
        }
        guess = did_you_mean(value, words);
    }
    expect(setting, false, fmt::format("one of \"{}\"{}", fmt::join(words, "\", \""), guess));
    return std::nullopt;
}

std::vector<std::string> Reader::texts(const Setting& setting) {
    std::vector<std::string> out;
    if (!expect(setting, setting.isArray() || setting.isList(),
                "a list of texts [ \"...\", ... ]")) {
        return out;
    }
    for (int i = 0; i < setting.getLength(); ++i) {
        if (std::optional<std::string> value = text(setting[i])) {
            out.push_back(std::move(*value));
        }
    }
    return out;
}

std::vector<std::int64_t> Reader::integers(const Setting& setting, std::int64_t least,
                                           std::int64_t most) {
    std::vector<std::int64_t> out;
    if (!expect(setting, setting.isArray() || setting.isList(),
                "a list of integers [ 1, 2, ... ]")) {
        return out;
    }
    for (int i = 0; i < setting.getLength(); ++i) {
        if (const std::optional<std::int64_t> value = integer(setting[i], least, most)) {
            out.push_back(*value);
        }
    }
    return out;
}

std::vector<Value> Reader::values(const Setting& setting) {
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

void Reader::add_value(const Setting& setting, std::vector<Value>& out) {
    const std::optional<std::int64_t> number = as_integer(setting);
    if (number) {
        out.push_back({line(setting), true, *number, std::to_string(*number)});
    } else if (expect(setting, setting.getType() == Setting::TypeString,
                      "a text, an integer, or an array of these")) {
        out.push_back({line(setting), false, 0, setting.c_str()});
    }
}

std::string Reader::text_or(const Setting& group, std::string_view key,
                            const std::string& otherwise) {
    const Setting* const found = optional(group, key);
    return found != nullptr ? text(*found).value_or(std::string()) : otherwise;
}

}  // namespace minerwall::settings
