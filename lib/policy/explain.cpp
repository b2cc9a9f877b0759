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
    void condition(Condition condition, bool known, bool held, std::uint16_t list,
                   std::uint32_t entry) {
        rules_.back().conditions.push_back({condition, known, held, list, entry});
    }
    void end(bool matched) { rules_.back().matched = matched; }

  private:
    std::vector<TriedRule>& rules_;
};

}  // namespace

Decision Ruleset::explain(const Facts& facts, unsigned worker, Trace& trace) const {
    TraceRecorder recorder(trace);
    return ask(facts, worker, recorder);
}

}  // namespace minerwall::policy
