#include "policy/reader.hpp"

#include <array>
#include <libconfig.h++>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "policy/condition_table.hpp"
#include "settings/reader.hpp"

namespace minerwall::policy {

using settings::Diagnostics;
using settings::Source;

namespace {

using libconfig::Setting;

constexpr std::array<std::string_view, 5> kTopKeys = {"version", "mode", "lists", "rules",
                                                      "never_learn"};
constexpr std::array<std::string_view, 5> kListKeys = {"type", "values", "files", "note",
                                                       "category"};
constexpr std::array<std::string_view, 12> kRuleKeys = {
    "name", "when", "action", "risk",    "answer",   "ttl",
    "mode", "note", "stage",  "enabled", "category", "quarantine"};
constexpr std::array<std::string_view, 5> kActions = {"allow", "observe", "drop", "reset",
                                                      "sinkhole"};
constexpr std::array<std::string_view, 2> kModes = {"enforce", "observe"};
constexpr std::array<std::string_view, 2> kCategories = {"mining", "other"};

constexpr std::int64_t kMaxTtl = 86'400;  // one day: a resolver may keep a blocked name as long
                                          // after the operator lifts the block
constexpr std::size_t kMaxLists = 1024;
constexpr std::size_t kMaxRules = 4096;

class Reader {
  public:
    Reader(const Source& source, Diagnostics& diagnostics) : in_(source, diagnostics) {}

    Model read(const Setting& root) {
        Model model;
        in_.known_keys(root, kTopKeys);
        if (const Setting* version = in_.required(root, "version", "a policy")) {
            if (in_.integer(*version, 0, std::numeric_limits<std::int32_t>::max()) != 1) {
                in_.error(*version, "this release reads policies of version 1 only");
            }
        }
        if (const Setting* mode = in_.required(root, "mode", "a policy")) {
            model.observe = in_.word(*mode, kModes) == 1U;
        }
        if (const Setting* lists = in_.optional(root, "lists")) {
            read_lists(*lists, model);
        }
        if (const Setting* never = in_.optional(root, "never_learn")) {
            model.never_learn = in_.values(*never);
        }
        if (const Setting* rules = in_.required(root, "rules", "a policy")) {
            read_rules(*rules, model);
        }
        return model;
    }

  private:
    void read_lists(const Setting& lists, Model& model) {
        if (!in_.expect(lists, lists.isGroup(), "a group { name = { ... }; }")) {
            return;
        }
        if (static_cast<std::size_t>(lists.getLength()) > kMaxLists) {
            in_.error(lists, "more than " + std::to_string(kMaxLists) + " lists");
            return;
        }
        for (int i = 0; i < lists.getLength(); ++i) {
            read_list(lists[i], model);
        }
    }

    void read_list(const Setting& from, Model& model) {
        if (!in_.expect(from, from.isGroup(), "a group { type = ...; values = [ ... ]; }")) {
            return;
        }
        ListModel list;
        list.name = from.getName();
        list.line = in_.line(from);
        in_.known_keys(from, kListKeys);
        if (const Setting* type = in_.required(from, "type", "a list")) {
            static constexpr std::array<std::string_view, kListTypeCount> kTypes = {
                to_text(ListType::port), to_text(ListType::domain), to_text(ListType::ip),
                to_text(ListType::name_pattern)};
            if (const auto found = in_.word(*type, kTypes)) {
                list.type = static_cast<ListType>(*found);
            }
        }
        if (const Setting* category = in_.optional(from, "category")) {
            list.mining = in_.word(*category, kCategories) == 0U;
        }
        list.note = in_.text_or(from, "note", {});
        const Setting* values = in_.optional(from, "values");
        const Setting* files = in_.optional(from, "files");
        if (values != nullptr) {
            list.values = in_.values(*values);
        }
        if (files != nullptr) {
            list.files = in_.values(*files);
            for (const Value& file : list.files) {
                if (file.is_number) {
                    in_.error(*files, "a file name must be a text");
                }
            }
        }
        if (values == nullptr && files == nullptr) {
            in_.error(from, "list `" + list.name + "` has neither `values` nor `files`");
        }
        model.lists.push_back(std::move(list));
    }

    void read_rules(const Setting& rules, Model& model) {
        if (!in_.expect(rules, rules.isList(), "a list ( { ... }, { ... } )")) {
            return;
        }
        if (static_cast<std::size_t>(rules.getLength()) > kMaxRules) {
            in_.error(rules, "more than " + std::to_string(kMaxRules) + " rules");
            return;
        }
        for (int i = 0; i < rules.getLength(); ++i) {
            if (in_.expect(rules[i], rules[i].isGroup(), "a rule { name = ...; ... }")) {
                model.rules.push_back(read_rule(rules[i]));
            }
        }
    }

