#include "base/cursor.hpp"
#include "proto/dns/dns_answers.hpp"

namespace minerwall::proto {
namespace {

enum : std::uint16_t { kPort = 3, kIpv4Hint = 4, kEch = 5, kIpv6Hint = 6 };

}  // namespace

// Keys must ascend and occur once each (RFC 9460, 2.2), but we do not check that. Of a repeated key
// the last one counts; a stricter client drops the whole record.
bool read_svcb(Bytes message, const DnsRecord& record, SvcbData& out) noexcept {
    out.priority = out.port = 0;
    out.has_ech = out.broken = false;
    out.ipv4_hints = out.ipv6_hints = {};
    if (record.data.size() < 3) {
        return false;
    }
    out.priority = load_be16(record.data.data());
    // The name must not be compressed (2.2), but lenient decoders read a compressed one too.
    std::size_t at = record.data_offset + 2;
    const std::size_t end = record.data_offset + record.data.size();
    if (read_dns_name(message, at, out.target) != DnsStatus::ok || at > end) {
        return false;
    }
    if (out.priority == 0) {
        return true;
    }
    Cursor cursor{message.subspan(at, end - at)};
    while (!cursor.at_end()) {
        const std::uint16_t key = cursor.be16();
        const Bytes value = cursor.take(cursor.be16());
        if (!cursor.ok()) {
            out.broken = true;
            break;
        }
        switch (key) {
            case kPort:
                out.port = value.size() == 2 ? load_be16(value.data()) : std::uint16_t{0};
                break;
            case kIpv4Hint:
                out.ipv4_hints = value.first(value.size() - value.size() % 4);
                break;
            case kEch:
                out.has_ech = true;
                break;
            case kIpv6Hint:
                out.ipv6_hints = value.first(value.size() - value.size() % 16);
                break;
            default:
                break;
        }
    }
    return true;
}

}  // namespace minerwall::proto
