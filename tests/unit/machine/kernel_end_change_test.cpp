// What a kernel end does when somebody changes its interface while workers run.
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <rte_mbuf.h>
#include <unistd.h>

#include "environment.hpp"
#include "machine/link_news.hpp"
#include "veth.hpp"

namespace minerwall::machine {
namespace {

using Clock = KernelInterface::Clock;

class KernelEndChange : public testing::Test {
  protected:
    void SetUp() override {
        std::string why_not;
        if (!enter_namespace(why_not)) {
            GTEST_SKIP() << why_not;
        }
        before_ = frames_in_use();
    }
    void TearDown() override { EXPECT_EQ(frames_in_use(), before_) << "buffers leaked"; }

    // Looks as the daemon does, until the end is in this state. Returns what was noted.
    std::string look_until(KernelInterface& end, EndState state) {
        EndNotes notes;
        for (unsigned wait = 0; wait < 300; ++wait) {
            end.look(Clock::now() + ahead_, notes);
            if (end.state() == state) {
                break;
            }
            usleep(10'000);
        }
        EXPECT_EQ(to_text(end.state()), to_text(state));
        std::string said;
        for (const EndNote& note : notes) {
            said += note.text + "\n";
        }
        return said;
    }
    // A frame of this size passes each way.
    static void expect_passes(KernelInterface& end, const std::string& other,
                              std::size_t size = 60) {
        RawSocket far(other);
        usleep(20'000);  // for the carrier of the other side
        EXPECT_TRUE(far.send(make_frame(size)));
        EXPECT_EQ(receive(end.queue(0), 1), std::vector<Frame>{make_frame(size)});
        rte_mbuf* frame = mbuf_of(make_frame(size));
        EXPECT_EQ(end.queue(0).tx(&frame, 1), 1U);
        EXPECT_EQ(far.receive(1), std::vector<Frame>{make_frame(size)});
    }
    Clock::duration ahead_{};

  private:
    unsigned before_ = 0;
};

TEST_F(KernelEndChange, NothingIsNotedWhileNothingChanges) {
    const VethPair pair;
    const auto end = open_end("near");
    EXPECT_EQ(look_until(*end, EndState::up), "");
    EXPECT_EQ(look_until(*end, EndState::up), "");
}

TEST_F(KernelEndChange, AnInterfaceThatIsMadeAgainIsTakenAgain) {
    for (unsigned workers : {1U, 2U}) {
        std::unique_ptr<KernelInterface> end;
        {
            const VethPair pair;
            end = open_end("near", workers);
        }
        EXPECT_NE(look_until(*end, EndState::gone).find("gone"), std::string::npos);
        EXPECT_EQ(look_until(*end, EndState::gone), "") << "said once";
        EXPECT_FALSE(end->carrier());
        const VethPair again;
        EXPECT_NE(look_until(*end, EndState::up).find("taken again"), std::string::npos);
        EXPECT_EQ(end->times_retaken(), 1U);
        if (workers == 1) {
            expect_passes(*end, "far");
        }
        EXPECT_EQ(look_until(*end, EndState::up), "");
    }
}

TEST_F(KernelEndChange, AnInterfaceOfTheSameIndexIsNotTheOldOne) {
    ASSERT_TRUE(
        run("ip link add near index 77 type veth peer name far && sysctl -qw "
            "net.ipv6.conf.far.disable_ipv6=1; ip link set far up"));
    const auto end = open_end("near");
    ASSERT_TRUE(
        run("ip link del near && ip link add near index 77 type veth peer name far && "
            "sysctl -qw net.ipv6.conf.far.disable_ipv6=1; ip link set far up"));
    EXPECT_NE(look_until(*end, EndState::up).find("taken again"), std::string::npos);
    EXPECT_EQ(end->times_retaken(), 1U);
    expect_passes(*end, "far");
    run("ip link del near");
}

TEST_F(KernelEndChange, ARenamedInterfaceStaysTheEndUntilThereIsAnotherOfTheName) {
    const VethPair pair;
    const auto end = open_end("near");
    ASSERT_TRUE(
        run("ip link set near down && ip link set near name moved && ip link set moved up"));
    EXPECT_NE(look_until(*end, EndState::up).find("called moved now"), std::string::npos);
    expect_passes(*end, "far");
    ASSERT_TRUE(
        run("ip link add near type veth peer name other && sysctl -qw "
            "net.ipv6.conf.other.disable_ipv6=1; ip link set other up"));
    EXPECT_NE(look_until(*end, EndState::up).find("taken again"), std::string::npos);
    expect_passes(*end, "other");
    run("ip link del near; ip link del moved");
}

TEST_F(KernelEndChange, AnInterfaceThatSomebodyTookDownComesUpAgain) {
    const VethPair pair;
    const auto end = open_end("near");
    ASSERT_TRUE(run("ip link set near down"));
    EXPECT_NE(look_until(*end, EndState::down).find("took the interface down"), std::string::npos);
    EXPECT_EQ(look_until(*end, EndState::down), "");
    EXPECT_EQ(link_flags("near") & IFF_UP, 0) << "time for a change that needs it down";
    ahead_ = KernelInterface::kDownFor + std::chrono::milliseconds(1);
    EXPECT_NE(look_until(*end, EndState::up).find("up again"), std::string::npos);
    expect_passes(*end, "far");
}

TEST_F(KernelEndChange, LongerFramesPassAfterTheMtuWasRaised) {
    const VethPair pair;
    const auto end = open_end("near");
    expect_passes(*end, "far");
    ASSERT_TRUE(run("ip link set near mtu 9000 && ip link set far mtu 9000"));
    EXPECT_NE(look_until(*end, EndState::up).find("MTU is 9000 now, it was 1500"),
              std::string::npos);
    expect_passes(*end, "far", 8900);
    expect_passes(*end, "far", 60);
    EXPECT_EQ(end->queue(0).counters().truncated.get(), 0U);
    ASSERT_TRUE(run("ip link set near mtu 1500"));
    look_until(*end, EndState::up);
    expect_passes(*end, "far", 1400);
}

TEST_F(KernelEndChange, Ipv6StaysOff) {
    const std::string ipv6 = "/proc/sys/net/ipv6/conf/near/disable_ipv6";
    if (access(ipv6.substr(0, 18).c_str(), F_OK) != 0) {
        GTEST_SKIP() << "the kernel has no IPv6";
    }
    const VethPair pair;
    const auto end = open_end("near");
    ASSERT_TRUE(run("sysctl -qw net.ipv6.conf.near.disable_ipv6=0"));
    EXPECT_EQ(look_until(*end, EndState::up), "somebody switched IPv6 on: it goes off again\n");
    EXPECT_TRUE(run("grep -q 1 " + ipv6));
}

TEST_F(KernelEndChange, TheKernelReportsChangesAtOnce) {
    const VethPair pair;
    LinkNews news;
    ASSERT_GE(news.descriptor(), 0);
    pollfd waiting{news.descriptor(), POLLIN, 0};
    news.take();
    EXPECT_EQ(poll(&waiting, 1, 0), 0);
    for (const char* const change : {"near mtu 1400", "near down", "near name moved"}) {
        ASSERT_TRUE(run(std::string("ip link set ") + change));
        EXPECT_EQ(poll(&waiting, 1, 1000), 1) << change;
        usleep(20'000);
        news.take();
        EXPECT_EQ(poll(&waiting, 1, 0), 0) << change;
    }
    run("ip link del moved");
}

TEST_F(KernelEndChange, CarrierIsNoted) {
    const VethPair pair;
    const auto end = open_end("near");
    ASSERT_TRUE(run("ip link set far down"));
    EXPECT_NE(look_until(*end, EndState::no_carrier).find("no carrier"), std::string::npos);
    ASSERT_TRUE(run("ip link set far up"));
    EXPECT_EQ(look_until(*end, EndState::up), "carrier\n");
}

}  // namespace
}  // namespace minerwall::machine
