// Where a mining protocol says that a pool is.
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall::path {

// "host:port", "stratum+tcp://host:port", "[v6]:port", a host alone. host: in `text`, without dots
// at its end. port: 0 where there is none that can be read. False where there is no host. Any
// thread.
bool split_target(std::string_view text, std::string_view& host, std::uint16_t& port) noexcept;

}  // namespace minerwall::path
