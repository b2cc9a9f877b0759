#include "match/port_set.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace minerwall::match {
namespace {

TEST(PortSet, FindsPortsAndRangesWithTheirEntries) {
    PortSetBuilder builder;
    builder.add(3333, 3333);
    builder.add(4000, 4010);
    builder.add(65535, 65535);
    const PortSet set = builder.build();
    EXPECT_EQ(set.lookup(3333), 0u);
    EXPECT_EQ(set.lookup(4000), 1u);
    EXPECT_EQ(set.lookup(4010), 1u);
    EXPECT_EQ(set.lookup(65535), 2u);
    for (const std::uint16_t port :
         std::initializer_list<std::uint16_t>{0, 3332, 3334, 3999, 4011, 65534}) {
        EXPECT_EQ(set.lookup(port), kNoEntry) << port;
    }
}

TEST(PortSet, OfOverlappingRangesTheFirstAddedAnswers) {
    PortSetBuilder builder;
    builder.add(100, 200);
    builder.add(150, 250);
    builder.add(120, 180);  // adds nothing
    builder.add(90, 300);
    std::vector<Duplicate> duplicates;
    const PortSet set = builder.build(&duplicates);
    EXPECT_EQ(set.lookup(99), 3u);
    EXPECT_EQ(set.lookup(100), 0u);
    EXPECT_EQ(set.lookup(200), 0u);
    EXPECT_EQ(set.lookup(201), 1u);
    EXPECT_EQ(set.lookup(250), 1u);
    EXPECT_EQ(set.lookup(251), 3u);
    EXPECT_EQ(set.lookup(301), kNoEntry);
    ASSERT_EQ(duplicates.size(), 1u);
    EXPECT_EQ(duplicates[0].first, 0u);
    EXPECT_EQ(duplicates[0].later, 2u);
}

TEST(PortSet, ManyWideRangesDoNotCostTheirProduct) {
    PortSetBuilder builder;
    for (unsigned i = 0; i < 1'000'000; ++i) {
        builder.add(0, 65535);
    }
    const PortSet set = builder.build();
    EXPECT_EQ(set.lookup(0), 0u);
    EXPECT_EQ(set.lookup(65535), 0u);
}

TEST(PortSet, AnEmptySetMatchesNothing) {
    EXPECT_EQ(PortSet().lookup(80), kNoEntry);
}

}  // namespace
}  // namespace minerwall::match
