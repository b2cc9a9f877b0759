#include "policy/compile.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <vector>

#include "policy/check.hpp"
#include "policy/condition_table.hpp"
#include "policy/condition_words.hpp"
#include "policy/list_builder.hpp"
#include "policy/load.hpp"

namespace minerwall::policy {

using settings::Diagnostics;
using settings::Directory;
using settings::Location;
using settings::Source;

namespace {

constexpr std::uint8_t kUnreadableRisk = 40;  // mostly a test or a broken program
constexpr std::string_view kUnreadableRule = "unreadable";
constexpr std::string_view kUnreadableObserved = "unreadable-observed";

}  // namespace

class Compiler {
  public:
    Compiler(const Source& source, const Directory& directory, EntryPlaces places,
             Diagnostics& diagnostics)
        : source_(source), directory_(directory), places_(places), diagnostics_(diagnostics) {}

    std::unique_ptr<Ruleset> run(const Model& model, unsigned workers) {
        out_->observe_ = model.observe;
        for (const ListModel& list : model.lists) {
            by_name_.emplace(list.name, out_->lists_.add(build(list)));
        }
        for (const RuleModel& rule : model.rules) {
            add_rule(rule);
        }
        out_->own_rules_ = out_->rules_.size();
        add_unreadable(model.unreadable, model.unreadable.dropped, Action::drop, kUnreadableRule);
        add_unreadable(model.unreadable, model.unreadable.observed, Action::observe,
                       kUnreadableObserved);
        add_never_learn(model);
        gather_names();
        if (diagnostics_.has_errors()) {
            return nullptr;
        }
        out_->lists_.prepare(workers);
        out_->loaded_at_ =
            static_cast<Nanos>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count());
        return std::move(out_);
    }

