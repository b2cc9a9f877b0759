#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/address.hpp"
#include "exit_code.hpp"
#include "minerwall/commands.hpp"
#include "policy/load.hpp"
#include "settings/diagnostic.hpp"
#include "settings/suggest.hpp"

namespace minerwall {
namespace {

using nlohmann::ordered_json;
using policy::Condition;
using policy::EntryPlace;
using policy::Ruleset;

constexpr std::size_t kMaxName = 253;  // RFC 1035, 2.3.4, as text without the final dot

// The facts, with the memory that they point to.
struct Asked {
    std::optional<IpAddress> client, server;
    std::string server_name, dns_name;
    policy::Facts facts;
};

// As the packet path gives a name to the policy: lower case, no final dot.
bool read_name(const std::string& from, std::string& to) {
    to = from;
    if (to.ends_with('.')) {
        to.pop_back();
    }
    std::transform(to.begin(), to.end(), to.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return to.size() <= kMaxName && (from.empty() || !to.empty()) &&
           std::all_of(to.begin(), to.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Returns what is wrong with the options, or an empty text.
std::string read_facts(const PolicyExplainOptions& options, Asked& asked) {
    policy::Facts& facts = asked.facts;
    if (!options.client.empty() && !(asked.client = parse_address(options.client))) {
        return "--client: `" + options.client + "` is no address";
    }
    if (!options.server.empty() && !(asked.server = parse_address(options.server))) {
        return "--server: `" + options.server + "` is no address";
    }
    if (asked.client && asked.server && asked.client->is_v4() != asked.server->is_v4()) {
        return "--client and --server: one is IPv4, the other one IPv6";
    }
    if (!read_name(options.server_name, asked.server_name)) {
        return "--server-name: `" + options.server_name + "` is no name";
    }
    if (!read_name(options.dns_name, asked.dns_name)) {
        return "--dns-name: `" + options.dns_name + "` is no name";
    }
    if (!options.app.empty()) {
        std::array<std::string_view, kDialectCount - 1> words;
        for (unsigned i = 1; i < kDialectCount; ++i) {
            words[i - 1] = to_text(static_cast<Dialect>(i));
        }
        const auto found = std::find(words.begin(), words.end(), options.app);
        if (found == words.end()) {
            return "--app: there is no dialect `" + options.app + "`" +
                   settings::did_you_mean(options.app, words);
        }
        facts.app = static_cast<Dialect>(found - words.begin() + 1);
    }
    if (!options.unreadable.empty()) {
        std::array<std::string_view, kUnreadableCount> words;
        for (unsigned i = 0; i < kUnreadableCount; ++i) {
            words[i] = to_text(static_cast<Unreadable>(i));
        }
        const auto found = std::find(words.begin(), words.end(), options.unreadable);
        if (found == words.end()) {
            return "--unreadable: there is no kind `" + options.unreadable + "`" +
                   settings::did_you_mean(options.unreadable, words);
        }
        facts.unreadable = bit_of(static_cast<Unreadable>(found - words.begin()));
    }
    facts.client = asked.client ? &*asked.client : nullptr;
    facts.server = asked.server ? &*asked.server : nullptr;
    facts.client_port = options.client_port;
    facts.server_port = options.server_port;
    facts.ip_proto = options.proto == "tcp" ? 6 : options.proto == "udp" ? 17 : 0;
    facts.vlan = options.vlan;
    facts.server_name = asked.server_name;
    facts.dns_name = asked.dns_name;
    facts.learned = options.learned;
    return {};
}

ordered_json to_json(const Asked& asked, const PolicyExplainOptions& options) {
    const policy::Facts& facts = asked.facts;
    ordered_json out = ordered_json::object();
    if (facts.client != nullptr) {
        out["client"] = to_text(*facts.client);
    }
    if (facts.server != nullptr) {
        out["server"] = to_text(*facts.server);
    }
    if (facts.client_port != 0) {
        out["client_port"] = facts.client_port;
    }
    if (facts.server_port != 0) {
        out["server_port"] = facts.server_port;
    }
    if (facts.ip_proto != 0) {
        out["proto"] = options.proto;
    }
    if (facts.vlan != 0) {
        out["vlan"] = facts.vlan;
    }
    if (!facts.dns_name.empty()) {
        out["dns_name"] = facts.dns_name;
    }
    if (!facts.server_name.empty()) {
        out["server_name"] = facts.server_name;
    }
    if (facts.learned) {
        out["learned"] = true;
    }
    if (facts.unreadable != 0) {
        out["unreadable"] = options.unreadable;
    }
    if (facts.app != Dialect::none) {
        out["app"] = to_text(facts.app);
    }
    return out;
}

// Where a condition held: the list (unless the rule itself has the value), the entry and its place.
void add_entry(ordered_json& to, const Ruleset& rules, std::uint16_t list, std::uint32_t entry) {
    if (list == policy::kNoList) {
        return;
    }
    if (!rules.list(list).name.empty()) {
        to["list"] = rules.list(list).name;
    }
    to["entry"] = rules.entry_text(list, entry);
    const EntryPlace place = rules.list(list).entry_place(entry);
    to["entry_file"] = place.file;
    to["entry_line"] = place.line;
}

void add_rule(ordered_json& to, const Ruleset& rules, std::uint16_t rule) {
    to["rule"] = rules.rule(rule).name;
    to["file"] = rules.rule(rule).file;
    to["line"] = rules.rule(rule).line;
}

ordered_json to_json(const Ruleset& rules, const policy::Decision& decision) {
    ordered_json out;
    out["action"] = to_text(decision.action);
    if (decision.rule == policy::kNoRule) {
        return out;
    }
    out["observe_only"] = decision.observe_only;
    add_rule(out, rules, decision.rule);
    if (decision.why != Condition::none) {
        out["why"] = to_text(decision.why);
    }
    add_entry(out, rules, decision.list, decision.entry);
    out["by_name"] = decision.by_name;
    out["by_address"] = decision.by_address;
    return out;
}

ordered_json to_json(const Ruleset& rules, const policy::Trace& trace) {
    ordered_json out = ordered_json::array();
    for (const policy::TriedRule& tried : trace.rules) {
        ordered_json rule;
        add_rule(rule, rules, tried.rule);
        rule["matched"] = tried.matched;
        rule["conditions"] = ordered_json::array();
        for (const policy::TriedCondition& condition : tried.conditions) {
            ordered_json item;
            item["condition"] = to_text(condition.condition);
            item["result"] = condition.held ? "holds" : condition.known ? "fails" : "unknown";
            add_entry(item, rules, condition.list, condition.entry);
            rule["conditions"].push_back(std::move(item));
        }
        out.push_back(std::move(rule));
    }
    return out;
}

std::string text_of(const ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// ": entry `x` in list `l` (file:line)", or nothing if no entry is named.
std::string entry_of(const ordered_json& of) {
    if (!of.contains("entry")) {
        return {};
    }
    const std::string list =
        of.contains("list") ? " in list " + text_of(of["list"]) : std::string(" in the rule");
    return ": entry " + text_of(of["entry"]) + list + " (" + text_of(of["entry_file"]) + ":" +
           text_of(of["entry_line"]) + ")";
}

void print(const ordered_json& out) {
    fmt::print("facts:");
    for (const auto& [key, value] : out["facts"].items()) {
        fmt::print(" {}={}", key, text_of(value));
    }
    fmt::print("{}\n", out["facts"].empty() ? " none" : "");
    for (const ordered_json& rule : out["rules"]) {
        fmt::print("rule {} ({}:{}) {}\n", text_of(rule["rule"]), text_of(rule["file"]),
                   text_of(rule["line"]), rule["matched"] ? "matches" : "does not match");
        for (const ordered_json& condition : rule["conditions"]) {
            const std::string result = text_of(condition["result"]);
            fmt::print("  {} {}{}\n", text_of(condition["condition"]),
                       result == "unknown" ? "fails: not known" : result, entry_of(condition));
        }
    }
    const ordered_json& decision = out["decision"];
    if (!decision.contains("rule")) {
        fmt::print("decision: allow, because no rule matches\n");
        return;
    }
    fmt::print("decision: {}{} by rule {}", text_of(decision["action"]),
               decision["observe_only"] ? " (observed: only reported)" : "",
               text_of(decision["rule"]));
    if (decision.contains("why")) {
        fmt::print(", because of {}{}", text_of(decision["why"]), entry_of(decision));
    }
    fmt::print("\n");
}

}  // namespace

int policy_explain(const PolicyExplainOptions& options) {
    Asked asked;
    if (const std::string fault = read_facts(options, asked); !fault.empty()) {
        fmt::print(stderr, "minerwall: {}\n", fault);
        return kExitUsage;
    }
    const policy::LoadResult result = policy::load(options.policy, 1, policy::EntryPlaces::keep);
    for (const settings::Diagnostic& d : result.diagnostics) {
        fmt::print(stderr, "{}\n", settings::format(d));
    }
    if (!result.ok()) {
        return kExitConfig;
    }
    policy::Trace trace;
    const policy::Decision decision = result.ruleset->explain(asked.facts, trace);
    ordered_json out;
    out["policy"] = options.policy;
    out["facts"] = to_json(asked, options);
    out["decision"] = to_json(*result.ruleset, decision);
    out["rules"] = to_json(*result.ruleset, trace);
    if (options.json) {
        // File names come from the operator and need not be UTF-8.
        fmt::print("{}\n", out.dump(2, ' ', false, ordered_json::error_handler_t::replace));
    } else {
        print(out);
    }
    return kExitOk;
}

}  // namespace minerwall
