// What a DNS response says about the name in question: its addresses and its other names (RFC 1034,
// 3.6.2; RFC 2782; RFC 6672; RFC 9460).
//
//     www.innocent.example  A ?
//     www.innocent.example  CNAME  edge.innocent.example      -> names
//     edge.innocent.example CNAME  xmr.pool.example           -> names
//     xmr.pool.example      A      192.0.2.1                  -> entries
//
// Ask the policy about the question's name and about each of `names`, because a listed name may
// hide behind an alias. Records that no such link connects to the question are left out. Pure
// functions of one whole message, any thread. Every walk has a bound: an ordinary message takes
// less than a microsecond, the most expensive one that an attacker can make about a tenth of a
// millisecond.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "proto/dns/dns.hpp"
#include "proto/host_text_list.hpp"

namespace minerwall::proto {

struct DnsAddress {
    IpAddress address;
    std::uint32_t ttl = 0;   // seconds: the minimum over the record and all links to it
    std::uint16_t port = 0;  // from SRV, SVCB or HTTPS; 0: the client's choice
    bool hint = false;       // from ipv4hint or ipv6hint, not from A or AAAA
};

struct DnsAnswers {
    static constexpr std::size_t kMaxAddresses = 32;
    static constexpr unsigned kMaxLinks = 16;

    std::uint8_t count = 0;
    // Incomplete: the message was cut, or a bound was reached.
    bool truncated = false;
    bool has_ech = false;  // an SVCB or HTTPS record offers Encrypted ClientHello
    std::array<DnsAddress, kMaxAddresses> entries;
    // Targets of CNAME, SVCB, HTTPS and SRV, and the names that DNAME makes, in the order of the
    // links. Without the question's own name.
    HostTextList<4096> names;

    // User-provided, so that `{}` does not clear the buffers.
    DnsAnswers() noexcept {}
};

// Reads the response to `question`, which was parsed from it. False, with nothing in `out`, if it
// is not a response. Only class IN. Takes addresses from the answer section, those of SVCB, HTTPS
// and SRV targets also from the additional section (RFC 9460, 4.1; RFC 2782), never from the
// authority section.
bool read_dns_answers(Bytes message, const DnsQuestion& question, DnsAnswers& out) noexcept;

// The parameters of one SVCB or HTTPS record (RFC 9460, 2.2).
struct SvcbData {
    std::uint16_t priority = 0;  // 0: an alias without parameters
    HostText target;             // empty: ".", which means the owner's name
    std::uint16_t port = 0;
    bool has_ech = false;
    bool broken = false;  // the parameters end in the middle of one; earlier ones are valid
    Bytes ipv4_hints;     // 4 bytes each
    Bytes ipv6_hints;     // 16 bytes each
};
// `record` must be part of `message`. False if the target cannot be read.
bool read_svcb(Bytes message, const DnsRecord& record, SvcbData& out) noexcept;

}  // namespace minerwall::proto
