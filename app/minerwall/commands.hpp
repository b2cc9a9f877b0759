// The operator's commands. Each reports its errors and returns the process's exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace minerwall {

struct PolicyCheckOptions {
    std::string file;
    bool json = false;
};
int policy_check(const PolicyCheckOptions& options);

// An empty text or 0: the fact is not known.
struct PolicyExplainOptions {
    std::string policy;
    std::string client;  // addresses
    std::string server;
    std::uint16_t client_port = 0;
    std::uint16_t server_port = 0;
    std::string proto;  // "tcp" or "udp"
    std::uint16_t vlan = 0;
    std::string server_name;
    std::string dns_name;
    std::string app;  // a dialect
    bool learned = false;
    std::string unreadable;  // a kind
    bool json = false;
};
int policy_explain(const PolicyExplainOptions& options);

struct LearnedCommand {
    std::string file = "/run/minerwall/learned.json";
    bool json = false;
};
int learned_addresses(const LearnedCommand& options);

struct ReplayCommand {
    std::vector<std::string> captures;
    std::string policy;
    std::string write;  // empty: write nothing
    bool json = false;
    bool all = false;  // list flows without an event, too
    unsigned flows = 1u << 20;
};
int replay_captures(const ReplayCommand& options);

}  // namespace minerwall
