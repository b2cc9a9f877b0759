#include "rig.hpp"

#include <gtest/gtest.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ring.h>

#include <stdexcept>

#include "machine/rss.hpp"
#include "policy/load.hpp"

namespace minerwall::path {
namespace {

const match::Prefilter& prefilter() {
    static const match::Prefilter two(2);
    return two;
}

rte_ring* make_ring(const std::string& name, unsigned size) {
    rte_ring* ring =
        rte_ring_create(name.c_str(), size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (ring == nullptr) {
        throw std::runtime_error("no ring " + name);
    }
    return ring;
}

void free_ring(rte_ring* ring) {
    void* packet = nullptr;
    while (rte_ring_sc_dequeue(ring, &packet) == 0) {
        rte_pktmbuf_free(static_cast<rte_mbuf*>(packet));
    }
    rte_ring_free(ring);
}

rte_mbuf* make_mbuf(const Buffer& frame, const std::vector<std::size_t>& cuts) {
    rte_mbuf* head = nullptr;
    rte_mbuf* last = nullptr;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t to = i < cuts.size() ? cuts[i] : frame.size();
        rte_mbuf* m = rte_pktmbuf_alloc(test_pools().frames(0));
        if (m == nullptr || to < from || to - from > rte_pktmbuf_tailroom(m)) {
            throw std::runtime_error("no buffer for this segment");
        }
        std::copy(frame.begin() + static_cast<std::ptrdiff_t>(from),
                  frame.begin() + static_cast<std::ptrdiff_t>(to), rte_pktmbuf_mtod(m, char*));
        m->data_len = static_cast<std::uint16_t>(to - from);
        if (head == nullptr) {
            head = m;
            head->pkt_len = static_cast<std::uint32_t>(frame.size());
        } else {
            last->next = m;
            ++head->nb_segs;
        }
        last = m;
        from = to;
    }
    return head;
}

}  // namespace

std::unique_ptr<policy::Ruleset> ruleset(std::string_view rules, std::string_view mode) {
    const std::string text = "version = 1; mode = \"" + std::string(mode) + R"(";
        lists: {
          ports = { type = "port"; values = [ 3333 ]; };
          pools = { type = "domain"; values = [ "pool.example" ]; };
          bad = { type = "ip"; values = [ "203.0.113.0/24", "2001:db8:bad::/48" ]; };
        };
        never_learn = [ "@bad" ];
        rules: ( )" + std::string(rules) +
                             " );\n";
    policy::LoadResult result = policy::load_text(text, {}, 2);
    if (!result.ok()) {
        std::string why;
        for (const settings::Diagnostic& d : result.diagnostics) {
            why += settings::format(d) + '\n';
        }
        throw std::runtime_error(why + text);
    }
    return std::move(result.ruleset);
}

std::string rule(std::string_view when, std::string_view action, std::string_view more) {
    return "{ name = \"" + std::string(action) + "-rule\"; when = { " + std::string(when) +
           "; }; action = \"" + std::string(action) + "\"; " + std::string(more) + " }";
}

Rig::Rig(std::string_view rules, const RigOptions& options, std::string_view mode)
    : options_(options), store_(options.workers), ring_(options.event_slots) {
    static unsigned rigs = 0;
    const unsigned number = ++rigs;
    make_port(0, number);
    make_port(1, number);
    const unsigned n = options_.workers;
    handover_.resize(std::size_t{n} * n);
    for (unsigned from = 0; from < n; ++from) {
        for (unsigned to = 0; to < n; ++to) {
            if (from != to) {
                handover_[from * n + to] =
                    make_ring("h" + std::to_string(number) + "_" + std::to_string(from * n + to),
                              options_.handover_ring);
            }
        }
    }
    spread_.key = machine::symmetric_key(40);
    for (std::uint16_t i = 0; i < 128; ++i) {
        spread_.table.push_back(static_cast<std::uint16_t>(i % n));
    }
    spread_.types = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;
    store_.publish(ruleset(rules, mode), std::chrono::milliseconds(0));
    WorkerOptions chosen = options_.worker;
    chosen.workers = n;
    tables_ = std::make_unique<SharedTables>(chosen);
    for (unsigned w = 0; w < n; ++w) {
        Handover handover;
        handover.needed = n > 1 && !options_.symmetric_nic;
        if (options_.symmetric_nic) {
            handover.spread.push_back(&spread_);
        }
        for (unsigned other = 0; other < n; ++other) {
            handover.to.push_back(handover_[w * n + other]);
            handover.from.push_back(handover_[other * n + w]);
        }
        chosen.worker = w;
        counters_.push_back(std::make_unique<WorkerCounters>());
        workers_.push_back(std::make_unique<Worker>(
            chosen, Ports{{&ports_[0].port->queue(w), &ports_[1].port->queue(w)}}, store_, ring_,
            PacketPools{test_pools().crafted(), test_pools().reassembled()}, prefilter(), *tables_,
            std::move(handover), *counters_.back()));
        workers_.back()->start_clock(now);
        store_.register_worker(w);
    }
}

Rig::~Rig() {
    check_ledger();
    for (unsigned w = 0; w < workers_.size(); ++w) {
        EXPECT_EQ(counters(w).flows_created.get(),
                  counters(w).flows_ended.get() + worker(w).context().flows.size());
        store_.unregister_worker(w);
    }
    end_flows();
    for (const auto& counters : counters_) {
        EXPECT_EQ(counters->flows_active.get(), 0u);
        EXPECT_EQ(counters->inspections_active.get(), 0u);
    }
    for (const auto& worker : workers_) {
        EXPECT_EQ(worker->context().names.in_use(), 0u);
        EXPECT_EQ(worker->context().findings.in_use(), 0u);
    }
    for (RingPort& port : ports_) {
        port.port.reset();
        rte_eth_dev_close(static_cast<std::uint16_t>(port.ethdev));
        for (rte_ring* ring : port.rx) {
            free_ring(ring);
        }
        for (rte_ring* ring : port.tx) {
            free_ring(ring);
        }
    }
    for (rte_ring* ring : handover_) {
        if (ring != nullptr) {
            free_ring(ring);
        }
    }
    EXPECT_EQ(buffers_in_use(), 0u) << "a packet buffer was lost";
}

void Rig::make_port(std::uint16_t index, unsigned number) {
    RingPort& port = ports_[index];
    const std::string name = "t" + std::to_string(number) + (index == 0 ? "a" : "b");
    for (unsigned w = 0; w < options_.workers; ++w) {
        port.rx.push_back(make_ring(name + "_in" + std::to_string(w), 1024));
        port.tx.push_back(make_ring(name + "_out" + std::to_string(w), options_.tx_ring));
    }
    port.ethdev = rte_eth_from_rings(name.c_str(), port.rx.data(), options_.workers, port.tx.data(),
                                     options_.workers, 0);
    machine::PortOptions options;
    options.workers = options_.workers;
    options.pools = &test_pools();
    std::string error;
    port.port = machine::Port::adopt(static_cast<std::uint16_t>(port.ethdev), name, options, error);
    if (port.port == nullptr) {
        throw std::runtime_error(error);
    }
}

void Rig::put(std::uint16_t port, const Buffer& frame, const std::vector<std::size_t>& cuts,
              unsigned queue) {
    if (rte_ring_sp_enqueue(ports_[port].rx[queue], make_mbuf(frame, cuts)) != 0) {
        throw std::runtime_error("the receive ring is full");
    }
}

unsigned Rig::queue_of(const Buffer& bytes) const {
    const packet::Frame frame = parse(bytes);
    return frame.has_ports() && !frame.is_fragment() && options_.symmetric_nic
               ? spread_.queue(frame.src, frame.dst, frame.ip_proto, frame.src_port, frame.dst_port)
               : 0;
}

void Rig::turn() {
    for (const auto& worker : workers_) {
        worker->turn(now);
    }
}

std::vector<Buffer> Rig::take(std::uint16_t port) {
    std::vector<Buffer> out;
    for (rte_ring* ring : ports_[port].tx) {
        void* packet = nullptr;
        while (rte_ring_sc_dequeue(ring, &packet) == 0) {
            auto* m = static_cast<rte_mbuf*>(packet);
            Buffer bytes(m->pkt_len);
            const void* data = rte_pktmbuf_read(m, 0, m->pkt_len, bytes.data());
            if (data != bytes.data()) {
                std::copy_n(static_cast<const std::uint8_t*>(data), bytes.size(), bytes.data());
            }
            rte_pktmbuf_free(m);
            out.push_back(std::move(bytes));
        }
    }
    return out;
}

std::vector<Buffer> Rig::pass(std::uint16_t port, const Buffer& frame,
                              const std::vector<std::size_t>& cuts) {
    put(port, frame, cuts);
    turn();
    return take(machine::peer_of(port));
}

bool Rig::forwarded(std::uint16_t port, const Buffer& frame, const std::vector<std::size_t>& cuts) {
    const std::vector<Buffer> out = pass(port, frame, cuts);
    return out.size() == 1 && out[0] == frame && take(port).empty();
}

std::vector<event::Record> Rig::events() {
    std::vector<event::Record> out;
    while (const event::Record* record = ring_.peek()) {
        out.push_back(*record);
        ring_.release();
    }
    return out;
}

std::vector<event::Record> Rig::events_of(event::Kind kind) {
    std::vector<event::Record> out = events();
    std::erase_if(out, [&](const event::Record& record) { return record.kind != kind; });
    return out;
}

std::uint32_t Rig::publish(std::string_view rules, std::string_view mode) {
    return store_.publish(ruleset(rules, mode), std::chrono::milliseconds(0));
}

void Rig::end_flows() {
    for (const auto& worker : workers_) {
        for (std::size_t cursor = 0; worker->end_flows(cursor, 64, event::EndReason::shutdown);) {
        }
    }
}

std::uint64_t Rig::dropped(Reason reason, std::uint16_t port) {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        n += counters->port[port].dropped_packets[static_cast<unsigned>(reason)].get();
    }
    return n;
}

