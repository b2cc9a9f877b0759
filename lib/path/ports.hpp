// Where a worker's packets come from: the queues that it serves, and what their owner knows about
// the packets.
//
// Plain values; the owner of the ports sets them before the worker is made.
#pragma once

#include <vector>

#include "machine/port.hpp"

namespace minerwall::path {

struct Ports {
    std::vector<machine::Queue*> queues;  // by port
    // The packets were taken on the sending host, before its NIC filled in the checksums. True: the
    // worker does not check a direction that begins with a wrong checksum.
    bool offloaded = false;
    // It is not known at which end of the wire a packet came in: all come in at one end.
    bool ends_unknown = false;
};

}  // namespace minerwall::path
