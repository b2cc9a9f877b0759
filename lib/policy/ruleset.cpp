#include "policy/ruleset.hpp"

#include "policy/ask.hpp"

namespace minerwall::policy {

namespace {

struct NoRecorder {
    void begin(std::size_t) const noexcept {}
    void condition(const Test&, const Facts&, bool, const Hit&) const noexcept {}
    void end(bool) const noexcept {}
};

}  // namespace

Decision Ruleset::decide(const Facts& facts, unsigned worker) const noexcept {
    NoRecorder none;
    return ask(facts, worker, none);
}

Recognises Ruleset::recognises(const Test& test, const Hit& hit) const noexcept {
    const Recognises by = entry_of(test.condition).recognises;
    const bool other = by != Recognises::nothing && hit.list != kNoList && !lists_[hit.list].mining;
    return other ? Recognises::nothing : by;
}

bool Ruleset::is_mining_name(std::string_view name, unsigned worker) const noexcept {
    Hit hit;
    return lists_.look_up_name(mining_names_, name, worker, hit);
}

bool Ruleset::may_learn(const IpAddress& address) const noexcept {
    Hit hit;
    return !lists_.look_up_address(never_learn_, &address, hit);
}

std::string_view Ruleset::entry_text(std::uint16_t list, std::uint32_t entry) const noexcept {
    return list < lists_.size() ? lists_[list].entry_text(entry) : std::string_view{};
}

}  // namespace minerwall::policy
