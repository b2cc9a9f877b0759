// A wire end on a kernel interface forwards frames bit for bit.
#include <gtest/gtest.h>
#include <rte_mbuf.h>

#include "environment.hpp"
#include "veth.hpp"

namespace minerwall::machine {
namespace {

class KernelEnd : public testing::Test {
  protected:
    void SetUp() override {
        std::string why_not;
        if (!enter_namespace(why_not)) {
            GTEST_SKIP() << why_not;
        }
        before_ = frames_in_use();
    }
    void TearDown() override { EXPECT_EQ(frames_in_use(), before_) << "buffers leaked"; }

    // Sends from one end through the kernel into a plain socket at the other side.
    static std::vector<Frame> transmit(KernelQueue& queue, const std::vector<Frame>& frames,
                                       RawSocket& seen_by) {
        std::vector<rte_mbuf*> mbufs;
        for (const Frame& frame : frames) {
            mbufs.push_back(mbuf_of(frame));
        }
        const auto n = static_cast<std::uint16_t>(mbufs.size());
        EXPECT_EQ(queue.tx(mbufs.data(), n), n);
        EXPECT_FALSE(queue.tx_refused());
        return seen_by.receive(frames.size());
    }

    unsigned before_ = 0;
};

const std::vector<Frame>& all_kinds() {
    static const std::vector<Frame> frames = {
        make_frame(60),
        make_frame(1514),
        make_frame(1518, {0x8100, 0x0064, 0x0800}),                 // VLAN 100
        make_frame(64, {0x8100, 0xe000, 0x0800}),                   // priority only, VLAN 0
        make_frame(68, {0x88a8, 0x00c8, 0x8100, 0x0064, 0x86dd}),   // QinQ, 802.1ad
        make_frame(68, {0x8100, 0x00c8, 0x8100, 0x0064, 0x86dd}),   // two tags of 802.1Q
        make_frame(72, {0x88a8, 1, 0x88a8, 2, 0x8100, 3, 0x88b5}),  // three tags
        make_frame(64, {0x8847}),                                   // MPLS
        make_frame(64, {0x8863}),                                   // PPPoE discovery
        make_frame(64, {0x88cc}),                                   // LLDP
        make_frame(64, {0x0026}),                                   // 802.3 length, as in STP
        make_frame(15),
        make_frame(33),
        make_frame(59),
    };
    return frames;
}

TEST_F(KernelEnd, ReceivesEveryKindOfFrameBitIdenticalAndInOrder) {
    const VethPair pair;
    const auto end = open_end("near");
    RawSocket sender("far");
    for (const Frame& frame : all_kinds()) {
        EXPECT_TRUE(sender.send(frame)) << frame.size();
    }
    EXPECT_EQ(receive(end->queue(0), all_kinds().size()), all_kinds());
    EXPECT_EQ(end->queue(0).take_truncated(), 0U);
}

TEST_F(KernelEnd, TransmitsEveryKindOfFrameBitIdenticalAndInOrder) {
    const VethPair pair;
    const auto end = open_end("near");
    RawSocket receiver("far");
    EXPECT_EQ(transmit(end->queue(0), all_kinds(), receiver), all_kinds());
}

TEST_F(KernelEnd, CarriesJumboFramesAsChains) {
    const VethPair pair(9000);
    const auto end = open_end("near");
    RawSocket other("far");
    const std::vector<Frame> frames = {make_frame(9014), make_frame(60), make_frame(2048),
                                       make_frame(2049), make_frame(9018, {0x8100, 5, 0x88b5}, 9)};
    for (const Frame& frame : frames) {
        EXPECT_TRUE(other.send(frame));
    }
    rte_mbuf* burst[KernelQueue::kBurst];
    std::vector<Frame> got;
    std::vector<unsigned> segments;
    for (unsigned tries = 0; got.size() < frames.size() && tries < 1000; ++tries) {
        const std::uint16_t n = end->queue(0).rx(burst, KernelQueue::kBurst);
        for (std::uint16_t i = 0; i < n; ++i) {
            got.push_back(copy_of(*burst[i]));
            segments.push_back(burst[i]->nb_segs);
            rte_pktmbuf_free(burst[i]);
        }
    }
    EXPECT_EQ(got, frames);
    EXPECT_EQ(segments, (std::vector<unsigned>{5, 1, 1, 2, 5}));
    EXPECT_EQ(transmit(end->queue(0), frames, other), frames);
}

TEST_F(KernelEnd, KeepsTheOrderOverManyBursts) {
    const VethPair pair;
    const auto end = open_end("near");
    RawSocket other("far");
    std::vector<Frame> frames;
    for (unsigned i = 0; i < 500; ++i) {
        frames.push_back(make_frame(60 + i % 1400, {0x88b5, static_cast<std::uint16_t>(i)}));
        EXPECT_TRUE(other.send(frames.back()));
    }
    EXPECT_EQ(receive(end->queue(0), frames.size()), frames);
    // The plain socket's buffer has the kernel's default size, so send a few at a time.
    for (std::size_t at = 0; at < frames.size(); at += 100) {
        const std::vector<Frame> some(frames.begin() + static_cast<std::ptrdiff_t>(at),
                                      frames.begin() + static_cast<std::ptrdiff_t>(at) + 100);
        EXPECT_EQ(transmit(end->queue(0), some, other), some);
    }
}

TEST_F(KernelEnd, DoesNotReceiveWhatItSent) {
    const VethPair pair;
    const auto end = open_end("near", 2);
    RawSocket other("far");
    EXPECT_EQ(transmit(end->queue(0), {make_frame(60)}, other).size(), 1U);
    EXPECT_TRUE(other.send(make_frame(61)));
    usleep(20'000);
    rte_mbuf* burst[KernelQueue::kBurst];
    std::vector<Frame> got;
    for (unsigned worker = 0; worker < 2; ++worker) {
        const std::uint16_t n = end->queue(worker).rx(burst, KernelQueue::kBurst);
        for (std::uint16_t i = 0; i < n; ++i) {
            got.push_back(copy_of(*burst[i]));
            rte_pktmbuf_free(burst[i]);
        }
    }
    EXPECT_EQ(got, std::vector<Frame>{make_frame(61)});
}

TEST_F(KernelEnd, SharesFramesAmongWorkersWithoutLossOrDuplicate) {
    const VethPair pair;
    const auto end = open_end("near", 2);
    RawSocket other("far");
    constexpr std::uint16_t kFlows = 64;
    for (std::uint16_t flow = 0; flow < kFlows; ++flow) {
        Frame f = make_frame(14);
        f[12] = 0x08;
        f[13] = 0x00;
        // IPv4, UDP, 10.0.0.1:flow -> 10.0.0.2:53; checksums do not matter to the hash
        const Frame ip = {0x45, 0,  0, 46, 0, 0,  0, 0, 64, 17,   0,
                          0,    10, 0, 0,  1, 10, 0, 0, 2,  0x40, static_cast<std::uint8_t>(flow),
                          0,    53, 0, 26, 0, 0};
        f.insert(f.end(), ip.begin(), ip.end());
        f.resize(60);
        EXPECT_TRUE(other.send(f));
    }
    std::vector<unsigned> per_flow(kFlows);
    std::vector<std::size_t> per_worker;
    usleep(20'000);
    rte_mbuf* burst[KernelQueue::kBurst];
    for (unsigned worker = 0; worker < 2; ++worker) {
        std::size_t count = 0;
        while (const std::uint16_t n = end->queue(worker).rx(burst, KernelQueue::kBurst)) {
            for (std::uint16_t i = 0; i < n; ++i) {
                ++per_flow[copy_of(*burst[i])[35]];
                rte_pktmbuf_free(burst[i]);
            }
            count += n;
        }
        per_worker.push_back(count);
    }
    EXPECT_EQ(per_flow, std::vector<unsigned>(kFlows, 1));
    EXPECT_GT(per_worker[0], 0U);
    EXPECT_GT(per_worker[1], 0U);
}

}  // namespace
}  // namespace minerwall::machine
