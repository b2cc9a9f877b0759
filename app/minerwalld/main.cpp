// minerwalld: the appliance's daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exit_code.hpp"
#include "minerwalld/daemon.hpp"
#include "minerwalld/loop.hpp"
#include "minerwalld/signals.hpp"
#include "settings/diagnostic.hpp"

namespace {

using namespace minerwall;

// What a reader of our output may cost while nothing depends on us, before and after forwarding.
constexpr std::chrono::seconds kPatience{1};

void tell(daemon::Outlet& out, const std::vector<settings::Diagnostic>& diagnostics) {
    std::string lines;
    for (const settings::Diagnostic& d : diagnostics) {
        lines += settings::format(d) + '\n';
    }
    out.write(lines, kPatience);
}

int forward(daemon::Loop& loop, machine::Config config, std::unique_ptr<policy::Ruleset> ruleset,
            const daemon::Log& log, daemon::Outlet& ledger_to) {
    auto daemon = std::make_unique<daemon::Daemon>(std::move(config), log);
    int code = daemon->start(std::move(ruleset));
    if (code != kExitOk) {
        return code;
    }
    code = daemon->run(loop);
    log.info("stopping");
    daemon->stop();
    ledger_to.write(daemon->ledger_text(), kPatience);
    if (code == kExitOk && !daemon->ledger_balanced()) {
        code = kExitFailed;
    }
    if (daemon->busy()) {
        daemon->give_back();
        log.flush(kPatience);
        std::_Exit(code);  // no destructor may run beside the threads that are not done
    }
    return code;
}

int serve(const std::string& file, bool check_only) {
    daemon::Outlet standard_error(STDERR_FILENO);
    daemon::Log log(standard_error);
    machine::ConfigResult config = machine::load_config(file);
    tell(standard_error, config.errors);
    if (!config.config) {
        return kExitConfig;
    }
    log.set_level(config.config->log_level);
    policy::LoadResult policy = policy::load(config.config->policy, config.config->workers.count);
    tell(standard_error, policy.diagnostics);
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
    daemon::Outlet standard_output(STDOUT_FILENO);
    // If events go to standard output, the ledger must not stand between them.
    daemon::Outlet& ledger_to =
        config.config->events.file == "-" ? standard_error : standard_output;
    return forward(loop, std::move(*config.config), std::move(policy.ruleset), log, ledger_to);
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
        "Exit status: 0 stopped, 1 failed, 64 wrong usage, 75 the ends of all wires are lost,\n"
        "78 invalid configuration or policy.\n"
        "Example:\n"
        "  minerwalld --config /etc/minerwall/minerwall.conf");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kExitOk : kExitUsage;
    }
    return serve(config, check);
}

void complain(const char* what) {
    daemon::Outlet(STDERR_FILENO).write(fmt::format("minerwalld: {}\n", what), kPatience);
}

}  // namespace

int main(int argc, char** argv) {
    daemon::hold_requests();  // a HUP at any moment of the start is served after it
    try {
        return run(argc, argv);
    } catch (const std::bad_alloc&) {
        complain("out of memory (lower flows.capacity or flows.inspections)");
    } catch (const std::exception& e) {
        complain(e.what());
    }
    return kExitFailed;
}
