#include "replay/ring_wire.hpp"

#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ring.h>

namespace minerwall::replay {

std::unique_ptr<RingWire> RingWire::create(const std::string& name, const machine::Pools& pools,
                                           std::string& error) {
    std::unique_ptr<RingWire> wire(new RingWire);
    for (unsigned e = 0; e < 2; ++e) {
        End& end = wire->ends_[e];
        const std::string stem = name + (e == 0 ? "_a" : "_b");
        const auto socket = static_cast<unsigned>(rte_socket_id());
        end.in = rte_ring_create((stem + "_in").c_str(), kRingSize, static_cast<int>(socket),
                                 RING_F_SP_ENQ | RING_F_SC_DEQ);
        end.out = rte_ring_create((stem + "_out").c_str(), kRingSize, static_cast<int>(socket),
                                  RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (end.in == nullptr || end.out == nullptr) {
            error = "cannot make the ring " + stem + ": " + rte_strerror(rte_errno);
            return nullptr;
        }
        end.ethdev = rte_eth_from_rings(stem.c_str(), &end.in, 1, &end.out, 1, socket);
        if (end.ethdev < 0) {
            error = "cannot make the ring port " + stem + ": " + rte_strerror(rte_errno);
            return nullptr;
        }
        machine::PortOptions options;
        options.workers = 1;
        options.pools = &pools;
        wire->ports_[e] =
            machine::Port::adopt(static_cast<std::uint16_t>(end.ethdev), stem, options, error);
        if (wire->ports_[e] == nullptr) {
            return nullptr;
        }
    }
    return wire;
}

RingWire::~RingWire() {
    for (unsigned e = 0; e < 2; ++e) {
        End& end = ends_[e];
        ports_[e].reset();
        if (end.ethdev >= 0) {
            rte_eth_dev_close(static_cast<std::uint16_t>(end.ethdev));
        }
        for (rte_ring* ring : {end.in, end.out}) {
            void* packet = nullptr;
            while (ring != nullptr && rte_ring_sc_dequeue(ring, &packet) == 0) {
                rte_pktmbuf_free(static_cast<rte_mbuf*>(packet));
            }
            rte_ring_free(ring);
        }
    }
}

unsigned RingWire::put(unsigned end, rte_mbuf** packets, unsigned n) noexcept {
    return rte_ring_sp_enqueue_burst(ends_[end].in, reinterpret_cast<void**>(packets), n, nullptr);
}

unsigned RingWire::take(unsigned end, rte_mbuf** packets, unsigned n) noexcept {
    return rte_ring_sc_dequeue_burst(ends_[end].out, reinterpret_cast<void**>(packets), n, nullptr);
}

}  // namespace minerwall::replay
