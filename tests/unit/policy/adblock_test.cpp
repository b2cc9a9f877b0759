// Lines in Adblock syntax: which ones say something about a whole host, and how a list takes them.
#include "policy/adblock.hpp"

#include <gtest/gtest.h>

#include "policy/list_builder.hpp"

namespace minerwall::policy {
namespace {

struct Line {
    std::string_view text;
    AdblockLine kind;
    std::string_view host;
};

TEST(AdblockLines, OnlyAFilterForAWholeHostIsAHost) {
    constexpr Line kLines[] = {
        {"||pool.example^", AdblockLine::host, "pool.example"},
        {"  ||pool.example^ \r", AdblockLine::host, "pool.example"},
        {"||pool.example", AdblockLine::host, "pool.example"},
        {"||pool.example^|", AdblockLine::host, "pool.example"},
        {"||pool.example^$third-party", AdblockLine::host, "pool.example"},
        {"||pool.example$3p,important,all,match-case", AdblockLine::host, "pool.example"},
        {"||192.0.2.7^", AdblockLine::host, "192.0.2.7"},
        {"||[2001:db8::7]^$third-party", AdblockLine::host, "2001:db8::7"},
        {"", AdblockLine::nothing, ""},
        {" \t\r", AdblockLine::nothing, ""},
        {"! a comment about ||pool.example^", AdblockLine::nothing, ""},
        {"!#### section ####", AdblockLine::nothing, ""},
        {"# a comment", AdblockLine::nothing, ""},
        {"#", AdblockLine::nothing, ""},
        {"[Adblock Plus 2.0]", AdblockLine::nothing, ""},
        {"@@||pool.example^", AdblockLine::exception, ""},
        {"||pool.example^$third-party,badfilter", AdblockLine::exception, ""},
        {"||pool.example^$~third-party", AdblockLine::narrowed, ""},
        {"||pool.example^$websocket", AdblockLine::narrowed, ""},
        {"||pool.example^$third-party,domain=shop.example", AdblockLine::narrowed, ""},
        {"||pool.example^$", AdblockLine::narrowed, ""},
        {"||pool.example^$important,", AdblockLine::narrowed, ""},
        {"||pool.example/worker.js", AdblockLine::url, ""},
        {"||pool.example^*?proxy=$third-party", AdblockLine::url, ""},
        {"||pool-*.example^", AdblockLine::url, ""},
        {"||*.pool.example^", AdblockLine::url, ""},
        {"||pool.example:8080^", AdblockLine::url, ""},
        {"||", AdblockLine::url, ""},
        {"||^$third-party", AdblockLine::url, ""},
        {"|https://pool.example/", AdblockLine::url, ""},
        {"pool.example", AdblockLine::url, ""},
        {"/miner.js$script", AdblockLine::url, ""},
        {"/^wss?:\\/\\/pool\\./$websocket", AdblockLine::url, ""},
        {"$websocket,domain=shop.example", AdblockLine::url, ""},
        {"##.banner", AdblockLine::element, ""},
        {"pool.example##.banner", AdblockLine::element, ""},
        {"pool.example#@#.banner", AdblockLine::element, ""},
        {"pool.example#%#noMiner();", AdblockLine::element, ""},
        {"pool.example$$script[data-miner]", AdblockLine::element, ""},
        {"!#include other.txt", AdblockLine::directive, ""},
    };
    for (const Line& line : kLines) {
        std::string_view host;
        EXPECT_EQ(read_adblock_line(line.text, host), line.kind) << line.text;
        if (line.kind == AdblockLine::host) {
            EXPECT_EQ(host, line.host) << line.text;
        }
    }
}

struct Built {
    List list;
    std::vector<settings::Diagnostic> said;

    std::string all() const {
        std::string text;
        for (const settings::Diagnostic& d : said) {
            text += settings::format(d) + "\n";
        }
        return text;
    }
};

Built build(ListType type, std::string_view text) {
    settings::Diagnostics diagnostics;
    ListBuilder builder(type, diagnostics);
    builder.from_file("f");
    builder.add_file(ListFormat::adblock, text);
    Built built{builder.finish(), {}};
    built.said = diagnostics.take();
    return built;
}

constexpr std::string_view kMixed =
    "\xef\xbb\xbf[Adblock Plus 2.0]\r\n! Title: test\r\n||b.example^$third-party\r\n"
    "||192.0.2.7^\r\n/miner.js\r\n||c.example^$script\r\n@@||d.example^\r\n##.ad\r\n!#if x\r\n"
    "/xmr.js\r\n||E.Example^";

TEST(AdblockList, ADomainListTakesTheNames) {
    const Built built = build(ListType::domain, kMixed);
    ASSERT_EQ(built.list.size(), 2u);
    EXPECT_EQ(built.list.entry_text(0), "b.example");
    EXPECT_EQ(built.list.entry_text(1), "e.example");
    EXPECT_EQ(
        built.all(),
        "f:4: warning: skipped 1 filters for addresses (a list of type \"ip\" takes them), "
        "the first here\n"
        "f:5: warning: skipped 2 filters for parts of URLs or names, the first here\n"
        "f:6: warning: skipped 1 filters with options that a wire cannot follow, the first "
        "here\n"
        "f:7: warning: skipped 1 exceptions (write a rule with action \"allow\"), the first "
        "here\n"
        "f:8: warning: skipped 1 filters for parts of pages, the first here\n"
        "f:9: warning: skipped 1 directives (the lines between them count), the first here\n");
}

TEST(AdblockList, AnAddressListTakesTheAddresses) {
    const Built built = build(ListType::ip, kMixed);
    ASSERT_EQ(built.list.size(), 1u);
    EXPECT_EQ(built.list.entry_text(0), "192.0.2.7");
    EXPECT_NE(built.all().find("f:3: warning: skipped 2 filters for names (a list of type "
                               "\"domain\" takes them), the first here"),
              std::string::npos);
}

// An operator cannot mend the file of somebody else, and the next download would undo it.
TEST(AdblockList, AnEntryThatNoListMayHaveIsSkippedWithAWarning) {
    const Built built = build(ListType::domain,
                              "||duckdns.org^\n||com^\n||a b.example^\n||.x.example^\n"
                              "||good.example^\n||good.example^$third-party\n");
    EXPECT_EQ(built.list.size(), 2u);  // the duplicate has an id, too
    ASSERT_EQ(built.said.size(), 5u) << built.all();
    for (unsigned i = 0; i < 4; ++i) {
        EXPECT_EQ(built.said[i].severity, settings::Severity::warning);
        EXPECT_EQ(built.said[i].line, i + 1);
        EXPECT_TRUE(built.said[i].message.starts_with("skipped: ")) << built.said[i].message;
    }
    EXPECT_EQ(built.said[4].message, "`good.example` is listed before, at f:5");
}

TEST(AdblockList, AFileOfAnotherFormatIsAnError) {
    for (const std::string_view text :
         {"pool.example\n", "0.0.0.0 pool.example\n", "local=/pool.example/\n"}) {
        const Built built = build(ListType::domain, text);
        EXPECT_EQ(built.all(),
                  "f: error: no line has the form ||name^: is the file in another format?\n");
    }
    EXPECT_EQ(build(ListType::domain, "[Adblock Plus 2.0]\n! nothing yet").all(), "");
    // A list of names without an address is no fault of a list of addresses.
    EXPECT_EQ(build(ListType::ip, "||pool.example^\n").said[0].severity,
              settings::Severity::warning);
}

}  // namespace
}  // namespace minerwall::policy
