#include "minerwalld/policy_loader.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <future>
#include <memory>
#include <utility>

namespace minerwall::daemon {
namespace {

bool ended(const PolicyLoader& loader, int milliseconds) {
    pollfd one{loader.descriptor(), POLLIN, 0};
    return poll(&one, 1, milliseconds) == 1;
}

policy::LoadResult result_that_says(const char* text) {
    policy::LoadResult result;
    result.diagnostics.push_back({.file = text, .message = "said"});
    return result;
}

TEST(PolicyLoader, LoadsBesideTheCallerOneAfterTheOther) {
    PolicyLoader loader;
    for (const char* name : {"first", "second"}) {
        auto gate = std::make_shared<std::promise<void>>();
        EXPECT_FALSE(loader.loading());
        loader.start([gate, name] {
            gate->get_future().wait();
            return result_that_says(name);
        });
        EXPECT_TRUE(loader.loading());
        EXPECT_FALSE(ended(loader, 20));
        gate->set_value();
        ASSERT_TRUE(ended(loader, 10000));
        EXPECT_EQ(loader.take().diagnostics.at(0).file, name);
        EXPECT_FALSE(ended(loader, 0));
    }
}

TEST(PolicyLoader, ItsThreadTakesNoSignals) {
    PolicyLoader loader;
    loader.start([] {
        sigset_t blocked;
        pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        return result_that_says(sigismember(&blocked, SIGTERM) == 1 ? "blocked" : "open");
    });
    ASSERT_TRUE(ended(loader, 10000));
    EXPECT_EQ(loader.take().diagnostics.at(0).file, "blocked");
    sigset_t ours;
    pthread_sigmask(SIG_SETMASK, nullptr, &ours);
    EXPECT_EQ(sigismember(&ours, SIGTERM), 0);
}

TEST(PolicyLoader, AnAbandonedLoadHarmsNobody) {
    auto gate = std::make_shared<std::promise<void>>();
    auto finished = std::make_shared<std::promise<void>>();
    std::future<void> end = finished->get_future();
    {
        PolicyLoader loader;
        loader.start([gate, finished = std::move(finished)] {
            gate->get_future().wait();
            finished->set_value();
            return result_that_says("late");
        });
    }
    gate->set_value();
    EXPECT_EQ(end.wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace
}  // namespace minerwall::daemon
