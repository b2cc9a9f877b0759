// What a policy decides for a flow, weakest first. The texts are the values of `verdict.action` in
// events and of the `action` label in metrics.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall {

enum class Action : std::uint8_t {
    allow,     // forward
    observe,   // forward and report
    drop,      // drop every packet of the flow
    reset,     // drop, and send a TCP RST to both ends
    sinkhole,  // drop the DNS message and answer it
};
inline constexpr unsigned kActionCount = 5;

constexpr std::string_view to_text(Action action) noexcept {
    constexpr std::string_view kText[kActionCount] = {"allow", "observe", "drop", "reset",
                                                      "sinkhole"};
    return kText[static_cast<unsigned>(action)];
}
constexpr bool blocks(Action action) noexcept {
    return action >= Action::drop;
}

}  // namespace minerwall
