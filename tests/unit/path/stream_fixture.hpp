// A miner and its pool with the appliance between them, for tests of evasion inside a stream. In
// every test, the pool must not get the whole of kLogin, unless may_read_ allows it.
#pragma once

#include <gtest/gtest.h>

#include "support/messages.hpp"
#include "tcp_peers.hpp"

namespace minerwall::path {

class StreamFixture : public testing::Test {
  protected:
    ~StreamFixture() override {
        if (!may_read_) {
            EXPECT_FALSE(peers.reads(0, test::kLogin)) << "the pool got a complete message";
        }
        rig.end_flows();
        EXPECT_EQ(rig.counters().stream_memory_used.get(), 0u);
    }
    std::string_view part(std::size_t from, std::size_t n = std::string::npos) const {
        return std::string_view(test::kLogin).substr(from, n);
    }
    std::uint64_t conflicts(std::uint16_t port = Rig::kClientSide) {
        return rig.dropped(Reason::stream_conflict, port);
    }
    bool cut() { return rig.dropped(Reason::policy_reset) != 0; }

    const std::string decoy_ = std::string(test::kLogin.size(), '#');
    bool may_read_ = false;  // the test does not try to hide test::kLogin
    Rig rig{kResetMining};
    Peers peers{rig};
};

}  // namespace minerwall::path
