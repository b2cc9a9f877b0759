// The question of a DNS message, and a sinkhole's answer to it (RFC 1035, 2308, 6891).
//
// All functions are pure, read one whole message (for TCP: without the length prefix) and may be
// called from any thread. They trust no name: compression pointers must go backwards, which
// excludes loops, and every walk has a bound.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "proto/host_text.hpp"

namespace minerwall::proto {

inline constexpr std::size_t kDnsHeaderSize = 12;
inline constexpr std::size_t kMaxDnsNameSize = 255;  // on the wire
// The most pointers that we follow in one name: one behind every label of the longest name.
inline constexpr unsigned kMaxDnsJumps = 127;
// The largest end of a message's first question, with its name written out.
inline constexpr std::size_t kMaxDnsQuestionEnd = kDnsHeaderSize + kMaxDnsNameSize + 4;
// The largest message of build_dns_answer: question, A, AAAA and OPT.
inline constexpr std::size_t kMaxDnsAnswerSize = kMaxDnsQuestionEnd + 16 + 28 + 11;

namespace dns_type {
inline constexpr std::uint16_t a = 1, cname = 5, soa = 6, aaaa = 28, srv = 33, dname = 39, opt = 41,
                               svcb = 64, https = 65, any = 255;
}
namespace dns_class {
inline constexpr std::uint16_t in = 1, any = 255;
}

enum class DnsStatus : std::uint8_t {
    ok,
    not_dns,    // these bytes cannot be a question
    truncated,  // valid so far, but the bytes end inside the header or the question
};

struct DnsQuestion {
    HostText name;  // see host_text.hpp; empty for the root; a dot inside a label is \046
    std::uint16_t id = 0;
    std::uint16_t flags = 0;  // the header's second word
    std::uint16_t type = 0;
    std::uint16_t klass = 0;  // mDNS uses the top bit for QU
    std::uint8_t opcode = 0;
    std::uint8_t rcode = 0;            // the four bits in the header
    bool response = false;             // QR
    bool compressed = false;           // the question's name has a pointer
    std::uint16_t question_end = 0;    // offset of the first byte behind the first question
    std::uint16_t records = 0;         // offset of the first record, behind all questions; 0: none
    std::uint16_t question_count = 0;  // we read only the first; RFC 9619 forbids a second
    std::uint16_t answer_count = 0;
    std::uint16_t authority_count = 0;
    std::uint16_t additional_count = 0;
    bool edns = false;  // the first 64 records include an OPT record
    bool dnssec_ok = false;
};

// True if the header is a plain query's (RFC 1035, 4.1.1), whatever its question looks like. Random
// bytes hardly ever have such a header.
bool is_dns_query(Bytes message) noexcept;

// `ok` as soon as the first question was read, whatever follows it. A server may answer a query
// with invalid bytes behind the question, so such a query must be judged too. If records cannot be
// read, the function only finds no OPT.
DnsStatus parse_dns_question(Bytes message, DnsQuestion& out) noexcept;

// Reads the name at `offset` and moves `offset` behind it (behind the first pointer, if any). On
// any status but `ok`, the offset stays and the text is unusable.
DnsStatus read_dns_name(Bytes message, std::size_t& offset, HostText& name) noexcept;

// A resource record. To read the owner's name, call read_dns_name(message, owner, ..).
struct DnsRecord {
    std::size_t owner = 0;  // offset
    std::uint16_t type = 0;
    std::uint16_t klass = 0;
    std::uint32_t ttl = 0;  // seconds
    std::size_t data_offset = 0;
    Bytes data;
};
// Reads the record at `offset` and moves `offset` behind it.
DnsStatus read_dns_record(Bytes message, std::size_t& offset, DnsRecord& out) noexcept;

// What a sinkhole answers in place of the real records.
struct DnsAnswer {
    enum class Kind : std::uint8_t { nxdomain, nodata, address };
    Kind kind = Kind::nxdomain;
    bool has_v4 = false;
    bool has_v6 = false;
    IpAddress v4;
    IpAddress v6;
    std::uint32_t ttl = 0;  // seconds; also how long a negative answer may be cached
};

// Writes the whole answer to `query` into `out` and returns its size. The answer has the same id
// and the same question to the letter (clients check the case of every letter: RFC 5452, 9.3 and
// the 0x20 draft), copies RD and CD, sets RA and not AA. `address` answers A, AAAA and ANY of class
// IN if it has an address of the family; every other question gets NODATA. Negative answers carry
// an SOA, so that clients cache them for `ttl` (RFC 2308, 2 and 5). A query with EDNS gets an OPT
// of version 0, whatever version it asked for (RFC 6891, 6.1.1).
// Returns 0 and leaves `out` undefined if `out` is too small (kMaxDnsAnswerSize always suffices),
// or if `question` is not a plain query (QUERY, one question, no pointer in its name) of this
// message.
std::size_t build_dns_answer(MutableBytes out, Bytes query, const DnsQuestion& question,
                             const DnsAnswer& answer) noexcept;

}  // namespace minerwall::proto
