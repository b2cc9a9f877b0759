// Parses any text as minerwall.conf. The parser must never crash or throw. It returns either a
// configuration or errors, and each error has a place and a message. Every value is within its
// bounds, and a second run gives the same result.
#include "machine/config.hpp"

#include <algorithm>
#include <string>

#include "base/counters.hpp"
#include "machine/pools.hpp"
#include "require.hpp"

// libconfig 1.5 leaks the buffer of a string that a syntax error cuts short. We cannot free it.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libconfig\n";
}

namespace {

// The bounds that the rest of the program relies on without a check.
void check(const minerwall::machine::Config& c) {
    using namespace minerwall;
    minerwall::require(!c.wires.empty() && c.wires.size() * 2 <= kMaxPorts && !c.policy.empty());
    for (const machine::WireConfig& wire : c.wires) {
        minerwall::require(!wire.name.empty() && wire.name.size() <= 31);
        for (const machine::EndConfig& end : wire.ends) {
            minerwall::require(!end.name.empty() && !end.device.empty() && end.line != 0);
            minerwall::require(end.device.find('\0') == std::string::npos);
        }
    }
    minerwall::require(c.workers.count >= 1 && c.workers.count <= kMaxWorkers);
    minerwall::require(c.workers.cores.empty() || c.workers.cores.size() == c.workers.count);
    minerwall::require(c.workers.burst >= 1 && c.workers.burst <= 32);
    minerwall::require(c.flows.inspections <= c.flows.capacity);
    minerwall::require((c.flows.capacity & (c.flows.capacity - 1)) == 0 &&
                       (c.events.ring & (c.events.ring - 1)) == 0 &&
                       (c.learning.capacity & (c.learning.capacity - 1)) == 0);
    minerwall::require(c.streams.flow_kb <= c.streams.memory_kb && !c.events.file.empty());
    const machine::PoolOptions pools = machine::pool_options(c);
    minerwall::require(std::uint64_t{pools.mbufs} * pools.data_room >> 20 <= c.memory.mb);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace minerwall::machine;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const ConfigResult result = parse_config(text, "etc/minerwall.conf");
    minerwall::require(result.config.has_value() == result.errors.empty());
    const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
    unsigned before = 0;
    for (const minerwall::settings::Diagnostic& error : result.errors) {
        minerwall::require(error.file == "etc/minerwall.conf" && !error.message.empty());
        // Errors come in the order of the file. Line 0 stands for the whole file, or for the last
        // error, which counts those that were left out.
        const bool last = &error == &result.errors.back();
        minerwall::require(error.line <= lines &&
                           (error.line >= before || (last && error.line == 0)));
        before = error.line;
        minerwall::require(format(error).find(error.message) != std::string::npos);
    }
    if (result.config) {
        check(*result.config);
    }
    const ConfigResult again = parse_config(text, "etc/minerwall.conf");
    minerwall::require(again.config.has_value() == result.config.has_value());
    minerwall::require(again.errors.size() == result.errors.size());
    return 0;
}
