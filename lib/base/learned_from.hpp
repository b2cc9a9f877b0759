// How we learned that an address or a name belongs to a pool. The texts are the values of
// `learned.from` in events.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall {

enum class LearnedFrom : std::uint8_t {
    none,
    dns_answer,  // the answer to a question for a listed name
    reconnect,   // a pool's client.reconnect
    subscribe,   // a miner's first message that names its pool (ZIP-301 and similar)
    x_stratum,   // a getwork server's X-Stratum header
};
inline constexpr unsigned kLearnedFromCount = 5;

constexpr std::string_view to_text(LearnedFrom from) noexcept {
    constexpr std::string_view kText[kLearnedFromCount] = {"none", "dns-answer", "client.reconnect",
                                                           "subscribe", "x-stratum"};
    return kText[static_cast<unsigned>(from)];
}

}  // namespace minerwall