std::uint64_t Rig::observed(Reason reason) {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        for (const PortCounters& port : counters->port) {
            n += port.observed_drops[static_cast<unsigned>(reason)].get();
        }
    }
    return n;
}

std::uint64_t Rig::dropped(ReasonKind kind) {
    std::uint64_t n = 0;
    for (unsigned r = 0; r < kReasonCount; ++r) {
        const auto reason = static_cast<Reason>(r);
        n += kind_of(reason) == kind ? dropped(reason, kClientSide) + dropped(reason, kServerSide)
                                     : 0;
    }
    return n;
}

void Rig::check_ledger() {
    std::uint64_t sent = 0;
    std::uint64_t transmitted = 0;
    std::uint64_t handed_in = 0;
    std::uint64_t handed_out = 0;
    for (unsigned w = 0; w < workers_.size(); ++w) {
        for (std::uint16_t p = 0; p < 2; ++p) {
            const PortCounters& c = counters(w).port[p];
            std::uint64_t lost = 0;
            for (const Counter& reason : c.dropped_packets) {
                lost += reason.get();
            }
            EXPECT_EQ(c.received_packets.get() + c.handed_in.get() + c.crafted_packets.get(),
                      c.sent_packets.get() + c.handed_out.get() + lost)
                << "worker " << w << ", port " << p;
            sent += c.sent_packets.get();
            transmitted += c.transmitted_packets.get();
            handed_in += c.handed_in.get();
            handed_out += c.handed_out.get();
        }
    }
    EXPECT_EQ(sent, transmitted) << "the ingress and egress counts must agree";
    std::uint64_t waiting = 0;
    for (rte_ring* ring : handover_) {
        waiting += ring != nullptr ? rte_ring_count(ring) : 0;
    }
    EXPECT_EQ(handed_out, handed_in + waiting);
}

