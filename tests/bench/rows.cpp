#include "bench/rows.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <stdexcept>

#include "packet/headers.hpp"
#include "policy/load.hpp"

namespace minerwall::bench {
namespace {

constexpr unsigned kLap = Loop::kLap;
constexpr std::uint16_t kHttps = 443;
constexpr std::string_view kObserveMining = R"(
version = 1; mode = "observe"; lists: { };
rules: ( { name = "mining"; when = { app = "mining"; }; action = "reset"; } );
)";
constexpr std::string_view kNamesOnly = R"(
version = 1; mode = "enforce";
lists: { names = { type = "domain"; files = [ "names.domains" ]; }; };
rules: ( { name = "dns"; when = { dns_name = "@names"; }; action = "sinkhole"; },
         { name = "server"; when = { server_name = "@names"; }; action = "reset"; } );
)";

std::unique_ptr<policy::Ruleset> take(policy::LoadResult loaded) {
    if (!loaded.ok()) {
        throw std::runtime_error(loaded.diagnostics.empty()
                                     ? "the policy cannot be loaded"
                                     : settings::format(loaded.diagnostics.front()));
    }
    return std::move(loaded.ruleset);
}

// A directory for this process; the destructor removes it.
class Directory {
  public:
    Directory()
        : path_(std::filesystem::temp_directory_path() / fmt::format("path_bench-{}", getpid())) {
        std::filesystem::create_directory(path_);
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

std::uint32_t pick(Random& random, Order order, std::uint32_t flows) {
    if (order == Order::uniform) {
        return static_cast<std::uint32_t>(random.next() >> 32) & (flows - 1);
    }
    // Zipf's law with exponent 1: rank r has a share of about 1 / r. The multiplication spreads the
    // most popular flows over memory.
    const double rank = std::pow(static_cast<double>(flows), random.unit()) - 1;
    return static_cast<std::uint32_t>(rank) * 0x9e3779b1U & (flows - 1);
}

// Two labels of a name: 8 hexadecimal digits, a separator, a letter and 7 digits.
std::string two_labels(std::uint64_t number, char separator, char letter) {
    return fmt::format("{:08x}{}{}{:07x}", number >> 32, separator, letter, number & 0xfffffff);
}

}  // namespace

std::vector<Opener> openers() {
    return {
        {"TLS ClientHello", client_hello("www.example.org").bytes, 443, false, true},
        {"HTTP GET",
         bytes_of("GET /assets/app.js?v=42 HTTP/1.1\r\nHost: www.example.org\r\n"
                  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101\r\n"
                  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
                  "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n"
                  "Cookie: session=5f2b8c1e9d; theme=dark\r\nConnection: keep-alive\r\n\r\n"),
         80, false, true},
        {"HTTP POST of JSON-RPC",
         bytes_of("POST / HTTP/1.1\r\nHost: rpc.example.org\r\nContent-Type: application/json\r\n"
                  "User-Agent: wallet/2.1\r\nContent-Length: 63\r\n\r\n"
                  R"({"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]})"),
         8545, false, true},
        {"JSON lines, no mining",
         bytes_of(R"({"id":7,"method":"textDocument/hover","params":{"line":12,"character":8}})"
                  "\n"),
         9000, false, false},
        {"Stratum V1, observed",
         bytes_of(R"({"id":1,"method":"mining.subscribe","params":["cpuminer/2.5.1"]})"
                  "\n"
                  R"({"id":2,"method":"mining.authorize","params":["wallet.rig1","x"]})"
                  "\n"),
         9001, true, false},
        {"unknown protocol, 1400 B", noise(1400), 9002, false, false},
    };
}

Rows::Rows(const Plan& plan) : plan_(plan) {}

std::unique_ptr<policy::Ruleset> Rows::starter() const {
    return take(policy::load(plan_.policy, 1));
}

void Rows::dress(unsigned end, const Template& frame) const {
    for (unsigned i = 0; i < kLap; ++i) {
        frame.dress(loop_.packet(end, i));
    }
}

void Rows::Sum::add(Loop::Cycles lap, unsigned count) {
    if (lap) {
        cycles += *lap;
        packets += count;
    }
}

void Rows::both(Subject& subject, unsigned at_a, unsigned at_b, Nanos step, Round& round) const {
    loop_.load(at_a, at_b);
    round.plain.add(loop_.forward_plain(), at_a + at_b);
    loop_.collect();
    loop_.load(at_a, at_b);
    round.minerwall.add(subject.lap(step), at_a + at_b);
}

