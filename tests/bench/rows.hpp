// The rows of the table. Each one sets up its flows, then measures laps of the plain forwarder and
// of the worker in turns, over the same packets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/loop.hpp"
#include "bench/subject.hpp"
#include "bench/traffic.hpp"
#include "match/prefilter.hpp"

namespace minerwall::bench {

struct Row {
    std::string group, name;
    std::uint64_t count = 0;  // flows, or list entries
    std::size_t bytes = 0;    // of a frame, without FCS
    double plain = 0;         // TSC cycles per packet, medians
    double minerwall = 0;
    std::string note;
};

struct Plan {
    unsigned rounds = 101;
    unsigned max_flow_bits = 20;
    std::uint64_t max_names = 1'000'000;
    std::filesystem::path policy;
};

enum class Order : std::uint8_t { uniform, zipf };
enum class Names : std::uint8_t { dns, sni };

// The first payload that a client sends.
struct Opener {
    std::string name;
    std::vector<std::uint8_t> payload;
    std::uint16_t server_port;
    bool mining = false;  // the worker recognises its payload, and only observes
    bool named = false;   // it carries a server name
};
std::vector<Opener> openers();

class Rows {
  public:
    explicit Rows(const Plan& plan);

    // Packets of flows that were judged before, half of them in each direction.
    Row judged(unsigned flow_bits, Order order, std::size_t frame_bytes);
    // Every packet is the SYN of a new flow, and as many flows end. About `flows` are alive.
    Row fresh(unsigned flow_bits);
    // Every packet is the first data packet of its flow.
    Row inspected(const Opener& opener);
    // Like inspected(), or a DNS question. The name is in no list; the policy has a list of `count`
    // names.
    Row named(std::uint64_t count, Names kind);

    const std::string& memory() const noexcept { return loop_.memory(); }

  private:
    std::unique_ptr<policy::Ruleset> starter() const;
    // Sends a SYN, a SYN+ACK and a ClientHello for each flow, which settles all flows.
    void establish(Subject& subject, std::uint32_t flows, std::vector<std::uint32_t>& next) const;
    void open(Subject& subject, std::uint32_t first) const;  // sends SYNs for a lap of flows
    void dress(unsigned end, const Template& frame) const;
    // The cycles and packets of a round's laps that no other program interrupted.
    struct Sum {
        std::uint64_t cycles = 0, packets = 0;
        void add(Loop::Cycles lap, unsigned packets);
    };
    struct Round {
        Sum plain, minerwall;
    };
    static double median(std::span<const Round> rounds, Sum Round::*side);
    // Runs a plain lap and one of the worker, over the same packets.
    void both(Subject& subject, unsigned at_a, unsigned at_b, Nanos step, Round& round) const;
    static Row finish(Subject& subject, Row row, std::span<const Round> rounds);

    Plan plan_;
    mutable Loop loop_;
    match::Prefilter prefilter_{1};
};

}  // namespace minerwall::bench
