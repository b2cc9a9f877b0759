// What is new for the flow in a packet's evidence. Read it before anything is stored in the flow.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

struct News {
    const inspect::Evidence* evidence;  // null: the packet brought no evidence
    bool named;                         // it names a server
    bool mines;                         // its message is the one by which the flow is recognised
    bool more;                          // a further mining message, after that one
    bool coin_node;                     // the peer-to-peer protocol of a coin, which is not mining
    UnreadableSet unreadable;           // kinds that the flow did not have
    bool any;                           // the policy must be asked
};

// What could not be read of this packet or of what it completed.
UnreadableSet unreadable_in(Packet packet) noexcept;

// The packet has a flow. The worker's thread; stores nothing.
News news_of(Packet packet) noexcept;

}  // namespace minerwall::path
