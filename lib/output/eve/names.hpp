// The words of an event line: enum texts, protocol and DNS names, signatures, severities.
// Any thread; nothing allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "event/record.hpp"

namespace minerwall::output {

inline constexpr std::string_view kAttackId = "T1496";  // MITRE ATT&CK, Resource Hijacking
inline constexpr std::string_view kDefaultStage = "actions on objective";

std::string_view to_text(event::AppProto proto) noexcept;
std::string_view to_text(event::FlowState state) noexcept;
std::string_view to_text(event::EndReason reason) noexcept;
std::string_view to_text(event::NameKind kind) noexcept;
std::string_view to_text(EvidenceKind kind) noexcept;

// One identifier per meaning, so that an analyst can count and suppress by it: 1000 + dialect for a
// recognised protocol, 1100 name, 1200 address, 1210 learned address, 1300 port, 1400 any other
// rule that reports.
std::uint32_t signature_id(EvidenceKind kind, Dialect dialect) noexcept;
std::string_view signature_text(EvidenceKind kind) noexcept;
std::string_view category_text(EvidenceKind kind) noexcept;

// Suricata's scale, 1 is the most severe: 1 from risk 70, 2 from 40, else 3.
constexpr unsigned severity(unsigned risk) noexcept {
    return risk >= 70 ? 1 : risk >= 40 ? 2 : 3;
}

bool has_ports(std::uint8_t ip_proto) noexcept;

inline constexpr std::size_t kProtoText = 4;  // three digits and a NUL
inline constexpr std::size_t kTypeText = 10;  // "TYPE65535" and a NUL
// "TCP", "UDP" … or the number (IANA protocol numbers).
std::string_view proto_text(std::uint8_t ip_proto, char (&out)[kProtoText]) noexcept;
// "A", "AAAA" … or "TYPE123" (RFC 3597, 5).
std::string_view dns_type_text(std::uint16_t type, char (&out)[kTypeText]) noexcept;
// "NOERROR", "NXDOMAIN" … or "RCODE23".
std::string_view dns_rcode_text(std::uint8_t rcode, char (&out)[kTypeText]) noexcept;

// "2026-01-02" in UTC, and "T03:04:05.123456+0000". Not terminated.
inline constexpr std::uint64_t kSecondsPerDay = 86'400;
void write_date(std::uint64_t unix_day, char (&out)[10]) noexcept;
void write_clock(Nanos time, char (&out)[21]) noexcept;

inline constexpr std::size_t kAddressText = 46;  // INET6_ADDRSTRLEN
// Dotted quad, or RFC 5952 text.
std::string_view address_text(const IpAddress& address, char (&out)[kAddressText]) noexcept;

}  // namespace minerwall::output
