// A truncated policy must not load as another, smaller policy.
#include <gtest/gtest.h>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

constexpr std::string_view kPolicy = R"(# who may mine, and who may not
version = 1;
mode = "enforce";
lists: {
  ports = { type = "port"; values = ( 3333, "4000-4010" ); };
  pools = { type = "domain"; values = [ "pool.example" ]; };
};
rules: (
  { name = "dns"; when = { dns_name = "@pools"; }; action = "sinkhole"; ttl = 30; },
  { name = "ports"; when = { any_port = "@ports"; }; action = "observe"; risk = 50; }
);
)";

TEST(Truncation, AtAnyByteGivesTheWholePolicyOrNone) {
    const std::string whole(kPolicy);
    const std::size_t end = whole.rfind(')') + 1;  // the semicolon behind it is optional
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const LoadResult result = load_text(whole.substr(0, size), {}, 1);
        ASSERT_EQ(result.ok(), size >= end) << size << '\n' << format_all(result);
        ASSERT_TRUE(result.ok() || !result.diagnostics.empty()) << "refused without a message";
        if (result.ok()) {
            EXPECT_EQ(result.ruleset->rule_count(), 2u);
            EXPECT_EQ(result.ruleset->entry_count(), 3u);
        }
    }
}

TEST(Truncation, AnyByteChangedIsReadWithoutHarm) {
    const std::string whole(kPolicy);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const char c : {'\0', '"', '{', ')', '@', '9', '\xff'}) {
            std::string changed = whole;
            changed[at] = c;
            const LoadResult result = load_text(changed, {}, 1);
            ASSERT_TRUE(result.ok() || !result.diagnostics.empty());
        }
    }
}

}  // namespace
}  // namespace minerwall::policy
