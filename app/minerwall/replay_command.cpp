#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "event/ledger.hpp"
#include "exit_code.hpp"
#include "minerwall/commands.hpp"
#include "output/eve/formatter.hpp"
#include "output/eve/stats.hpp"
#include "output/sink.hpp"
#include "policy/load.hpp"
#include "replay/replay.hpp"
#include "settings/diagnostic.hpp"

namespace minerwall {
namespace {

std::string endpoint(const IpAddress& address, std::uint16_t port) {
    const std::string text = to_text(address);
    if (port == 0) {
        return text;
    }
    return address.is_v4() ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port);
}

std::string_view protocol(std::uint8_t number) {
    switch (number) {
        case 6:
            return "TCP";
        case 17:
            return "UDP";
        case 1:
        case 58:
            return "ICMP";
        default:
            return "IP";
    }
}

// A bar on standard error while a person is watching, and nothing otherwise.
class Progress {
  public:
    explicit Progress(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) == 1) {}
    ~Progress() { clear(); }

    void show(const std::string& name, std::uint64_t read, std::uint64_t total) {
        constexpr std::uint64_t kLong = 64u << 20;  // bytes; below it is over before it is drawn
        const auto now = std::chrono::steady_clock::now();
        if (!shown_ || total < kLong || now - last_ < std::chrono::milliseconds(100)) {
            return;
        }
        last_ = now;
        constexpr unsigned kWidth = 40;
        const auto filled = static_cast<unsigned>(std::min(read, total) * kWidth / total);
        fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {:3}%", name, "", filled, "",
                   kWidth - filled, std::min(read, total) * 100 / total);
        std::fflush(stderr);
        drawn_ = true;
    }
    void clear() {
        if (drawn_) {
            fmt::print(stderr, "\r\033[K");
            std::fflush(stderr);
            drawn_ = false;
        }
    }

  private:
    bool shown_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_{};
};

class EveListener : public replay::Listener {
  public:
    EveListener(output::EveOptions options, output::Sink& sink, Progress& progress)
        : names_(options.capture_names),
          writer_(std::move(options)),
          sink_(sink),
          progress_(progress) {}
    void event(const event::Record& record) override { sink_.append(writer_.line(record)); }
    void progress(std::uint64_t read, std::uint64_t total) override {
        progress_.show(names_[capture], read, total);
    }
    std::size_t capture = 0;

  private:
    std::vector<std::string> names_;
    output::EveFormatter writer_;
    output::Sink& sink_;
    Progress& progress_;
};

// For people: a line for every flow that the policy had something to say about.
class TextListener : public replay::Listener {
  public:
    TextListener(std::vector<std::string> names, bool all, Progress& progress)
        : names_(std::move(names)), all_(all), progress_(progress) {}

    void event(const event::Record& record) override {
        if (record.kind != event::Kind::flow_end) {
            return;
        }
        const Action action = record.enforced ? record.action : Action::observe;
        ++verdicts_[static_cast<unsigned>(action)];
        const bool mining =
            record.has(event::Record::kHasMatch) && event::recognises_mining(record.match.evidence);
        mining_ += mining;
        const bool matched = record.has(event::Record::kHasMatch) && !record.match.rule.empty();
        if (action == Action::allow && !mining && !matched && !all_) {
            return;
        }
        progress_.clear();
        fmt::print("{:<8} {} {} -> {}", to_text(action), protocol(record.ip_proto),
                   endpoint(record.client, record.client_port),
                   endpoint(record.server, record.server_port));
        if (matched) {
            fmt::print("  rule {} ({})", record.match.rule.view(), record.match.rule_at.view());
            if (!record.match.list.empty()) {
                fmt::print(", list {}", record.match.list.view());
            }
            if (!record.match.list_entry.empty()) {
                fmt::print(", entry {}", record.match.list_entry.view());
            }
        }
        if (record.has(event::Record::kHasMining)) {
            fmt::print("  {} {}", to_text(record.mining.dialect), record.mining.method.view());
        }
        if (record.has(event::Record::kHasName) && !record.name.text.empty()) {
            fmt::print("  name {}", record.name.text.view());
        }
        fmt::print("\n");
    }
    void progress(std::uint64_t read, std::uint64_t total) override {
        progress_.show(names_[capture], read, total);
    }
    void summary() const {
        std::uint64_t flows = 0;
        for (const std::uint64_t n : verdicts_) {
            flows += n;
        }
        fmt::print("\n{} flows, {} of them mining", flows, mining_);
        for (unsigned a = 0; a < kActionCount; ++a) {
            if (verdicts_[a] != 0) {
                fmt::print("; {} {}", to_text(static_cast<Action>(a)), verdicts_[a]);
            }
        }
        fmt::print("\n\n");
    }
    std::size_t capture = 0;

  private:
    std::vector<std::string> names_;
    bool all_;
    Progress& progress_;
    std::array<std::uint64_t, kActionCount> verdicts_{};
    std::uint64_t mining_ = 0;
};

// For the one line that is about all captures.
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

template <typename Listener>
Totals run_all(replay::Replay& replay, const ReplayCommand& options, Listener& listener,
               Progress& progress, capture::Writer* out) {
    Totals totals;
    for (std::size_t i = 0; i < options.captures.size(); ++i) {
        listener.capture = i;
        const replay::CaptureResult result =
            replay.run(options.captures[i], static_cast<std::uint32_t>(i), listener, out);
        progress.clear();
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
    Progress progress(true);
    bool ok = true;
    if (options.json) {
        output::SinkOptions sink_options;
        sink_options.patience = std::chrono::hours(24);  // a slow reader loses nothing
        output::Sink sink(sink_options);
        if (error = sink.open(); !error.empty()) {
            fmt::print(stderr, "minerwall: {}\n", error);
            return kExitFailed;
        }
        output::EveOptions eve;
        eve.capture_names = options.captures;
        EveListener listener(std::move(eve), sink, progress);
        const Totals totals = run_all(*replay, options, listener, progress, out.get());
        output::StatsInput stats;
        stats.time = totals.last;
        stats.policy_version = replay->ruleset().epoch();
        stats.lines_lost = sink.lines_lost();
        const std::string judged = name_all(options.captures);
        stats.captures = judged;
        sink.append(output::stats_line(workers, ports, stats));
        sink.close();
        ok = totals.ok;
        if (sink.lines_lost() != 0) {
            fmt::print(stderr, "minerwall: {} event lines could not be written\n",
                       sink.lines_lost());
            ok = false;
        }
    } else {
        TextListener listener(options.captures, options.all, progress);
        ok = run_all(*replay, options, listener, progress, out.get()).ok;
        listener.summary();
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
