#include "path_wire.hpp"

#include <pthread.h>
#include <rte_eth_ring.h>
#include <rte_mbuf_dyn.h>
#include <rte_ring.h>
#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "host/eal.hpp"
#include "policy/load.hpp"

namespace minerwall::fuzz {
namespace {

constexpr unsigned kFrames = 2047;
constexpr unsigned kRing = 256;  // holds one less
constexpr unsigned kHandoverRing = 32;
constexpr unsigned kEvents = 64;

// Every kind of rule and action. In the second policy the same rules only observe.
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
    policy::LoadResult result =
        policy::load_text("version = 1; mode = \"" + std::string(mode) + "\";" + std::string(kRules),
                          {}, Wire::kWorkers);
    if (!result.ok()) {
        give_up(policy::format(result.diagnostics.front()));
    }
    return std::move(result.ruleset);
}

rte_ring* make_ring(const std::string& name, unsigned size) {
    rte_ring* ring =
        rte_ring_create(name.c_str(), size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    return ring != nullptr ? ring : (give_up("no ring " + name), nullptr);
}

// Exact, unlike rte_mempool_avail_count(), which hides a buffer that was given back twice.
unsigned free_buffers(const rte_mempool* pool) {
    unsigned n = rte_mempool_ops_get_count(pool);
    for (unsigned lcore = 0; pool->cache_size != 0 && lcore < RTE_MAX_LCORE; ++lcore) {
        n += pool->local_cache[lcore].len;
    }
    return n;
}

std::uint64_t& serial_of(rte_mbuf* m, int offset) {
    return *RTE_MBUF_DYNFIELD(m, offset, std::uint64_t*);
}

}  // namespace

Wire& Wire::get() {
    static Wire& wire = *new Wire;  // EAL does not come up twice, and needs no end
    return wire;
}

Wire::Wire() {
    // EAL binds this thread to one processor, where others may be at work.
    cpu_set_t processors;
    pthread_getaffinity_np(pthread_self(), sizeof processors, &processors);
    host::EalOptions options;
    options.hugepages = host::HugepageMode::off;
    options.memory_mb = 64;
    options.workers = 0;
    std::string error;
    static std::optional<host::Eal> eal = host::Eal::start(options, error);
    if (!eal) {
        give_up(error);
    }
    pthread_setaffinity_np(pthread_self(), sizeof processors, &processors);

    host::PoolOptions sizes;
    sizes.mbufs = kFrames;
    sizes.crafted = 127;
    sizes.datagrams = 127;
    sizes.workers = kWorkers;
    std::optional<host::Pools> pools = host::Pools::create(sizes, error);
    if (!pools) {
        give_up(error);
    }
    pools_ = std::make_unique<host::Pools>(std::move(*pools));
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
    event::EveOptions eve;
    eve.port_names = {"fuzz0", "fuzz1"};
    eve.community_id_of_flows = true;
    writer_ = std::make_unique<event::EveWriter>(eve);
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
        host::PortOptions options;
        options.index = static_cast<std::uint16_t>(e);
        options.workers = kWorkers;
        options.pools = pools_.get();
        std::string error;
        end.port = host::Port::adopt(static_cast<std::uint16_t>(ethdev), name, options, error);
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

Run::Run(const RunOptions& options)
    : wire_(Wire::get()), workers_count_(options.two_workers ? 2 : 1) {
    require(wire_.put_in_force(false));
    std::vector<const flow::FragmentTable*> fragments;
    std::vector<const flow::LearnedTable*> learned;
    for (unsigned w = 0; w < workers_count_; ++w) {
        path::Handover handover;
        handover.needed = options.two_workers;
        for (unsigned other = 0; other < workers_count_; ++other) {
            handover.to.push_back(other != w ? wire_.handover_[other] : nullptr);
            handover.from.push_back(other != w ? wire_.handover_[w] : nullptr);
        }
        path::WorkerOptions chosen = options.worker;
        chosen.worker = w;
        chosen.workers = workers_count_;
        counters_.push_back(std::make_unique<WorkerCounters>());
        workers_.push_back(std::make_unique<path::Worker>(
            chosen, std::vector{&wire_.ends_[0].port->queue(w), &wire_.ends_[1].port->queue(w)},
            *wire_.store_, *wire_.events_,
            path::PacketPools{wire_.pools_->crafted(), wire_.pools_->datagrams()},
            *wire_.prefilter_, std::move(handover), *counters_.back()));
        path::Context& context = workers_.back()->context();
        context.flows.start_clock(now_);
        fragments.push_back(&context.fragments);
        learned.push_back(&context.learned);
        wire_.store_->register_worker(w);
    }
    for (const auto& worker : workers_) {
        worker->context().fragments_of_all = fragments;
        worker->context().learned_by_all = learned;
    }
    if (options.starve) {
        for (rte_mempool* pool : {wire_.pools_->crafted(), wire_.pools_->datagrams()}) {
            while (free_buffers(pool) > 2) {
                withheld_.push_back(rte_pktmbuf_alloc(pool));
            }
        }
    }
}

void Run::put(unsigned end, const Frame& frame, unsigned queue, unsigned cut) {
    queue %= workers_count_;
    if (waiting_[end][queue] == path::Burst::kMax) {
        turn();
    }
    rte_mbuf* head = nullptr;
    rte_mbuf* last = nullptr;
    for (std::size_t from = 0; head == nullptr || from < frame.size();) {
        rte_mbuf* m = rte_pktmbuf_alloc(wire_.pools_->frames(0));
        require(m != nullptr);
        std::size_t n = std::min<std::size_t>(rte_pktmbuf_tailroom(m), frame.size() - from);
        // Some hundred segments are more than any driver makes.
        if (cut != 0 && frame.size() / cut < 64) {
            n = std::min<std::size_t>(n, cut);
        }
        std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(from), n,
                    rte_pktmbuf_mtod(m, std::uint8_t*));
        m->data_len = static_cast<std::uint16_t>(n);
        if (head == nullptr) {
            head = m;
            head->pkt_len = static_cast<std::uint32_t>(frame.size());
        } else {
            last->next = m;
            ++head->nb_segs;
        }
        last = m;
        from += n;
    }
    serial_of(head, wire_.serial_offset_) = sent_.size();
    packet::Frame parsed;
    packet::parse_frame(frame, static_cast<std::uint32_t>(frame.size()), parsed);
    sent_.push_back({frame, end, !parsed.is_ip(), false});
    require(rte_ring_sp_enqueue(wire_.ends_[end].in[queue], head) == 0);
    ++waiting_[end][queue];
}

void Run::turn() {
    const std::uint64_t crafted_before = crafted();
    const std::uint64_t by_policy =
        dropped(Reason::policy_reset) + dropped(Reason::policy_sinkhole);
    enforced_ = enforced_ || !wire_.second_in_force();
    for (const auto& worker : workers_) {
        worker->turn(now_);
    }
    waiting_ = {};
    // Who only observes makes no packets and stops none. (A datagram that was blocked before stays
    // blocked: that is a policy_drop.)
    if (wire_.second_in_force()) {
        require(crafted() == crafted_before);
        require(dropped(Reason::policy_reset) + dropped(Reason::policy_sinkhole) == by_policy);
        require(enforced_ || dropped(Reason::policy_drop) == 0);
    }
    check_ledger();
    if (!stalled_) {
        take_sent();
        take_events();
    }
}

void Run::stall(bool stalled) {
    stalled_ = stalled;
    if (!stalled) {
        take_sent();
        take_events();
    }
}

void Run::toggle_policy() {
    wire_.put_in_force(!wire_.second_in_force());
}

void Run::take_sent() {
    for (unsigned e = 0; e < 2; ++e) {
        for (unsigned w = 0; w < workers_count_; ++w) {
            void* packet = nullptr;
            while (rte_ring_sc_dequeue(wire_.ends_[e].out[w], &packet) == 0) {
                take_one(static_cast<rte_mbuf*>(packet), e, w);
            }
        }
    }
}

void Run::take_one(rte_mbuf* m, unsigned end, unsigned worker) {
    require(rte_mbuf_check(m, 1, nullptr) == 0);
    Frame copy(m->pkt_len);
    const auto* bytes =
        static_cast<const std::uint8_t*>(rte_pktmbuf_read(m, 0, m->pkt_len, copy.data()));
    require(bytes != nullptr);
    if (bytes != copy.data()) {
        std::copy_n(bytes, copy.size(), copy.begin());
    }
    if (m->pool != wire_.pools_->crafted()) {
        const std::uint64_t serial = serial_of(m, wire_.serial_offset_);
        require(serial < sent_.size());
        Sent& sent = sent_[serial];
        // Once, at the other end, behind what came before it, as it was.
        require(!sent.passed && sent.end == (end ^ 1) && sent.bytes == copy);
        sent.passed = true;
        std::uint64_t& last = last_serial_[sent.end][worker];
        require(workers_count_ > 1 || last <= serial);
        last = serial;
    }
    out_[end].push_back(std::move(copy));
    rte_pktmbuf_free(m);
}

void Run::take_events() {
    while (const event::Record* record = wire_.events_->peek()) {
        const std::string_view line = wire_.writer_->line(*record);
        require(line.find('\n') == line.size() - 1);
        const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
        require(json.is_object() && json.contains("event_type") && json.contains("timestamp"));
        flow_lines_ += record->kind == event::Kind::flow_end ? 1 : 0;
        wire_.events_->release();
    }
}

std::vector<Frame> Run::take_out(unsigned end) {
    return std::exchange(out_[end], {});
}

std::uint64_t Run::dropped(Reason reason) const {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        for (unsigned p = 0; p < 2; ++p) {
            n += counters->port[p].dropped_packets[static_cast<unsigned>(reason)].get();
        }
    }
    return n;
}

