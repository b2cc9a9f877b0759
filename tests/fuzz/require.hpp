// Aborts when an oracle does not hold: libFuzzer keeps an input that aborts.
#pragma once

#include <cstdlib>

namespace minerwall {

inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace minerwall
