// What a packet's evidence is to its flow. Read before anything is stored in the flow.
#pragma once

#include "path/packet.hpp"

namespace minerwall::path {

struct News {
    const inspect::Evidence* evidence;  // null: the packet brought none
    bool named;                         // it names a server
    bool mines;                         // its message is the one that tells that the flow mines
    bool more;                          // a further message of the same burst as that one
    bool coin_node;                     // the peer-to-peer protocol of a coin, which is no mining
    bool any;                           // the policy is to be asked
};

// The packet has a flow. The worker's thread; stores nothing.
News news_of(Packet packet) noexcept;

}  // namespace minerwall::path