std::uint64_t Run::total(Counter WorkerCounters::* counter) const {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        n += ((*counters).*counter).get();
    }
    return n;
}

std::uint64_t Run::crafted() const {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        n += counters->port[0].crafted_packets.get() + counters->port[1].crafted_packets.get();
    }
    return n;
}

bool Run::had_room_enough() const {
    return total(&WorkerCounters::inspection_exhausted) == 0 &&
           total(&WorkerCounters::stream_memory_exhausted) == 0 &&
           total(&WorkerCounters::flow_table_full) == 0 &&
           total(&WorkerCounters::fragment_table_full) == 0 &&
           total(&WorkerCounters::craft_failed) == 0 && dropped(Reason::tx_full) == 0 &&
           dropped(Reason::handover_full) == 0;
}

void Run::check_ledger() const {
    std::uint64_t received = 0, sent = 0, transmitted = 0, handed_in = 0, handed_out = 0;
    for (const auto& counters : counters_) {
        for (unsigned p = 0; p < 2; ++p) {
            const PortCounters& c = counters->port[p];
            std::uint64_t lost = 0;
            for (const Counter& reason : c.dropped_packets) {
                lost += reason.get();
            }
            require(c.received_packets.get() + c.handed_in.get() + c.crafted_packets.get() ==
                    c.sent_packets.get() + c.handed_out.get() + lost);
            received += c.received_packets.get();
            sent += c.sent_packets.get();
            transmitted += c.transmitted_packets.get();
            handed_in += c.handed_in.get();
            handed_out += c.handed_out.get();
        }
    }
    std::uint64_t handed = 0;
    for (unsigned w = 0; w < workers_count_; ++w) {
        handed += rte_ring_count(wire_.handover_[w]);
    }
    require(received == sent_.size() && sent == transmitted && handed_out == handed_in + handed);
}

