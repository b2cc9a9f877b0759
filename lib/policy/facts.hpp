// The facts about a flow (or one DNS message) when a worker asks the policy, and the policy's
// decision. Plain data, made and read by workers.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/action.hpp"
#include "base/address.hpp"
#include "base/dialect.hpp"
#include "base/unreadable.hpp"

namespace minerwall::policy {

inline constexpr std::uint16_t kNoRule = 0xffff;
inline constexpr std::uint16_t kNoList = 0xffff;
inline constexpr std::uint32_t kNoEntry = 0xffffffff;

// The conditions of rules, from the weakest reason to the strongest; policy/condition_table.cpp has
// an entry for each. If several held, a decision names the strongest. A decision never names one of
// the three any_ conditions, but the condition that matched.
enum class Condition : std::uint8_t {
    none,
    proto,
    vlan,
    client_port,
    server_port,
    any_port,
    client_ip,
    server_ip,
    any_ip,
    learned,
    unreadable,
    dns_name,
    server_name,
    any_name,
    app,
};
inline constexpr unsigned kConditionCount = static_cast<unsigned>(Condition::app) + 1;

struct Facts {
    const IpAddress* client = nullptr;  // nullptr: not IP; no address condition holds
    const IpAddress* server = nullptr;
    std::uint16_t client_port = 0;  // host byte order; 0: none
    std::uint16_t server_port = 0;
    std::uint8_t ip_proto = 0;  // 6 TCP, 17 UDP
    std::uint16_t vlan = 0;     // outermost VLAN id, 0: untagged
    // Lower-case ASCII without a trailing dot. Empty: not known, and no condition on it holds.
    std::string_view dns_name;     // the name that a DNS message asks for
    std::string_view server_name;  // TLS SNI, QUIC SNI, HTTP Host, CONNECT or SOCKS target
    // The server's address (or its name) was learned as a pool's: see flow/learned.hpp.
    bool learned = false;
    UnreadableSet unreadable = 0;  // what could not be read of it
    Dialect app = Dialect::none;   // the dialect that a parser confirmed; none: not known
};

struct Decision {
    Action action = Action::allow;    // allow if no rule matched
    Condition why = Condition::none;  // the strongest condition that held: app, name, address, port
    bool observe_only = false;  // report `action`, but forward: the policy or the rule observes
    // An address or name in a list of category "mining", or a learned address, recognised the flow
    // as mining, and the rule's action is not `allow`. A port alone never does.
    bool by_name = false;
    bool by_address = false;
    std::uint16_t rule = kNoRule;    // index for Ruleset::rule()
    std::uint16_t list = kNoList;    // index for Ruleset::list(); the list that `why` matched in
    std::uint32_t entry = kNoEntry;  // for Ruleset::entry_text()
};

}  // namespace minerwall::policy
