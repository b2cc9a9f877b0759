// What minerwall sees of requests: frames (length, bytes) on stdin, a line of JSON for each on
// stdout, with the names and whether there was mining: sent whole, and byte by byte.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "inspect/connection.hpp"
#include "match/prefilter.hpp"

namespace {

using namespace minerwall;  // NOLINT: a test

nlohmann::json seen(const std::string& stream, std::size_t step,
                    const match::Prefilter& prefilter) {
    inspect::Tools tools(prefilter, 0);
    const auto connection = std::make_unique<inspect::Connection>();
    const auto evidence = std::make_unique<inspect::Evidence>();
    connection->start(false, false);
    std::vector<std::string> names;
    bool mining = false;
    for (std::size_t at = 0; at < stream.size() && !mining; at += step) {
        std::string segment = stream.substr(at, step);
        segment.reserve(segment.size() + 64);  // Hyperscan loads whole vectors
        evidence->clear();
        auto outcome =
            connection->feed(flow::Direction::to_server, as_bytes(segment), tools, *evidence);
        evidence->names.for_each([&](std::string_view name) { names.emplace_back(name); });
        mining = evidence->has_mining;
        if (outcome == inspect::Stream::Outcome::go_on) {
            outcome = connection->end_segment(flow::Direction::to_server);
        }
        if (outcome != inspect::Stream::Outcome::go_on) {
            break;
        }
    }
    return {{"names", names}, {"mining", mining}};
}

}  // namespace

int main() {
    const match::Prefilter prefilter(1);
    std::uint32_t size = 0;
    while (std::cin.read(reinterpret_cast<char*>(&size), sizeof size)) {
        std::string text(size, '\0');
        std::cin.read(text.data(), static_cast<std::streamsize>(size));
        const nlohmann::json line = {{"whole", seen(text, 1448, prefilter)},
                                     {"bytes", seen(text, 1, prefilter)}};
        std::cout << line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
    }
}
