// Every fault of a policy is reported with its place, and all of them at once.
#include <gtest/gtest.h>

#include <vector>

#include "policy_text.hpp"

namespace minerwall::policy {
namespace {

struct Fault {
    std::string text;
    std::string said;  // a line of the output begins with this or has it
};

void expect_fault(const std::string& text, const std::string& said) {
    const LoadResult result = load_text(text, {}, 1);
    EXPECT_FALSE(result.ok()) << text;
    EXPECT_NE(format_all(result).find(said), std::string::npos)
        << "expected: " << said << "\ngot: " << format_all(result) << "for: " << text;
}

std::string rule(const std::string& body) {
    return policy_text("", "{ name = \"r\"; " + body + " }");
}
std::string when(const std::string& conditions) {
    return rule("action = \"drop\"; when = { " + conditions + " };");
}
std::string list(const std::string& type, const std::string& values) {
    const std::string key = type == "port" ? "any_port" : type == "ip" ? "any_ip" : "any_name";
    return policy_text("l = { type = \"" + type + "\"; values = [ " + values + " ]; };",
                       "{ name = \"r\"; action = \"drop\"; when = { " + key + " = \"@l\"; }; }");
}

TEST(Errors, OfTheWholeFile) {
    expect_fault("", "policy: error: a policy needs a `version`");
    expect_fault("version = 1; rules: ( );", "a policy needs a `mode`");
    expect_fault("version = 1; mode = \"observe\";", "a policy needs a `rules`");
    expect_fault("version = 2; mode = \"observe\"; rules: ( );",
                 "policy:1:1: error: this release reads policies of version 1 only");
    expect_fault("version = \"1\"; mode = \"observe\"; rules: ( );",
                 "`version` is \"1\", expected an integer");
    expect_fault(
        "\n\nversion = 1;\nmode = \"enforced\"; rules: ( );",
        "policy:4:1: error: `mode` is \"enforced\", expected one of \"enforce\", \"observe\", "
        "did you mean `enforce`?");
    expect_fault("version = 1; mode = \"observe\";\nrulse: ( );",
                 "policy:2:1: error: unknown key `rulse`, did you mean `rules`?");
    expect_fault("version = 1;\nmode = \"observe\n", "error: syntax error");
    expect_fault("version = 1;\nversion = 1;", "policy:2: error: duplicate setting name");
    expect_fault("version = 1; rules: { };", "`rules` is a group, expected a list");
    expect_fault("version = 1; lists: ( ); rules: ( );", "`lists` is a list, expected a group");
    expect_fault(std::string("version = 1;\nmode = \"a\0b\"", 24), "policy:2: error: a NUL byte");
    expect_fault(when("server_port = [ 1, \"2-3\" ];"), "use ( ) in place of [ ]");
    expect_fault(std::string(3000, '{'), "policy:1: error: syntax error");
    expect_fault("a = " + std::string(100'000, '('), "error");
}

TEST(Errors, OfUnreadable) {
    const std::string start = "version = 1; mode = \"enforce\"; rules: ( );\nunreadable";
    expect_fault(start + " = \"dorp\";",
                 "policy:2:1: error: `unreadable` is \"dorp\", expected one "
                 "of \"forward\", \"observe\", \"drop\", did you mean `drop`?");
    expect_fault(start + ": { tags = \"drop\"; };",
                 "policy:2:15: error: unknown key `unreadable.tags`");
    expect_fault(start + ": { tunnels = 1; };", "`unreadable.tunnels` is 1, expected one of");
    expect_fault(policy_text("", "{ name = \"unreadable\"; action = \"drop\"; when = { }; }"),
                 "the name `unreadable` is taken");
    expect_fault(when("unreadable = \"tunnel\""), "did you mean `tunnels`?");
}

TEST(Errors, OfRules) {
    expect_fault(policy_text("", "{ when = { }; action = \"drop\"; }"),
                 "policy:3: error: a rule needs a `name`");
    expect_fault(policy_text("", "{ name = \"r\"; action = \"drop\"; }"),
                 "policy:3: error: a rule needs a `when`");
    expect_fault(rule("when = { };"), "a rule needs a `action`");
    expect_fault(policy_text("", "{ name = \"a b\"; when = { }; action = \"drop\"; }"),
                 "a rule's name is 1 to 63");
    expect_fault(policy_text("", "{ name = \"other\"; when = { }; action = \"drop\"; }"),
                 "is taken");
    expect_fault(policy_text("",
                             "{ name = \"a\"; when = { }; action = \"drop\"; },\n"
                             "{ name = \"a\"; when = { }; action = \"drop\"; }"),
                 "policy:4: error: a second rule `a`, the first is at policy:3");
    expect_fault(rule("when = { }; action = \"droop\";"), "did you mean `drop`?");
    expect_fault(rule("when = { }; action = 1;"), "`rules.action` is 1, expected one of \"allow\"");
    expect_fault(rule("when = { }; action = \"quarantine\";"), "host quarantine is not available");
    expect_fault(rule("when = { }; action = \"reset\"; quarantine = \"10m\";"),
                 "host quarantine is not available in this version");
    expect_fault(rule("when = { }; acton = \"drop\";"),
                 "policy:3:36: error: unknown key `rules.acton`, did you mean `rules.action`?");
    expect_fault(rule("when = { }; action = \"drop\"; risk = 101;"),
                 "`rules.risk` is 101, expected an integer from 0 to 100");
    expect_fault(rule("when = { }; action = \"drop\"; risk = -1;"), "from 0 to 100");
    expect_fault(rule("when = { }; action = \"drop\"; risk = 4294967297;"),
                 "integer 4294967297 is out of range");
    expect_fault(rule("when = { }; action = \"drop\"; risk = 0x100000054;"), "is out of range");
    expect_fault(rule("when = { }; action = \"drop\"; risk = 99999999999999999999L;"),
                 "is out of range");
    expect_fault(rule("when = { }; action = \"drop\"; risk = 8.4;"), "from 0 to 100");
    expect_fault(rule("when = { }; action = \"drop\"; enabled = \"no\";"),
                 "`rules.enabled` is \"no\", expected true or false");
    expect_fault(rule("when = { }; action = \"drop\"; mode = \"off\";"),
                 "`rules.mode` is \"off\", expected one of");
    expect_fault(rule("when = \"x\"; action = \"drop\";"),
                 "`rules.when` is \"x\", expected a group");
    expect_fault(policy_text("", "\"rule\""),
                 "`rules` is \"rule\" at place 1, expected a rule { name");
}

TEST(Errors, OfSinkholes) {
    const auto sink = [](const std::string& more,
                         const std::string& c = "dns_name = \"a.example\";") {
        return rule("action = \"sinkhole\"; when = { " + c + " }; " + more);
    };
    expect_fault(sink("", "server_name = \"a.example\";"),
                 "needs a condition `dns_name` or `any_name`");
    expect_fault(sink("answer = \"nxdomian\";"), "`answer` must be \"nxdomain\", \"nodata\"");
    expect_fault(sink("answer = [ \"192.0.2.1\", \"192.0.2.2\" ];"), "two addresses of one family");
    expect_fault(sink("answer = 5;"), "`answer` must be");
    expect_fault(sink("ttl = 86401;"), "`rules.ttl` is 86401, expected an integer from 0 to 86400");
    expect_fault(rule("when = { }; action = \"drop\"; ttl = 5;"),
                 "are for action \"sinkhole\" only");
    for (const char* good : {"", "answer = \"nodata\";", "answer = \"192.0.2.1\"; ttl = 0;",
                             "answer = [ \"2001:db8::1\", \"192.0.2.1\" ];"}) {
        EXPECT_TRUE(load_text(sink(good), {}, 1).ok()) << good;
    }
}

TEST(Errors, OfConditions) {
    expect_fault(when("server_nmae = \"a.example\";"),
                 "unknown key `rules.when.server_nmae`, did you mean `rules.when.server_name`?");
    expect_fault(when("none = \"x\";"), "unknown key `rules.when.none`");
    expect_fault(when("app = \"stratun\";"), "did you mean `stratum`?");
    expect_fault(when("app = 3;"), "`app`: expected \"mining\"");
    expect_fault(when("proto = \"icmp\";"), "`proto`: expected \"tcp\" or \"udp\"");
    expect_fault(when("server_port = 0;"), "expected a number from 1 to 65535");
    expect_fault(when("server_port = [ 1, 65536 ];"), "not `65536`");
    expect_fault(when("server_port = \"10-5\";"), "not `10-5`");
    expect_fault(when("vlan = 4095;"), "expected a number from 0 to 4094");
    expect_fault(when("client_ip = 10;"), "expected a text in quotes, not the number 10");
    expect_fault(when("client_ip = \"10.0.0.0/33\";"), "expected a prefix length from 0 to 32");
    expect_fault(when("client_ip = \"0.0.0.0/0\";"), "is every address");
    expect_fault(when("client_ip = [ ];"), "`client_ip` is empty");
    expect_fault(when("client_ip = { };"), "an array of these");
    expect_fault(when("any_name = true;"), "an array of these");
    expect_fault(when("any_ip = \"@missing\";"), "policy:3: error: there is no list `missing`");
}

TEST(Errors, OfReferences) {
    const std::string lists =
        R"(pools = { type = "domain"; values = [ "a.example" ]; };
           ports = { type = "port"; values = [ 1 ]; };)";
    const auto with = [&](const std::string& condition) {
        return policy_text(lists,
                           "{ name = \"r\"; action = \"drop\"; when = { " + condition + " }; }");
    };
    expect_fault(with("server_name = \"@pool\";"),
                 "policy:4: error: there is no list `pool`, did you mean `pools`?");
    expect_fault(with("server_ip = \"@pools\";"),
                 "`server_ip` needs a list of type ip, but list `pools` is of type domain");
    expect_fault(with("any_name = \"@ports\";"),
                 "needs a list of type domain or name-pattern, but list `ports` is of type port");
    expect_fault(with("app = \"@ports\";"), "`app` takes no lists");
    expect_fault(with("vlan = \"@ports\";"), "`vlan` takes no lists");
}

TEST(Errors, OfLists) {
    expect_fault(policy_text("l = { values = [ 1 ]; };", ""),
                 "policy:2:10: error: a list needs a `type`");
    expect_fault(policy_text("l = { type = \"ports\"; values = [ 1 ]; };", ""),
                 "did you mean `port`?");
    expect_fault(policy_text("l = { type = \"port\"; };", ""),
                 "list `l` has neither `values` nor `files`");
    expect_fault(policy_text("l = { type = \"port\"; values = [ 1 ]; vales = [ 2 ]; };", ""),
                 "unknown key `lists.l.vales`, did you mean `lists.l.values`?");
    expect_fault(policy_text("l = \"x\";", ""), "`lists.l` is \"x\", expected a group");
    expect_fault(policy_text("l = { type = \"port\"; values = [ 1 ]; category = \"minig\"; };", ""),
                 "did you mean `mining`?");
    expect_fault(policy_text("l = { type = \"port\"; files = [ 1 ]; };", ""),
                 "a file name must be a text");
    expect_fault(list("port", "\"x\""), "policy:2: error: expected a number from 1 to 65535");
    expect_fault(list("ip", "\"pool.example\""), "expected an IPv4 or IPv6 address or prefix");
    expect_fault(list("domain", "\"com\""), "a single label");
    expect_fault(list("name-pattern", "\"(a\""), "pattern `(a`: Missing close parenthesis");
    expect_fault(list("name-pattern", "\"a)|(b\""), "pattern `a)|(b`");
    expect_fault(list("name-pattern", "\".*\""), "matches the empty text");
    expect_fault(list("name-pattern", "\"(a)\\\\1\""), "pattern `(a)\\1`");
}

TEST(Errors, AreToldAllAtOnceInOrder) {
    const LoadResult result = load_text(
        policy_text(
            "l = { type = \"domain\"; values = [ \"com\", \"a..b\" ]; };",
            "{ name = \"a\"; when = { any_name = \"@l\"; any_ip = \"@x\"; }; action = "
            "\"drop\"; },\n{ name = \"a\"; when = { server_port = 0; }; action = \"drop\"; }"),
        {}, 1);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.diagnostics.size(), 5u) << format_all(result);
}

TEST(Errors, OfOneFileAreCappedAndTheRestIsCounted) {
    std::string values;
    for (int i = 0; i < 120; ++i) {
        values += (i == 0 ? "" : ", ") + std::string("\"x\"");
    }
    const LoadResult result = load_text(list("domain", values), {}, 1);
    ASSERT_EQ(result.diagnostics.size(), settings::Diagnostics::kPerFile + 1);
    EXPECT_EQ(format(result.diagnostics.back()), "policy: error: and 70 more errors");
}

TEST(Errors, TooManySettingsAreRefusedBeforeLibconfigSeesThem) {
    std::string text;
    for (unsigned i = 0; i < 20'100; ++i) {
        text += "k" + std::to_string(i) + "=1;";
    }
    expect_fault(text, "more than 20000 settings");
}

}  // namespace
}  // namespace minerwall::policy