  private:
    std::unique_ptr<const List> build(const ListModel& model) {
        ListBuilder builder(model.type, diagnostics_);
        add_values(builder, model.values);
        for (const Value& file : model.files) {
            const Location at = source_.locate(file.line);
            if (const auto text = directory_.read(file.text, kMaxListBytes, at, diagnostics_)) {
                // An operator who wants an empty list writes a comment that says so. A file of
                // blanks is a failed download.
                if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
                    diagnostics_.warning(at, "`" + file.text + "` is an empty file");
                }
                builder.from_file(directory_.shown(file.text));
                builder.add_file(model.format, *text);
            }
        }
        const Location at = source_.locate(model.line);
        builder.from_file(at.file);
        auto list = std::make_unique<List>(builder.finish(places_));
        list->name = model.name;
        list->mining = model.mining;
        list->note = model.note;
        list->file = at.file;
        list->line = at.line;
        return list;
    }

    void add_values(ListBuilder& builder, const std::vector<Value>& values) {
        for (const Value& value : values) {
            const Location at = source_.locate(value.line);
            builder.from_file(at.file);
            builder.add(value.text, {}, at.line);
        }
    }

    void add_rule(const RuleModel& model) {
        std::vector<ConditionModel> conditions = model.conditions;
        std::stable_sort(conditions.begin(), conditions.end(),
                         [](const ConditionModel& a, const ConditionModel& b) {
                             return entry_of(a.condition).cost < entry_of(b.condition).cost;
                         });
        const std::size_t first = out_->tests_.size();
        for (const ConditionModel& condition : conditions) {
            Test test = make_test(condition, model);
            if (model.enabled) {
                out_->needs_ |= entry_of(condition.condition).needs;
                out_->tests_.push_back(test);
            }
        }
        if (!model.enabled) {
            return;  // check() has checked it like a list in use
        }
        const Location at = source_.locate(model.line);
        Ruleset::Rule rule;
        rule.first_test = static_cast<std::uint16_t>(first);
        rule.test_count = static_cast<std::uint16_t>(out_->tests_.size() - first);
        rule.info.name = model.name;
        rule.info.file = at.file;
        rule.info.line = at.line;
        rule.info.action = model.action;
        rule.info.observe = model.observe;
        rule.info.risk = static_cast<std::uint8_t>(model.risk);
        std::string fault;  // ignored: check() reported it
        rule.info.answer = parse_answer(model, fault);
        rule.info.stage = model.stage;
        rule.info.category = model.category;
        rule.info.note = model.note;
        out_->rules_.push_back(std::move(rule));
    }

    // The setting `unreadable` is a rule behind all rules of the policy, so that any of these can
    // make exceptions.
    void add_unreadable(const UnreadableModel& model, UnreadableSet kinds, Action action,
                        std::string_view name) {
        if (kinds == 0) {
            return;
        }
        Test test;
        test.condition = Condition::unreadable;
        out_->lists_.begin(test);
        test.mask = kinds;
        const Location at = source_.locate(model.line);
        Ruleset::Rule rule;
        rule.first_test = static_cast<std::uint16_t>(out_->tests_.size());
        rule.test_count = 1;
        rule.info.name = name;
        rule.info.file = at.file;
        rule.info.line = at.line;
        rule.info.action = action;
        rule.info.risk = kUnreadableRisk;
        rule.info.stage = "defense evasion";
        rule.info.category = "other";
        out_->tests_.push_back(test);
        out_->rules_.push_back(std::move(rule));
    }

    void add_never_learn(const Model& model) {
        Test& test = out_->never_learn_;
        out_->lists_.begin(test);
        std::vector<Value> literals;
        for (const Value& value : model.never_learn) {
            if (std::string_view name; is_reference(value, name)) {
                add_reference(name, test);
            } else {
                literals.push_back(value);
            }
        }
        if (!literals.empty()) {
            ListBuilder builder(ListType::ip, diagnostics_);
            add_values(builder, literals);
            auto list = std::make_unique<List>(builder.finish(places_));
            list->mining = false;
            out_->lists_.refer(test, out_->lists_.add(std::move(list)));
        }
    }

    void gather_names() {
        const auto refer_to_all = [](const Ruleset::Rule&, const List&) { return true; };
        gather(out_->names_of_interest_.dns_names_, kNeedsDns, refer_to_all);
        gather(out_->names_of_interest_.server_names_, kNeedsServerName, refer_to_all);
        gather(out_->mining_names_, kNeedsNames, [](const Ruleset::Rule& rule, const List& list) {
            return rule.info.action != Action::allow && list.mining;
        });
    }

    // Refers to the lists of every condition that has one of `needs`, if `wanted` accepts them.
    template <typename Wanted>
    void gather(Test& into, std::uint8_t needs, Wanted wanted) {
        ListSet& lists = out_->lists_;
        lists.begin(into);
        for (const Ruleset::Rule& rule : out_->rules_) {
            for (unsigned i = 0; i < rule.test_count; ++i) {
                const Test& test = out_->tests_[rule.first_test + i];
                const bool asks = (entry_of(test.condition).needs & needs) != 0;
                for (unsigned n = 0; asks && n < test.list_count; ++n) {
                    const std::uint16_t list = lists.list_of(test, n);
                    if (wanted(rule, lists[list])) {
                        lists.refer(into, list);
                    }
                }
            }
        }
    }

    Test make_test(const ConditionModel& model, const RuleModel& rule) {
        Test test;
        test.condition = model.condition;
        out_->lists_.begin(test);
        const Values& takes = entry_of(model.condition).values;
        std::vector<Value> literals;
        for (const Value& value : model.values) {
            std::string fault;  // ignored: check() reported it
            std::string_view name;
            if (is_reference(value, name)) {
                add_reference(name, test);
            } else if (takes.kind == Values::Kind::words) {
                test.mask |= bits_of(value, takes.words, fault);
            } else {
                literals.push_back(value);
            }
        }
        if (!literals.empty()) {
            add_literals(model, rule, literals, test);
        }
        return test;
    }

    void add_reference(std::string_view name, Test& test) {
        // check() reported a list that does not exist.
        if (const auto found = by_name_.find(name); found != by_name_.end()) {
            out_->lists_.refer(test, found->second);
        }
    }

    // Makes a list without a name from the literals of a condition. It recognises mining unless the
    // rule's category is "other".
    void add_literals(const ConditionModel& model, const RuleModel& rule,
                      const std::vector<Value>& literals, Test& test) {
        const Values& takes = entry_of(model.condition).values;
        ListBuilder builder(takes.literals, diagnostics_);
        builder.numbers_from(takes.least, takes.most);
        add_values(builder, literals);
        const Location at = source_.locate(model.line);
        builder.from_file(at.file);
        auto list = std::make_unique<List>(builder.finish(places_));
        list->mining = rule.category != "other";
        list->file = at.file;
        list->line = at.line;
        out_->lists_.refer(test, out_->lists_.add(std::move(list)));
    }

    const Source& source_;
    const Directory& directory_;
    const EntryPlaces places_;
    Diagnostics& diagnostics_;
    std::unique_ptr<Ruleset> out_ = std::make_unique<Ruleset>();
    std::map<std::string_view, std::uint16_t> by_name_;
};

std::unique_ptr<Ruleset> compile(const Model& model, const Source& source,
                                 const Directory& directory, unsigned workers, EntryPlaces places,
                                 Diagnostics& diagnostics) {
    return Compiler(source, directory, places, diagnostics).run(model, workers);
}

}  // namespace minerwall::policy