// All that was lent for the input is back, and nothing is left that belongs to it.
void Run::check_end() {
    require(total(&WorkerCounters::flows_created) == total(&WorkerCounters::flows_ended));
    require(total(&WorkerCounters::flows_active) == 0);
    require(total(&WorkerCounters::inspections_active) == 0);
    require(total(&WorkerCounters::stream_memory_used) == 0);
    if (total(&WorkerCounters::events_lost) == 0) {
        require(flow_lines_ == total(&WorkerCounters::flows_ended));
    }
    for (const auto& worker : workers_) {
        path::Context& context = worker->context();
        require(context.flows.size() == 0);
        require(context.names.in_use() == 0 && context.findings.in_use() == 0);
        require(context.fragments.size() == 0 && context.fragments.blocks_in_use() == 0);
    }
    // What is not IP is nobody's business, unless there was no room for it.
    if (dropped(Reason::tx_full) == 0 && dropped(Reason::tx_error) == 0) {
        require(std::all_of(sent_.begin(), sent_.end(),
                            [](const Sent& sent) { return sent.passed || !sent.must_pass; }));
    }
    for (const rte_mempool* pool :
         {wire_.pools_->frames(0), wire_.pools_->crafted(), wire_.pools_->datagrams()}) {
        require(free_buffers(pool) == pool->size);
    }
}

Run::~Run() {
    stall(false);
    turn();
    turn();  // what was handed over in the first
    for (rte_mbuf* m : withheld_) {
        rte_pktmbuf_free(m);
    }
    for (const auto& worker : workers_) {
        for (std::size_t cursor = 0;
             worker->end_flows(cursor, 16, event::EndReason::shutdown);) {
            take_events();
        }
        take_events();
    }
    // Longer than fragments wait for each other; a turn looks at some of them only.
    pass_time(700 * kNanosPerSecond);
    for (unsigned i = 0; i < 64; ++i) {
        turn();
    }
    check_end();
    for (unsigned w = 0; w < workers_count_; ++w) {
        wire_.store_->unregister_worker(w);
    }
}

}  // namespace minerwall::fuzz
