#include "policy/ruleset.hpp"

#include "policy/ask.hpp"

namespace minerwall::policy {

namespace {

struct NoRecorder {
    void begin(std::size_t) const noexcept {}
    void condition(Condition, bool, bool, std::uint16_t, std::uint32_t) const noexcept {}
    void end(bool) const noexcept {}
};

}  // namespace

Decision Ruleset::decide(const Facts& facts, unsigned worker) const noexcept {
    NoRecorder none;
    return ask(facts, worker, none);
}

// A client's address says whom a rule is for, not what the flow is.
bool Ruleset::recognises(Condition condition, const Hit& hit) const noexcept {
    switch (condition) {
        case Condition::server_ip:
        case Condition::any_ip:
        case Condition::dns_name:
        case Condition::server_name:
        case Condition::any_name:
            return hit.list != kNoList && lists_[hit.list].mining;
        case Condition::learned:
            return true;
        default:
            return false;
    }
}

bool Ruleset::holds(const Test& test, const Facts& facts, unsigned worker,
                    Hit& hit) const noexcept {
    // A condition for either side names the side that matched.
    const auto side = [&hit](Condition matched, bool held) {
        hit.side = held ? matched : hit.side;
        return held;
    };
    hit.side = test.condition;
    switch (test.condition) {
        case Condition::none:
            return true;
        case Condition::proto:
            return (facts.ip_proto == 6 && (test.mask & kTcpBit) != 0) ||
                   (facts.ip_proto == 17 && (test.mask & kUdpBit) != 0);
        case Condition::vlan:
            return lists_.look_up_port(test, facts.vlan, hit);
        case Condition::client_port:
            return lists_.look_up_port(test, facts.client_port, hit);
        case Condition::server_port:
            return lists_.look_up_port(test, facts.server_port, hit);
        case Condition::any_port:
            return side(Condition::server_port,
                        lists_.look_up_port(test, facts.server_port, hit)) ||
                   side(Condition::client_port, lists_.look_up_port(test, facts.client_port, hit));
        case Condition::client_ip:
            return lists_.look_up_address(test, facts.client, hit);
        case Condition::server_ip:
            return lists_.look_up_address(test, facts.server, hit);
        case Condition::any_ip:
            return side(Condition::server_ip, lists_.look_up_address(test, facts.server, hit)) ||
                   side(Condition::client_ip, lists_.look_up_address(test, facts.client, hit));
        case Condition::learned:
            return facts.learned;
        case Condition::dns_name:
            return lists_.look_up_name(test, facts.dns_name, worker, hit);
        case Condition::server_name:
            return lists_.look_up_name(test, facts.server_name, worker, hit);
        case Condition::any_name:
            return side(Condition::dns_name,
                        lists_.look_up_name(test, facts.dns_name, worker, hit)) ||
                   side(Condition::server_name,
                        lists_.look_up_name(test, facts.server_name, worker, hit));
        case Condition::app:
            return facts.app != Dialect::none &&
                   (test.mask >> static_cast<unsigned>(facts.app) & 1) != 0;
    }
    return false;
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

std::string_view Ruleset::entry_note(std::uint16_t list, std::uint32_t entry) const noexcept {
    return list < lists_.size() ? lists_[list].entry_note(entry) : std::string_view{};
}

}  // namespace minerwall::policy
