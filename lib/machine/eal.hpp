// DPDK's environment, started once per process from checked options.
//
// Control plane, main thread only: rte_eal_init() pins the calling thread to the main lcore.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "machine/config.hpp"
#include "machine/runtime_directory.hpp"

namespace minerwall::machine {

struct EalOptions {
    HugepageMode hugepages = HugepageMode::automatic;
    unsigned memory_mb = 512;
    unsigned workers = 1;               // lcores 1..workers; lcore 0 is the main one
    std::vector<unsigned> cores;        // CPU of worker i; empty: chosen from the allowed ones
    std::optional<unsigned> main_core;  // empty: the first allowed CPU
    std::vector<std::string> pci;       // devices that EAL may use; empty: no PCI scan
    bool verbose = false;               // EAL's own messages of the start in the log, too
    std::FILE* log = nullptr;           // for DPDK's messages while Eal lives; null: stderr
};
EalOptions eal_options(const Config& config);

class Eal {
  public:
    // nullopt, with one line in `error` that says what to do. EAL cannot start again in the same
    // process, even after cleanup: the second call is an error.
    static std::optional<Eal> start(const EalOptions& options, std::string& error);

    Eal(Eal&& other) noexcept;
    Eal& operator=(Eal&&) = delete;
    ~Eal();  // rte_eal_cleanup(): destroy all ports and pools before

    bool uses_hugepages() const noexcept { return hugepages_; }
    // For a process that ends without our destructor.
    void remove_runtime_directory() { directory_ = RuntimeDirectory(); }

    // What "auto" decided and why, for the log; empty if nothing was decided for the operator.
    const std::string& note() const noexcept { return note_; }
    // lcore id of a worker, for rte_eal_remote_launch().
    static constexpr unsigned worker_lcore(unsigned worker) noexcept { return worker + 1; }

  private:
    Eal() = default;
    bool alive_ = false;
    RuntimeDirectory directory_;
    bool hugepages_ = false;
    std::string note_;
};

// Pure, for tests: the arguments that start() passes to rte_eal_init().
std::vector<std::string> eal_arguments(const EalOptions& options, bool hugepages,
                                       const std::vector<unsigned>& allowed_cpus);

}  // namespace minerwall::machine
