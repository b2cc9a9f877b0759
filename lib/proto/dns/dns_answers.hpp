// What a DNS response says of the name that was asked: its addresses, and the other names it goes
// by (RFC 1034, 3.6.2; RFC 2782; RFC 6672; RFC 9460).
//
//     www.innocent.example  A ?
//     www.innocent.example  CNAME  edge.innocent.example      -> names
//     edge.innocent.example CNAME  xmr.pool.example           -> names
//     xmr.pool.example      A      192.0.2.1                  -> entries
//
// A policy is asked about the question's name and about every one of `names`: a listed name may
// hide behind an alias. Records that do not hang on the question by such links are no answer to it,
// and left out. Pure functions of one whole message, any thread. Every walk has a bound: an
// ordinary message costs less than a microsecond, one that was made to cost the most about a tenth
// of a millisecond.
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
    std::uint32_t ttl = 0;   // seconds: the least of the record's and of all links to it
    std::uint16_t port = 0;  // the one that SRV, SVCB or HTTPS names; 0: the client's choice
    bool hint = false;       // from ipv4hint or ipv6hint: not an A or AAAA record
};

struct DnsAnswers {
    static constexpr std::size_t kMaxAddresses = 32;
    static constexpr unsigned kMaxLinks = 16;

    std::uint8_t count = 0;
    // There was more than is told here: the message was cut, or a bound was reached.
    bool truncated = false;
    bool has_ech = false;  // an SVCB or HTTPS record offers Encrypted ClientHello
    std::array<DnsAddress, kMaxAddresses> entries;
    // Targets of CNAME, SVCB, HTTPS and SRV, and what DNAME makes of a name, in the order of the
    // links. Without the question's own name.
    HostTextList<4096> names;

    // User-provided, so that `{}` does not clear the room.
    DnsAnswers() noexcept {}
};

// Reads the response that `question` was parsed from. False, with nothing in `out`, where that is
// no response. Class IN alone. Addresses come from the answer section, those of SVCB, HTTPS and SRV
// targets from the additional section too (RFC 9460, 4.1; RFC 2782), never from the authority's.
bool read_dns_answers(Bytes message, const DnsQuestion& question, DnsAnswers& out) noexcept;

// The parameters of one SVCB or HTTPS record (RFC 9460, 2.2).
struct SvcbData {
    std::uint16_t priority = 0;  // 0: an alias, and without parameters
    HostText target;             // empty: "." that is to say the owner's name
    std::uint16_t port = 0;
    bool has_ech = false;
    bool broken = false;  // the parameters end in the middle of one; what came before is told
    Bytes ipv4_hints;     // 4 bytes each
    Bytes ipv6_hints;     // 16 bytes each
};
// `record` is one of `message`. False where not even the target can be read.
bool read_svcb(Bytes message, const DnsRecord& record, SvcbData& out) noexcept;

}  // namespace minerwall::proto
