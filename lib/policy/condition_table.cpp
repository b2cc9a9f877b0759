#include "policy/condition_table.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace minerwall::policy {
namespace {

constexpr std::uint8_t lists_of(auto... types) {
    return static_cast<std::uint8_t>(((1u << static_cast<unsigned>(types)) | ...));
}

constexpr std::array<Word, 2> kProtocolWords = {{{"tcp", kTcpBit}, {"udp", kUdpBit}}};

// A bit per Dialect; "mining" and "stratum" are every dialect of mining.
constexpr auto kAppWords = [] {
    std::array<Word, kDialectCount + 1> words = {{{"mining", 0}, {"stratum", 0}}};
    for (unsigned i = 1; i < kDialectCount; ++i) {
        const auto dialect = static_cast<Dialect>(i);
        words[i + 1] = {to_text(dialect), 1u << i};
        words[0].bits |= is_mining(dialect) ? 1u << i : 0u;
    }
    words[1].bits = words[0].bits;
    return words;
}();

// A bit per kind; "any" is all of them.
constexpr auto kUnreadableWords = [] {
    std::array<Word, kUnreadableCount + 1> words = {{{"any", kAllUnreadable}}};
    for (unsigned i = 0; i < kUnreadableCount; ++i) {
        words[i + 1] = {to_text(static_cast<Unreadable>(i)), 1u << i};
    }
    return words;
}();

constexpr Values kYes;
constexpr Values kProtocols = {.kind = Values::Kind::words, .words = kProtocolWords};
constexpr Values kApps = {.kind = Values::Kind::words, .words = kAppWords};
constexpr Values kUnreadables = {.kind = Values::Kind::words, .words = kUnreadableWords};
constexpr Values kVlans = {.kind = Values::Kind::entries,
                           .literals = ListType::port,
                           .numbers = true,
                           .least = 0,
                           .most = 4094};
constexpr Values kPorts = {.kind = Values::Kind::entries,
                           .literals = ListType::port,
                           .lists = lists_of(ListType::port),
                           .numbers = true};
constexpr Values kAddresses = {
    .kind = Values::Kind::entries, .literals = ListType::ip, .lists = lists_of(ListType::ip)};
constexpr Values kNames = {.kind = Values::Kind::entries,
                           .literals = ListType::domain,
                           .lists = lists_of(ListType::domain, ListType::name_pattern)};

constexpr bool is_known(std::uint16_t port) noexcept {
    return port != 0;
}
constexpr bool is_known(const IpAddress* address) noexcept {
    return address != nullptr;
}
constexpr bool is_known(std::string_view name) noexcept {
    return !name.empty();
}
constexpr bool is_known(Dialect app) noexcept {
    return app != Dialect::none;
}

bool look_up(const ListSet& lists, const Test& test, std::uint16_t port, unsigned,
             Hit& hit) noexcept {
    return lists.look_up_port(test, port, hit);
}
bool look_up(const ListSet& lists, const Test& test, const IpAddress* address, unsigned,
             Hit& hit) noexcept {
    return lists.look_up_address(test, address, hit);
}
bool look_up(const ListSet& lists, const Test& test, std::string_view name, unsigned worker,
             Hit& hit) noexcept {
    return lists.look_up_name(test, name, worker, hit);
}

// For ConditionEntry::is_known: true if one of the facts is known.
template <auto... Fact>
bool any_known(const Facts& facts) noexcept {
    return (is_known(facts.*Fact) || ...);
}
bool always_known(const Facts&) noexcept {
    return true;
}

// For ConditionEntry::holds: true if the fact is in one of the test's lists.
template <auto Fact>
bool listed(const Test& test, const Facts& facts, const ListSet& lists, unsigned worker,
            Hit& hit) noexcept {
    return look_up(lists, test, facts.*Fact, worker, hit);
}
// The same for two facts, tried in this order, each with its own condition.
template <Condition First, auto FirstFact, Condition Second, auto SecondFact>
bool either_listed(const Test& test, const Facts& facts, const ListSet& lists, unsigned worker,
                   Hit& hit) noexcept {
    const bool first = listed<FirstFact>(test, facts, lists, worker, hit);
    hit.condition = first ? First : Second;
    return first || listed<SecondFact>(test, facts, lists, worker, hit);
}
bool holds_always(const Test&, const Facts&, const ListSet&, unsigned, Hit&) noexcept {
    return true;
}
bool holds_proto(const Test& test, const Facts& facts, const ListSet&, unsigned, Hit&) noexcept {
    return (facts.ip_proto == 6 && (test.mask & kTcpBit) != 0) ||
           (facts.ip_proto == 17 && (test.mask & kUdpBit) != 0);
}
bool holds_learned(const Test&, const Facts& facts, const ListSet&, unsigned, Hit&) noexcept {
    return facts.learned;
}
// hit.entry: the first kind that held; it stands in no list.
bool holds_unreadable(const Test& test, const Facts& facts, const ListSet&, unsigned,
                      Hit& hit) noexcept {
    const std::uint32_t held = test.mask & facts.unreadable;
    hit.entry = static_cast<std::uint32_t>(std::countr_zero(held));
    return held != 0;
}
bool holds_app(const Test& test, const Facts& facts, const ListSet&, unsigned, Hit&) noexcept {
    return facts.app != Dialect::none && (test.mask >> static_cast<unsigned>(facts.app) & 1) != 0;
}

constexpr std::array<ConditionEntry, kConditionCount> kTable = {{
    {.condition = Condition::none,
     .key = "none",  // a decision without a reason; no rule can write it
     .is_known = always_known,
     .holds = holds_always},
    {.condition = Condition::proto,
     .key = "proto",
     .cost = 1,
     .values = kProtocols,
     .is_known = always_known,
     .holds = holds_proto},
    {.condition = Condition::vlan,
     .key = "vlan",
     .cost = 2,
     .values = kVlans,
     .is_known = always_known,  // 0: untagged
     .holds = listed<&Facts::vlan>},
    {.condition = Condition::client_port,
     .key = "client_port",
     .cost = 3,
     .values = kPorts,
     .evidence = EvidenceKind::port,
     .of_client = true,
     .is_known = any_known<&Facts::client_port>,
     .holds = listed<&Facts::client_port>},
    {.condition = Condition::server_port,
     .key = "server_port",
     .cost = 4,
     .values = kPorts,
     .evidence = EvidenceKind::port,
     .is_known = any_known<&Facts::server_port>,
     .holds = listed<&Facts::server_port>},
    {.condition = Condition::any_port,
     .key = "any_port",
     .cost = 5,
     .values = kPorts,
     .is_known = any_known<&Facts::client_port, &Facts::server_port>,
     .holds = either_listed<Condition::server_port, &Facts::server_port,  //
                            Condition::client_port, &Facts::client_port>},
    {.condition = Condition::client_ip,  // no reason: selects the clients that a rule is for
     .key = "client_ip",
     .cost = 6,
     .values = kAddresses,
     .of_client = true,
     .is_known = any_known<&Facts::client>,
     .holds = listed<&Facts::client>},
    {.condition = Condition::server_ip,
     .key = "server_ip",
     .cost = 7,
     .values = kAddresses,
     .recognises = Recognises::by_address,
     .is_known = any_known<&Facts::server>,
     .holds = listed<&Facts::server>},
    {.condition = Condition::any_ip,
     .key = "any_ip",
     .cost = 8,
     .values = kAddresses,
     .recognises = Recognises::by_address,
     .is_known = any_known<&Facts::client, &Facts::server>,
     .holds = either_listed<Condition::server_ip, &Facts::server,  //
                            Condition::client_ip, &Facts::client>},
    {.condition = Condition::learned,
     .key = "learned",
     .cost = 9,
     .values = kYes,
     .needs = kNeedsLearned,
     .recognises = Recognises::by_address,
     .evidence = EvidenceKind::learned,
     .is_known = always_known,
     .holds = holds_learned},
    {.condition = Condition::unreadable,
     .key = "unreadable",
     .cost = 0,
     .values = kUnreadables,
     .is_known = always_known,  // none: everything was read
     .holds = holds_unreadable},
    {.condition = Condition::dns_name,
     .key = "dns_name",
     .cost = 10,
     .values = kNames,
     .needs = kNeedsDns,
     .recognises = Recognises::by_name,
     .is_known = any_known<&Facts::dns_name>,
     .holds = listed<&Facts::dns_name>},
    {.condition = Condition::server_name,
     .key = "server_name",
     .cost = 11,
     .values = kNames,
     .needs = kNeedsServerName,
     .recognises = Recognises::by_name,
     .is_known = any_known<&Facts::server_name>,
     .holds = listed<&Facts::server_name>},
    {.condition = Condition::any_name,
     .key = "any_name",
     .cost = 12,
     .values = kNames,
     .needs = kNeedsNames,
     .recognises = Recognises::by_name,
     .is_known = any_known<&Facts::dns_name, &Facts::server_name>,
     .holds = either_listed<Condition::dns_name, &Facts::dns_name,  //
                            Condition::server_name, &Facts::server_name>},
    {.condition = Condition::app,
     .key = "app",
     .cost = 0,
     .values = kApps,
     .is_known = any_known<&Facts::app>,
     .holds = holds_app},
}};

// Each condition's entry is at its index. (With -fsanitize, g++ 12 takes no comparison of functions
// for a constant, so a test looks at those.)
constexpr bool is_whole() {
    for (unsigned i = 0; i < kConditionCount; ++i) {
        const ConditionEntry& entry = kTable[i];
        if (static_cast<unsigned>(entry.condition) != i || entry.key.empty()) {
            return false;
        }
    }
    return true;
}
static_assert(is_whole());

// A condition on a name has no other source than lists: NamesOfInterest and is_mining_name() rely
// on it.
static_assert(std::ranges::all_of(kTable, [](const ConditionEntry& entry) {
    const bool by_lists =
        entry.values.kind == Values::Kind::entries && entry.values.literals == ListType::domain;
    return (entry.needs & kNeedsNames) == 0 || by_lists;
}));

}  // namespace

const ConditionEntry& entry_of(Condition condition) noexcept {
    return kTable[static_cast<unsigned>(condition)];
}

std::span<const ConditionEntry> conditions() noexcept {
    return std::span(kTable).subspan(1);
}

std::string_view to_text(Condition condition) noexcept {
    return entry_of(condition).key;
}

}  // namespace minerwall::policy
