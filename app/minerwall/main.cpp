// minerwall: the operator's tool: policy check, policy explain, replay, learned.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "exit_code.hpp"
#include "minerwall/commands.hpp"

namespace {

void add_facts(CLI::App& app, minerwall::PolicyExplainOptions& explain) {
    app.add_option("-p,--policy", explain.policy, "Policy file")->required();
    app.add_option("--client", explain.client, "The client's address");
    app.add_option("--server", explain.server, "The server's address");
    app.add_option("--client-port", explain.client_port)->check(CLI::Range(1, 65535));
    app.add_option("--server-port", explain.server_port)->check(CLI::Range(1, 65535));
    app.add_option("--proto", explain.proto, "tcp or udp")->check(CLI::IsMember({"tcp", "udp"}));
    app.add_option("--vlan", explain.vlan, "Outermost VLAN id; 0: untagged")
        ->check(CLI::Range(0, 4094))
        ->capture_default_str();
    CLI::Option* server_name = app.add_option("--server-name", explain.server_name,
                                              "The name in TLS, QUIC, HTTP, CONNECT or SOCKS");
    app.add_option("--dns-name", explain.dns_name, "The name that a DNS message asks for")
        ->excludes(server_name);
    app.add_option("--app", explain.app, "The dialect that the payload shows, as in events");
    app.add_flag("--learned", explain.learned, "The server's address was learned as a pool's");
    app.add_option("--unreadable", explain.unreadable, "What could not be read, as in events");
    app.add_flag("--json", explain.json, "As JSON");
}

int run(int argc, char** argv) {
    using namespace minerwall;
    CLI::App app{"minerwall: the operator's tool of the mining filter", "minerwall"};
    app.set_version_flag("--version", "minerwall " MINERWALL_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  minerwall policy check /etc/minerwall/policies/starter.conf\n"
        "  minerwall policy explain -p policies/starter.conf --dns-name eu.nanopool.org\n"
        "  minerwall replay office.pcap --policy policies/starter.conf\n"
        "  minerwall replay *.pcapng --policy policies/strict.conf --json | jq .mining\n"
        "Exit status: 0 done, 1 failed, 64 wrong usage, 78 invalid policy.");

    CLI::App* policy = app.add_subcommand("policy", "Work with policy files");
    policy->require_subcommand(1);
    PolicyCheckOptions check;
    CLI::App* policy_check_app = policy->add_subcommand(
        "check", "Say whether a policy is valid, and everything that is not");
    policy_check_app->add_option("file", check.file, "Policy file")->required();
    policy_check_app->add_flag("--json", check.json, "Diagnostics as JSON");

    PolicyExplainOptions explain;
    CLI::App* policy_explain_app = policy->add_subcommand(
        "explain", "Ask a policy about facts, and show how it comes to its decision");
    add_facts(*policy_explain_app, explain);

    ReplayCommand replay;
    CLI::App* replay_app = app.add_subcommand(
        "replay", "Judge captures with the appliance's own path; each on its own");
    replay_app->add_option("captures", replay.captures, "pcap or pcapng files of Ethernet frames")
        ->required();
    replay_app->add_option("-p,--policy", replay.policy, "Policy file")->required();
    replay_app->add_option("-w,--write", replay.write, "Write the frames that left to this pcap");
    replay_app->add_flag("--json", replay.json, "EVE JSON lines on standard output, nothing else");
    replay_app->add_flag("--all", replay.all, "List every flow, not only those a rule matched");
    replay_app->add_option("--flows", replay.flows, "Flows that can be open at a time")
        ->check(CLI::Range(64u, 1u << 24))
        ->capture_default_str();

    LearnedCommand learned;
    CLI::App* learned_app =
        app.add_subcommand("learned", "List the addresses that a running minerwalld has learned");
    learned_app->add_option("--file", learned.file, "The daemon's learning.file")
        ->capture_default_str();
    learned_app->add_flag("--json", learned.json, "As JSON");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kExitOk : kExitUsage;
    }
    if (policy_check_app->parsed()) {
        return policy_check(check);
    }
    if (policy_explain_app->parsed()) {
        return policy_explain(explain);
    }
    if (learned_app->parsed()) {
        return learned_addresses(learned);
    }
    return replay_captures(replay);
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // report a closed pipe as an error instead of dying
    try {
        const int status = run(argc, argv);
        if (std::fflush(stdout) == 0) {
            return status;
        }
        std::perror("minerwall: standard output");
    } catch (const std::bad_alloc&) {
        std::fputs("minerwall: out of memory (try a smaller --flows)\n", stderr);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "minerwall: %s\n", e.what());
    }
    return minerwall::kExitFailed;
}
