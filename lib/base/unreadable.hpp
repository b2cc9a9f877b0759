// What minerwall cannot read although a receiver may: one kind for each bound that a sender can
// reach. Each is a fact that rules ask for (`unreadable`), a counter, and a word of the policy's
// setting `unreadable`. docs/policy/unreadable.md lists them with their bounds.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall {

enum class Unreadable : std::uint8_t {
    // Of a frame's headers:
    link_tags,   // more VLAN tags, priority tags or MPLS labels than we walk
    ip_headers,  // more IPv6 extension headers than we walk
    tunnels,     // tunnels inside each other, deeper than we follow
    // Of streams and messages:
    tls_hello,     // a ClientHello that is longer than any server takes
    http_head,     // a head that is longer than we read
    dns_question,  // a query whose question cannot be decoded
};
inline constexpr unsigned kUnreadableCount = 6;
inline constexpr unsigned kUnreadableInFrames = 3;  // the first ones

using UnreadableSet = std::uint8_t;  // a bit for each kind
constexpr UnreadableSet bit_of(Unreadable kind) noexcept {
    return static_cast<UnreadableSet>(1u << static_cast<unsigned>(kind));
}
inline constexpr UnreadableSet kAllUnreadable = (1u << kUnreadableCount) - 1;

// Kinds that belong to a stream, and so to its flow. The others belong to one packet: a forged one
// must not decide about its flow.
inline constexpr UnreadableSet kUnreadableStreams =
    bit_of(Unreadable::tls_hello) | bit_of(Unreadable::http_head);

constexpr std::string_view to_text(Unreadable kind) noexcept {
    constexpr std::string_view kText[kUnreadableCount] = {
        "link_tags", "ip_headers", "tunnels", "tls_hello", "http_head", "dns_question"};
    return kText[static_cast<unsigned>(kind)];
}

}  // namespace minerwall
