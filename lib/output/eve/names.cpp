#include "output/eve/names.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <cstring>
#include <ctime>

namespace minerwall::output {
namespace {

template <typename Enum, std::size_t N>
std::string_view pick(const std::string_view (&texts)[N], Enum value) noexcept {
    const auto i = static_cast<std::size_t>(value);
    return i < N ? texts[i] : std::string_view{"unknown"};
}

struct TypeName {
    std::uint16_t type;
    std::string_view text;
};
// IANA "Resource Record (RR) TYPEs" that clients ask for.
constexpr TypeName kTypes[] = {
    {1, "A"},      {28, "AAAA"},   {65, "HTTPS"}, {5, "CNAME"}, {2, "NS"},     {6, "SOA"},
    {12, "PTR"},   {15, "MX"},     {16, "TXT"},   {33, "SRV"},  {35, "NAPTR"}, {43, "DS"},
    {46, "RRSIG"}, {48, "DNSKEY"}, {52, "TLSA"},  {64, "SVCB"}, {255, "ANY"},  {257, "CAA"}};

std::string_view numbered(std::string_view prefix, unsigned number, char* out,
                          std::size_t size) noexcept {
    const auto end = fmt::format_to_n(out, size - 1, "{}{}", prefix, number);
    return {out, static_cast<std::size_t>(end.out - out)};
}

void two_digits(char* out, int value) noexcept {
    out[0] = static_cast<char>('0' + value / 10 % 10);
    out[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string_view to_text(event::AppProto proto) noexcept {
    static constexpr std::string_view kText[event::kAppProtoCount] = {
        "unknown",   "tls",   "http",       "dns",    "json-rpc", "stratum",  "quic",
        "websocket", "socks", "stratum-v2", "p2pool", "coin-p2p", "duinocoin"};
    return pick(kText, proto);
}
std::string_view to_text(event::FlowState state) noexcept {
    static constexpr std::string_view kText[event::kFlowStateCount] = {"new", "established",
                                                                       "closed"};
    return pick(kText, state);
}
std::string_view to_text(event::EndReason reason) noexcept {
    static constexpr std::string_view kText[event::kEndReasonCount] = {"timeout", "closed", "reset",
                                                                       "shutdown", "evicted"};
    return pick(kText, reason);
}
std::string_view to_text(event::NameKind kind) noexcept {
    static constexpr std::string_view kText[event::kNameKindCount] = {
        "none", "dns_name", "sni", "http_host", "quic_sni", "socks_target"};
    return pick(kText, kind);
}
std::string_view to_text(EvidenceKind kind) noexcept {
    static constexpr std::string_view kText[kEvidenceKindCount] = {"none",    "payload", "name",
                                                                   "address", "port",    "learned"};
    return pick(kText, kind);
}

std::uint32_t signature_id(EvidenceKind kind, Dialect dialect) noexcept {
    switch (kind) {
        case EvidenceKind::payload:
            return 1000 + static_cast<std::uint32_t>(dialect);
        case EvidenceKind::name:
            return 1100;
        case EvidenceKind::address:
            return 1200;
        case EvidenceKind::port:
            return 1300;
        case EvidenceKind::learned:
            return 1210;
        case EvidenceKind::none:
            break;
    }
    return 1400;
}

std::string_view signature_text(EvidenceKind kind) noexcept {
    static constexpr std::string_view kText[kEvidenceKindCount] = {
        "Policy rule matched",      "Mining protocol",       "Name on a mining list",
        "Address on a mining list", "Port on a mining list", "Address learned to be a pool's"};
    return pick(kText, kind);
}

std::string_view category_text(EvidenceKind kind) noexcept {
    if (kind == EvidenceKind::none) {
        return "Policy rule";
    }
    return recognises_mining(kind) ? "Cryptocurrency mining" : "Suspected cryptocurrency mining";
}

bool has_ports(std::uint8_t ip_proto) noexcept {
    return ip_proto == 6 || ip_proto == 17 || ip_proto == 132;
}

std::string_view proto_text(std::uint8_t ip_proto, char (&out)[kProtoText]) noexcept {
    switch (ip_proto) {
        case 1:
            return "ICMP";
        case 6:
            return "TCP";
        case 17:
            return "UDP";
        case 58:
            return "IPv6-ICMP";
        case 132:
            return "SCTP";
        default:
            return numbered("", ip_proto, out, sizeof out);
    }
}

std::string_view dns_type_text(std::uint16_t type, char (&out)[kTypeText]) noexcept {
    for (const TypeName& known : kTypes) {
        if (known.type == type) {
            return known.text;
        }
    }
    return numbered("TYPE", type, out, sizeof out);
}

std::string_view dns_rcode_text(std::uint8_t rcode, char (&out)[kTypeText]) noexcept {
    static constexpr std::string_view kText[] = {"NOERROR",  "FORMERR", "SERVFAIL",
                                                 "NXDOMAIN", "NOTIMP",  "REFUSED"};
    return rcode < std::size(kText) ? kText[rcode] : numbered("RCODE", rcode, out, sizeof out);
}

void write_date(std::uint64_t unix_day, char (&out)[10]) noexcept {
    // 64 bits of nanoseconds end in the year 2554, so the year always has four digits.
    const auto seconds = static_cast<std::time_t>(unix_day * kSecondsPerDay);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    const int year = utc.tm_year + 1900;
    two_digits(out, year / 100);
    two_digits(out + 2, year % 100);
    out[4] = '-';
    two_digits(out + 5, utc.tm_mon + 1);
    out[7] = '-';
    two_digits(out + 8, utc.tm_mday);
}

void write_clock(Nanos time, char (&out)[21]) noexcept {
    const auto second = static_cast<int>(time / kNanosPerSecond % kSecondsPerDay);
    std::memcpy(out, "T00:00:00.000000+0000", sizeof out);
    two_digits(out + 1, second / 3600);
    two_digits(out + 4, second / 60 % 60);
    two_digits(out + 7, second % 60);
    const auto micros = static_cast<int>(time % kNanosPerSecond / 1000);
    two_digits(out + 10, micros / 10'000);
    two_digits(out + 12, micros / 100 % 100);
    two_digits(out + 14, micros % 100);
}

std::string_view address_text(const IpAddress& address, char (&out)[kAddressText]) noexcept {
    if (!address.is_v4()) {
        return inet_ntop(AF_INET6, address.bytes.data(), out, sizeof out) != nullptr ? out : "";
    }
    char* end = out;
    for (int i = 0; i < 4; ++i) {
        const unsigned byte = address.v4_bytes()[i];
        if (byte >= 100) {
            *end++ = static_cast<char>('0' + byte / 100);
        }
        if (byte >= 10) {
            *end++ = static_cast<char>('0' + byte / 10 % 10);
        }
        *end++ = static_cast<char>('0' + byte % 10);
        *end++ = '.';
    }
    return {out, static_cast<std::size_t>(end - out - 1)};
}

}  // namespace minerwall::output
