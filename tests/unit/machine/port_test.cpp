#include "machine/port.hpp"

#include <gtest/gtest.h>
#include <rte_eth_ring.h>
#include <rte_ring.h>

#include "environment.hpp"

namespace minerwall::machine {
namespace {

// An ethdev whose queues are rings: rx() returns what a test puts in.
struct RingDevice {
    explicit RingDevice(const char* name) {
        const std::string in(name);
        for (unsigned q = 0; q < kTestWorkers; ++q) {
            rx[q] = rte_ring_create((in + "_rx" + std::to_string(q)).c_str(), 64, SOCKET_ID_ANY, 0);
            tx[q] = rte_ring_create((in + "_tx" + std::to_string(q)).c_str(), 8, SOCKET_ID_ANY, 0);
        }
        id = rte_eth_from_rings(name, rx, kTestWorkers, tx, kTestWorkers, 0);
    }
    ~RingDevice() {
        rte_eth_dev_close(static_cast<std::uint16_t>(id));
        for (unsigned q = 0; q < kTestWorkers; ++q) {
            rte_ring_free(rx[q]);
            rte_ring_free(tx[q]);
        }
    }
    rte_ring* rx[kTestWorkers];
    rte_ring* tx[kTestWorkers];
    int id;
};

PortOptions with_workers(unsigned workers) {
    PortOptions o;
    o.workers = workers;
    o.pools = &test_pools();
    return o;
}

TEST(Port, AdoptsAnEthdevAndMovesFramesThroughEachQueue) {
    RingDevice rings("adopted");
    ASSERT_GE(rings.id, 0);
    std::string error;
    const auto port = Port::adopt(static_cast<std::uint16_t>(rings.id), "left",
                                  with_workers(kTestWorkers), error);
    ASSERT_NE(port, nullptr) << error;
    EXPECT_EQ(port->name(), "left");
    EXPECT_TRUE(port->needs_rehash());
    EXPECT_EQ(port->queue(0).wait_fd(), -1);
    for (unsigned worker = 0; worker < kTestWorkers; ++worker) {
        rte_mbuf* const in = rte_pktmbuf_alloc(test_pools().frames(0));
        rte_pktmbuf_append(in, 60);
        ASSERT_EQ(rte_ring_enqueue(rings.rx[worker], in), 0);
        rte_mbuf* out[4] = {};
        ASSERT_EQ(port->queue(worker).rx(out, 4), 1U);
        EXPECT_EQ(out[0], in);
        EXPECT_EQ(port->queue(worker).tx(out, 1), 1U);
        void* sent = nullptr;
        ASSERT_EQ(rte_ring_dequeue(rings.tx[worker], &sent), 0);
        EXPECT_EQ(sent, in);
        rte_pktmbuf_free(in);
    }
}

TEST(Port, AFullQueueIsNoRefusal) {
    RingDevice rings("full");
    std::string error;
    const auto port =
        Port::adopt(static_cast<std::uint16_t>(rings.id), "left", with_workers(1), error);
    ASSERT_NE(port, nullptr) << error;
    EXPECT_FALSE(port->needs_rehash()) << "one worker owns every flow";
    rte_mbuf* frames[16];
    for (rte_mbuf*& m : frames) {
        m = rte_pktmbuf_alloc(test_pools().frames(0));
        rte_pktmbuf_append(m, 60);
    }
    const std::uint16_t sent = port->queue(0).tx(frames, 16);
    EXPECT_EQ(sent, 7U);  // a ring of 8 holds 7
    EXPECT_FALSE(port->queue(0).tx_refused());
    rte_pktmbuf_free_bulk(frames, 16);  // includes the ring's, which stay unread
}

TEST(Queue, RefusesTheFrameThatTheDeviceCannotSend) {
    RingDevice rings("limits");
    std::string error;
    const auto port =
        Port::adopt(static_cast<std::uint16_t>(rings.id), "left", with_workers(1), error);
    ASSERT_NE(port, nullptr) << error;
    Queue limited(static_cast<std::uint16_t>(rings.id), 0, 1522, 1);
    rte_mbuf* frames[3];
    for (rte_mbuf*& m : frames) {
        m = rte_pktmbuf_alloc(test_pools().frames(0));
        rte_pktmbuf_append(m, 60);
    }
    frames[1]->pkt_len = 1523;
    EXPECT_EQ(limited.tx(frames, 3), 1U);
    EXPECT_TRUE(limited.tx_refused());
    EXPECT_EQ(limited.tx(frames + 1, 2), 0U);
    EXPECT_TRUE(limited.tx_refused());
    EXPECT_EQ(limited.tx(frames + 2, 1), 1U);
    EXPECT_FALSE(limited.tx_refused());
    frames[1]->pkt_len = 60;
    frames[1]->nb_segs = 2;
    EXPECT_EQ(limited.tx(frames + 1, 1), 0U);
    EXPECT_TRUE(limited.tx_refused());
    frames[1]->nb_segs = 1;
    rte_pktmbuf_free_bulk(frames, 3);
}

TEST(Port, NamesTheLimitOfADeviceWithTooFewQueues) {
    RingDevice rings("few");
    std::string error;
    EXPECT_EQ(Port::adopt(static_cast<std::uint16_t>(rings.id), "left", with_workers(3), error),
              nullptr);
    EXPECT_EQ(error,
              "wire end left: the device (net_ring) has 2 receive and 2 transmit queues, too few "
              "for 3 workers: lower workers.count to 2");
}

TEST(Port, OpensVirtualDevicesAndDoesNotBelieveTheirRss) {
    Config config;
    config.workers.count = kTestWorkers;
    config.wires.resize(1);
    config.wires[0].ends[0] = {EndKind::vdev, "net_null0", "net_null0", 1};
    config.wires[0].ends[1] = {EndKind::vdev, "net_null1", "net_null1,size=128", 1};
    std::string error;
    std::vector<std::string> warnings;
    auto ports = open_ports(config, test_pools(), nullptr, error, warnings);
    ASSERT_EQ(ports.size(), 2U) << error;
    EXPECT_TRUE(ports[0]->needs_rehash());
    rte_mbuf* burst[8];
    EXPECT_EQ(ports[1]->queue(1).rx(burst, 8), 8U);
    EXPECT_EQ(burst[0]->pkt_len, 128U);
    EXPECT_EQ(ports[0]->queue(1).tx(burst, 8), 8U);
    EXPECT_TRUE(ports[0]->link().up);
}

TEST(Port, SaysWhatIsWrongWithADeviceInOneLine) {
    std::string error;
    std::vector<std::string> warnings;
    const EndConfig absent{EndKind::pci, "0000:ff:1f.7", "0000:ff:1f.7", 1};
    EXPECT_EQ(Port::open(absent, with_workers(1), error, warnings), nullptr);
    EXPECT_EQ(error,
              "wire end 0000:ff:1f.7: no DPDK driver has this device; is it there, and bound to "
              "vfio-pci? (drivers-config/preflight shows it)");
    const EndConfig unknown{EndKind::vdev, "net_nothing0", "net_nothing0", 1};
    EXPECT_EQ(Port::open(unknown, with_workers(1), error, warnings), nullptr);
    EXPECT_NE(error.find("wire end net_nothing0: DPDK cannot make the device"), std::string::npos)
        << error;
}

}  // namespace
}  // namespace minerwall::machine
