// The policies that this project ships must load without an error on any machine.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

TEST(Shipped, EveryPolicyLoadsWithAllItsLists) {
    const char* directory = std::getenv("MINERWALL_POLICIES");
    if (directory == nullptr) {
        GTEST_SKIP() << "run by meson, which says where the policies are";
    }
    unsigned seen = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
        if (file.path().extension() != ".conf") {
            continue;
        }
        ++seen;
        const LoadResult result = load(file.path(), 1);
        EXPECT_TRUE(result.ok()) << format_all(result);
    }
    EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace minerwall::policy
