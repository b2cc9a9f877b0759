// The kinds of packet that the search looks at: one for each parser, and for each place in a
// connection where it is called.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/worst/stage.hpp"

namespace minerwall::bench {

struct Kind {
    std::string name;
    std::vector<std::string> seeds;  // bad payloads, made by hand
    std::vector<std::string> words;  // that a mutation inserts
    std::size_t size = 1400;         // of a payload
    // The scene in which probes carry this payload.
    std::function<Scene(const std::string& payload)> scene;
};

std::vector<Kind> kinds();
// Opaque bytes of one settled flow: the yardstick.
Scene opaque(std::size_t size);

}  // namespace minerwall::bench
