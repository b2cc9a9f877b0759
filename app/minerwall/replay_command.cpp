#include <fmt/format.h>

#include <chrono>

#include "event/ledger.hpp"
#include "exit_code.hpp"
#include "minerwall/commands.hpp"
#include "minerwall/progress_bar.hpp"
#include "minerwall/text_report.hpp"
#include "output/eve/log.hpp"
#include "policy/load.hpp"
#include "replay/replay.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall {
namespace {

// For the line that covers all captures.
std::string name_all(const std::vector<std::string>& captures) {
    constexpr std::size_t kMost = 8;
    std::string out;
    for (std::size_t i = 0; i < captures.size() && i < kMost; ++i) {
        out += (i == 0 ? "" : ", ") + captures[i];
    }
    if (captures.size() > kMost) {
        out += fmt::format(" and {} more", captures.size() - kMost);
    }
    return out;
}

struct Totals {
    bool ok = true;
    Nanos last = 0;
};

Totals run_all(replay::Replay& replay, const ReplayCommand& options, output::Consumer& events,
               ProgressBar& bar, capture::Writer* out) {
    Totals totals;
    for (std::size_t i = 0; i < options.captures.size(); ++i) {
        const auto progress = [&](std::uint64_t read, std::uint64_t total) {
            bar.show(options.captures[i], read, total);
        };
        const replay::CaptureResult result =
            replay.run(options.captures[i], static_cast<std::uint32_t>(i), events, progress, out);
        bar.clear();
        if (!result.ok) {
            fmt::print(stderr, "minerwall: {}\n", result.error);
            totals.ok = false;
        }
        if (result.cut != 0) {
            fmt::print(stderr,
                       "minerwall: {}: warning: {} packets were cut short when they were captured; "
                       "the missing bytes are judged as zeros\n",
                       options.captures[i], result.cut);
        }
        if (result.oversized != 0) {
            fmt::print(stderr,
                       "minerwall: {}: warning: {} records are no frames of 1 to 65561 "
                       "bytes and were left out\n",
                       options.captures[i], result.oversized);
        }
        totals.last = std::max(totals.last, result.last);
    }
    return totals;
}

}  // namespace

int replay_captures(const ReplayCommand& options) {
    policy::LoadResult policy = policy::load(options.policy, 1);
    for (const settings::Diagnostic& d : policy.diagnostics) {
        fmt::print(stderr, "{}\n", settings::format(d));
    }
    if (!policy.ok()) {
        return kExitConfig;
    }
    std::string error;
    std::unique_ptr<capture::Writer> out;
    if (!options.write.empty()) {
        out = capture::Writer::create(options.write, error);
        if (out == nullptr) {
            fmt::print(stderr, "minerwall: {}\n", error);
            return kExitFailed;
        }
    }
    replay::Options replay_options;
    replay_options.flows = options.flows;
    const std::unique_ptr<replay::Replay> replay =
        replay::Replay::create(std::move(policy.ruleset), replay_options, error);
    if (replay == nullptr) {
        fmt::print(stderr, "minerwall: {}\n", error);
        return kExitFailed;
    }

    const WorkerCounters* const workers[] = {&replay->counters()};
    const std::vector<std::string> ports = {"in", "out"};
    ProgressBar bar;
    bool ok = true;
    if (options.json) {
        output::EveOptions eve;
        eve.capture_names = options.captures;
        output::SinkOptions standard_output;
        standard_output.patience = std::chrono::hours(24);  // a slow reader loses nothing
        output::EveLog log(std::move(eve), std::move(standard_output));
        if (error = log.open(); !error.empty()) {
            fmt::print(stderr, "minerwall: {}\n", error);
            return kExitFailed;
        }
        const Totals totals = run_all(*replay, options, log, bar, out.get());
        output::Stats stats;
        stats.workers = workers;
        stats.port_names = ports;
        stats.time = totals.last;
        stats.policy_version = replay->ruleset().epoch();
        const std::string judged = name_all(options.captures);
        stats.captures = judged;
        stats.lost = log.counts().lost;
        log.write_stats(stats);
        log.close();
        ok = totals.ok;
        if (const std::uint64_t lost = log.counts().lost; lost != 0) {
            fmt::print(stderr, "minerwall: {} event lines could not be written\n", lost);
            ok = false;
        }
    } else {
        TextReport report(options.all, bar);
        ok = run_all(*replay, options, report, bar, out.get()).ok;
        report.print_summary();
        fmt::print("{}", event::ledger_text(workers, ports));
    }
    if (!event::read_ledger(workers, ports.size()).balanced()) {
        fmt::print(stderr, "minerwall: the ledger does not balance; please report this\n");
        ok = false;
    }
    if (out != nullptr && !out->close(error)) {
        fmt::print(stderr, "minerwall: {}\n", error);
        ok = false;
    }
    return ok ? kExitOk : kExitFailed;
}

}  // namespace minerwall
