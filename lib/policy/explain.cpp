#include "policy/ask.hpp"

namespace minerwall::policy {
namespace {

class TraceRecorder {
  public:
    explicit TraceRecorder(Trace& trace) : rules_(trace.rules) { rules_.clear(); }

    void begin(std::size_t rule) {
        rules_.emplace_back();
        rules_.back().rule = static_cast<std::uint16_t>(rule);
    }
    void condition(const Test& test, const Facts& facts, bool held, const Hit& hit) {
        const bool known = entry_of(test.condition).is_known(facts);
        rules_.back().conditions.push_back(
            {held ? hit.condition : test.condition, known, held, hit.list, hit.entry});
    }
    void end(bool matched) { rules_.back().matched = matched; }

  private:
    std::vector<TriedRule>& rules_;
};

}  // namespace

Decision Ruleset::explain(const Facts& facts, Trace& trace) const {
    TraceRecorder recorder(trace);
    return ask(facts, lists_.spare_scratch(), recorder);
}

}  // namespace minerwall::policy
