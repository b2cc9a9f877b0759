#include "path/effort.hpp"

#include <rte_cycles.h>

#include <algorithm>
#include <cstring>
#include <ctime>

namespace minerwall::path {
namespace {

std::uint64_t tsc() noexcept {
    return rte_rdtsc();
}

std::uint64_t thread_time() noexcept {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

// Pressure from which each rung is in force. Between two of them there is time for the lower one to
// have an effect.
constexpr unsigned kSource = 2, kLateLook = 5, kUnknown = 7, kAlone = 9;
// Shares of a window: inspection that counts as the cause of an overload, and the largest and the
// smallest one of a source.
constexpr unsigned kCostly = 4, kLargestShare = 4, kSmallestShare = 16;
// Nearly no packet costs more: longer times are another program's on this core.
constexpr std::uint64_t kMostCycles = 1 << 16;

constexpr Rung rung_at(unsigned pressure) noexcept {
    return pressure >= kAlone      ? Rung::alone
           : pressure >= kUnknown  ? Rung::unknown
           : pressure >= kLateLook ? Rung::late_look
           : pressure >= kSource   ? Rung::source
                                   : Rung::none;
}

}  // namespace

Effort::Effort(const WorkOptions& options, std::uint64_t secret, WorkerCounters& counters) noexcept
    : limited_(options.limited),
      secret_(secret | 1),
      clock_(options.clock != nullptr ? options.clock : tsc),
      cpu_time_(options.cpu_time != nullptr || options.clock != nullptr ? options.cpu_time
                                                                        : thread_time),
      counters_(counters) {}

Effort::Taker Effort::taker(std::uint16_t port, const std::uint8_t* mac, const IpAddress& address,
                            std::uint64_t flow) const noexcept {
    std::uint64_t high, low, link = 0;
    std::memcpy(&high, address.bytes.data(), sizeof high);
    std::memcpy(&low, address.bytes.data() + sizeof high, sizeof low);
    std::memcpy(&link, mac, 6);
    std::uint64_t h = (link ^ std::uint64_t{port} << 48) * secret_;
    h = (h ^ h >> 32 ^ high) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ h >> 29 ^ (address.is_v4() ? low : 0)) * 0x94d049bb133111ebULL;
    return {h ^ h >> 31, flow};
}

void Effort::add(Slots& slots, std::uint64_t hash, std::uint64_t cycles) const noexcept {
    Slot& slot = slots[hash % kSlots];
    const bool current = slot.window == window_;
    if (current && slot.tag == tag(hash)) {
        slot.cycles += cycles;
    } else if (!current || slot.cycles < cycles) {  // the larger taker keeps the slot
        slot = {tag(hash), window_, cycles};
    }
}

void Effort::charge(Taker taker, std::uint64_t cycles) noexcept {
    cycles = std::min(cycles, kMostCycles);
    worked_ += cycles;
    counters_.work_cycles.add(cycles);
    add(sources_, taker.source, cycles);
    add(flows_, taker.flow, cycles);
}

// False if another program had this core for a quarter of the window or more.
bool Effort::had_the_core(Nanos now) noexcept {
    if (cpu_time_ == nullptr) {
        return true;
    }
    const std::uint64_t ran = cpu_time_();
    const auto passed = static_cast<std::uint64_t>(now - began_at_);
    const bool had = ran - ran_ >= passed - passed / 4;
    ran_ = ran;
    began_at_ = now;
    return had;
}

bool Effort::next_window(Nanos now) noexcept {
    const std::uint64_t clock = clock_();
    const std::uint64_t cycles = clock - began_;
    const bool first = window_end_ == 0;
    const bool had_core = had_the_core(now);
    const bool pressed =
        !idle_ && !first && had_core && turns_ >= kFewTurns && worked_ >= cycles / kCostly;
    unsigned pressure = pressure_;
    if (pressed) {
        calm_ = 0;
        pressure = std::min<unsigned>(pressure + 1, kMostPressure);
    } else if (pressure != 0 && ++calm_ >= (refused_ ? kCalmAfterRefusal : kCalm)) {
        calm_ = 0;
        --pressure;
    }
    set_pressure(pressure, cycles);
    ++window_;
    window_end_ = now + kWindow;
    began_ = clock;
    worked_ = 0;
    turns_ = 0;
    idle_ = refused_ = false;
    return announce();
}

bool Effort::announce() noexcept {
    constexpr unsigned kQuiet = 100;  // windows: a second
    quiet_ = rung_ == Rung::none && announced_ != Rung::none ? static_cast<std::uint8_t>(quiet_ + 1)
                                                             : std::uint8_t{0};
    if (rung_ <= announced_ && quiet_ < kQuiet) {
        return false;
    }
    announced_ = rung_;
    return true;
}

void Effort::set_pressure(unsigned pressure, std::uint64_t window_cycles) noexcept {
    pressure_ = static_cast<std::uint8_t>(pressure);
    rung_ = rung_at(pressure);
    const unsigned part =
        pressure < kSource ? 1 : std::min(kLargestShare << (pressure - kSource), kSmallestShare);
    share_ = window_cycles / part;
    counters_.shed_rung.set(static_cast<std::uint64_t>(rung_));
}

}  // namespace minerwall::path
