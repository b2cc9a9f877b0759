// The operator's commands. Each reports its errors and returns the process's exit code.
#pragma once

#include <string>
#include <vector>

namespace minerwall {

struct PolicyCheckOptions {
    std::string file;
    bool json = false;
};
int policy_check(const PolicyCheckOptions& options);

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
