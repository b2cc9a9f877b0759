// The budget of work: who may have packets read while the worker has more to do than it can.
//
// Cost is TSC cycles of inspection and judgement, measured for each packet that needs them. A count
// of bytes or tokens would miss the kinds of work that nobody thought of. Time runs in windows. A
// window without an idle turn, of which inspection took a quarter or more, raises the pressure,
// unless another program had the core for a quarter of it: then the worker is not to blame;
// calm ones lower it, more slowly. The pressure says how much of a window one source may take, and
// which rung of the ladder is in force. Verdicts that are known, and the ledger, are on no rung.
//
// One worker's thread. A replay has no limits, so its results do not depend on the machine.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/counters.hpp"
#include "base/time.hpp"

namespace minerwall::path {

struct WorkOptions {
    bool limited = false;
    bool drop = true;  // what a source sends beyond its share; false: forward it unread
    // Cycles, ever growing; null: the TSC. For tests.
    std::uint64_t (*clock)() noexcept = nullptr;
    // Nanoseconds that this thread ran; null: the kernel's clock, or with `clock`, none.
    std::uint64_t (*cpu_time)() noexcept = nullptr;
};

class Effort {
  public:
    // A window is long beside a burst, and short beside what a NIC's ring holds.
    static constexpr Nanos kWindow = 10 * kNanosPerMilli;
    static constexpr unsigned kMostPressure = 9;
    // A window with fewer turns tells of another program on this core, not of this worker.
    static constexpr unsigned kFewTurns = 4;
    // Calm windows until the pressure falls by one: without, and with refused packets. The second
    // number lets a source try again twice a second.
    static constexpr unsigned kCalm = 5, kCalmAfterRefusal = 50;

    Effort(const WorkOptions& options, std::uint64_t secret, WorkerCounters& counters) noexcept;

    bool is_limited() const noexcept { return limited_; }
    // Each turn of the worker; idle: it found no packet. True: report announced(). Rises are
    // reported at once, the end after a calm second, so an overload gives few reports however it
    // sways.
    bool turn(Nanos now, bool idle) noexcept {
        idle_ = idle_ || idle;
        ++turns_;
        return limited_ && now >= window_end_ && next_window(now);
    }
    // The highest rung in force.
    Rung rung() const noexcept { return rung_; }
    Rung announced() const noexcept { return announced_; }
    bool sheds(Rung rung) const noexcept { return rung_ >= rung; }

    // Who caused the work: a sender as this end of the wire sees it, and one of its flows. Somebody
    // who forges only the address is another sender. IPv6: its /64.
    struct Taker {
        std::uint64_t source, flow;
    };
    Taker taker(std::uint16_t port, const std::uint8_t* mac, const IpAddress& address,
                std::uint64_t flow) const noexcept;
    // The taker has had its share of this window. A source's small flows may take as much again as
    // its large ones.
    bool is_over(Taker taker) noexcept {
        if (rung_ == Rung::none) [[likely]] {
            return false;
        }
        const std::uint64_t source = taken(sources_, taker.source);
        const bool over = source > 2 * share_ ||
                          (source > share_ && taken(flows_, taker.flow) > share_ / kFlowShare);
        refused_ = refused_ || over;
        return over;
    }
    std::uint64_t clock() const noexcept { return clock_(); }
    void charge(Taker taker, std::uint64_t cycles) noexcept;

  private:
    static constexpr unsigned kSlots = 1024;
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t window = 0;
        std::uint64_t cycles = 0;
    };
    using Slots = std::array<Slot, kSlots>;
    static constexpr std::uint64_t kFlowShare = 4;
    static std::uint32_t tag(std::uint64_t hash) noexcept {
        return static_cast<std::uint32_t>(hash >> 32);
    }
    std::uint64_t taken(const Slots& slots, std::uint64_t hash) const noexcept {
        const Slot& slot = slots[hash % kSlots];
        return slot.tag == tag(hash) && slot.window == window_ ? slot.cycles : 0;
    }
    void add(Slots& slots, std::uint64_t hash, std::uint64_t cycles) const noexcept;
    bool next_window(Nanos now) noexcept;
    bool had_the_core(Nanos now) noexcept;
    bool announce() noexcept;
    void set_pressure(unsigned pressure, std::uint64_t window_cycles) noexcept;

    const bool limited_;
    bool idle_ = true;      // this window had an idle turn
    bool refused_ = false;  // and a source that was over its share
    Rung rung_ = Rung::none;
    Rung announced_ = Rung::none;
    std::uint8_t quiet_ = 0;  // windows on no rung, while one is announced
    std::uint8_t pressure_ = 0;
    std::uint8_t calm_ = 0;
    std::uint32_t window_ = 1;
    std::uint32_t turns_ = 0;  // in this window
    Nanos window_end_ = 0;
    std::uint64_t began_ = 0;   // clock at the window's begin
    std::uint64_t worked_ = 0;  // cycles in this window
    std::uint64_t share_ = 0;   // cycles of a source in a window
    const std::uint64_t secret_;
    std::uint64_t (*const clock_)() noexcept;
    std::uint64_t (*const cpu_time_)() noexcept;
    Nanos began_at_ = 0;     // time at the window's begin
    std::uint64_t ran_ = 0;  // CPU time at the window's begin
    WorkerCounters& counters_;
    Slots sources_{}, flows_{};
};

// Charges a taker for the time until its end.
class Meter {
  public:
    Meter(Effort& effort, Effort::Taker taker) noexcept
        : effort_(effort), taker_(taker), began_(effort.is_limited() ? effort.clock() : 0) {}
    ~Meter() {
        if (effort_.is_limited()) {
            effort_.charge(taker_, effort_.clock() - began_);
        }
    }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;

  private:
    Effort& effort_;
    Effort::Taker taker_;
    std::uint64_t began_;
};

}  // namespace minerwall::path