test::Eth Talk::frame(bool from_client) const {
    const bool v4 = client_.find(':') == std::string::npos;
    const std::string& src = from_client ? client_ : server_;
    const std::string& dst = from_client ? server_ : client_;
    test::Eth eth(from_client ? test::kClientMac : test::kServerMac,
                  from_client ? test::kServerMac : test::kClientMac);
    v4 ? eth.ipv4(src, dst) : eth.ipv6(src, dst);
    return from_client ? eth.tcp(client_port_, server_port_) : eth.tcp(server_port_, client_port_);
}

Buffer Talk::syn() {
    return frame(true).seq(client_seq++).flags(packet::kTcpSyn);
}
Buffer Talk::syn_ack() {
    return frame(false).seq(server_seq++).ack(client_seq).flags(packet::kTcpSyn | packet::kTcpAck);
}
Buffer Talk::up(std::string_view payload, std::uint8_t flags) {
    const Buffer out = frame(true).seq(client_seq).ack(server_seq).flags(flags).payload(payload);
    client_seq +=
        static_cast<std::uint32_t>(payload.size()) + ((flags & packet::kTcpFin) ? 1u : 0u);
    return out;
}
Buffer Talk::down(std::string_view payload, std::uint8_t flags) {
    const Buffer out = frame(false).seq(server_seq).ack(client_seq).flags(flags).payload(payload);
    server_seq +=
        static_cast<std::uint32_t>(payload.size()) + ((flags & packet::kTcpFin) ? 1u : 0u);
    return out;
}
void Talk::open(Rig& rig) {
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, syn()));
    EXPECT_TRUE(rig.forwarded(Rig::kServerSide, syn_ack()));
    EXPECT_TRUE(rig.forwarded(Rig::kClientSide, up()));
}

void open_connections(Rig& rig, unsigned flows) {
    for (unsigned n = 0; n < flows; ++n) {
        Talk talk("172.16.0." + std::to_string(n + 1), "172.16.1.1",
                  static_cast<std::uint16_t>(1000 + n), 2);
        talk.open(rig);
    }
    ASSERT_EQ(rig.counters().flow_table_full.get(), 0u);
}

packet::Frame parse(const Buffer& bytes) {
    packet::Frame frame;
    packet::parse_frame(bytes, static_cast<std::uint32_t>(bytes.size()), frame);
    return frame;
}
std::string payload_of(const Buffer& bytes) {
    const packet::Frame frame = parse(bytes);
    const auto* first = bytes.data() + frame.payload_offset;
    return {first, first + frame.payload_length};
}

}  // namespace minerwall::path
