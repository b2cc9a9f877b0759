#include "policy/names_of_interest.hpp"

#include <algorithm>

#include "policy/ruleset.hpp"

namespace minerwall::policy {

bool NamesOfInterest::has_dns_name(const Facts& facts, unsigned worker) const noexcept {
    Hit hit;
    return rules_.lists_.look_up_name(dns_names_, facts.dns_name, worker, hit) &&
           rules_.decide(facts, worker).why == Condition::dns_name;
}

bool NamesOfInterest::has_server_name(const Facts& nameless, const Facts& named,
                                      const Facts* target, unsigned worker) const noexcept {
    Hit hit;
    if (target == nullptr && named.learned == nameless.learned &&
        !rules_.lists_.look_up_name(server_names_, named.server_name, worker, hit)) {
        return false;  // every condition gives the same result for both
    }
    std::uint16_t rule = rules_.decide(named, worker).rule;
    if (target != nullptr) {
        rule = std::min(rule, rules_.decide(*target, worker).rule);
    }
    return rule != rules_.decide(nameless, worker).rule;
}

}  // namespace minerwall::policy
