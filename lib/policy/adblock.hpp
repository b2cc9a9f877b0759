// Reads one line of a filter list in Adblock syntax, as browser extensions use it. Control plane.
//
// A filter says which URLs a browser must not load. Only a filter for a whole host says something
// about names or addresses. Sources: Adblock Plus, "How to write filters"; AdGuard, "DNS filtering
// rules syntax".
#pragma once

#include <cstdint>
#include <string_view>

namespace minerwall::policy {

enum class AdblockLine : std::uint8_t {
    nothing,    // blank, a comment, the header
    host,       // ||host^, with no option but those that a wire cannot know or need not know
    url,        // a path, a wildcard, a port, a regular expression, a part of a name
    narrowed,   // an option restricts it to some pages, kinds of request or clients
    exception,  // @@, or an option that takes a filter back
    element,    // hides or changes parts of a page
    directive,  // !#if, !#include
};
inline constexpr unsigned kAdblockLineCount = 7;

// `line` without its end. `host` gets what stands between || and ^ if the result is `host`, an IPv6
// address without its brackets. It is not checked: any text is possible.
AdblockLine read_adblock_line(std::string_view line, std::string_view& host) noexcept;

}  // namespace minerwall::policy
