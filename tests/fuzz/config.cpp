// Any text as minerwall.conf: never a crash, never a throw; a configuration or errors, not both,
// and each error has a place and something to say. What was understood is within its bounds, and is
// understood the same way again.
#include "host/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/counters.hpp"
#include "host/pools.hpp"

// libconfig 1.5 loses the buffer of a text that a syntax error cuts short. It is not ours to free.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libconfig\n";
}

namespace {

void require(bool promise) {
    if (!promise) {
        std::abort();
    }
}

// What the rest of the program relies on without asking.
void check(const minerwall::host::Config& c) {
    using namespace minerwall;
    require(!c.wires.empty() && c.ports() <= kMaxPorts && !c.policy.empty());
    for (const host::WireConfig& wire : c.wires) {
        require(!wire.name.empty() && wire.name.size() <= 31);
        for (const host::EndConfig& end : wire.ends) {
            require(!end.name.empty() && !end.device.empty() && end.line != 0);
            require(end.device.find('\0') == std::string::npos);
        }
    }
    require(c.workers.count >= 1 && c.workers.count <= kMaxWorkers);
    require(c.workers.cores.empty() || c.workers.cores.size() == c.workers.count);
    require(c.workers.burst >= 1 && c.workers.burst <= 32);
    require(c.flows.inspections <= c.flows.capacity);
    require((c.flows.capacity & (c.flows.capacity - 1)) == 0 &&
            (c.events.ring & (c.events.ring - 1)) == 0 &&
            (c.learning.capacity & (c.learning.capacity - 1)) == 0);
    require(c.streams.flow_kb <= c.streams.memory_kb && !c.events.file.empty());
    const host::PoolOptions pools = host::pool_options(c);
    require(std::uint64_t{pools.mbufs} * pools.data_room >> 20 <= c.memory.mb);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace minerwall::host;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const ConfigResult result = parse_config(text, "etc/minerwall.conf");
    require(result.config.has_value() == result.errors.empty());
    const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
    unsigned before = 0;
    for (const Diagnostic& error : result.errors) {
        require(error.file == "etc/minerwall.conf" && !error.text.empty());
        require(error.line <= lines && error.line >= before);  // 0: of the file as a whole
        before = error.line;
        require(to_text(error).find(error.text) != std::string::npos);
    }
    if (result.config) {
        check(*result.config);
    }
    const ConfigResult again = parse_config(text, "etc/minerwall.conf");
    require(again.config.has_value() == result.config.has_value());
    require(again.errors.size() == result.errors.size());
    return 0;
}
