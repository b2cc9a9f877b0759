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
            return hit.list != kNoList && lists_[hit.list]->mining;
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
            return look_up_port(test, facts.vlan, hit);
        case Condition::client_port:
            return look_up_port(test, facts.client_port, hit);
        case Condition::server_port:
            return look_up_port(test, facts.server_port, hit);
        case Condition::any_port:
            return side(Condition::server_port, look_up_port(test, facts.server_port, hit)) ||
                   side(Condition::client_port, look_up_port(test, facts.client_port, hit));
        case Condition::client_ip:
            return look_up_address(test, facts.client, hit);
        case Condition::server_ip:
            return look_up_address(test, facts.server, hit);
        case Condition::any_ip:
            return side(Condition::server_ip, look_up_address(test, facts.server, hit)) ||
                   side(Condition::client_ip, look_up_address(test, facts.client, hit));
        case Condition::learned:
            return facts.learned;
        case Condition::dns_name:
            return look_up_name(test, facts.dns_name, worker, hit);
        case Condition::server_name:
            return look_up_name(test, facts.server_name, worker, hit);
        case Condition::any_name:
            return side(Condition::dns_name, look_up_name(test, facts.dns_name, worker, hit)) ||
                   side(Condition::server_name, look_up_name(test, facts.server_name, worker, hit));
        case Condition::app:
            return facts.app != Dialect::none &&
                   (test.mask >> static_cast<unsigned>(facts.app) & 1) != 0;
    }
    return false;
}

bool Ruleset::look_up_port(const Test& test, std::uint16_t port, Hit& hit) const noexcept {
    for (unsigned i = 0; i < test.list_count; ++i) {
        const std::uint16_t list = list_refs_[test.first_list + i];
        const std::uint32_t entry = lists_[list]->ports.lookup(port);
        if (entry != kNoEntry) {
            hit.list = list;
            hit.entry = entry;
            return true;
        }
    }
    return false;
}

bool Ruleset::look_up_address(const Test& test, const IpAddress* address, Hit& hit) const noexcept {
    if (address == nullptr) {
        return false;
    }
    for (unsigned i = 0; i < test.list_count; ++i) {
        const std::uint16_t list = list_refs_[test.first_list + i];
        const std::uint32_t entry = lists_[list]->prefixes.lookup(*address);
        if (entry != kNoEntry) {
            hit.list = list;
            hit.entry = entry;
            return true;
        }
    }
    return false;
}

bool Ruleset::look_up_name(const Test& test, std::string_view name, unsigned worker,
                           Hit& hit) const noexcept {
    if (name.empty()) {
        return false;
    }
    for (unsigned i = 0; i < test.list_count; ++i) {
        const std::uint16_t list = list_refs_[test.first_list + i];
        const List& in = *lists_[list];
        const std::uint32_t entry =
            in.type == ListType::domain
                ? in.domains.lookup(name)
                : in.patterns.first_match(as_bytes(name), scratch_.at(worker));
        if (entry != kNoEntry) {
            hit.list = list;
            hit.entry = entry;
            return true;
        }
    }
    return false;
}

bool Ruleset::is_mining_name(std::string_view name, unsigned worker) const noexcept {
    Hit hit;
    return look_up_name(mining_names_, name, worker, hit);
}

bool Ruleset::may_learn(const IpAddress& address) const noexcept {
    Hit hit;
    return !look_up_address(never_learn_, &address, hit);
}

std::string_view Ruleset::entry_text(std::uint16_t list, std::uint32_t entry) const noexcept {
    return list < lists_.size() ? lists_[list]->entry_text(entry) : std::string_view{};
}

std::string_view Ruleset::entry_note(std::uint16_t list, std::uint32_t entry) const noexcept {
    return list < lists_.size() ? lists_[list]->entry_note(entry) : std::string_view{};
}

std::size_t Ruleset::memory_bytes() const noexcept {
    std::size_t sum = 0;
    for (const auto& list : lists_) {
        sum += list->memory_bytes();
    }
    return sum;
}

std::size_t Ruleset::entry_count() const noexcept {
    std::size_t sum = 0;
    for (const auto& list : lists_) {
        sum += list->size();
    }
    return sum;
}

}  // namespace minerwall::policy
