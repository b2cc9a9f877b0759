#include "replay/replay.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>

namespace minerwall::replay {
namespace {

// A burst holds packets of one millisecond, so that the turn's clock is right for all of them.
constexpr Nanos kBurstSpan = kNanosPerMilli;
// The longest frame that a kernel delivers (a 64 KiB GSO frame with its headers).
constexpr std::uint32_t kMaxFrame = 65535 + 18 + 8;
constexpr unsigned kDataRoom = 2048;
// The same in every run, so that a replay always says the same.
constexpr flow::HashKey kSecret{0x6d696e657277616cULL, 0x6c207265706c6179ULL};

// Writes the capture's index into the events, because the path does not know of captures.
class CaptureStamp final : public output::Consumer {
  public:
    // `events` outlives this object.
    CaptureStamp(output::Consumer& events, std::uint32_t capture)
        : events_(events), capture_(capture) {}

    void consume(const event::Record& record, std::int64_t clock_offset) override {
        stamped_ = record;
        stamped_.capture = capture_;
        events_.consume(stamped_, clock_offset);
    }

  private:
    output::Consumer& events_;
    const std::uint32_t capture_;
    event::Record stamped_;
};

}  // namespace

std::unique_ptr<Replay> Replay::create(std::unique_ptr<policy::Ruleset> ruleset,
                                       const Options& options, std::string& error) {
    machine::EalOptions eal_options;
    eal_options.hugepages = machine::HugepageMode::off;
    eal_options.memory_mb = 64;
    eal_options.workers = 0;
    std::optional<machine::Eal> eal = machine::Eal::start(eal_options, error);
    if (!eal) {
        return nullptr;
    }
    std::unique_ptr<Replay> replay(new Replay(std::move(*eal)));
    machine::PoolOptions pool_options;
    pool_options.mbufs = 4095;
    pool_options.crafted = 1023;
    pool_options.data_room = kDataRoom;
    std::optional<machine::Pools> pools = machine::Pools::create(pool_options, error);
    if (!pools) {
        return nullptr;
    }
    replay->pools_ = std::make_unique<machine::Pools>(std::move(*pools));
    replay->wire_ = RingWire::create("replay", *replay->pools_, error);
    if (replay->wire_ == nullptr) {
        return nullptr;
    }
    replay->options_ = options;
    replay->prefilter_ = std::make_unique<match::Prefilter>(1);
    replay->counters_ = std::make_unique<WorkerCounters>();
    replay->store_.publish(std::move(ruleset));
    replay->store_.register_worker(0);
    return replay;
}

Replay::~Replay() {
    store_.unregister_worker(0);
    wire_.reset();
    pools_.reset();
}

rte_mbuf* Replay::make_packet(const capture::Packet& packet) noexcept {
    rte_mempool* pool = pools_->frames(0);
    rte_mbuf* head = nullptr;
    rte_mbuf* last = nullptr;
    std::uint32_t done = 0;
    do {
        rte_mbuf* m = rte_pktmbuf_alloc(pool);
        if (m == nullptr) {
            rte_pktmbuf_free(head);
            return nullptr;
        }
        const std::uint32_t n = std::min<std::uint32_t>(packet.length - done, kDataRoom);
        auto* room = rte_pktmbuf_mtod(m, std::uint8_t*);
        // Bytes that the capture did not keep are judged as zeros: the lengths in the headers stay
        // true.
        const std::uint32_t kept = static_cast<std::uint32_t>(packet.bytes.size());
        const std::uint32_t copy = done < kept ? std::min(n, kept - done) : 0;
        if (copy != 0) {
            std::memcpy(room, packet.bytes.data() + done, copy);
        }
        if (copy < n) {
            std::memset(room + copy, 0, n - copy);
        }
        m->data_len = static_cast<std::uint16_t>(n);
        done += n;
        if (head == nullptr) {
            head = m;
            head->pkt_len = packet.length;
        } else {
            last->next = m;
            ++head->nb_segs;
        }
        last = m;
    } while (done < packet.length);
    return head;
}

void Replay::take_sent(Nanos now, capture::Writer* out) {
    rte_mbuf* sent[64];
    for (unsigned end = 0; end < 2; ++end) {
        unsigned n = 0;
        while ((n = wire_->take(end, sent, 64)) != 0) {
            for (unsigned i = 0; out != nullptr && i < n; ++i) {
                linear_.resize(sent[i]->pkt_len);
                const void* frame = rte_pktmbuf_read(sent[i], 0, sent[i]->pkt_len, linear_.data());
                out->write({static_cast<const std::uint8_t*>(frame), sent[i]->pkt_len}, now);
            }
            rte_pktmbuf_free_bulk(sent, n);
        }
    }
}

void Replay::turn(path::Worker& worker, std::vector<rte_mbuf*>& burst, Nanos now,
                  output::Drain& drain, capture::Writer* out) {
    if (!burst.empty()) {
        wire_->put(0, burst.data(), static_cast<unsigned>(burst.size()));
        burst.clear();
    }
    worker.turn(now);
    take_sent(now, out);
    drain.all();
}

CaptureResult Replay::run(const std::string& path, std::uint32_t capture, output::Consumer& events,
                          const Progress& progress, capture::Writer* out) {
    CaptureResult result;
    const std::unique_ptr<capture::Reader> reader = capture::Reader::open(path, result.error);
    if (reader == nullptr) {
        return result;
    }
    path::WorkerOptions options;
    options.limited = false;  // a capture is read for all that it has
    options.secret = kSecret;
    options.flows.capacity = options_.flows;
    options.inspection.states = options_.inspections;
    path::SharedTables tables(options);
    path::Worker worker(
        options,
        {.queues = {&wire_->queue(0), &wire_->queue(1)}, .offloaded = true, .ends_unknown = true},
        store_, ring_, {pools_->crafted(), pools_->reassembled()}, *prefilter_, tables, {},
        *counters_);

    CaptureStamp stamp(events, capture);
    output::Drain drain({&ring_}, {&stamp});
    std::vector<rte_mbuf*> burst;
    Nanos now = 0;
    Nanos opened = 0;  // time of the burst's first packet
    bool started = false;
    capture::Packet packet;
    capture::Reader::Next next;
    while ((next = reader->next(packet)) == capture::Reader::Next::packet) {
        ++result.packets;
        if (packet.length > kMaxFrame || packet.length == 0) {
            ++result.oversized;
            continue;
        }
        if (packet.bytes.size() < packet.length) {
            ++result.cut;
        }
        if (!started) {
            started = true;
            now = opened = packet.time;
            worker.start_clock(now);
        }
        if (burst.size() == path::Burst::kMax ||
            (!burst.empty() && packet.time > opened + kBurstSpan)) {
            turn(worker, burst, now, drain, out);
        }
        // Captures of several queues jump back a little in time; the path's clock never does.
        now = std::max(now, packet.time);
        if (burst.empty()) {
            opened = now;
        }
        rte_mbuf* m = make_packet(packet);
        if (m == nullptr) {
            result.error = path + ": out of packet buffers";
            break;
        }
        burst.push_back(m);
        if (result.packets % 65536 == 0) {
            progress(reader->position(), reader->file_size());
        }
    }
    turn(worker, burst, now, drain, out);
    for (std::size_t cursor = 0; worker.end_flows(cursor, 1024, event::EndReason::shutdown);) {
        drain.all();
    }
    drain.all();
    progress(reader->file_size(), reader->file_size());

    result.last = now;
    if (next == capture::Reader::Next::error) {
        result.error = reader->error();
    }
    result.ok = result.error.empty();
    return result;
}

}  // namespace minerwall::replay
