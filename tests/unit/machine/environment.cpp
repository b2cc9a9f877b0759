#include "environment.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace minerwall::machine {

namespace {

std::optional<Eal> eal;
std::optional<Pools> pools;

class Environment : public testing::Environment {
  public:
    void SetUp() override {
        EalOptions options;
        options.hugepages = HugepageMode::off;
        options.memory_mb = 256;
        options.workers = kTestWorkers;
        std::string error;
        eal.emplace(*Eal::start(options, error));
        PoolOptions sizes;
        sizes.mbufs = kTestMbufs;
        sizes.workers = kTestWorkers;
        pools.emplace(*Pools::create(sizes, error));
    }
    void TearDown() override {
        pools.reset();
        eal.reset();
    }
};

const testing::Environment* const registered = testing::AddGlobalTestEnvironment(new Environment);

}  // namespace

const Eal& test_eal() {
    return *eal;
}

Pools& test_pools() {
    return *pools;
}

unsigned frames_in_use() {
    return pools->levels().front().in_use;
}

}  // namespace minerwall::machine
