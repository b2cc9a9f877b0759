// How often something may happen: at most `burst` times at once and `per_second` on average. A
// bucket is one number, the time at which it would be full again (the generic cell rate algorithm,
// ITU-T I.371): zero is a full bucket.
//
// One worker's thread; fixed size, no allocation.
#pragma once

#include <algorithm>
#include <array>

#include "base/time.hpp"
#include "flow/shares.hpp"

namespace minerwall::flow {

struct Rate {
    std::uint32_t per_second, burst;

    bool has(Nanos full_at, Nanos now) const noexcept {
        return full_at <= now + (burst - 1) * interval();
    }
    void take(Nanos& full_at, Nanos now) const noexcept {
        full_at = std::max(full_at, now) + interval();
    }

  private:
    Nanos interval() const noexcept { return kNanosPerSecond / per_second; }
};

// The same for each source, and for all of them together.
class SourceRates {
  public:
    SourceRates(Rate each, Rate all) noexcept : each_(each), all_(all) {}

    bool take(SourceId source, Nanos now) noexcept {
        if (!each_.has(of_source_[source], now) || !all_.has(of_all_, now)) {
            return false;
        }
        each_.take(of_source_[source], now);
        all_.take(of_all_, now);
        return true;
    }

  private:
    Rate each_, all_;
    Nanos of_all_ = 0;
    std::array<Nanos, kSources> of_source_{};
};

}  // namespace minerwall::flow
