// What minerwall sees of a text: as the path's inspection, cut in different ways.
#pragma once

#include <string>
#include <string_view>

#include "match/prefilter.hpp"
#include "proto/stratum/stratum.hpp"

namespace minerwall::differential {

// A value in strict JSON is a mining message there.
bool is_mining(std::string_view value, proto::Carrier carrier);

enum class Cut : std::uint8_t { whole, bytes, halves };
// The client of a new connection sends the text, as a line or as the body of a request.
bool is_seen(const std::string& text, proto::Carrier carrier, Cut cut,
             const match::Prefilter& prefilter);

}  // namespace minerwall::differential
