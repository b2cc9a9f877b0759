#include "minerwalld/loop.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <csignal>
#include <string>

#include "minerwalld/signals.hpp"

namespace minerwall::daemon {
namespace {

class LoopTest : public ::testing::Test {
  protected:
    void SetUp() override { sigprocmask(SIG_SETMASK, nullptr, &before_); }
    void TearDown() override { sigprocmask(SIG_SETMASK, &before_, nullptr); }

    // What the loop called, a letter each: h HUP, u USR1, s a second.
    Loop::Handlers handlers() {
        return {.reload = [this] { called_ += 'h'; },
                .reopen = [this] { called_ += 'u'; },
                .every_second = [this] { called_ += 's'; }};
    }
    std::string called_;

  private:
    sigset_t before_;
};

TEST_F(LoopTest, RequestsFromBeforeTheLoopAreServedOnceAndInOrder) {
    hold_requests();
    for (int i = 0; i < 3; ++i) {
        raise(SIGUSR1);
        raise(SIGHUP);
    }
    Loop loop;
    Loop::Handlers calls = handlers();
    calls.every_second = [] { raise(SIGTERM); };
    loop.run(calls);
    EXPECT_EQ(called_, "hu");
}

TEST_F(LoopTest, TermComesBeforeRequestsAndDescriptors) {
    Loop loop;
    const Descriptor other(eventfd(1, EFD_CLOEXEC), "eventfd");
    loop.watch(other.get(), [this] { called_ += 'd'; });
    raise(SIGHUP);
    raise(SIGTERM);
    loop.run(handlers());
    EXPECT_EQ(called_, "");
}

}  // namespace
}  // namespace minerwall::daemon
