// Searches for each parser the costliest packet, and prints its cycles as a ratio to an opaque
// packet of the same size. docs/performance.md says how to read the table.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>

#include "bench/worst/search.hpp"
#include "exit_code.hpp"

namespace minerwall::bench {
namespace {

struct Options {
    std::string policy;
    std::string only;
    std::string keep;  // a directory for the payloads that were found
    unsigned steps = 300;
    double limit = 0;  // of the ratio; 0: none
};

void keep(const Options& options, const Kind& kind, const Worst& worst) {
    std::string name = kind.name;
    for (char& c : name) {
        c = c >= 'a' && c <= 'z' ? c : '-';
    }
    std::ofstream(options.keep + "/" + name, std::ios::binary) << worst.payload;
}

// False: a ratio is above the limit.
bool measure(const Options& options) {
    Stage stage(options.policy);
    Random random;
    bool kept = true;
    constexpr unsigned kRounds = 20;
    fmt::print("{:<34} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7}\n", "packet", "bytes", "opaque",
               "seed", "found", "ratio", "c/byte", "dropped");
    for (const Kind& kind : kinds()) {
        if (kind.name.find(options.only) == std::string::npos) {
            continue;
        }
        const double usual = stage.cycles(opaque(kind.size), kRounds);
        const Found found = search(stage, kind, options.steps, random);
        const double ratio = found.best.cycles / usual;
        fmt::print("{:<34} {:>6} {:>8.0f} {:>8.0f} {:>8.0f} {:>7.1f} {:>7.1f} {:>6}%\n", kind.name,
                   kind.size, usual, found.seed.cycles, found.best.cycles, ratio,
                   found.best.cycles / static_cast<double>(kind.size), found.best.dropped);
        std::fflush(stdout);
        kept = kept && (options.limit == 0 || ratio <= options.limit);
        if (!options.keep.empty()) {
            keep(options, kind, found.best);
        }
    }
    return kept;
}

}  // namespace
}  // namespace minerwall::bench

int main(int argc, char** argv) {
    minerwall::bench::Options options;
    CLI::App app{"Searches for the costliest packet of each parser."};
    app.add_option("--policy", options.policy, "policy in force")->required();
    app.add_option("--only", options.only, "kinds whose name has this text");
    app.add_option("--steps", options.steps, "changes to try for each kind (300)");
    app.add_option("--limit", options.limit, "exit with 1 where a ratio is higher");
    app.add_option("--keep", options.keep, "directory for the payloads that were found");
    CLI11_PARSE(app, argc, argv);
    try {
        return minerwall::bench::measure(options) ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "worst: {}\n", error.what());
        return 1;
    }
}
