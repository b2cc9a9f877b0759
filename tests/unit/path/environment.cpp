#include "environment.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace minerwall::path {
namespace {

std::optional<machine::Eal> eal;
std::optional<machine::Pools> pools;

class Environment : public testing::Environment {
  public:
    void SetUp() override {
        machine::EalOptions options;
        options.hugepages = machine::HugepageMode::off;
        options.memory_mb = 128;
        options.workers = 0;
        std::string error;
        if (auto started = machine::Eal::start(options, error)) {
            eal.emplace(std::move(*started));
            machine::PoolOptions sizes;
            sizes.mbufs = kTestFrames;
            sizes.crafted = kTestCrafted;
            if (auto made = machine::Pools::create(sizes, error)) {
                pools.emplace(std::move(*made));
                return;
            }
        }
        std::fprintf(stderr, "cannot test: %s\n", error.c_str());
        std::exit(EXIT_FAILURE);
    }
    void TearDown() override {
        pools.reset();
        eal.reset();
    }
};

const testing::Environment* const registered = testing::AddGlobalTestEnvironment(new Environment);

}  // namespace

machine::Pools& test_pools() {
    return *pools;
}

unsigned buffers_in_use() {
    unsigned in_use = 0;
    for (const machine::PoolLevel& level : pools->levels()) {
        in_use += level.in_use;
    }
    return in_use;
}

}  // namespace minerwall::path
