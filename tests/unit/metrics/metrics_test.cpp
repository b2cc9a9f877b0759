#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <string>

#include "metrics/collector.hpp"
#include "metrics/exposer.hpp"

namespace minerwall::metrics {
namespace {

using namespace std::chrono_literals;

// A listening socket on a port that the kernel chooses. It shows which ports are free, or keeps one
// busy.
class Listener {
  public:
    Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
            ::listen(fd_, 1) == 0) {
            ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
            port_ = ntohs(address.sin_port);
        }
    }
    ~Listener() { ::close(fd_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    std::uint16_t port() const { return port_; }
    std::string text() const { return "127.0.0.1:" + std::to_string(port_); }

  private:
    int fd_;
    std::uint16_t port_ = 0;
};

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

std::string scrape(std::uint16_t port) {
    const int fd = connect_to(port);
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string out;
    char piece[8192];
    for (ssize_t n; (n = ::read(fd, piece, sizeof piece)) > 0;) {
        out.append(piece, static_cast<std::size_t>(n));
    }
    ::close(fd);
    const std::size_t body = out.find("\r\n\r\n");
    EXPECT_TRUE(out.starts_with("HTTP/1.1 200")) << out.substr(0, 200);
    return body == std::string::npos ? "" : out.substr(body + 4);
}

class MetricsTest : public ::testing::Test {
  protected:
    MetricsTest() {
        PortCounters& p = a_->port[0];
        p.received_packets.add(10);
        p.received_bytes.add(1000);
        p.dropped_packets[static_cast<unsigned>(Reason::policy_reset)].add(4);
        p.observed_drops[static_cast<unsigned>(Reason::stream_conflict)].add(8);
        b_->port[1].transmitted_packets.add(6);
        a_->verdicts_by_rule[1].add(2);
        b_->verdicts_by_rule[1].add(3);
        a_->detections_by_dialect[static_cast<unsigned>(Dialect::cryptonote)].add(5);
        a_->detections_by_name.add(7);
        a_->flow_table_capacity.set(1000);
        a_->flows_active.set(250);
        a_->busy_cycles.add(3000);
        a_->idle_cycles.add(1000);
        b_->events_lost.add(9);
    }
    Source source() const {
        Source s;
        s.workers = {a_.get(), b_.get()};
        s.port_names = {"inside0", "outside0"};
        s.wire_names = {"wire0", "wire0"};
        s.build = {"0.1.0", "DPDK 22.11", "5.4.0"};
        s.start_time = 1'700'000'000;
        s.cycles_per_second = 1000;
        s.rules = [] { return std::vector<RuleSlot>{{}, {"a \"quoted\"\nrule", Action::reset}}; };
        s.policy = [] { return PolicyState{7, 1'700'000'100, 5, 900, false}; };
        s.reloads = [] { return Reloads{6, 1}; };
        s.mempools = [] { return std::vector<Level>{{"frames0", 10, 8191}}; };
        s.event_rings = [] { return std::vector<Level>{{"worker0", 0, 4096}}; };
        s.devices = [] { return std::vector<Device>{{1, 2, 3, true, true, 4, 1.25e9}, {}}; };
        s.event_log = [] { return EventLog{100, 2, 1}; };
        return s;
    }
    static double value(const std::vector<prometheus::MetricFamily>& families,
                        const std::string& name, const std::string& label = {}) {
        for (const auto& family : families) {
            for (const auto& metric : family.metric) {
                bool match = family.name == name && label.empty();
                for (const auto& l : metric.label) {
                    match = match || (family.name == name && l.name + "=" + l.value == label);
                }
                if (match) {
                    return family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                                          : metric.gauge.value;
                }
            }
        }
        return -1;
    }
    std::unique_ptr<WorkerCounters> a_ = std::make_unique<WorkerCounters>();
    std::unique_ptr<WorkerCounters> b_ = std::make_unique<WorkerCounters>();
};

TEST_F(MetricsTest, SamplesAreTheCountersAtTheTimeOfTheScrape) {
    const Collector collector(source());
    const auto f = collector.Collect();
    EXPECT_EQ(value(f, "minerwall_received_packets_total", "port=inside0"), 10);
    EXPECT_EQ(value(f, "minerwall_received_bytes_total", "port=inside0"), 1000);
    EXPECT_EQ(value(f, "minerwall_dropped_packets_total", "reason=policy_reset"), 4);
    EXPECT_EQ(value(f, "minerwall_observed_drops_total", "reason=stream_conflict"), 8);
    EXPECT_EQ(value(f, "minerwall_observed_drops_total", "reason=tx_full"), -1);
    EXPECT_EQ(value(f, "minerwall_verdicts_total", "action=reset"), 5);
    EXPECT_EQ(value(f, "minerwall_detections_total", "dialect=cryptonote"), 5);
    EXPECT_EQ(value(f, "minerwall_detections_total", "recognised_by=name"), 7);
    EXPECT_EQ(value(f, "minerwall_flow_table_load_ratio", "worker=0"), 0.25);
    EXPECT_EQ(value(f, "minerwall_worker_busy_seconds_total", "worker=0"), 3);
    EXPECT_EQ(value(f, "minerwall_worker_busy_ratio", "worker=0"), 0.75);
    EXPECT_EQ(value(f, "minerwall_worker_packet_cycles", "worker=0"), 300);
    EXPECT_EQ(value(f, "minerwall_events_lost_total", "stage=ring"), 9);
    EXPECT_EQ(value(f, "minerwall_events_lost_total", "stage=log"), 2);
    EXPECT_EQ(value(f, "minerwall_policy_version"), 7);
    EXPECT_EQ(value(f, "minerwall_policy_enforcing"), 0);
    EXPECT_EQ(value(f, "minerwall_policy_reloads_total", "result=failed"), 1);
    EXPECT_EQ(value(f, "minerwall_device_error_packets_total", "port=inside0"), 2);
    EXPECT_EQ(value(f, "minerwall_port_up", "port=inside0"), 1);
    EXPECT_EQ(value(f, "minerwall_port_retaken_total", "port=inside0"), 4);

    a_->port[0].received_packets.add(5);
    EXPECT_EQ(value(collector.Collect(), "minerwall_received_packets_total", "port=inside0"), 15);
}

TEST_F(MetricsTest, WhatTheDaemonDoesNotOfferIsLeftOut) {
    Source s;
    s.workers = {a_.get()};
    for (const auto& family : Collector(s).Collect()) {
        EXPECT_FALSE(family.metric.empty()) << family.name;
        EXPECT_EQ(family.name.find("minerwall_policy"), std::string::npos);
        EXPECT_EQ(family.name.find("minerwall_mempool"), std::string::npos);
    }
}

TEST_F(MetricsTest, LabelsAreFromAClosedSetAndNoFamilyOccursTwice) {
    const std::set<std::string> allowed = {
        "port",    "wire",   "worker",        "reason",  "rule",      "action",
        "dialect", "result", "recognised_by", "kind",    "stage",     "pool",
        "ring",    "dpdk",   "rung",          "version", "hyperscan", "worth"};
    std::set<std::string> names;
    for (const auto& family : Collector(source()).Collect()) {
        EXPECT_TRUE(names.insert(family.name).second) << family.name;
        for (const auto& metric : family.metric) {
            for (const auto& label : metric.label) {
                EXPECT_TRUE(allowed.contains(label.name)) << family.name << ' ' << label.name;
            }
        }
    }
}

// docs/metrics.md is the operators' reference, so each family must have its row there.
TEST_F(MetricsTest, EveryFamilyIsDocumented) {
    const char* path = std::getenv("METRICS_DOC");
    if (path == nullptr) {
        GTEST_SKIP() << "METRICS_DOC does not name docs/metrics.md";
    }
    FILE* file = fopen(path, "r");
    ASSERT_NE(file, nullptr) << path;
    std::string doc;
    char piece[8192];
    for (std::size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;) {
        doc.append(piece, n);
    }
    fclose(file);
    for (const auto& family : Collector(source()).Collect()) {
        EXPECT_NE(doc.find("`" + family.name + "`"), std::string::npos) << family.name;
    }
}

TEST_F(MetricsTest, APortThatIsTakenGivesOneClearLine) {
    const Listener busy;
    Exposer exposer;
    EXPECT_EQ(exposer.start({busy.text()}, source()),
              "metrics: cannot listen on " + busy.text() + ": Address already in use");
}

TEST_F(MetricsTest, AnAddressThatIsNoneIsRefused) {
    for (const char* listen : {"", "9477", "localhost:9477", "127.0.0.1:", "127.0.0.1:99999",
                               "127.0.0.1:80,127.0.0.1:81", "::1:9477", "127.0.0.1:443s"}) {
        Exposer exposer;
        EXPECT_NE(exposer.start({listen}, source()).find("is not a numeric HOST:PORT"),
                  std::string::npos)
            << listen;
    }
}

TEST_F(MetricsTest, PromtoolFindsNothingToSayAboutALiveScrape) {
    std::uint16_t port = Listener().port();
    Exposer exposer;
    ASSERT_EQ(exposer.start({"127.0.0.1:" + std::to_string(port)}, source()), "");
    const std::string page = scrape(port);
    EXPECT_NE(page.find("minerwall_build_info{"), std::string::npos);
    EXPECT_NE(page.find("rule=\"a \\\"quoted\\\"\\nrule\""), std::string::npos);
    if (std::system("command -v promtool > /dev/null") != 0) {
        GTEST_SKIP() << "promtool is not installed";
    }
    FILE* promtool = popen("promtool check metrics", "w");
    ASSERT_NE(promtool, nullptr);
    EXPECT_EQ(fwrite(page.data(), 1, page.size(), promtool), page.size());
    EXPECT_EQ(pclose(promtool), 0);
}

TEST_F(MetricsTest, ScrapersThatSayNothingAreCutOffAndOthersServed) {
    std::uint16_t port = Listener().port();
    Exposer exposer;
    ASSERT_EQ(exposer.start({"127.0.0.1:" + std::to_string(port), 300ms}, source()), "");
    int mute[4];
    for (int& fd : mute) {
        fd = connect_to(port);
        ASSERT_GE(fd, 0);
    }
    EXPECT_NE(scrape(port).find("minerwall_start_time_seconds"), std::string::npos);
    for (const int fd : mute) {
        ::close(fd);
    }
}

TEST_F(MetricsTest, StopsAndStartsAgainOnTheSamePort) {
    std::uint16_t port = Listener().port();
    const ExposerOptions options{"127.0.0.1:" + std::to_string(port)};
    Exposer exposer;
    ASSERT_EQ(exposer.start(options, source()), "");
    exposer.stop();
    EXPECT_EQ(connect_to(port), -1);
    ASSERT_EQ(exposer.start(options, source()), "");
    EXPECT_FALSE(scrape(port).empty());
}

}  // namespace
}  // namespace minerwall::metrics
