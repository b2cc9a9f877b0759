#include "machine/config.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <filesystem>
#include <set>

#include "base/counters.hpp"
#include "machine/pools.hpp"
#include "settings/directory.hpp"
#include "settings/source.hpp"
#include "settings/tree.hpp"

namespace minerwall::machine {

using settings::Diagnostics;
using settings::Setting;

namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr unsigned kMaxCpu = 1023;
constexpr unsigned kMbufOverhead = 128 + 64 + 128;  // rte_mbuf, mempool header, headroom: bytes
const std::vector<std::string_view> kEventTypes = {"alert",    "dns",   "flow",    "learned",
                                                   "shedding", "stats", "wire_end"};

std::string beside(const std::string& file, const std::string& path) {
    const std::filesystem::path p(path);
    return p.is_absolute() ? path : (std::filesystem::path(file).parent_path() / p).string();
}

bool all_of(std::string_view text, bool (*good)(unsigned char)) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return good(static_cast<unsigned char>(c)); });
}
bool is_hex(unsigned char c) {
    return std::isxdigit(c) != 0;
}
bool is_label(unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
}

// "0000:01:00.0" or, with domain 0, "01:00.0".
bool is_pci_address(std::string_view text) {
    const std::size_t tail = 7;  // 01:00.0
    if (text.size() < tail) {
        return false;
    }
    const std::string_view domain = text.substr(0, text.size() - tail);
    const std::string_view t = text.substr(text.size() - tail);
    const bool good_domain =
        domain.empty() || (domain.size() >= 5 && domain.size() <= 9 && domain.back() == ':' &&
                           all_of(domain.substr(0, domain.size() - 1), is_hex));
    return good_domain && all_of(t.substr(0, 2), is_hex) && t[2] == ':' &&
           all_of(t.substr(3, 2), is_hex) && t[5] == '.' && t[6] >= '0' && t[6] <= '7';
}

// Tells an end's kind from its text alone, without asking the machine, so that a file can be
// checked anywhere.
bool read_end(const std::string& text, EndConfig& end) {
    constexpr std::string_view kKernel = "kernel:";
    constexpr std::size_t kLongestDevice = 4096;
    constexpr std::size_t kLongestInterface = 15;  // IFNAMSIZ less the NUL
    end.device = text;
    end.name = text.substr(0, text.find(','));
    if (is_pci_address(text)) {
        end.kind = EndKind::pci;
        end.device = text.size() == 7 ? "0000:" + text : text;
        std::transform(end.device.begin(), end.device.end(), end.device.begin(), [](char c) {
            return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        });
        end.name = end.device;
        return true;
    }
    if (text.starts_with("net_")) {
        end.kind = EndKind::vdev;
        return text.size() <= kLongestDevice && end.name.size() > 4 && end.name.size() < 64 &&
               all_of(end.name, is_label) &&
               all_of(text, [](unsigned char c) { return std::isprint(c) != 0; });
    }
    end.kind = EndKind::kernel;
    end.device = text.starts_with(kKernel) ? text.substr(kKernel.size()) : text;
    end.name = end.device;
    return !end.device.empty() && end.device.size() <= kLongestInterface && end.device != "." &&
           end.device != ".." &&
           all_of(end.device, [](unsigned char c) { return is_label(c) || c == '@'; });
}

// The value of `setting`, or `fallback` if it is absent or wrong.
unsigned number(const Setting& setting, unsigned fallback, unsigned least, unsigned most,
                std::string_view unit = {}) {
    return static_cast<unsigned>(setting.integer(least, most, unit).value_or(fallback));
}
std::size_t choice(const Setting& setting, std::size_t fallback,
                   std::initializer_list<std::string_view> words) {
    return setting.word(words).value_or(fallback);
}
std::vector<unsigned> numbers(const Setting& setting, unsigned most) {
    const std::vector<std::int64_t> all = setting.integers(0, most);
    return {all.begin(), all.end()};
}