    RuleModel read_rule(const Setting& from) {
        RuleModel rule;
        rule.line = in_.line(from);
        in_.known_keys(from, kRuleKeys);
        if (const Setting* name = in_.required(from, "name", "a rule")) {
            rule.name = in_.text(*name).value_or("");
            if (const std::string fault = name_fault(rule.name); !fault.empty()) {
                in_.error(*name, fault);
            }
        }
        if (const Setting* action = in_.required(from, "action", "a rule")) {
            read_action(*action, rule);
        }
        if (const Setting* quarantine = in_.optional(from, "quarantine")) {
            in_.error(*quarantine, kNoQuarantine);
        }
        if (const Setting* when = in_.required(from, "when", "a rule")) {
            read_when(*when, rule);
        }
        if (const Setting* mode = in_.optional(from, "mode")) {
            rule.observe = in_.word(*mode, kModes) == 1U;
        }
        if (const Setting* enabled = in_.optional(from, "enabled")) {
            rule.enabled = in_.boolean(*enabled).value_or(false);
        }
        if (const Setting* risk = in_.optional(from, "risk")) {
            rule.risk = static_cast<unsigned>(in_.integer(*risk, 0, 100).value_or(0));
        }
        if (const Setting* ttl = in_.optional(from, "ttl")) {
            rule.ttl = static_cast<std::uint32_t>(in_.integer(*ttl, 0, kMaxTtl).value_or(0));
            rule.has_answer = true;
        }
        if (const Setting* answer = in_.optional(from, "answer")) {
            rule.answer = in_.values(*answer);
            rule.has_answer = true;
        }
        rule.stage = in_.text_or(from, "stage", rule.stage);
        rule.category = in_.text_or(from, "category", {});
        rule.note = in_.text_or(from, "note", {});
        return rule;
    }

    void read_action(const Setting& action, RuleModel& rule) {
        if (action.getType() == Setting::TypeString &&
            std::string_view(action.c_str()) == "quarantine") {
            in_.error(action, kNoQuarantine);
        } else if (const auto found = in_.word(action, kActions)) {
            rule.action = static_cast<Action>(*found);
        }
    }

    void read_when(const Setting& when, RuleModel& rule) {
        if (!in_.expect(when, when.isGroup(), "a group { condition = ...; }, empty for always")) {
            return;
        }
        std::vector<std::string_view> keys;
        for (const ConditionEntry& entry : conditions()) {
            keys.push_back(entry.key);
        }
        in_.known_keys(when, keys);
        for (const ConditionEntry& entry : conditions()) {
            const Setting* from = in_.optional(when, entry.key);
            if (from == nullptr) {
                continue;
            }
            const std::string key(entry.key);
            if (entry.values.kind == Values::Kind::yes) {
                if (!in_.boolean(*from).value_or(false)) {
                    in_.error(*from,
                              "`" + key + "` can only be asked for: write `" + key + " = true;`");
                }
                rule.conditions.push_back({entry.condition, in_.line(*from), {}});
                continue;
            }
            ConditionModel model{entry.condition, in_.line(*from), in_.values(*from)};
            if (model.values.empty() && from->isAggregate()) {
                in_.error(*from, "`" + key + "` is empty: such a rule would never match");
            }
            rule.conditions.push_back(std::move(model));
        }
    }

    static std::string name_fault(std::string_view name) {
        constexpr std::string_view kAllowed =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
        if (name.empty() || name.size() > 63 ||
            name.find_first_not_of(kAllowed) != std::string_view::npos) {
            return "a rule's name is 1 to 63 of the characters A-Z a-z 0-9 _ . -";
        }
        if (name == "other") {
            return "the name `other` is taken: it counts rules without a counter of their own";
        }
        return {};
    }

    static constexpr const char* kNoQuarantine =
        "host quarantine is not available in this version: block by rule, for example with action "
        "\"reset\" for the flow";

    settings::Reader in_;
};

}  // namespace

Model read_model(const Source& source, Diagnostics& diagnostics) {
    try {
        libconfig::Config config;
        if (settings::parse(source, config, diagnostics)) {
            return Reader(source, diagnostics).read(config.getRoot());
        }
    } catch (const libconfig::ConfigException& e) {
        diagnostics.error(source.locate(1), std::string("cannot be read: ") + e.what());
    }
    return {};
}

}  // namespace minerwall::policy
