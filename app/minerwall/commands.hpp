// The operator's commands. Each returns the process's exit code and has said what is wrong by then.
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
    std::string write;  // empty: nothing is written
    bool json = false;
    bool all = false;  // list the flows that passed without a word, too
    unsigned flows = 1u << 20;
};
int replay_captures(const ReplayCommand& options);

}  // namespace minerwall
