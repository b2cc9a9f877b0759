// How an oracle says that it does not hold: libFuzzer keeps the input of whatever aborts.
#pragma once

#include <cstdlib>

namespace minerwall {

inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace minerwall
