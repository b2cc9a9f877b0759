#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "output/eve/formatter.hpp"
#include "output/eve/stats.hpp"
#include "samples.hpp"

namespace minerwall::output {
namespace {

using nlohmann::json;
using namespace std::string_view_literals;

EveOptions options() {
    EveOptions o;
    o.port_names = {"inside0", "outside0"};
    return o;
}

json parsed(const event::Record& r, EveOptions o = options()) {
    EveFormatter writer(std::move(o));
    return json::parse(writer.line(r));
}

TEST(EveFormatter, AlertOfARecognisedProtocolHasTheWholeStory) {
    const json e = parsed(samples::payload_alert());
    EXPECT_EQ(e["timestamp"], "2026-01-02T03:04:05.123456+0000");
    EXPECT_EQ(e["event_type"], "alert");
    EXPECT_EQ(e["in_iface"], "inside0");
    EXPECT_EQ(e["vlan"], json({100, 200}));
    EXPECT_EQ(e["src_ip"], "10.0.0.7");
    EXPECT_EQ(e["dest_port"], 3333);
    EXPECT_EQ(e["proto"], "TCP");
    EXPECT_EQ(e["app_proto"], "stratum");
    EXPECT_EQ(e["alert"]["action"], "blocked");
    EXPECT_EQ(e["alert"]["signature_id"], 1002);
    EXPECT_EQ(e["alert"]["severity"], 1);
    EXPECT_EQ(e["alert"]["metadata"]["mitre_technique_id"], json({"T1496"}));
    EXPECT_EQ(e["verdict"]["action"], "reset");
    EXPECT_FALSE(e["verdict"].contains("would"));
    const json& m = e["mining"];
    EXPECT_EQ(m["dialect"], "cryptonote");
    EXPECT_EQ(m["login"], "48edfH…icoD");
    EXPECT_EQ(m["worker"], "rig01");
    EXPECT_EQ(m["speaker"], "miner");
    EXPECT_EQ(m["rule_at"], "policy.conf:12");
    EXPECT_EQ(m["risk"], 84);
    EXPECT_EQ(m["stage"], "actions on objective");
    EXPECT_EQ(m["attack_id"], "T1496");
    EXPECT_EQ(m["recognised_by"], "payload");
    ASSERT_EQ(m["evidence"].size(), 1u);
    EXPECT_EQ(m["evidence"][0]["offset"], 17);
}

TEST(EveFormatter, NoLineHasTheWholeLogin) {
    EveFormatter writer(options());
    EXPECT_EQ(writer.line(samples::payload_alert()).find(samples::kWallet.substr(0, 20)),
              std::string_view::npos);
    EXPECT_EQ(writer.line(samples::mining_flow()).find(samples::kWallet.substr(0, 20)),
              std::string_view::npos);
}

TEST(EveFormatter, ObserveModeSaysWhatWouldHaveBeenDoneAndThatItWasNot) {
    event::Record r = samples::payload_alert();
    r.enforced = false;
    const json e = parsed(r);
    EXPECT_EQ(e["alert"]["action"], "allowed");
    EXPECT_EQ(e["verdict"]["action"], "observe");
    EXPECT_EQ(e["verdict"]["would"], "reset");
}

TEST(EveFormatter, APortAloneIsASuspicionAndNoMining) {
    const json e = parsed(samples::port_alert());
    EXPECT_EQ(e["alert"]["category"], "Suspected cryptocurrency mining");
    EXPECT_EQ(e["alert"]["severity"], 3);
    EXPECT_FALSE(e["alert"].contains("metadata"));
    EXPECT_FALSE(e["mining"].contains("attack_id"));
    EXPECT_EQ(e["mining"]["list"], "sec-port-cryptomining");

    event::Record flow = samples::clean_flow();
    samples::matched(flow, EvidenceKind::port, "sec-port-cryptomining", "3333");
    const json f = parsed(flow);
    EXPECT_FALSE(f.contains("mining"));
    EXPECT_EQ(f["verdict"]["rule"], "a-rule");
}

TEST(EveFormatter, EvidenceNamesTheKindOfNameAndTheSideOfAnAddressOrPort) {
    EXPECT_EQ(parsed(samples::name_alert())["mining"]["evidence"][0],
              json({{"kind", "sni"}, {"text", "xmr.pool.example"}}));
    EXPECT_EQ(parsed(samples::address_alert())["mining"]["evidence"][0],
              json({{"kind", "server_address"}, {"text", "203.0.113.9"}}));
    event::Record r = samples::port_alert();
    r.match.client_side = true;
    EXPECT_EQ(parsed(r)["mining"]["evidence"][0],
              json({{"kind", "client_port"}, {"text", "40000"}}));
}

TEST(EveFormatter, SinkholeLineHasTheQuestionAndOurAnswer) {
    const json e = parsed(samples::sinkhole());
    EXPECT_EQ(e["event_type"], "dns");
    EXPECT_EQ(e["dns"], json({{"type", "query"},
                              {"id", 4711},
                              {"rrname", "pool.example"},
                              {"rrtype", "HTTPS"},
                              {"rcode", "NXDOMAIN"}}));
    EXPECT_EQ(e["verdict"]["action"], "sinkhole");
    EXPECT_EQ(e["mining"]["list_entry"], "pool.example");
}

TEST(EveFormatter, FlowLineCountsBothWaysAndNamesTheServer) {
    const json e = parsed(samples::clean_flow());
    EXPECT_EQ(e["flow"]["bytes_toclient"], 4000);
    EXPECT_EQ(e["flow"]["age"], 2);
    EXPECT_EQ(e["flow"]["start"], "2026-01-02T03:04:02.123456+0000");
    EXPECT_EQ(e["flow"]["state"], "closed");
    EXPECT_EQ(e["http"]["hostname"], "www.example");
    EXPECT_FALSE(e.contains("mining"));
    EXPECT_FALSE(e.contains("direction"));
    EXPECT_FALSE(e["flow"].contains("action"));
    EXPECT_EQ(parsed(samples::mining_flow())["verdict"]["dropped_pkts"], 7);
    EXPECT_EQ(parsed(samples::mining_flow())["flow"]["action"], "drop");
}

TEST(EveFormatter, ReplayNamesTheCapture) {
    EveOptions o;
    o.capture_names = {"a.pcap", "b.pcap"};
    event::Record r = samples::clean_flow();
    r.capture = 1;
    const json e = parsed(r, o);
    EXPECT_EQ(e["pcap_filename"], "b.pcap");
    EXPECT_FALSE(e.contains("in_iface"));
}

TEST(EveFormatter, ClockOffsetMovesEveryTimeAndMayBeNegative) {
    EveFormatter writer(options());
    const json e = json::parse(writer.line(samples::clean_flow(), -5'000'000'000));
    EXPECT_EQ(e["timestamp"], "2026-01-02T03:04:00.123456+0000");
    EXPECT_EQ(e["flow"]["end"], "2026-01-02T03:03:59.123456+0000");
}

TEST(EveFormatter, FlowIdSurvivesReadersThatHoldNumbersAsDoubles) {
    event::Record r = samples::clean_flow();
    r.flow_id = ~std::uint64_t{0};
    EXPECT_EQ(parsed(r)["flow_id"], (std::uint64_t{1} << 51) - 1);
}

TEST(EveFormatter, HostileBytesInEveryFieldStayInsideTheirStrings) {
    const std::string_view bad = "\",\"x\":1}\n{\\\0\x1b[31m\xff\xc3(\xe2\x28"sv;
    event::Record r = samples::payload_alert();
    r.mining.method.assign(bad);
    r.mining.login.assign(bad);
    r.mining.agent.assign(bad);
    r.mining.pool.assign(bad);
    r.mining.algorithm.assign(bad);
    r.mining.evidence.assign(bad);
    event::NamePart& n = r.use_name();
    n.kind = event::NameKind::sni;
    n.text.assign(bad);
    EveFormatter writer(options());
    const std::string_view line = writer.line(r);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one event, one line";
    const json e = json::parse(line);
    EXPECT_FALSE(e.contains("x"));
    EXPECT_FALSE(e["mining"].contains("x"));
}

// The schema is the contract with every reader. The test covers all kinds, with every optional key
// present or absent.
TEST(EveFormatter, EveryKindOfLineMatchesThePublishedSchema) {
    const char* checker = std::getenv("CHECK_EVE");
    if (checker == nullptr) {
        GTEST_SKIP() << "CHECK_EVE does not name scripts/check-eve";
    }
    std::string lines;
    EveOptions replay;
    replay.capture_names = {"a.pcap"};
    replay.community_id_of_flows = true;
    for (const EveOptions& o : {options(), replay}) {
        EveFormatter writer(o);
        for (event::Record r :
             {samples::payload_alert(), samples::name_alert(), samples::address_alert(),
              samples::port_alert(), samples::rule_alert(), samples::sinkhole(),
              samples::clean_flow(), samples::mining_flow()}) {
            for (unsigned action = 0; action < kActionCount; ++action) {
                r.action = static_cast<Action>(action);
                r.enforced = !r.enforced;
                lines += writer.line(r);
            }
            for (unsigned proto = 0; proto < 256; ++proto) {
                r.ip_proto = static_cast<std::uint8_t>(proto);
                r.app_proto = static_cast<event::AppProto>(proto % event::kAppProtoCount);
                r.flow.reason = static_cast<event::EndReason>(proto % event::kEndReasonCount);
                r.flow.state = static_cast<event::FlowState>(proto % event::kFlowStateCount);
                r.name.dns_type = static_cast<std::uint16_t>(proto * 257);
                r.name.dns_rcode = static_cast<std::uint8_t>(proto);
                lines += writer.line(r);
            }
        }
    }
    const auto counters = std::make_unique<WorkerCounters>();
    const WorkerCounters* workers[] = {counters.get()};
    const std::string names[] = {"inside0", "outside0"};
    lines += stats_line({.workers = workers,
                         .port_names = names,
                         .time = samples::kTime,
                         .uptime = 60,
                         .policy_version = 3});

    for (const char* mode : {" --quiet", " --quiet --reference"}) {
        FILE* pipe = popen((std::string(checker) + mode).c_str(), "w");
        ASSERT_NE(pipe, nullptr);
        // The reference validator is slow; a part of the lines suffices to show that both agree.
        const std::size_t size = std::string_view(mode) == " --quiet" ? lines.size() : 0;
        const std::size_t part = size != 0 ? size : lines.find('\n', lines.size() / 40) + 1;
        EXPECT_EQ(fwrite(lines.data(), 1, part, pipe), part);
        EXPECT_EQ(pclose(pipe), 0) << mode;
    }
}

}  // namespace
}  // namespace minerwall::output