double Rows::median(std::span<const Round> rounds, Sum Round::*side) {
    std::vector<double> values;
    for (const Round& round : rounds) {
        const Sum& sum = round.*side;
        if (sum.packets != 0) {
            values.push_back(static_cast<double>(sum.cycles) / static_cast<double>(sum.packets));
        }
    }
    if (values.size() < 3) {
        throw std::runtime_error("the machine is too busy: other programs run in every lap");
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

Row Rows::finish(Subject& subject, Row row, std::span<const Round> rounds) {
    subject.check_ledger();
    row.plain = median(rounds, &Round::plain);
    row.minerwall = median(rounds, &Round::minerwall);
    return row;
}

void Rows::open(Subject& subject, std::uint32_t first) const {
    const Template syn = Template::tcp(packet::kTcpSyn, {});
    for (unsigned i = 0; i < kLap; ++i) {
        syn.dress(loop_.packet(0, i));
        syn.address(loop_.packet(0, i), ends_of(first + i, kHttps), true, 0);
    }
    loop_.load(kLap, 0);
    subject.lap();
}

void Rows::establish(Subject& subject, std::uint32_t flows,
                     std::vector<std::uint32_t>& next) const {
    const Template syn_ack = Template::tcp(packet::kTcpSyn | packet::kTcpAck, {});
    const Template hello =
        Template::tcp(packet::kTcpAck | packet::kTcpPsh, client_hello("www.example.org").bytes);
    const Template ack = Template::tcp(packet::kTcpAck, {});
    next.resize(std::size_t{flows} * 2);
    for (std::uint32_t first = 0; first < flows; first += kLap) {
        open(subject, first);
        dress(1, syn_ack);
        dress(0, hello);
        for (unsigned i = 0; i < kLap; ++i) {
            const std::size_t flow = first + i;
            const Ends ends = ends_of(first + i, kHttps);
            syn_ack.address(loop_.packet(1, i), ends, false, 0);
            hello.address(loop_.packet(0, i), ends, true, 1);
            next[flow * 2] = 1 + hello.payload_size();
            next[flow * 2 + 1] = 1;
        }
        loop_.load(0, kLap);
        subject.lap();
        loop_.load(kLap, 0);
        subject.lap();
        dress(1, ack);
        for (unsigned i = 0; i < kLap; ++i) {
            ack.address(loop_.packet(1, i), ends_of(first + i, kHttps), false, 1);
            Template::acknowledge(loop_.packet(1, i), 1 + hello.payload_size());
        }
        loop_.load(0, kLap);
        subject.lap();
    }
    if (subject.context().flows.size() != flows ||
        subject.counters().inspections_active.get() != 0 ||
        subject.counters().stream_memory_used.get() != 0) {
        throw std::runtime_error("the flows were not settled");
    }
}

Row Rows::judged(unsigned flow_bits, Order order, std::size_t frame_bytes) {
    const std::uint32_t flows = 1u << flow_bits;
    path::WorkerOptions options;
    options.flows.capacity = flows;
    options.events.flows = false;
    Subject subject(loop_, prefilter_, starter(), options);
    std::vector<std::uint32_t> next;
    establish(subject, flows, next);

    const Template data = Template::tcp_data(frame_bytes);
    dress(0, data);
    dress(1, data);
    Random random;
    std::vector<Round> rounds(plan_.rounds);
    for (Round& round : rounds) {
        for (unsigned end = 0; end < 2; ++end) {
            for (unsigned i = 0; i < kLap; ++i) {
                const std::uint32_t flow = pick(random, order, flows);
                std::uint32_t& sequence = next[flow * std::size_t{2} + end];
                data.address(loop_.packet(end, i), ends_of(flow, kHttps), end == 0, sequence);
                sequence += data.payload_size();
            }
        }
        both(subject, kLap, kLap, 1000, round);
    }
    Row row;
    row.group = "judged";
    row.name = order == Order::uniform ? "judged flows, uniform" : "judged flows, Zipf";
    row.count = flows;
    row.bytes = data.size();
    return finish(subject, row, rounds);
}

Row Rows::fresh(unsigned flow_bits) {
    const std::uint32_t flows = 1u << flow_bits;
    path::WorkerOptions options;
    options.flows.capacity = flows * 2;
    options.flows.timeouts.tcp_fresh = 1;
    Subject subject(loop_, prefilter_, starter(), options);
    // A flow lives for one second of the worker's clock, which therefore advances this fast.
    const Nanos step = Nanos{Loop::kBurst} * kNanosPerSecond / flows;
    const Template syn = Template::tcp(packet::kTcpSyn, {});
    dress(0, syn);
    std::uint32_t flow = 0;
    const auto prepare = [&] {
        for (unsigned i = 0; i < kLap; ++i) {
            syn.address(loop_.packet(0, i), ends_of(flow++, kHttps), true, 0);
        }
    };
    for (std::uint32_t warm = 0; warm < flows * 2; warm += kLap) {
        prepare();
        loop_.load(kLap, 0);
        subject.lap(step);
    }
    // The worker handles timeouts every eighth of a second. A round has one such tick's worth of
    // packets, so that each round pays its share of them.
    const unsigned laps = std::max(1u, flows / 8 / kLap);
    std::vector<Round> rounds(std::max(9u, plan_.rounds / 5));
    for (Round& round : rounds) {
        for (unsigned lap = 0; lap < laps; ++lap) {
            prepare();
            both(subject, kLap, 0, step, round);
        }
    }
    Row row;
    row.group = "new";
    row.name = "new flows, one ends for each";
    row.count = flows;
    row.bytes = syn.size();
    const std::uint64_t alive = subject.context().flows.size();
    if (alive < flows / 2 || alive > flows * 3 / 2) {
        throw std::runtime_error(fmt::format("{} flows are alive instead of {}", alive, flows));
    }
    return finish(subject, row, rounds);
}

Row Rows::inspected(const Opener& opener) {
    path::WorkerOptions options;
    options.events.flows = false;
    std::unique_ptr<policy::Ruleset> ruleset =
        opener.mining ? take(policy::load_text(std::string(kObserveMining), {}, 1)) : starter();
    Subject subject(loop_, prefilter_, std::move(ruleset), options);
    const Template data = Template::tcp(packet::kTcpAck | packet::kTcpPsh, opener.payload);
    std::vector<Round> rounds(plan_.rounds);
    const Template syn = Template::tcp(packet::kTcpSyn, {});
    for (Round& round : rounds) {
        dress(0, syn);
        for (unsigned i = 0; i < kLap; ++i) {
            syn.address(loop_.packet(0, i), ends_of(i, opener.server_port), true, 0);
        }
        loop_.load(kLap, 0);
        subject.lap();
        dress(0, data);
        for (unsigned i = 0; i < kLap; ++i) {
            data.address(loop_.packet(0, i), ends_of(i, opener.server_port), true, 1);
        }
        both(subject, kLap, 0, 1000, round);
        if (opener.named && subject.context().names.in_use() != kLap) {
            throw std::runtime_error(opener.name + ": the server names were not found");
        }
        subject.end_all_flows();
    }
    if (opener.mining != (subject.events() == std::uint64_t{plan_.rounds} * kLap)) {
        throw std::runtime_error(opener.name + ": not judged as it should be");
    }
    Row row;
    row.group = "inspected";
    row.name = opener.name;
    row.count = kLap;
    row.bytes = data.size();
    return finish(subject, row, rounds);
}

Row Rows::named(std::uint64_t count, Names kind) {
    const Directory directory;
    Random random;
    {
        std::ofstream list(directory.path() / "names.domains");
        for (std::uint64_t i = 0; i < count; ++i) {
            // A listed name's second label begins with l, a queried name's with a, so none matches.
            list << two_labels(random.next(), '.', 'l').substr(9) << i << ".com\n";
        }
    }
    const auto before = std::chrono::steady_clock::now();
    std::unique_ptr<policy::Ruleset> ruleset =
        take(policy::load_text(std::string(kNamesOnly), directory.path(), 1));
    const std::chrono::duration<double> load_time = std::chrono::steady_clock::now() - before;
    if (ruleset->entry_count() != count) {
        throw std::runtime_error("the list has not as many names as were written");
    }
    const double bytes_each =
        static_cast<double>(ruleset->memory_bytes()) / static_cast<double>(count);

    path::WorkerOptions options;
    options.events.flows = false;
    Subject subject(loop_, prefilter_, std::move(ruleset), options);
    const bool dns = kind == Names::dns;
    const std::string blank = std::string(17, '\0') + ".com";
    Hello hello = client_hello(blank);
    const Template frame = dns ? [] {
        // The stamp overwrites the first two labels and the length byte between them.
        std::vector<std::uint8_t> question = dns_question("########.########.com");
        std::fill_n(question.begin() + 13, 17, std::uint8_t{0});
        return Template::udp(question);
    }()
                               : Template::tcp(packet::kTcpAck | packet::kTcpPsh, hello.bytes);
    const std::size_t offset = dns ? 13 : hello.name_offset;
    const std::uint16_t port = dns ? 53 : kHttps;
    std::vector<Round> rounds(plan_.rounds);
    for (Round& round : rounds) {
        if (!dns) {
            open(subject, 0);
        }
        dress(0, frame);
        for (unsigned i = 0; i < kLap; ++i) {
            const std::string text = two_labels(random.next(), dns ? '\x08' : '.', 'a');
            frame.address(loop_.packet(0, i), ends_of(i, port), true, 1, {offset, text});
        }
        both(subject, kLap, 0, 1000, round);
        if (!dns) {
            if (subject.context().names.in_use() != kLap) {
                throw std::runtime_error("the server names were not found");
            }
            subject.end_all_flows();
        }
    }
    Row row;
    row.group = "names";
    row.name = dns ? "DNS questions, names listed" : "ClientHellos, names listed";
    row.count = count;
    row.bytes = frame.size();
    row.note =
        fmt::format("list loaded in {:.2f} s, {:.0f} B a name", load_time.count(), bytes_each);
    return finish(subject, row, rounds);
}

}  // namespace minerwall::bench
