#include "appliance.hpp"

#include <algorithm>
#include <memory>

#include "inspect/connection.hpp"

namespace minerwall::differential {

bool is_mining(std::string_view value, proto::Carrier carrier) {
    proto::StratumScanner scanner;
    scanner.reset(carrier);
    MiningInfo info;
    std::size_t consumed = 0;
    return scanner.feed(as_bytes(value), info, consumed) == proto::StratumScanner::State::mining;
}

bool is_seen(const std::string& text, proto::Carrier carrier, Cut cut,
             const match::Prefilter& prefilter) {
    std::string stream = text + "\n";
    if (carrier == proto::Carrier::http_request_body) {
        stream = "POST / HTTP/1.1\r\nHost: node.example\r\nContent-Length: " +
                 std::to_string(stream.size()) + "\r\n\r\n" + stream;
    }
    inspect::Tools tools(prefilter, 0);
    const auto connection = std::make_unique<inspect::Connection>();
    const auto evidence = std::make_unique<inspect::Evidence>();
    connection->start(false, false);
    const std::size_t step = cut == Cut::whole ? 1448
                             : cut == Cut::bytes
                                 ? 1
                                 : std::min<std::size_t>(stream.size() / 2 + 1, 1448);
    for (std::size_t at = 0; at < stream.size(); at += step) {
        // A block of its own, with room behind for Hyperscan's loads.
        std::string segment = stream.substr(at, step);
        segment.reserve(segment.size() + 64);
        evidence->clear();
        auto outcome =
            connection->feed(flow::Direction::to_server, as_bytes(segment), tools, *evidence);
        if (evidence->has_mining) {
            return true;
        }
        if (outcome == inspect::Stream::Outcome::go_on) {
            outcome = connection->end_segment(flow::Direction::to_server);
        }
        if (outcome != inspect::Stream::Outcome::go_on) {
            return false;
        }
    }
    return false;
}

}  // namespace minerwall::differential
