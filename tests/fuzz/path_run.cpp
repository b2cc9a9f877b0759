#include "path_run.hpp"

#include <rte_mbuf_dyn.h>
#include <rte_ring.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "packet/frame.hpp"

namespace minerwall::fuzz {
namespace {

std::uint64_t& serial_of(rte_mbuf* m, int offset) {
    return *RTE_MBUF_DYNFIELD(m, offset, std::uint64_t*);
}

}  // namespace

Run::Run(const RunOptions& options)
    : wire_(Wire::get()), workers_count_(options.two_workers ? 2 : 1) {
    require(wire_.put_in_force(false));
    path::WorkerOptions chosen = options.worker;
    chosen.workers = workers_count_;
    tables_ = std::make_unique<path::SharedTables>(chosen);
    for (unsigned w = 0; w < workers_count_; ++w) {
        path::Handover handover;
        handover.needed = options.two_workers;
        for (unsigned other = 0; other < workers_count_; ++other) {
            handover.to.push_back(other != w ? wire_.handover_[other] : nullptr);
            handover.from.push_back(other != w ? wire_.handover_[w] : nullptr);
        }
        chosen.worker = w;
        counters_.push_back(std::make_unique<WorkerCounters>());
        workers_.push_back(std::make_unique<path::Worker>(
            chosen,
            path::Ports{{&wire_.ends_[0].port->queue(w), &wire_.ends_[1].port->queue(w)},
                        options.offloaded,
                        options.ends_unknown},
            *wire_.store_, *wire_.events_,
            path::PacketPools{wire_.pools_->crafted(), wire_.pools_->reassembled()},
            *wire_.prefilter_, *tables_, std::move(handover), *counters_.back()));
        workers_.back()->start_clock(now_);
        wire_.store_->register_worker(w);
    }
    if (options.starve) {
        for (rte_mempool* pool : {wire_.pools_->crafted(), wire_.pools_->reassembled()}) {
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
        if (m == nullptr) {  // a NIC without buffers receives no frame either
            rte_pktmbuf_free(head);
            return;
        }
        std::size_t n = std::min<std::size_t>(rte_pktmbuf_tailroom(m), frame.size() - from);
        // No driver makes chains of several hundred segments.
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
    const std::uint64_t refused_before = refused();
    for (const auto& worker : workers_) {
        worker->turn(now_);
    }
    waiting_ = {};
    // A policy that observes crafts no packets and drops none, whatever the other policy did
    // before.
    if (wire_.second_in_force()) {
        require(crafted() == crafted_before && refused() == refused_before);
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
        // Once, at the other end, in order and unchanged.
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
        require(nlohmann::json::accept(line) && line.starts_with("{\"timestamp\":"));
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

std::uint64_t Run::refused() const {
    std::uint64_t n = 0;
    for (unsigned r = 0; r < kReasonCount; ++r) {
        const auto reason = static_cast<Reason>(r);
        n += kind_of(reason) != ReasonKind::device ? dropped(reason) : 0;
    }
    return n;
}

std::uint64_t Run::total(Counter WorkerCounters::*counter) const {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        n += ((*counters).*counter).get();
    }
    return n;
}

std::uint64_t Run::evicted() const {
    std::uint64_t n = 0;
    for (const auto& counters : counters_) {
        for (const Counter& counter : counters->flows_evicted) {
            n += counter.get();
        }
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
           total(&WorkerCounters::flow_table_full) == 0 && evicted() == 0 &&
           total(&WorkerCounters::states_lost) == 0 && total(&WorkerCounters::states_parked) == 0 &&
           total(&WorkerCounters::findings_refused) == 0 &&
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

// Every borrowed resource is back and every table is empty.
void Run::check_end() {
    require(total(&WorkerCounters::flows_created) == total(&WorkerCounters::flows_ended));
    require(total(&WorkerCounters::flows_active) == 0);
    require(total(&WorkerCounters::inspections_active) == 0);
    require(total(&WorkerCounters::stream_memory_used) == 0);
    if (total(&WorkerCounters::events_lost) == 0) {
        require(flow_lines_ == total(&WorkerCounters::flows_ended));
    }
    for (const auto& worker : workers_) {
        const path::Context& context = worker->context();
        require(context.flows.size() == 0);
        require(context.names.in_use() == 0 && context.findings.in_use() == 0);
        require(context.fragments.size() == 0 && context.fragments.blocks_in_use() == 0);
    }
    // Frames that are not IP pass unless there was no room for them.
    if (dropped(Reason::tx_full) == 0 && dropped(Reason::tx_error) == 0) {
        require(std::all_of(sent_.begin(), sent_.end(),
                            [](const Sent& sent) { return sent.passed || !sent.must_pass; }));
    }
    for (const rte_mempool* pool :
         {wire_.pools_->frames(0), wire_.pools_->crafted(), wire_.pools_->reassembled()}) {
        require(free_buffers(pool) == pool->size);
    }
}

Run::~Run() {
    stall(false);
    turn();
    turn();  // for frames handed over in the first
    for (rte_mbuf* m : withheld_) {
        rte_pktmbuf_free(m);
    }
    for (const auto& worker : workers_) {
        for (std::size_t cursor = 0; worker->end_flows(cursor, 16, event::EndReason::shutdown);) {
            take_events();
        }
        take_events();
    }
    // Longer than the timeout of fragments. One turn expires only some of them.
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
