#include "machine/eal.hpp"

#include <fmt/format.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace minerwall::machine {

namespace {

std::vector<unsigned> allowed_cpus() {
    std::vector<unsigned> out;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &set)) {
                out.push_back(cpu);
            }
        }
    }
    return out;
}

std::uint64_t number_in(const std::filesystem::path& file) {
    std::uint64_t value = 0;
    std::ifstream(file) >> value;
    return value;
}

// MiB in free huge pages of all sizes.
std::uint64_t free_hugepages_mb() {
    std::uint64_t kb = 0;
    std::error_code ignored;
    for (const auto& dir :
         std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
        const std::string name = dir.path().filename();  // hugepages-2048kB
        const std::size_t dash = name.find('-');
        if (dash != std::string::npos) {
            kb += std::strtoull(name.c_str() + dash + 1, nullptr, 10) *
                  number_in(dir.path() / "free_hugepages");
        }
    }
    return kb >> 10;
}

std::uint64_t available_memory_mb() {
    std::ifstream in("/proc/meminfo");
    std::string key;
    std::uint64_t kb = 0;
    std::string unit;
    while (in >> key >> kb >> unit) {
        if (key == "MemAvailable:") {
            return kb >> 10;
        }
    }
    return UINT64_MAX;
}

// EAL panics on some errors with CPUs and memory, and its other messages are clear only with its
// source. So check before.
bool check(const EalOptions& o, const std::vector<unsigned>& allowed, std::string& error) {
    const auto missing = [&](unsigned cpu) {
        return std::find(allowed.begin(), allowed.end(), cpu) == allowed.end();
    };
    const auto complain = [&](const char* key, unsigned cpu) {
        error = fmt::format(
            "{}: CPU {} is not there or not allowed to this process, expected some of {}", key, cpu,
            fmt::join(allowed, ", "));
        return false;
    };
    if (allowed.empty()) {
        error = "cannot read which CPUs this process may use";
        return false;
    }
    if (o.main_core && missing(*o.main_core)) {
        return complain("workers.main_core", *o.main_core);
    }
    for (const unsigned cpu : o.cores) {
        if (missing(cpu)) {
            return complain("workers.cores", cpu);
        }
    }
    if (!o.cores.empty() && o.cores.size() != o.workers) {
        error =
            fmt::format("workers.cores names {} CPUs for {} workers", o.cores.size(), o.workers);
        return false;
    }
    return true;
}

bool choose_memory(const EalOptions& o, bool& hugepages, std::string& note, std::string& error) {
    const std::uint64_t free_mb = free_hugepages_mb();
    const bool enough = free_mb >= o.memory_mb;
    if (o.hugepages == HugepageMode::on && !enough) {
        error = fmt::format(
            "{} MiB of hugepages are free and memory.mb is {}: run `drivers-config/hugepages "
            "reserve {}`, or set memory.hugepages = \"auto\"",
            free_mb, o.memory_mb, o.memory_mb);
        return false;
    }
    hugepages =
        o.hugepages == HugepageMode::on || (o.hugepages == HugepageMode::automatic && enough);
    if (hugepages) {
        return true;
    }
    if (!o.pci.empty()) {
        error = fmt::format(
            "the wire end {} is a PCI device and needs hugepages: {} MiB are free, {} are needed; "
            "run `drivers-config/hugepages reserve {}`",
            o.pci.front(), free_mb, o.memory_mb, o.memory_mb);
        return false;
    }
    const std::uint64_t available = available_memory_mb();
    if (available < o.memory_mb) {
        error = fmt::format("memory.mb is {} and {} MiB of memory are available", o.memory_mb,
                            available);
        return false;
    }
    if (o.hugepages == HugepageMode::automatic) {
        note = fmt::format(
            "running without hugepages: {} MiB of them are free, {} are needed (slower; see "
            "drivers-config/hugepages)",
            free_mb, o.memory_mb);
    }
    return true;
}

// The first complaint in EAL's output, without its prefix.
std::string first_line(const char* text) {
    std::string line(text == nullptr ? "" : text);
    line.resize(std::min(line.find('\n'), line.size()));
    return line.starts_with("EAL: ") ? line.substr(5) : line;
}

}  // namespace