void read_wire(const Setting& group, Config& config, std::set<std::string>& names,
               std::set<std::string>& devices) {
    WireConfig wire;
    wire.name = group.find("name").text().value_or(fmt::format("wire{}", config.wires.size()));
    if (wire.name.empty() || wire.name.size() > 31 || !all_of(wire.name, is_label)) {
        group.find("name").complain(fmt::format("\"{:.80}\"", wire.name),
                                    "1 to 31 letters, digits, '_', '.' or '-'");
    } else if (!names.insert(wire.name).second) {
        group.find("name").complain(fmt::format("\"{}\" a second time", wire.name),
                                    "a name of its own for each wire");
    }
    const std::vector<std::string> ends = group.find("ends").texts();
    if (ends.size() != 2) {
        group.find("ends").complain(fmt::format("{} usable of them", ends.size()),
                                    "two ends [ \"...\", \"...\" ]");
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
        EndConfig end;
        end.line = group.find("ends").location().line;
        if (!read_end(ends[i], end)) {
            group.find("ends").complain(
                fmt::format("\"{:.80}\"", ends[i]),
                "a PCI address (\"0000:01:00.0\"), a DPDK device (\"net_tap0,...\") or "
                "a network interface (\"eth1\")");
        } else if (!devices.insert(end.name).second) {
            group.find("ends").complain(fmt::format("\"{}\" a second time", end.name),
                                        "a device of its own for each end");
        } else if (i < 2) {
            wire.ends[i] = std::move(end);
        }
    }
    config.wires.push_back(std::move(wire));
}

void read_wires(const Setting& wires, Config& config) {
    if (!wires) {
        wires.error(
            "`wires` is missing, expected "
            "wires = ( { name = \"...\"; ends = [ \"...\", \"...\" ]; } );");
        return;
    }
    if (!wires.is_list()) {
        wires.complain(wires.shown(), "a list in round brackets ( { ... }, ... )");
        return;
    }
    if (wires.size() == 0 || wires.size() > kMaxPorts / 2) {
        wires.complain(fmt::format("a list of {}", wires.size()),
                       fmt::format("1 to {} wires", kMaxPorts / 2));
        return;
    }
    std::set<std::string> names;
    std::set<std::string> devices;
    for (std::size_t i = 0; i < wires.size(); ++i) {
        read_wire(wires[i].as_group(config_keys()), config, names, devices);
    }
}

