#include "policy/entry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <string>

#include "base/address.hpp"

namespace minerwall::policy {
namespace {

bool parse_number(std::string_view text, unsigned& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// Addresses that no host on a wire has: IANA special-purpose registries (RFC 6890).
struct Reserved {
    const char* address;
    unsigned length;
    const char* what;
};
constexpr Reserved kReserved[] = {
    {"0.0.0.0", 8, "unspecified"}, {"127.0.0.0", 8, "loopback"},
    {"224.0.0.0", 4, "multicast"}, {"255.255.255.255", 32, "broadcast"},
    {"240.0.0.0", 4, "reserved"},  {"::", 128, "unspecified"},
    {"::1", 128, "loopback"},      {"ff00::", 8, "multicast"},
};

bool bit(const match::Prefix& p, unsigned i) {
    const unsigned at = i + (p.address.is_v4() ? 96 : 0);
    return (p.address.bytes[at / 8] >> (7 - at % 8) & 1) != 0;
}

bool same_start(const match::Prefix& a, const match::Prefix& b, unsigned length) {
    for (unsigned i = 0; i < length; ++i) {
        if (bit(a, i) != bit(b, i)) {
            return false;
        }
    }
    return true;
}

void clear_host_bits(match::Prefix& p) {
    const unsigned base = p.address.is_v4() ? 96 : 0;
    for (unsigned at = base + p.length; at < 128; ++at) {
        std::uint8_t& byte = p.address.bytes[at / 8];
        byte = static_cast<std::uint8_t>(byte & ~(0x80u >> at % 8));
    }
}

std::string reserved_fault(const match::Prefix& prefix) {
    static const auto kPrefixes = [] {
        std::array<match::Prefix, std::size(kReserved)> out;
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = {*parse_address(kReserved[i].address), kReserved[i].length};
        }
        return out;
    }();
    for (std::size_t i = 0; i < kPrefixes.size(); ++i) {
        const match::Prefix& reserved = kPrefixes[i];
        if (reserved.address.is_v4() == prefix.address.is_v4() &&
            same_start(prefix, reserved, std::min(prefix.length, reserved.length))) {
            const bool inside = prefix.length >= reserved.length;
            return "`" + to_text(prefix) + (inside ? "` is " : "` is too wide: it covers ") +
                   kReserved[i].what + " addresses, which no host on a wire has";
        }
    }
    return {};
}

}  // namespace

std::string parse_port_entry(std::string_view raw, std::uint16_t least, std::uint16_t most,
                             std::uint16_t& first, std::uint16_t& last) {
    const std::size_t dash = raw.find('-');
    unsigned from = 0;
    unsigned to = 0;
    const bool ok = parse_number(raw.substr(0, dash), from) &&
                    (dash == std::string_view::npos || parse_number(raw.substr(dash + 1), to));
    if (dash == std::string_view::npos) {
        to = from;
    }
    if (!ok || from < least || to > most || from > to) {
        return "expected a number from " + std::to_string(least) + " to " + std::to_string(most) +
               ", or a range such as \"4000-4010\", not `" + std::string(raw.substr(0, 64)) + "`";
    }
    first = static_cast<std::uint16_t>(from);
    last = static_cast<std::uint16_t>(to);
    return {};
}

std::string parse_address_entry(std::string_view raw, match::Prefix& prefix) {
    const std::string shown = "`" + std::string(raw.substr(0, 64)) + "`";
    const std::size_t slash = raw.find('/');
    const std::string_view text = raw.substr(0, slash);
    const auto address = parse_address(text);
    if (!address) {
        return "expected an IPv4 or IPv6 address or prefix, not " + shown;
    }
    if (address->is_v4() && text.find(':') != std::string_view::npos) {
        return "write " + shown + " as the IPv4 address that it is";
    }
    const unsigned longest = address->is_v4() ? 32 : 128;
    prefix = {*address, longest};
    if (slash != std::string_view::npos &&
        (!parse_number(raw.substr(slash + 1), prefix.length) || prefix.length > longest)) {
        return "expected a prefix length from 0 to " + std::to_string(longest) + " in " + shown;
    }
    if (prefix.length == 0) {
        return shown + " is every address: leave the condition away instead";
    }
    match::Prefix proper = prefix;
    clear_host_bits(proper);
    if (!(proper == prefix)) {
        return shown + " has bits set behind the prefix, did you mean `" + to_text(proper) + "`?";
    }
    return reserved_fault(prefix);
}

std::string to_text(const match::Prefix& prefix) {
    std::string out = minerwall::to_text(prefix.address);
    if (prefix.length != (prefix.address.is_v4() ? 32u : 128u)) {
        out += '/' + std::to_string(prefix.length);
    }
    return out;
}

}  // namespace minerwall::policy