EalOptions eal_options(const Config& config) {
    EalOptions o;
    o.hugepages = config.memory.hugepages;
    o.memory_mb = config.memory.mb;
    o.workers = config.workers.count;
    o.cores = config.workers.cores;
    o.main_core = config.workers.main_core;
    o.verbose = config.log_level == LogLevel::debug;
    for (const WireConfig& wire : config.wires) {
        for (const EndConfig& end : wire.ends) {
            if (end.kind == EndKind::pci) {
                o.pci.push_back(end.device);
            }
        }
    }
    return o;
}

std::vector<std::string> eal_arguments(const EalOptions& o, bool hugepages,
                                       const std::vector<unsigned>& allowed) {
    // One CPU for the control thread, then one for each worker; with fewer CPUs, workers share in
    // turn.
    const unsigned main = o.main_core.value_or(allowed.front());
    std::vector<unsigned> others;
    std::copy_if(allowed.begin(), allowed.end(), std::back_inserter(others),
                 [&](unsigned cpu) { return cpu != main; });
    if (others.empty()) {
        others.push_back(main);
    }
    std::string lcores = fmt::format("0@{}", main);
    for (unsigned worker = 0; worker < o.workers; ++worker) {
        lcores += fmt::format(",{}@{}", Eal::worker_lcore(worker),
                              o.cores.empty() ? others[worker % others.size()] : o.cores[worker]);
    }
    std::vector<std::string> args = {"minerwall",
                                     "--lcores",
                                     lcores,
                                     "--main-lcore",
                                     "0",
                                     "--no-telemetry",
                                     "--file-prefix",
                                     fmt::format("minerwall-{}", getpid()),
                                     "-m",
                                     std::to_string(o.memory_mb)};
    // Without hugepages DPDK 22.11 uses its legacy memory, which refuses --in-memory.
    if (hugepages) {
        args.emplace_back("--in-memory");
    } else {
        args.insert(args.end(), {"--no-huge", "--no-shconf"});
    }
    if (o.pci.empty()) {
        args.emplace_back("--no-pci");
    }
    for (const std::string& device : o.pci) {
        args.insert(args.end(), {"-a", device});
    }
    if (!o.verbose) {
        args.insert(args.end(), {"--log-level", "*:warning"});
    }
    return args;
}

std::optional<Eal> Eal::start(const EalOptions& options, std::string& error) {
    const std::vector<unsigned> allowed = allowed_cpus();
    Eal eal;
    if (!check(options, allowed, error) ||
        !choose_memory(options, eal.hugepages_, eal.note_, error)) {
        return std::nullopt;
    }
    static bool started = false;
    if (started) {
        error = "EAL was already started in this process";
        return std::nullopt;
    }
    std::vector<std::string> args = eal_arguments(options, eal.hugepages_, allowed);
    std::vector<char*> argv;
    for (std::string& arg : args) {
        argv.push_back(arg.data());
    }
    argv.push_back(nullptr);

    // EAL would write to stdout, where our events go. Keep its start messages for the one line that
    // we report.
    char* said = nullptr;
    std::size_t size = 0;
    std::FILE* const memory = options.verbose ? nullptr : open_memstream(&said, &size);
    std::FILE* const log = options.log != nullptr ? options.log : stderr;
    rte_openlog_stream(memory != nullptr ? memory : log);
    started = true;
    const int result = rte_eal_init(static_cast<int>(args.size()), argv.data());
    const int why = rte_errno;
    rte_openlog_stream(log);
    if (memory != nullptr) {
        std::fclose(memory);
    }
    if (result < 0) {
        const std::string line = first_line(said);
        error = fmt::format("DPDK does not start: {}{}{}", rte_strerror(why),
                            line.empty() ? "" : ": ", line);
        if (why == EACCES || why == EPERM) {
            error += "; run as root, or see drivers-config/preflight";
        }
    }
    std::free(said);
    eal.directory_.own(rte_eal_get_runtime_dir());
    if (result < 0) {
        rte_openlog_stream(stderr);
        return std::nullopt;
    }
    eal.alive_ = true;
    return eal;
}

Eal::Eal(Eal&& other) noexcept
    : alive_(std::exchange(other.alive_, false)),
      directory_(std::move(other.directory_)),
      hugepages_(other.hugepages_),
      note_(std::move(other.note_)) {}

Eal::~Eal() {
    if (alive_) {
        rte_eal_cleanup();
        rte_openlog_stream(stderr);
    }
}

}  // namespace minerwall::machine
