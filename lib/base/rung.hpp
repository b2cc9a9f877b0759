// The ladder of shedding: what a worker leaves out, in this order, while it has more to do than it
// can. docs/operations.md explains each rung; path/effort.hpp decides which one is in force.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall {

enum class Rung : std::uint8_t {
    none,
    source,     // what a source sends beyond its share of the work
    late_look,  // looking again at flows that are settled
    unknown,    // searching streams of no known protocol for mining
    alone,      // new connections: each packet is judged by itself
};
inline constexpr unsigned kRungCount = 5;  // with `none`

constexpr std::string_view to_text(Rung rung) noexcept {
    constexpr std::string_view kText[kRungCount] = {"none", "source", "late_look", "unknown",
                                                    "alone"};
    return kText[static_cast<unsigned>(rung)];
}

}  // namespace minerwall
