// Measures cycles per packet of the worker's loop over packets in memory. A plain forwarder runs
// beside it, over the same ports with the same bursts and packets. docs/performance.md says how to
// read the table.
#include <fmt/format.h>
#include <rte_cycles.h>

#include <CLI/CLI.hpp>
#include <bit>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/rows.hpp"
#include "exit_code.hpp"

namespace minerwall::bench {
namespace {

constexpr unsigned kManyFlowBits = 16;  // the flows of all other rows

class Table {
  public:
    explicit Table(bool json) : json_(json) {}

    void head(const Rows& rows, const Plan& plan) {
        hz_ = static_cast<double>(rte_get_tsc_hz());
        if (json_) {
            return;
        }
        fmt::print("TSC {:.2f} GHz, {}, burst {}, medians of {} rounds\n", hz_ / 1e9, rows.memory(),
                   Loop::kBurst, plan.rounds);
        fmt::print("cycles per packet\n");
        fmt::print("{:<30} {:>8} {:>6} {:>7} {:>10} {:>11} {:>6} {:>7}\n", "row", "count", "bytes",
                   "plain", "minerwall", "difference", "ratio", "Mpps");
    }
    void add(const Row& row) {
        const double difference = row.minerwall - row.plain;
        const double ratio = row.minerwall / row.plain;
        const double mpps = hz_ / row.minerwall / 1e6;
        if (json_) {
            rows_.push_back({{"group", row.group},
                             {"row", row.name},
                             {"count", row.count},
                             {"bytes", row.bytes},
                             {"plain", row.plain},
                             {"minerwall", row.minerwall},
                             {"difference", difference},
                             {"ratio", ratio},
                             {"mpps", mpps},
                             {"note", row.note}});
            return;
        }
        fmt::print("{:<30} {:>8} {:>6} {:>7.1f} {:>10.1f} {:>11.1f} {:>6.1f} {:>7.2f}{}{}\n",
                   row.name, row.count, row.bytes, row.plain, row.minerwall, difference, ratio,
                   mpps, row.note.empty() ? "" : "  ", row.note);
        std::fflush(stdout);
    }
    void end() const {
        if (json_) {
            fmt::print("{}\n", nlohmann::json{{"tsc_hz", hz_}, {"rows", rows_}}.dump(1));
        }
    }

  private:
    bool json_;
    double hz_ = 0;
    nlohmann::json rows_ = nlohmann::json::array();
};

void measure(const Plan& plan, const std::set<std::string>& groups, bool json) {
    const auto wanted = [&](const char* group) { return groups.empty() || groups.contains(group); };
    Rows rows(plan);
    Table table(json);
    table.head(rows, plan);
    if (wanted("judged")) {
        for (const Order order : {Order::uniform, Order::zipf}) {
            for (unsigned bits = 10; bits <= plan.max_flow_bits; bits += 2) {
                table.add(rows.judged(bits, order, 64));
            }
        }
        for (const std::size_t bytes : {std::size_t{512}, std::size_t{1500}}) {
            table.add(
                rows.judged(std::min(kManyFlowBits, plan.max_flow_bits), Order::uniform, bytes));
        }
    }
    if (wanted("new")) {
        for (const unsigned bits : {kManyFlowBits, 20u}) {
            if (bits <= plan.max_flow_bits) {
                table.add(rows.fresh(bits));
            }
        }
    }
    if (wanted("inspected")) {
        for (const Opener& opener : openers()) {
            table.add(rows.inspected(opener));
        }
    }
    if (wanted("names")) {
        for (const Names kind : {Names::dns, Names::sni}) {
            for (std::uint64_t names = 100; names <= plan.max_names; names *= 10) {
                table.add(rows.named(names, kind));
            }
        }
    }
    table.end();
}

int run(int argc, char** argv) {
    Plan plan;
    plan.policy = "policies/starter.conf";
    std::string policy = plan.policy;
    std::uint64_t max_flows = 1u << 20;
    std::vector<std::string> groups;
    bool json = false;
    CLI::App app("Cycles per packet of minerwall's worker beside a plain forwarder");
    app.add_option("--policy", policy, "policy of the rows about flows")->capture_default_str();
    app.add_option("--rounds", plan.rounds, "rounds of each row")
        ->check(CLI::Range(3, 100000))
        ->capture_default_str();
    app.add_option("--max-flows", max_flows, "the most judged flows, 1024 to 4194304")
        ->check(CLI::Range(1024, 1 << 22))
        ->capture_default_str();
    app.add_option("--max-names", plan.max_names, "the longest list, 100 to 10000000")
        ->check(CLI::Range(100, 10'000'000))
        ->capture_default_str();
    app.add_option("--only", groups, "groups of rows")
        ->check(CLI::IsMember({"judged", "new", "inspected", "names"}))
        ->delimiter(',');
    app.add_flag("--json", json, "one JSON document instead of the table");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kExitOk : kExitUsage;
    }
    plan.policy = policy;
    plan.max_flow_bits = static_cast<unsigned>(std::bit_width(max_flows)) - 1;
    measure(plan, {groups.begin(), groups.end()}, json);
    return kExitOk;
}

}  // namespace
}  // namespace minerwall::bench

int main(int argc, char** argv) {
    try {
        return minerwall::bench::run(argc, argv);
    } catch (const std::exception& e) {
        fmt::print(stderr, "path_bench: {}\n", e.what());
        return minerwall::kExitFailed;
    }
}
