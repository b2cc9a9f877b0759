// minerwalld: the appliance's daemon.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>

#include "exit_code.hpp"
#include "minerwalld/daemon.hpp"
#include "minerwalld/loop.hpp"
#include "minerwalld/signals.hpp"
#include "settings/diagnostic.hpp"

namespace {

using namespace minerwall;

int serve(const std::string& file, bool check_only) {
    daemon::Log log;
    machine::ConfigResult config = machine::load_config(file);
    for (const settings::Diagnostic& d : config.errors) {
        fmt::print(stderr, "{}\n", settings::format(d));
    }
    if (!config.config) {
        return kExitConfig;
    }
    log.set_level(config.config->log_level);
    policy::LoadResult policy = policy::load(config.config->policy, config.config->workers.count);
    for (const settings::Diagnostic& d : policy.diagnostics) {
        fmt::print(stderr, "{}\n", settings::format(d));
    }
    if (!policy.ok()) {
        return kExitConfig;
    }
    if (check_only) {
        fmt::print("{}: ok: {} wire{}, policy {} with {} rules\n", file,
                   config.config->wires.size(), config.config->wires.size() == 1 ? "" : "s",
                   config.config->policy, policy.ruleset->rule_count());
        return kExitOk;
    }
    daemon::Loop loop;
    std::signal(SIGPIPE, SIG_IGN);  // a reader of events may close the pipe
    // If events go to standard output, the ledger must not stand between them.
    FILE* const ledger_to = config.config->events.file == "-" ? stderr : stdout;
    bool loading = false;
    int code = kExitOk;
    {
        daemon::Daemon daemon(std::move(*config.config), log);
        code = daemon.start(std::move(policy.ruleset));
        if (code != kExitOk) {
            return code;
        }
        daemon.run(loop);
        log.info("stopping");
        daemon.stop();
        fmt::print(ledger_to, "{}", daemon.ledger_text());
        std::fflush(ledger_to);
        code = daemon.ledger_balanced() ? kExitOk : kExitFailed;
        loading = daemon.loading_policy();
    }
    if (loading) {
        std::_Exit(code);  // no destructor of a static object may run beside the load
    }
    return code;
}

int run(int argc, char** argv) {
    CLI::App app{"minerwalld: the mining filter's daemon; a transparent wire", "minerwalld"};
    app.set_version_flag("--version", "minerwalld " MINERWALL_VERSION);
    std::string config = "/etc/minerwall/minerwall.conf";
    bool check = false;
    app.add_option("-c,--config", config, "Configuration file")->capture_default_str();
    app.add_flag("--check-config", check,
                 "Read configuration and policy, tell what is wrong, exit");
    app.footer(
        "Signals: HUP reloads the policy, USR1 reopens the event file, TERM and INT stop.\n"
        "Exit status: 0 stopped, 1 failed, 64 wrong usage, 78 invalid configuration or policy.\n"
        "Example:\n"
        "  minerwalld --config /etc/minerwall/minerwall.conf");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kExitOk : kExitUsage;
    }
    return serve(config, check);
}

}  // namespace

int main(int argc, char** argv) {
    daemon::hold_requests();  // a HUP at any moment of the start is served after it
    try {
        return run(argc, argv);
    } catch (const std::bad_alloc&) {
        std::fputs("minerwalld: out of memory (lower flows.capacity or flows.inspections)\n",
                   stderr);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "minerwalld: %s\n", e.what());
    }
    return kExitFailed;
}