void read_workers(const Setting& g, WorkersConfig& w) {
    w.cores = numbers(g.find("cores"), kMaxCpu);
    const unsigned fallback = w.cores.empty() ? w.count : static_cast<unsigned>(w.cores.size());
    w.count = number(g.find("count"), fallback, 1, kMaxWorkers);
    if (!w.cores.empty() && w.cores.size() != w.count) {
        g.find("cores").complain(fmt::format("a list of {}", w.cores.size()),
                                 fmt::format("one CPU for each of the {} workers", w.count));
    }
    if (g.find("main_core")) {
        w.main_core = number(g.find("main_core"), 0, 0, kMaxCpu);
    }
    w.burst = number(g.find("burst"), w.burst, 1, 32, "packets");
    w.tx_retries = number(g.find("tx_retries"), w.tx_retries, 0, 100'000);
    w.rx_descriptors = number(g.find("rx_descriptors"), w.rx_descriptors, 32, 32768);
    w.tx_descriptors = number(g.find("tx_descriptors"), w.tx_descriptors, 32, 32768);
    w.over_share = static_cast<WhenFull>(choice(g.find("over_share"), 0, {"forward", "drop"}));
}

void read_memory(const Setting& g, MemoryConfig& m) {
    m.hugepages = static_cast<HugepageMode>(choice(g.find("hugepages"), 0, {"auto", "on", "off"}));
    m.mb = number(g.find("mb"), m.mb, 64, 1 << 20, "MiB");
    m.mbufs = number(g.find("mbufs"), m.mbufs, 0, 16 << 20, "(0: as many as the queues need)");
    if (m.mbufs != 0 && m.mbufs < 1024) {
        g.find("mbufs").complain(std::to_string(m.mbufs), "0 or at least 1024");
    }
    m.mbuf_data_room = number(g.find("mbuf_data_room"), m.mbuf_data_room, 1024, 16384, "bytes");
}

// Report this here with the line, before an allocation fails later.
void check_memory(const Setting& g, const Config& config) {
    const std::uint64_t mbufs = pool_options(config).mbufs;
    const std::uint64_t bytes = mbufs * (config.memory.mbuf_data_room + kMbufOverhead);
    const std::uint64_t needed_mb = (bytes >> 20) * 5 / 4 + 16;
    if (needed_mb > config.memory.mb) {
        g.find("mb").complain(
            std::to_string(config.memory.mb),
            fmt::format("at least {} for {} packet buffers (memory.mbufs)", needed_mb, mbufs));
    }
}

WhenFull read_when_full(const Setting& g) {
    return static_cast<WhenFull>(choice(g.find("when_full"), 0, {"forward", "drop"}));
}

void read_streams(const Setting& g, StreamsConfig& s) {
    s.memory_kb = number(g.find("memory_kb"), s.memory_kb, 1024, 1 << 26, "KiB");
    s.flow_kb = number(g.find("flow_kb"), s.flow_kb, 16, 1024, "KiB");
    if (s.flow_kb > s.memory_kb) {
        g.find("flow_kb").complain(std::to_string(s.flow_kb),
                                   fmt::format("at most streams.memory_kb, {}", s.memory_kb));
    }
    s.when_full = read_when_full(g);
}

void read_fragments(const Setting& g, FragmentsConfig& f) {
    f.datagrams = number(g.find("datagrams"), f.datagrams, 64, 1 << 20, "datagrams");
    f.memory_kb = number(g.find("memory_kb"), f.memory_kb, 1024, 1 << 26, "KiB");
    f.timeout_s = number(g.find("timeout_s"), f.timeout_s, 1, 600, "seconds");
    f.when_full = read_when_full(g);
}

void read_learning(const Setting& g, const std::string& file, LearningConfig& l) {
    l.capacity = std::bit_ceil(number(g.find("capacity"), l.capacity, 64, 1 << 20, "entries"));
    l.file = g.find("file").text().value_or(l.file);
    if (l.file.empty()) {
        g.find("file").complain("empty", "a path or \"none\"");
    } else if (l.file != "none") {
        l.file = beside(file, l.file);
    }
}

void read_flows(const Setting& g, FlowsConfig& f) {
    f.capacity = std::bit_ceil(number(g.find("capacity"), f.capacity, 1024, 1 << 26, "flows"));
    f.inspections = number(g.find("inspections"), f.inspections, 16, 1 << 24, "flows");
    if (f.inspections > f.capacity) {
        g.find("inspections")
            .complain(std::to_string(f.inspections),
                      fmt::format("at most flows.capacity, {}", f.capacity));
    }
    f.quic_handshakes =
        number(g.find("quic_handshakes"), f.quic_handshakes, 16, 1 << 20, "handshakes");
    f.when_full = read_when_full(g);
    constexpr unsigned kWeek = 7 * 24 * 3600;
    const auto seconds = [&](const char* key, unsigned& value) {
        value = number(g.find(key), value, 1, kWeek, "seconds");
    };
    seconds("tcp_new_timeout_s", f.tcp_new_timeout_s);
    seconds("tcp_timeout_s", f.tcp_timeout_s);
    seconds("tcp_closed_timeout_s", f.tcp_closed_timeout_s);
    seconds("udp_new_timeout_s", f.udp_new_timeout_s);
    seconds("udp_timeout_s", f.udp_timeout_s);
    seconds("other_timeout_s", f.other_timeout_s);
}

void read_events(const Setting& g, const std::string& file, EventsConfig& e) {
    e.file = g.find("file").text().value_or(e.file);
    if (e.file.empty()) {
        g.find("file").complain("empty", "a path, \"-\" for standard output or \"none\"");
    } else if (e.file != "-" && e.file != "none") {
        e.file = beside(file, e.file);
    }
    if (g.find("types")) {
        e.types = g.find("types").texts();
        for (const std::string& type : e.types) {
            if (std::find(kEventTypes.begin(), kEventTypes.end(), type) == kEventTypes.end()) {
                g.find("types").complain(
                    fmt::format("\"{:.80}\"", type),
                    fmt::format("some of \"{}\"", fmt::join(kEventTypes, "\", \"")));
            }
        }
    }
    e.ring = std::bit_ceil(number(g.find("ring"), e.ring, 64, 1 << 20, "records"));
}

bool is_listen_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || text.size() - colon > 6) {
        return false;
    }
    const std::string port = text.substr(colon + 1);
    if (port.empty() || !all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; })) {
        return false;
    }
    const unsigned long number = std::stoul(port);
    std::string host = text.substr(0, colon);
    unsigned char address[16];
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        return number > 0 && number < 65536 && inet_pton(AF_INET6, host.c_str(), address) == 1;
    }
    return number > 0 && number < 65536 && inet_pton(AF_INET, host.c_str(), address) == 1;
}

