// The places in a connection where a packet is measured, made from its payload.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bench/traffic.hpp"
#include "bench/worst/stage.hpp"

namespace minerwall::bench {

inline constexpr unsigned kProbes = 64;
using Maker = std::function<Scene(const std::string& payload)>;

// A stream that began with `first`, and `answer`, and goes on with the payload.
Maker stream(std::uint16_t port, std::string first, std::string answer = {});
// The same, and the server speaks.
Maker answers(std::uint16_t port, std::string first, std::string answer);
// Each packet is the first of its connection.
Maker firsts(std::uint16_t port);
Maker datagrams(std::uint16_t port, bool new_flows, bool answer = false);
// A flow that is settled: its bytes are only sampled.
Scene settled(const std::string& payload);
// One-byte segments behind a hole. The payload says where: two bytes for each segment.
Scene holes(const std::string& payload);
// A segment that fills the hole before eight of the payload.
Scene filled_hole(const std::string& payload);
// Segments that are compared with copies of them.
Scene same_copies(const std::string& payload);
// Fragments, of the sizes that the payload says.
Scene fragments(const std::string& payload);
// Tunnels in tunnels, of the kinds that the payload says.
Scene tunnels(const std::string& payload);

// The unit again and again behind `head`, cut to `size`.
std::string repeat(std::string_view unit, std::size_t size, std::string head = {});
std::string text_of(const std::vector<std::uint8_t>& bytes);

}  // namespace minerwall::bench
