#include "path_wire.hpp"

#include <pthread.h>
#include <rte_eth_ring.h>
#include <rte_mbuf_dyn.h>
#include <rte_ring.h>
#include <sched.h>

#include <cstdio>
#include <optional>
#include <string>

#include "machine/eal.hpp"
#include "policy/load.hpp"

namespace minerwall::fuzz {
namespace {

constexpr unsigned kFrames = 2047;
constexpr unsigned kRing = 256;  // holds one less
constexpr unsigned kHandoverRing = 32;
constexpr unsigned kEvents = 64;

// One of every kind of rule and action. The second policy has the same rules but only observes.
constexpr std::string_view kRules = R"(
    lists: {
      pools = { type = "domain"; values = [ "pool.example" ]; };
      patterns = { type = "name-pattern"; values = [ "xmr-[0-9]+\\..+" ]; };
      bad = { type = "ip"; values = [ "203.0.113.0/24", "2001:db8:bad::/48" ]; };
      resolvers = { type = "domain"; category = "other"; values = [ "doh.example" ]; };
    };
    never_learn = [ "192.0.2.128/25" ];
    rules: (
      { name = "friend"; when = { client_ip = "10.0.0.66"; }; action = "allow"; },
      { name = "sink"; when = { dns_name = [ "@pools", "@patterns" ]; }; action = "sinkhole";
        answer = [ "192.0.2.250", "2001:db8::250" ]; },
      { name = "name"; when = { server_name = [ "@pools", "@patterns" ]; }; action = "reset"; },
      { name = "doh"; when = { any_name = "@resolvers"; }; action = "drop"; },
      { name = "address"; when = { server_ip = "@bad"; }; action = "drop"; },
      { name = "told"; when = { learned = true; }; action = "reset"; },
      { name = "node"; when = { app = "coin-p2p"; }; action = "observe"; },
      { name = "dorm"; when = { vlan = 300; app = "mining"; }; action = "drop"; },
      { name = "payload"; when = { app = "mining"; }; action = "reset"; },
      { name = "port"; when = { server_port = [ "3333", "45560-45590" ]; }; action = "observe"; }
    );
)";

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "cannot fuzz the path: %s\n", why.c_str());
    std::exit(EXIT_FAILURE);
}

std::unique_ptr<policy::Ruleset> ruleset(std::string_view mode) {
    policy::LoadResult result = policy::load_text(
        "version = 1; mode = \"" + std::string(mode) + "\";" + std::string(kRules), {},
        Wire::kWorkers);
    if (!result.ok()) {
        give_up(settings::format(result.diagnostics.front()));
    }
    return std::move(result.ruleset);
}

rte_ring* make_ring(const std::string& name, unsigned size) {
    rte_ring* ring =
        rte_ring_create(name.c_str(), size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    return ring != nullptr ? ring : (give_up("no ring " + name), nullptr);
}

}  // namespace

Wire& Wire::get() {
    static Wire& wire = *new Wire;  // EAL starts only once, and is never shut down
    return wire;
}

Wire::Wire() {
    // EAL binds this thread to one processor, where other programs may run.
    cpu_set_t processors;
    pthread_getaffinity_np(pthread_self(), sizeof processors, &processors);
    machine::EalOptions options;
    options.hugepages = machine::HugepageMode::off;
    options.memory_mb = 64;
    options.workers = 0;
    std::string error;
    static std::optional<machine::Eal> eal = machine::Eal::start(options, error);
    if (!eal) {
        give_up(error);
    }
    pthread_setaffinity_np(pthread_self(), sizeof processors, &processors);

    machine::PoolOptions sizes;
    sizes.mbufs = kFrames;
    sizes.crafted = 127;
    sizes.reassembled = 127;
    sizes.workers = kWorkers;
    std::optional<machine::Pools> pools = machine::Pools::create(sizes, error);
    if (!pools) {
        give_up(error);
    }
    pools_ = std::make_unique<machine::Pools>(std::move(*pools));
    rte_mbuf_dynfield field{};
    std::snprintf(field.name, sizeof field.name, "fuzz_serial");
    field.size = sizeof(std::uint64_t);
    field.align = alignof(std::uint64_t);
    serial_offset_ = rte_mbuf_dynfield_register(&field);
    if (serial_offset_ < 0) {
        give_up("no room in an mbuf");
    }
    make_ports();
    store_ = std::make_unique<policy::Store>(kWorkers);
    store_->publish(ruleset("observe"), std::chrono::milliseconds(0));
    store_->publish(ruleset("enforce"), std::chrono::milliseconds(0));
    prefilter_ = std::make_unique<match::Prefilter>(kWorkers);
    events_ = std::make_unique<event::Ring>(kEvents);
    output::EveOptions eve;
    eve.port_names = {"fuzz0", "fuzz1"};
    eve.community_id_of_flows = true;
    writer_ = std::make_unique<output::EveFormatter>(eve);
}

void Wire::make_ports() {
    for (unsigned e = 0; e < 2; ++e) {
        End& end = ends_[e];
        const std::string name = "fuzz" + std::to_string(e);
        for (unsigned w = 0; w < kWorkers; ++w) {
            end.in[w] = make_ring(name + "_in" + std::to_string(w), kRing);
            end.out[w] = make_ring(name + "_out" + std::to_string(w), kRing);
        }
        const int ethdev =
            rte_eth_from_rings(name.c_str(), end.in.data(), kWorkers, end.out.data(), kWorkers, 0);
        if (ethdev < 0) {
            give_up("no port of rings");
        }
        machine::PortOptions options;
        options.workers = kWorkers;
        options.pools = pools_.get();
        std::string error;
        end.port = machine::Port::adopt(static_cast<std::uint16_t>(ethdev), name, options, error);
        if (end.port == nullptr) {
            give_up(error);
        }
    }
    for (unsigned w = 0; w < kWorkers; ++w) {
        handover_[w] = make_ring("fuzz_handover" + std::to_string(w), kHandoverRing);
    }
}

bool Wire::put_in_force(bool second) {
    if (second == second_) {
        return true;
    }
    if (!store_->rollback(std::chrono::milliseconds(0))) {
        return false;
    }
    second_ = second;
    return true;
}

unsigned free_buffers(const rte_mempool* pool) {
    unsigned n = rte_mempool_get_ops(pool->ops_index)->get_count(pool);
    for (unsigned lcore = 0; pool->cache_size != 0 && lcore < RTE_MAX_LCORE; ++lcore) {
        n += pool->local_cache[lcore].len;
    }
    return n;
}

}  // namespace minerwall::fuzz
