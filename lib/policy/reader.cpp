#include "policy/reader.hpp"

#include <array>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "policy/condition_table.hpp"
#include "settings/tree.hpp"

namespace minerwall::policy {

using settings::Diagnostics;
using settings::Setting;
using settings::Source;

namespace {

constexpr std::array<std::string_view, 6> kTopKeys = {"version", "mode",        "lists",
                                                      "rules",   "never_learn", "unreadable"};
constexpr std::array<std::string_view, 6> kListKeys = {"type", "values",   "files",
                                                       "note", "category", "format"};
constexpr std::array<std::string_view, 12> kRuleKeys = {
    "name", "when", "action", "risk",    "answer",   "ttl",
    "mode", "note", "stage",  "enabled", "category", "quarantine"};
constexpr std::array<std::string_view, 5> kActions = {"allow", "observe", "drop", "reset",
                                                      "sinkhole"};
constexpr std::array<std::string_view, 2> kModes = {"enforce", "observe"};
constexpr std::array<std::string_view, 2> kCategories = {"mining", "other"};
constexpr std::array<std::string_view, 2> kFormats = {"lines", "adblock"};  // of ListFormat

constexpr std::int64_t kMaxTtl = 86'400;  // one day: a resolver may keep a blocked name as long
                                          // after the operator lifts the block
constexpr std::size_t kMaxLists = 1024;
constexpr std::size_t kMaxRules = 4096;

constexpr const char* kNoQuarantine =
    "host quarantine is not available in this version: block by rule, for example with action "
    "\"reset\" for the flow";

std::string name_fault(std::string_view name) {
    constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    if (name.empty() || name.size() > 63 ||
        name.find_first_not_of(kAllowed) != std::string_view::npos) {
        return "a rule's name is 1 to 63 of the characters A-Z a-z 0-9 _ . -";
    }
    if (name == "unreadable" || name == "unreadable-observed") {
        return "the name `" + std::string(name) + "` is taken: the setting `unreadable` has it";
    }
    if (name == "other") {
        return "the name `other` is taken: it counts rules without a counter of their own";
    }
    return {};
}

void read_list(const Setting& from, Model& model) {
    if (!from.expect(from.is_group(), "a group { type = ...; values = [ ... ]; }")) {
        return;
    }
    ListModel list;
    list.name = from.name();
    list.line = from.line();
    from.known_keys(kListKeys);
    if (const Setting type = from.required("type", "a list")) {
        static constexpr std::array<std::string_view, kListTypeCount> kTypes = {
            to_text(ListType::port), to_text(ListType::domain), to_text(ListType::ip),
            to_text(ListType::name_pattern)};
        if (const auto found = type.word(kTypes)) {
            list.type = static_cast<ListType>(*found);
        }
    }
    if (const Setting category = from.find("category")) {
        list.mining = category.word(kCategories) == 0U;
    }
    if (const Setting format = from.find("format")) {
        list.format_line = format.line();
        if (const auto found = format.word(kFormats)) {
            list.format = static_cast<ListFormat>(*found);
        }
    }
    list.note = from.find("note").text().value_or("");
    const Setting values = from.find("values");
    const Setting files = from.find("files");
    if (values) {
        list.values = values.values();
    }
    if (files) {
        list.files = files.values();
        for (const Value& file : list.files) {
            if (file.is_number) {
                files.error("a file name must be a text");
            }
        }
    }
    if (!values && !files) {
        from.error("list `" + list.name + "` has neither `values` nor `files`");
    }
    model.lists.push_back(std::move(list));
}

void read_lists(const Setting& lists, Model& model) {
    if (!lists.expect(lists.is_group(), "a group { name = { ... }; }")) {
        return;
    }
    if (lists.size() > kMaxLists) {
        lists.error("more than " + std::to_string(kMaxLists) + " lists");
        return;
    }
    for (std::size_t i = 0; i < lists.size(); ++i) {
        read_list(lists[i], model);
    }
}

void read_action(const Setting& action, RuleModel& rule) {
    if (action.is_text("quarantine")) {
        action.error(kNoQuarantine);
    } else if (const auto found = action.word(kActions)) {
        rule.action = static_cast<Action>(*found);
    }
}

void read_when(const Setting& when, RuleModel& rule) {
    if (!when.expect(when.is_group(), "a group { condition = ...; }, empty for always")) {
        return;
    }
    std::vector<std::string_view> keys;
    for (const ConditionEntry& entry : conditions()) {
        keys.push_back(entry.key);
    }
    when.known_keys(keys);
    for (const ConditionEntry& entry : conditions()) {
        const Setting from = when.find(entry.key);
        if (!from) {
            continue;
        }
        const std::string key(entry.key);
        if (entry.values.kind == Values::Kind::yes) {
            if (!from.boolean().value_or(false)) {
                from.error("`" + key + "` can only be asked for: write `" + key + " = true;`");
            }
            rule.conditions.push_back({entry.condition, from.line(), {}});
            continue;
        }
        ConditionModel model{entry.condition, from.line(), from.values()};
        if (model.values.empty() && from.is_aggregate()) {
            from.error("`" + key + "` is empty: such a rule would never match");
        }
        rule.conditions.push_back(std::move(model));
    }
}

RuleModel read_rule(const Setting& from) {
    RuleModel rule;
    rule.line = from.line();
    from.known_keys(kRuleKeys);
    if (const Setting name = from.required("name", "a rule")) {
        rule.name = name.text().value_or("");
        if (const std::string fault = name_fault(rule.name); !fault.empty()) {
            name.error(fault);
        }
    }
    if (const Setting action = from.required("action", "a rule")) {
        read_action(action, rule);
    }
    if (const Setting quarantine = from.find("quarantine")) {
        quarantine.error(kNoQuarantine);
    }
    if (const Setting when = from.required("when", "a rule")) {
        read_when(when, rule);
    }
    if (const Setting mode = from.find("mode")) {
        rule.observe = mode.word(kModes) == 1U;
    }
    if (const Setting enabled = from.find("enabled")) {
        rule.enabled = enabled.boolean().value_or(false);
    }
    if (const Setting risk = from.find("risk")) {
        rule.risk = static_cast<unsigned>(risk.integer(0, 100).value_or(0));
    }
    if (const Setting ttl = from.find("ttl")) {
        rule.ttl = static_cast<std::uint32_t>(ttl.integer(0, kMaxTtl).value_or(0));
        rule.has_answer = true;
    }
    if (const Setting answer = from.find("answer")) {
        rule.answer = answer.values();
        rule.has_answer = true;
    }
    rule.stage = from.find("stage").text().value_or(rule.stage);
    rule.category = from.find("category").text().value_or("");
    rule.note = from.find("note").text().value_or("");
    return rule;
}

// Behind the words of kUnreadableActions: what they do to the kinds in `kinds`.
void set_unreadable(std::size_t word, UnreadableSet kinds, UnreadableModel& out) {
    out.dropped =
        static_cast<UnreadableSet>(word == 2 ? out.dropped | kinds : out.dropped & ~kinds);
    out.observed =
        static_cast<UnreadableSet>(word == 1 ? out.observed | kinds : out.observed & ~kinds);
}

// One word for all kinds, or a group with a word for each and `default` for the rest.
void read_unreadable(const Setting& from, UnreadableModel& out) {
    static constexpr std::array<std::string_view, 3> kUnreadableActions = {"forward", "observe",
                                                                           "drop"};
    static constexpr auto kKeys = [] {
        std::array<std::string_view, kUnreadableCount + 1> keys = {"default"};
        for (unsigned i = 0; i < kUnreadableCount; ++i) {
            keys[i + 1] = to_text(static_cast<Unreadable>(i));
        }
        return keys;
    }();
    out.line = from.line();
    if (!from.is_group()) {
        if (const auto word = from.word(kUnreadableActions)) {
            set_unreadable(*word, kAllUnreadable, out);
        }
        return;
    }
    from.known_keys(kKeys);
    for (unsigned i = 0; i < kKeys.size(); ++i) {
        if (const Setting setting = from.find(kKeys[i])) {
            if (const auto word = setting.word(kUnreadableActions)) {
                const auto kind = static_cast<Unreadable>(i - 1);
                set_unreadable(*word, i == 0 ? kAllUnreadable : bit_of(kind), out);
            }
        }
    }
}

void read_rules(const Setting& rules, Model& model) {
    if (!rules.expect(rules.is_list(), "a list ( { ... }, { ... } )")) {
        return;
    }
    if (rules.size() > kMaxRules) {
        rules.error("more than " + std::to_string(kMaxRules) + " rules");
        return;
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].expect(rules[i].is_group(), "a rule { name = ...; ... }")) {
            model.rules.push_back(read_rule(rules[i]));
        }
    }
}

Model read_root(const Setting& root) {
    Model model;
    root.known_keys(kTopKeys);
    if (const Setting version = root.required("version", "a policy")) {
        if (version.integer(0, std::numeric_limits<std::int32_t>::max()) != 1) {
            version.error("this release reads policies of version 1 only");
        }
    }
    if (const Setting mode = root.required("mode", "a policy")) {
        model.observe = mode.word(kModes) == 1U;
    }
    if (const Setting lists = root.find("lists")) {
        read_lists(lists, model);
    }
    if (const Setting never = root.find("never_learn")) {
        model.never_learn = never.values();
    }
    if (const Setting unreadable = root.find("unreadable")) {
        read_unreadable(unreadable, model.unreadable);
    }
    if (const Setting rules = root.required("rules", "a policy")) {
        read_rules(rules, model);
    }
    return model;
}

}  // namespace

Model read_model(const Source& source, Diagnostics& diagnostics) {
    settings::Tree tree(source, diagnostics);
    return tree.parse() ? read_root(tree.root()) : Model{};
}

}  // namespace minerwall::policy
