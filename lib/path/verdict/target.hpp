// Reads where a mining protocol says that a pool is.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall::path {

// Reads "host:port", "stratum+tcp://host:port", "[v6]:port", or a host alone. host: points into
// `text`, without trailing dots. port: 0 if none can be read. False if there is no host. Any
// thread.
bool split_target(std::string_view text, std::string_view& host, std::uint16_t& port) noexcept;

}  // namespace minerwall::path
