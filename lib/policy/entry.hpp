// Checks one entry of a list as written: is it valid, and is it sensible in a list? Control plane.
//
// Each function returns a message for the operator, or an empty text if the entry is good.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "match/prefix_set.hpp"

namespace minerwall::policy {

// "3333" or "4000-4010", within [least, most].
std::string parse_port_entry(std::string_view raw, std::uint16_t least, std::uint16_t most,
                             std::uint16_t& first, std::uint16_t& last);

// A domain name (RFC 1123, 2.1, and underscores). `canonical` gets it in lower case, without the
// trailing dot and a leading "*.", with "=" in front if only the name itself is meant. Refuses
// names under which anybody can register: public suffixes and those of dynamic DNS.
std::string parse_domain_entry(std::string_view raw, std::string& canonical);

// An address or a prefix in CIDR form. Refuses addresses that no host on a wire has: they show that
// a list was made carelessly.
std::string parse_address_entry(std::string_view raw, match::Prefix& prefix);

// "10.20.0.0/16"; without the length for a single address.
std::string to_text(const match::Prefix& prefix);

}  // namespace minerwall::policy
