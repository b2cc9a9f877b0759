// No disguise hides a message: every sample in every disguise, cut everywhere.
#include <gtest/gtest.h>

#include "proto/stratum/stratum.hpp"
#include "stratum_disguises.hpp"
#include "stratum_samples.hpp"

namespace minerwall::proto {
namespace {

using samples::Disguise;
using samples::Sample;
using samples::scan;
using samples::Seen;

// What the scanner read; without evidence and offset, which differ with the disguise.
std::string reading(const Seen& seen) {
    if (!seen.mining) {
        return "not mining";
    }
    std::string out{to_text(seen.info.dialect)};
    out += ' ' + std::to_string(static_cast<unsigned>(seen.info.speaker));
    for (const std::string_view text :
         {seen.info.method.view(), seen.info.login.view(), seen.info.worker.view(),
          seen.info.agent.view(), seen.info.pool.view(), seen.info.next_pool.view(),
          seen.info.algorithm.view()}) {
        out.append(" <").append(text).append(">");
    }
    return out;
}

void expect_nothing_hides(const std::vector<Sample>& all, Carrier carrier) {
    for (const Sample& sample : all) {
        const std::string plain = reading(scan(sample.json, carrier));
        if (plain == "not mining") {
            continue;  // other tests cover which carriers count
        }
        for (const Disguise& disguise : samples::disguises()) {
            const bool exact_name = sample.json.find("userID") != std::string::npos;
            if ((disguise.lines && !holds_lines(carrier)) || (disguise.any_case && exact_name)) {
                continue;
            }
            const std::string text = disguise.apply(sample.json);
            const Seen whole = scan(text, carrier);
            ASSERT_EQ(reading(whole), plain) << disguise.name << ": " << text;
            for (std::size_t cut = 1; cut < text.size(); ++cut) {
                const Seen seen = scan(text, carrier, {cut});
                ASSERT_EQ(reading(seen), plain)
                    << disguise.name << " cut at " << cut << ": " << text;
                ASSERT_EQ(seen.info.offset, whole.info.offset) << text;
                ASSERT_EQ(seen.info.evidence.view(), whole.info.evidence.view()) << text;
            }
        }
    }
}

TEST(StratumEvasion, NothingHidesALineMessage) {
    expect_nothing_hides(samples::all_lines(), Carrier::json_lines);
}

TEST(StratumEvasion, NothingHidesAMessageOnWebSocket) {
    expect_nothing_hides(samples::webminer(), Carrier::websocket);
    expect_nothing_hides(samples::all_lines(), Carrier::websocket);
}

TEST(StratumEvasion, NothingHidesACallOverHttp) {
    expect_nothing_hides(samples::http_requests(), Carrier::http_request_body);
    expect_nothing_hides(samples::ethproxy(), Carrier::http_request_body);
    expect_nothing_hides(samples::http_responses(), Carrier::http_response_body);
}

// The reverse: a disguise makes no other message mining.
TEST(StratumEvasion, DisguisesDoNotIncriminate) {
    for (const std::string& json : samples::benign()) {
        if (json.front() != '{' || json.size() < 3 || json.find('\\') != std::string::npos) {
            continue;
        }
        for (const Disguise& disguise : samples::disguises()) {
            const std::string text = disguise.apply(json);
            for (const Carrier carrier : {Carrier::json_lines, Carrier::http_request_body,
                                          Carrier::http_response_body, Carrier::websocket}) {
                EXPECT_FALSE(scan(text, carrier).mining) << disguise.name << ": " << text;
            }
        }
    }
}

// A value of `text` in every string that is not a message's own member.
TEST(StratumEvasion, QuotationsAreNotMessages) {
    std::vector<Sample> all = samples::all_lines();
    for (Sample& sample : samples::webminer()) {
        all.push_back(std::move(sample));
    }
    for (const Sample& sample : all) {
        std::string quoted;
        for (const char c : sample.json) {
            quoted += c == '"' ? "\\\"" : std::string(1, c);
        }
        for (const std::string& text : {
                 "{\"type\":\"message\",\"text\":\"" + quoted + "\"}",
                 "{\"type\":\"job\",\"params\":\"" + quoted + "\"}",
                 "{\"message\":" + sample.json + "}",
                 "{\"method\":\"post\",\"params\":" + sample.json + ",\"id\":1}",
                 "{\"method\":\"post\",\"params\":[" + sample.json + "],\"id\":1}",
                 "{\"log\":[" + sample.json + "]}",
                 "[\"" + quoted + "\"]",
                 "[[" + sample.json + "]]",
                 "Documentation says: " + sample.json + "\n",
             }) {
            for (const Carrier carrier : {Carrier::json_lines, Carrier::http_request_body,
                                          Carrier::http_response_body, Carrier::websocket}) {
                EXPECT_FALSE(scan(text, carrier).mining) << text;
            }
        }
    }
}

}  // namespace
}  // namespace minerwall::proto