void read_metrics(const Setting& g, MetricsConfig& m) {
    m.enabled = g.find("enabled").boolean().value_or(m.enabled);
    m.listen = g.find("listen").text().value_or(m.listen);
    if (!is_listen_address(m.listen)) {
        g.find("listen").complain(fmt::format("\"{:.80}\"", m.listen),
                                  "ADDRESS:PORT, as in \"127.0.0.1:9477\" or \"[::1]:9477\"");
    }
}

void read_all(const Setting& file, Config& config, const Diagnostics& diagnostics) {
    const Setting root = file.as_group(config_keys());
    read_wires(root.find("wires"), config);
    const std::string policy = root.find("policy").text().value_or("");
    if (policy.empty()) {
        root.find("policy").error(
            "`policy` is missing or empty, expected the path of a policy file");
    } else {
        config.policy = beside(config.file, policy);
    }
    read_workers(root.find("workers").as_group(config_keys()), config.workers);
    const Setting memory = root.find("memory").as_group(config_keys());
    read_memory(memory, config.memory);
    read_flows(root.find("flows").as_group(config_keys()), config.flows);
    read_streams(root.find("streams").as_group(config_keys()), config.streams);
    read_fragments(root.find("fragments").as_group(config_keys()), config.fragments);
    read_learning(root.find("learning").as_group(config_keys()), config.file, config.learning);
    read_events(root.find("events").as_group(config_keys()), config.file, config.events);
    read_metrics(root.find("metrics").as_group(config_keys()), config.metrics);
    config.log_level =
        static_cast<LogLevel>(choice(root.find("log").as_group(config_keys()).find("level"), 2,
                                     {"error", "warning", "info", "debug"}));
    if (!diagnostics.has_errors()) {  // the numbers are sound
        check_memory(memory, config);
    }
}

}  // namespace

ConfigResult parse_config(const std::string& text, const std::string& file) noexcept {
    ConfigResult result;
    try {
        Diagnostics diagnostics;
        Config config;
        config.file = file;
        settings::Source source(kMaxFileBytes);
        settings::Tree tree(source, diagnostics);
        if (source.take(text, file, diagnostics) && tree.parse()) {
            read_all(tree.root(), config, diagnostics);
        }
        diagnostics.sort_by_place();
        result.errors = diagnostics.take();
        if (result.errors.empty()) {
            result.config = std::move(config);
        }
    } catch (const std::exception& e) {
        result.config.reset();
        result.errors.push_back({file, 0, 0, settings::Severity::error, e.what()});
    }
    return result;
}

ConfigResult load_config(const std::string& path) noexcept {
    try {
        Diagnostics diagnostics;
        const auto text = settings::read_file(path, kMaxFileBytes, {path, 0}, diagnostics);
        if (text) {
            return parse_config(*text, path);
        }
        return {std::nullopt, diagnostics.take()};
    } catch (const std::exception& e) {
        return {std::nullopt, {{path, 0, 0, settings::Severity::error, e.what()}}};
    }
}

}  // namespace minerwall::machine
