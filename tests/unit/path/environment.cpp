#include "environment.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace minerwall::path {
namespace {

std::optional<host::Eal> eal;
std::optional<host::Pools> pools;

class Environment : public testing::Environment {
  public:
    void SetUp() override {
        host::EalOptions options;
        options.hugepages = host::HugepageMode::off;
        options.memory_mb = 128;
        options.workers = 0;
        std::string error;
        if (auto started = host::Eal::start(options, error)) {
            eal.emplace(std::move(*started));
            host::PoolOptions sizes;
            sizes.mbufs = kTestFrames;
            sizes.crafted = kTestCrafted;
            if (auto made = host::Pools::create(sizes, error)) {
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

host::Pools& test_pools() {
    return *pools;
}

unsigned buffers_in_use() {
    unsigned in_use = 0;
    for (const host::PoolLevel& level : pools->levels()) {
        in_use += level.in_use;
    }
    return in_use;
}

}  // namespace minerwall::path
