// How an end of a wire is, and what is told about its changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minerwall::machine {

enum class EndState : std::uint8_t {
    up,          // frames pass
    no_carrier,  // ours and up; cable or neighbour are not
    down,        // somebody took the interface down
    gone,        // there is no interface of its name
    broken,      // there is one, or a device, and we cannot use it
};

constexpr std::string_view to_text(EndState state) noexcept {
    constexpr std::string_view kTexts[] = {"up", "no_carrier", "down", "gone", "broken"};
    return kTexts[static_cast<unsigned>(state)];
}

// The daemon's part works: frames pass as soon as the cable does.
constexpr bool alive(EndState state) noexcept {
    return state == EndState::up || state == EndState::no_carrier;
}

// Something that happened to an end, for the log.
struct EndNote {
    bool warning = false;
    std::string text;  // names no end
};
using EndNotes = std::vector<EndNote>;

}  // namespace minerwall::machine
