// What a kernel end does with frames that it cannot deliver or send, and when the kernel or the
// pool is exhausted.
#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <unistd.h>

#include "environment.hpp"
#include "veth.hpp"

namespace minerwall::machine {
namespace {

class KernelEndFault : public testing::Test {
  protected:
    void SetUp() override {
        std::string why_not;
        if (!enter_namespace(why_not)) {
            GTEST_SKIP() << why_not;
        }
        before_ = frames_in_use();
    }
    void TearDown() override { EXPECT_EQ(frames_in_use(), before_) << "buffers leaked"; }
    static void wait_for_carrier(KernelInterface& end) {
        for (unsigned wait = 0; wait < 200 && !end.refresh_link(); ++wait) {
            usleep(10'000);
        }
        EXPECT_TRUE(end.refresh_link());
        usleep(20'000);  // and for the other end's
    }
    unsigned before_ = 0;
};

// Ethernet, IPv4, TCP. As a host leaves it, the checksum field holds the pseudo header's sum.
Frame open_tcp(std::size_t payload) {
    Frame f = make_frame(14);
    f[12] = 0x08;
    f[13] = 0x00;
    const auto total = static_cast<std::uint16_t>(40 + payload);
    const auto tcp = static_cast<std::uint16_t>(20 + payload);
    Frame ip = {0x45,
                0,
                static_cast<std::uint8_t>(total >> 8),
                static_cast<std::uint8_t>(total),
                0,
                1,
                0x40,
                0,
                64,
                6,
                0,
                0,
                10,
                0,
                0,
                1,
                10,
                0,
                0,
                2};
    f.insert(f.end(), ip.begin(), ip.end());
    std::uint32_t sum = 0x0a00 + 1 + 0x0a00 + 2 + 6 + tcp;
    sum = (sum & 0xffff) + (sum >> 16);
    const Frame header = {0x1f,
                          0x90,
                          0x0d,
                          0x05,
                          0,
                          0,
                          0,
                          1,
                          0,
                          0,
                          0,
                          1,
                          0x50,
                          0x18,
                          1,
                          0,
                          static_cast<std::uint8_t>(sum >> 8),
                          static_cast<std::uint8_t>(sum),
                          0,
                          0};
    f.insert(f.end(), header.begin(), header.end());
    for (std::size_t i = 0; i < payload; ++i) {
        f.push_back(static_cast<std::uint8_t>(i * 3));
    }
    return f;
}

// RFC 1071 over pseudo header and segment: zero when the checksum is right.
std::uint16_t tcp_sum(const Frame& f) {
    std::uint32_t sum = 6 + static_cast<std::uint32_t>(f.size() - 34);
    for (std::size_t i = 26; i < f.size(); i += 2) {
        sum += static_cast<std::uint32_t>(f[i] << 8) + (i + 1 < f.size() ? f[i + 1] : 0U);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}

TEST_F(KernelEndFault, CompletesAChecksumThatTheSenderLeftToItsHardware) {
    const VethPair pair(9000);
    const auto end = open_end("near");
    RawSocket sender("far", true);
    const std::vector<std::size_t> payloads = {11, 1000, 4001};  // the last one spans buffers
    for (const std::size_t payload : payloads) {
        EXPECT_TRUE(sender.send_offloaded(open_tcp(payload), 34, 16));
    }
    const std::vector<Frame> got = receive(end->queue(0), payloads.size());
    ASSERT_EQ(got.size(), payloads.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(tcp_sum(got[i]), 0) << payloads[i];
        Frame expected = open_tcp(payloads[i]);
        expected[50] = got[i][50];
        expected[51] = got[i][51];
        EXPECT_EQ(got[i], expected) << "nothing else is touched";
    }
    EXPECT_EQ(end->queue(0).counters().checksums_completed.get(), payloads.size());
}

TEST_F(KernelEndFault, CountsSuperFramesAsTruncatedAndDoesNotDeliverThem) {
    const VethPair pair;
    const auto end = open_end("near");
    RawSocket sender("far", true);
    EXPECT_TRUE(sender.send_offloaded(open_tcp(8000), 34, 16, 1448));
    EXPECT_TRUE(sender.send_offloaded(open_tcp(10), 34, 16));
    EXPECT_EQ(receive(end->queue(0), 1).size(), 1U);
    EXPECT_EQ(end->queue(0).take_truncated(), 1U);
    EXPECT_EQ(end->queue(0).take_truncated(), 0U);
    EXPECT_EQ(end->queue(0).counters().truncated.get(), 1U);
}

TEST_F(KernelEndFault, RefusesExactlyTheFrameThatIsTooLong) {
    const VethPair pair;
    const auto end = open_end("near");
    RawSocket receiver("far");
    rte_mbuf* frames[] = {mbuf_of(make_frame(60)), mbuf_of(make_frame(1600)),
                          mbuf_of(make_frame(61)), mbuf_of(make_frame(10))};
    EXPECT_EQ(end->queue(0).tx(frames, 4), 1U);
    EXPECT_TRUE(end->queue(0).tx_refused());
    EXPECT_EQ(end->queue(0).tx(frames + 1, 3), 0U);
    EXPECT_TRUE(end->queue(0).tx_refused());
    EXPECT_EQ(end->queue(0).tx(frames + 2, 1), 1U);
    EXPECT_FALSE(end->queue(0).tx_refused());
    rte_pktmbuf_free_bulk(&frames[1], 1);
    rte_pktmbuf_free_bulk(&frames[3], 1);
    EXPECT_EQ(receiver.receive(2), (std::vector<Frame>{make_frame(60), make_frame(61)}));
}

TEST_F(KernelEndFault, RefusesWhileTheInterfaceIsDownAndRecovers) {
    const VethPair pair;
    const auto end = open_end("near");
    rte_mbuf* frame = mbuf_of(make_frame(60));
    ASSERT_TRUE(run("ip link set near down"));
    EXPECT_EQ(end->queue(0).tx(&frame, 1), 0U);
    EXPECT_TRUE(end->queue(0).tx_refused());
    rte_mbuf* burst[KernelQueue::kBurst];
    EXPECT_EQ(end->queue(0).rx(burst, KernelQueue::kBurst), 0U);

    ASSERT_TRUE(run("ip link set near up"));
    wait_for_carrier(*end);
    RawSocket other("far");
    EXPECT_EQ(end->queue(0).tx(&frame, 1), 1U);
    EXPECT_EQ(other.receive(1).size(), 1U);
    EXPECT_TRUE(other.send(make_frame(77)));
    EXPECT_EQ(receive(end->queue(0), 1), std::vector<Frame>{make_frame(77)});
}

TEST_F(KernelEndFault, RefusesWithoutCarrierInsteadOfPretending) {
    const VethPair pair;
    const auto end = open_end("near");
    ASSERT_TRUE(run("ip link set far down"));
    for (unsigned wait = 0; wait < 200 && end->refresh_link(); ++wait) {
        usleep(10'000);
    }
    EXPECT_FALSE(end->refresh_link());
    rte_mbuf* frame = mbuf_of(make_frame(60));
    EXPECT_EQ(end->queue(0).tx(&frame, 1), 0U);
    EXPECT_TRUE(end->queue(0).tx_refused());
    ASSERT_TRUE(run("ip link set far up"));
    wait_for_carrier(*end);
    EXPECT_EQ(end->queue(0).tx(&frame, 1), 1U);
}

TEST_F(KernelEndFault, SurvivesThatItsInterfaceIsDeleted) {
    VethPair pair;
    const auto end = open_end("near");
    ASSERT_TRUE(run("ip link del near"));
    rte_mbuf* frame = mbuf_of(make_frame(60));
    EXPECT_EQ(end->queue(0).tx(&frame, 1), 0U);
    EXPECT_TRUE(end->queue(0).tx_refused());
    EXPECT_EQ(end->queue(0).tx(&frame, 1), 0U);
    rte_mbuf* burst[KernelQueue::kBurst];
    EXPECT_EQ(end->queue(0).rx(burst, KernelQueue::kBurst), 0U);
    EXPECT_FALSE(end->refresh_link());
    rte_pktmbuf_free(frame);
}

TEST_F(KernelEndFault, WaitsWhenThePoolIsEmptyAndGoesOnAfterwards) {
    const VethPair pair(9000);
    const auto end = open_end("near");
    RawSocket sender("far");
    std::vector<rte_mbuf*> taken;
    while (rte_mbuf* m = rte_pktmbuf_alloc(test_pools().frames(0))) {
        taken.push_back(m);
    }
    EXPECT_TRUE(sender.send(make_frame(8000)));
    rte_mbuf* burst[KernelQueue::kBurst];
    EXPECT_EQ(end->queue(0).rx(burst, KernelQueue::kBurst), 0U);
    EXPECT_GT(end->queue(0).counters().rx_no_mbuf.get(), 0U);
    for (unsigned i = 0; i < 2; ++i) {  // less than a chain of five: nothing comes, nothing leaks
        rte_pktmbuf_free(taken.back());
        taken.pop_back();
    }
    EXPECT_EQ(end->queue(0).rx(burst, KernelQueue::kBurst), 0U);
    rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
    EXPECT_EQ(receive(end->queue(0), 1), std::vector<Frame>{make_frame(8000)});
}

TEST_F(KernelEndFault, CountsWhatTheKernelDropped) {
    const VethPair pair;
    KernelOptions options;
    options.pool = test_pools().frames(0);
    options.receive_buffer_mb = 0;  // the kernel's minimum: a frame or two
    std::string error;
    std::vector<std::string> warnings;
    const auto end = KernelInterface::open("near", options, error, warnings);
    ASSERT_NE(end, nullptr) << error;
    RawSocket sender("far");
    constexpr unsigned kSent = 50;
    for (unsigned i = 0; i < kSent; ++i) {
        EXPECT_TRUE(sender.send(make_frame(1000)));
    }
    usleep(20'000);
    rte_mbuf* burst[KernelQueue::kBurst];
    const std::uint16_t got = end->queue(0).rx(burst, KernelQueue::kBurst);
    rte_pktmbuf_free_bulk(burst, got);
    EXPECT_LT(got, kSent);
    EXPECT_EQ(end->kernel_drops(), kSent - got);
    EXPECT_EQ(end->kernel_drops(), kSent - got) << "a total, not a difference";
}

}  // namespace
}  // namespace minerwall::machine
