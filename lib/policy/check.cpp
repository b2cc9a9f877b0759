#include "policy/check.hpp"

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "policy/condition_table.hpp"
#include "policy/condition_words.hpp"
#include "settings/suggest.hpp"

namespace minerwall::policy {

using settings::Diagnostics;
using settings::did_you_mean;
using settings::Location;
using settings::Source;

namespace {

bool takes(std::uint8_t types, ListType type) {
    return (types >> static_cast<unsigned>(type) & 1) != 0;
}

// For instance "domain or name-pattern".
std::string names_of(std::uint8_t types) {
    std::string out;
    for (unsigned i = 0; i < kListTypeCount; ++i) {
        const auto type = static_cast<ListType>(i);
        if (takes(types, type)) {
            out += (out.empty() ? "" : " or ") + std::string(to_text(type));
        }
    }
    return out;
}

class Check {
  public:
    Check(const Model& model, const Source& source, Diagnostics& diagnostics)
        : model_(model), source_(source), diagnostics_(diagnostics) {
        for (const ListModel& list : model.lists) {
            lists_.emplace(list.name, &list);
            list_names_.push_back(list.name);
        }
    }

    void run() {
        const RuleModel* always = nullptr;
        bool told = false;
        for (const RuleModel& rule : model_.rules) {
            check_name(rule);
            check_answer(rule);
            for (const ConditionModel& condition : rule.conditions) {
                check_condition(condition);
            }
            if (always != nullptr && rule.enabled && !told) {
                told = true;
                warning(rule.line, "rule `" + rule.name + "` is never reached: rule `" +
                                       always->name + "` above it matches everything");
            }
            if (rule.enabled && rule.conditions.empty() && always == nullptr) {
                always = &rule;
            }
        }
        for (const Value& value : model_.never_learn) {
            if (std::string_view name; is_reference(value, name)) {
                check_reference("never_learn", entry_of(Condition::server_ip).values.lists, value,
                                name);
            } else if (value.is_number) {
                error(value.line,
                      "`never_learn`: expected a text in quotes, not the number " + value.text);
            }
        }
        for (const ListModel& list : model_.lists) {
            check_format(list);
            if (!used_.contains(list.name)) {
                warning(list.line, "list `" + list.name + "` is used by no rule");
            }
        }
        if (model_.rules.empty()) {
            warning(1, "a policy without rules: everything is forwarded");
        }
    }

  private:
    void error(unsigned line, std::string message) {
        diagnostics_.error(source_.locate(line), std::move(message));
    }
    void warning(unsigned line, std::string message) {
        diagnostics_.warning(source_.locate(line), std::move(message));
    }

    void check_format(const ListModel& list) {
        if (list.format_line != 0 && list.files.empty()) {
            error(list.format_line, "list `" + list.name +
                                        "`: `format` says how files are read, and the list has no "
                                        "`files`");
        }
        if (list.format == ListFormat::adblock && list.type != ListType::domain &&
            list.type != ListType::ip) {
            error(list.format_line, "list `" + list.name +
                                        "`: files of format \"adblock\" have names and addresses, "
                                        "so the list's type is \"domain\" or \"ip\"");
        }
    }

    void check_name(const RuleModel& rule) {
        const auto [first, fresh] = rules_.emplace(rule.name, rule.line);
        if (!fresh && !rule.name.empty()) {
            const Location at = source_.locate(first->second);
            error(rule.line, "a second rule `" + rule.name + "`, the first is at " + at.file + ":" +
                                 std::to_string(at.line));
        }
    }

    void check_answer(const RuleModel& rule) {
        if (rule.action != Action::sinkhole) {
            if (rule.has_answer) {
                error(rule.line, "rule `" + rule.name +
                                     "`: `answer` and `ttl` are for action \"sinkhole\" only");
            }
            return;
        }
        bool names = false;
        for (const ConditionModel& c : rule.conditions) {
            names = names || (entry_of(c.condition).needs & kNeedsDns) != 0;
        }
        if (!names) {
            error(rule.line, "rule `" + rule.name +
                                 "`: action \"sinkhole\" answers DNS questions, so it needs a "
                                 "condition `dns_name` or `any_name`");
        }
        std::string fault;
        parse_answer(rule, fault);
        if (!fault.empty()) {
            error(rule.answer.front().line, fault);
        }
    }

    void check_condition(const ConditionModel& condition) {
        const ConditionEntry& entry = entry_of(condition.condition);
        const Values& values = entry.values;
        for (const Value& value : condition.values) {
            std::string_view name;
            if (is_reference(value, name)) {
                check_reference(entry.key, values.lists, value, name);
                continue;
            }
            std::string fault;
            if (values.kind == Values::Kind::words) {
                bits_of(value, values.words, fault);
            } else if (value.is_number && !values.numbers) {
                fault = "expected a text in quotes, not the number " + value.text;
            }
            if (!fault.empty()) {
                error(value.line, "`" + std::string(entry.key) + "`: " + fault);
            }
        }
    }

    void check_reference(std::string_view key, std::uint8_t types, const Value& value,
                         std::string_view name) {
        const std::string shown = "list `" + std::string(name) + "`";
        const auto found = lists_.find(name);
        if (found == lists_.end()) {
            error(value.line, "there is no " + shown + did_you_mean(name, list_names_));
            return;
        }
        used_.insert(found->first);
        const ListType type = found->second->type;
        if (types == 0) {
            error(value.line, "`" + std::string(key) + "` takes no lists");
        } else if (!takes(types, type)) {
            error(value.line, "`" + std::string(key) + "` needs a list of type " + names_of(types) +
                                  ", but " + shown + " is of type " + std::string(to_text(type)));
        }
    }

    const Model& model_;
    const Source& source_;
    Diagnostics& diagnostics_;
    std::map<std::string_view, const ListModel*> lists_;
    std::vector<std::string_view> list_names_;
    std::set<std::string_view> used_;
    std::map<std::string_view, unsigned> rules_;
};

}  // namespace

bool is_reference(const Value& value, std::string_view& list) {
    if (value.is_number || !value.text.starts_with('@')) {
        return false;
    }
    list = std::string_view(value.text).substr(1);
    return true;
}

void check(const Model& model, const Source& source, Diagnostics& diagnostics) {
    Check(model, source, diagnostics).run();
}

}  // namespace minerwall::policy
